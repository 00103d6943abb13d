# shellcheck shell=sh
# shellcheck disable=SC2154 # lib.sh sets them.
#
# cluster: servers that are one chat, each a machine of its own on loopback. It is sourced behind
# lib.sh and nats.sh.
#
#   needs_cluster SENTENCE   ends the scenario with that sentence skipped where the build or the
#                            machine lacks something
#   machine NAME [OPTION...] starts a server as the machine NAME; $servers are its nats-servers. Its
#                            console is console.NAME, its port is in port.NAME
#   machine_signal SIGNAL NAME   sends it a signal
#   machine_halt NAME        has it stand still, until it is sent CONT
#   machine_stop NAME        asks it to stop; succeeds if it does so with status 0
#   come NAME MACHINE        connects to a machine and joins the chat under that name
#   come_as_program NAME MACHINE   the same in machine mode
#   ask_nats SUBJECT BYTES   asks the nats-server of nats_alone something, and prints the answer
#   put_into_stream PERL [SUBJECT]   publishes the bytes of an expression to the stream, or elsewhere
#   nats_alone               starts a nats-server of its own, and sets $servers

PATH=$PATH:/usr/sbin # where Debian has nats-server

needs_cluster() {
    if "$partyline" --version | grep -q 'without NATS'; then
        skip "$1" 'this build lacks libnats (libnats-dev)'
        finish
    elif ! command -v nats-server >/dev/null; then
        skip "$1" 'no nats-server here'
        finish
    fi
}

nats_alone() {
    nats_alone_port=$(free_ports 1) || exit 1
    printf 'listen: 127.0.0.1:%s\njetstream { store_dir: "%s" }\n' "$nats_alone_port" "$work/alone" \
        >alone.conf
    nats-server -c alone.conf >alone.log 2>&1 &
    # shellcheck disable=SC2034 # for the scenario
    nats_alone_process=$!
    servers=nats://127.0.0.1:$nats_alone_port
    check 'a nats-server is ready' within "$patience" has alone.log 'Server is ready'
}

machine() {
    name=$1
    shift
    : >"console.$name"
    "$partyline" --cluster "$servers" --node "$name" --listen 127.0.0.1:0 "$@" >>"console.$name" \
        2>"errors.$name" </dev/null &
    printf '%d\n' $! >"machine.$name"
    if ! within 40 has "console.$name" 'Chat server running on '; then
        not_ok "the machine $name starts"
        explain <"errors.$name"
        finish
    fi
    sed -n 's/^Chat server running on .*:\([0-9][0-9]*\)$/\1/p' "console.$name" | head -n 1 >"port.$name"
}

machine_signal() {
    kill "-$1" "$(cat "machine.$2")"
}

# put_into_stream PERL [SUBJECT]: publishes the bytes of an expression to the stream of nats_alone, or to another
# subject, as somebody else may.
put_into_stream() {
    perl -MIO::Socket::INET -MCompress::Zlib=crc32 -e '
        my ($port, $expression, $subject) = @ARGV;
        my $bytes = eval $expression // die $@;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
        my $length = length $bytes;
        print $socket "CONNECT {\"verbose\":false}\r\nPUB $subject answer $length\r\n$bytes\r\nPING\r\n";
        alarm 3;
        while (<$socket>) { exit 0 if /^PONG/ }
        exit 1' "$nats_alone_port" "$1" "${2:-partyline.events}"
}

# machine_halt NAME: has it stand still, and waits until it does: its threads go on until one of them has
# noticed.
machine_halt() {
    machine_signal STOP "$1"
    within 10 stands_still "$(cat "machine.$1")"
}

stands_still() {
    ps -o stat= -p "$1" | grep -q '^T'
}

machine_stop() {
    machine_signal TERM "$1" && ended "$(cat "machine.$1")" 20 && [ "$status" -eq 0 ]
}

# come NAME MACHINE: a client of this name comes in there. It asks again while accounts cannot be looked up, as
# after an election of nats-servers.
come() {
    connect "$1" 127.0.0.1 "$(cat "port.$2")"
    for try in 1 2 3 4 5; do
        say "$1" "$1"
        wait_for_count "$try" "$1" "^(Enter your name: )?\\*\\*\\* (Welcome, $1\\. |Registered names cannot be looked up now)"
        ! has "$1" "*** Welcome, $1. " || return 0
    done
    return 1
}

come_as_program() {
    come "$1" "$2"
    say "$1" '/machine on'
    wait_for "$1" 'Machine mode is on'
}

# ask_nats SUBJECT BYTES: asks the nats-server of nats_alone something, and prints the answer.
ask_nats() {
    perl -MIO::Socket::INET -e '
        my ($port, $subject, $bytes) = @ARGV;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
        my $length = length $bytes;
        my $inbox = "_INBOX.$$";
        print $socket "CONNECT {\"verbose\":false}\r\nSUB $inbox 1\r\nPUB $subject $inbox $length\r\n$bytes\r\n";
        alarm 5;
        while (<$socket>) {
            next unless /^MSG \S+ \S+ (\d+)/;
            read $socket, my $answer, $1;
            print "$answer\n";
            exit 0;
        }
        exit 1' "$nats_alone_port" "$1" "$2"
}
