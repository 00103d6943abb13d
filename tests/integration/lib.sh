# shellcheck shell=sh
#
# What every scenario in this directory starts from: a server on a free port, clients that are kept
# open, waiting for events, exact comparisons, and a result in TAP.
#
# A scenario reads
#
#     #!/bin/sh
#     # Goal: what a reader of this file may rely on.
#     . "$(dirname "$0")/lib.sh"
#
#     start --idle-timeout 5
#     enter Alice
#     say Alice 'Hi all!'
#     check 'everyone else hears it' wait_for Bob 'Alice: Hi all!'
#     finish
#
# It works in a temporary directory of its own, in which the file Alice is everything that the client
# Alice was sent, `console` is the server's standard output and `errors` its standard error output.
#
# Waiting is always for an event, with a deadline. "Nobody was told" is shown by something that happens
# later (a line said by somebody, the end of the server), never by the absence of news for a while.
#
# Environment: PARTYLINE and PARTYLINE_ECHO (the programs), PATIENCE (seconds an event may take),
# PARTYLINE_SKIPPED (a file to which a line is added for whatever is skipped).
#
# Needed besides a POSIX system: OpenBSD's nc, ps, perl (which prove needs anyway), and a sleep that
# takes fractions of a second.

LC_ALL=C
export LC_ALL

patience=${PATIENCE:-10}
tests_folder=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${tests_folder%/*/*}

# absolute PATH: PATH as seen from /, since a scenario leaves the directory it was started in.
absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s/%s\n' "$PWD" "$1" ;;
    esac
}

partyline=$(absolute "${PARTYLINE:-$root/build/partyline}")
# shellcheck disable=SC2034 # For the scenarios.
partyline_echo=$(absolute "${PARTYLINE_ECHO:-$root/build/partyline-echo}")

server=         # The server's process, empty when none runs.
port=           # The port it listens on.
status=         # What the last process that `ended` saw returned.
client_seconds=600 # How long a client may stay; so what is left behind ends some day.
test_count=0
failure_count=0

work=$(mktemp -d "${TMPDIR:-/tmp}/partyline.XXXXXX") || exit 1

# children: the processes that this scenario started and that have not ended. (The scenario is the
# parent of all of them; a number that a process of somebody else has now is not in the list.)
children() {
    ps -A -o pid= -o ppid= | while read -r child parent; do
        [ "$parent" -ne $$ ] || printf '%s\n' "$child"
    done
}

cleanup() {
    for child in $(children); do
        kill -KILL "$child" 2>/dev/null
    done
    cd / && rm -rf "$work"
}

trap cleanup EXIT
trap 'exit 1' HUP INT PIPE TERM
cd "$work" || exit 1

# is_sanitized: whether the server was built with a sanitizer, which makes it slow, and keeps what is freed.
is_sanitized() {
    grep -q '__[at]san_init' "$partyline"
}

# --- Results ------------------------------------------------------------------------------------------

ok() {
    test_count=$((test_count + 1))
    printf 'ok %d - %s\n' "$test_count" "$1"
}

not_ok() {
    test_count=$((test_count + 1))
    failure_count=$((failure_count + 1))
    printf 'not ok %d - %s\n' "$test_count" "$1"
}

# skip SENTENCE REASON: counts as passed; the reason is what the machine lacks.
skip() {
    test_count=$((test_count + 1))
    printf 'ok %d # skip %s: %s\n' "$test_count" "$1" "$2"
    [ -z "${PARTYLINE_SKIPPED:-}" ] ||
        printf '%s: %s: %s\n' "${0##*/}" "$1" "$2" >>"$PARTYLINE_SKIPPED"
}

# explain: prints standard input as diagnostics of the test that just failed.
explain() {
    cut -c 1-300 | sed 's/^/#     /' >&2
}

# end_of FILE LINES: shows so many of its last ones.
end_of() {
    printf 'the end of %s:\n' "$1"
    tail -n "$2" "$1" | cut -c 1-300 | sed -n l
}

# check SENTENCE COMMAND [ARGUMENT...]: the sentence holds if the command succeeds. When it does not,
# the end of every file among the arguments is shown, and of what the machines of a cluster have said.
check() {
    sentence=$1
    shift
    if "$@"; then
        ok "$sentence"
        return 0
    fi
    not_ok "$sentence"
    {
        printf 'this failed: %s\n' "$*"
        for argument; do
            [ ! -f "$argument" ] || end_of "$argument" 10
        done
        for said in console.* nats[1-9].log; do
            [ ! -s "$said" ] || end_of "$said" 6
        done
        if [ -s errors ]; then
            printf 'the server said on standard error:\n'
            head -n 60 errors
        fi
    } | explain
    return 1
}

# is SENTENCE GOT WANTED: the two strings are equal.
is() {
    if [ "$2" = "$3" ]; then
        ok "$1"
        return 0
    fi
    not_ok "$1"
    printf "got:    '%s'\nwanted: '%s'\n" "$2" "$3" | explain
    return 1
}

# same SENTENCE FILE FORMAT: the file holds, byte for byte, what printf makes of FORMAT, or does so
# before the deadline.
same() {
    # shellcheck disable=SC2059 # The format is the point: bytes are written as \ooo in it.
    printf "$3" >wanted
    if within "$patience" settled "$2" && cmp -s "$2" wanted; then
        ok "$1"
        return 0
    fi
    not_ok "$1"
    {
        printf 'wanted:\n'
        od -A d -c wanted | head -n 60
        printf 'but %s is:\n' "$2"
        od -A d -c "$2" | head -n 60
    } | explain
    return 1
}

# settled FILE: it is what is wanted, or has become too long for that ever to be.
settled() {
    cmp -s "$1" wanted || [ "$(wc -c <"$1")" -gt "$(wc -c <wanted)" ]
}

# finish: ends the scenario. A server that still runs must be able to stop as it should; with a
# sanitizer in it, this is also where leaks come to light.
finish() {
    if [ -n "$server" ]; then
        check 'after all this the server stops when it is asked to, with status 0' stop
    fi
    printf '1..%d\n' "$test_count"
    [ "$failure_count" -eq 0 ]
    exit
}

# --- Waiting ------------------------------------------------------------------------------------------

# within SECONDS COMMAND [ARGUMENT...]: tries the command until it succeeds; 1 if it has not by then.
# (The deadline is a parameter and no variable, because a command may itself wait within something.)
within() {
    seconds=$1
    shift
    set -- $(($(date +%s) + seconds)) "$@"
    until all_but_first "$@"; do
        [ "$(date +%s)" -le "$1" ] || return 1
        sleep 0.02
    done
}

all_but_first() {
    shift
    "$@"
}

# text_of FILE: its lines without NULs, which are no text: for some a grep's line ends there.
text_of() {
    tr -d '\0' <"$1"
}

# has FILE TEXT: some line of the file contains the text.
has() {
    text_of "$1" 2>/dev/null | grep -qF -e "$2"
}

# has_line FILE LINE: some line of the file is exactly this.
has_line() {
    text_of "$1" 2>/dev/null | grep -qxF -e "$2"
}

# lacks FILE TEXT: no line of the file contains the text.
lacks() {
    [ -r "$1" ] && ! has "$1" "$2"
}

# matches FILE EXPRESSION: some line of the file matches the extended regular expression.
matches() {
    text_of "$1" 2>/dev/null | grep -qE -e "$2"
}

# wait_for FILE TEXT [SECONDS]: waits for a line that contains the text.
wait_for() {
    within "${3:-$patience}" has "$1" "$2"
}

# wait_for_match FILE EXPRESSION [SECONDS]
wait_for_match() {
    within "${3:-$patience}" matches "$1" "$2"
}

# count FILE EXPRESSION: how many lines match the extended regular expression.
count() {
    text_of "$1" | grep -cE -e "$2"
}

# counted NUMBER FILE EXPRESSION: that many lines match.
counted() {
    [ "$(count "$2" "$3")" -eq "$1" ]
}

# wait_for_count NUMBER FILE EXPRESSION [SECONDS]
wait_for_count() {
    within "${4:-$patience}" counted "$1" "$2" "$3"
}

# wording ERRNO: an extended regular expression for what the C library says of an error (ENOENT). That
# is perl's library, which the server need not be built with: musl's says "Address in use".
wording() {
    perl -MErrno -e '
        $! = Errno->can($ARGV[0])->();
        $_ = "$!";
        s/([^\w ])/\\$1/g;
        s/\balready /(already )?/;
        print;
    ' "$1"
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}

# ended PROCESS [SECONDS]: waits for one of our own processes to end, and leaves its status in $status.
ended() {
    within "${2:-$patience}" is_gone "$1" || return 1
    wait "$1"
    status=$?
}

# --- The server ---------------------------------------------------------------------------------------

# before_start: run in the server's process before the server is; a scenario may define it anew, to
# set a limit or an environment.
before_start() {
    :
}

# announced [NUMBER]: the server says where it listens: at so many addresses at least, 1 if nothing is said. (The log is
# written by a thread, so that the first line may be there before the others.)
announced() {
    [ "$(count console '^Chat server running on ')" -ge "${1:-1}" ] || is_gone "$server"
}

# start [OPTION...]: starts a server, on a free port of 127.0.0.1 unless an option says where to
# listen, and waits until it does. Sets $server and $port, that of the first address, whether it is for
# terminals or not. Ends the scenario if there is no server.
start() {
    listening=no
    welcoming=yes
    announcements=0
    # shellcheck disable=SC2034 # For `play` of flow.sh.
    started_with=$*
    for option; do
        case $option in
            -l* | --listen* | --telnet | --telnet=* | --machine | --machine=* | --metrics | --metrics=*)
                announcements=$((announcements + 1))
                ;;
        esac
        case $option in
            -l* | --listen*) listening=yes ;;
            --no-welcome) welcoming=no ;;
        esac
    done
    if [ $listening = no ]; then
        set -- --listen 127.0.0.1:0 "$@"
        announcements=$((announcements + 1))
    fi
    : >console
    (
        before_start
        exec "$partyline" "$@"
    ) >>console 2>errors </dev/null &
    server=$!
    within "$patience" announced "$announcements"
    if ! has console 'Chat server running on '; then
        not_ok "the server starts: partyline $*"
        explain <errors
        server=
        finish
    fi
    port=$(sed -n 's/^Chat server running on .*:\([0-9][0-9]*\)\( (telnet)\)\{0,1\}$/\1/p' console | head -n 1)
}

# stop: asks the server to stop; succeeds if it does so in time and with status 0.
stop() {
    stopping=$server
    server=
    kill -TERM "$stopping" && ended "$stopping" && [ "$status" -eq 0 ]
}

# try PROGRAM [ARGUMENT...]: runs something that is expected to end by itself: output in try.out and
# try.err, exit status in $status.
try() {
    "$@" >try.out 2>try.err </dev/null &
    tried=$!
    if ! ended $tried; then
        kill -KILL $tried
        ended $tried
        status='none, it never ended'
    fi
}

# --- Clients ------------------------------------------------------------------------------------------

# connect_with CLIENT COMMAND [ARGUMENT...]: starts a client that reads what `say` and `send` give it,
# and whose output becomes the file CLIENT. The sleep holds the writing end of its input open, without
# which the first `say` would also be the last; this shell holds it until the sleep does.
connect_with() {
    client=$1
    shift
    rm -f "$client.in" "$client" # one of before that is still there must not write into the new file
    : >"$client"
    mkfifo "$client.in" || exit 1
    exec 9<>"$client.in"
    sleep "$client_seconds" <&9 9>&- >/dev/null 2>&1 &
    printf '%d\n' $! >"$client.holder"
    "$@" <"$client.in" 9>&- >"$client" 2>"$client.err" &
    printf '%d\n' $! >"$client.process"
    exec 9>&-
}

# connect CLIENT [ARGUMENT OF NC...]: connects, to the server's port if nothing else is said.
connect() {
    newcomer=$1
    shift
    [ $# -gt 0 ] || set -- 127.0.0.1 "$port"
    connect_with "$newcomer" nc -N "$@"
}

# enter NAME [ARGUMENT OF NC...]: connects and joins the room under that name.
enter() {
    connect "$@"
    say "$1" "$1"
    joined "$1"
}

# joined NAME: waits until the client is in the room.
joined() {
    if [ "$welcoming" = yes ]; then
        wait_for "$1" "*** Welcome, $1. "
    else
        wait_for_match console "^$1 \\(.*has joined"
    fi
}

# send CLIENT FORMAT: has the client send the bytes that printf makes of FORMAT.
send() {
    # shellcheck disable=SC2059 # As in `same`.
    printf "$2" >"$1.in"
}

# say CLIENT TEXT: has the client send the text as a line.
say() {
    printf '%s\n' "$2" >"$1.in"
}

# feed CLIENT FILE: has the client send a whole file, however long that takes; does not wait for it.
feed() {
    cat "$2" >"$1.in" &
}

# told CLIENT LINE: waits until the client has exactly that line.
told() {
    within "$patience" has_line "$1" "$2"
}

# settle CLIENT: waits until all that was said before has come to the client.
settled_count=0
settle() {
    settled_count=$((settled_count + 1))
    say "$1" "/sync $settled_count"
    wait_for "$1" "*** Synced: $settled_count ***"
}

process_of() {
    cat "$1.process"
}

# leave CLIENT: its input ends, so it closes its half of the connection.
leave() {
    kill -KILL "$(cat "$1.holder")" 2>/dev/null
}

# hang_up CLIENT: ends the client at once.
hang_up() {
    leave "$1"
    kill -KILL "$(process_of "$1")" 2>/dev/null
}

# closed CLIENT: waits for the server to have closed the client's connection. nc waits for its own
# input even then, and finds out when it sends something: half a line, which nobody would ever see.
# What nc has not printed by then may be lost, so wait for the last line that matters first.
closed() {
    within "$patience" noticed_closing "$1"
}

noticed_closing() {
    is_gone "$(process_of "$1")" && return
    printf ' ' >"$1.in"
    return 1
}

# quit CLIENT: has the client leave by /quit, and waits for its end.
quit() {
    say "$1" /quit
    wait_for "$1" '*** Goodbye. ***'
    leave "$1"
    ended "$(process_of "$1")"
}

# slam FORMAT [TEXT]: a client that connects, waits for the prompt, sends the bytes, waits for the text
# if there is one, and resets the connection.
slam() {
    # shellcheck disable=SC2059 # As in `same`.
    printf "$1" | perl -MSocket -e '
        my ($port, $text) = @ARGV;
        my $words = join "", <STDIN>;
        my $heard = "";
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
        sysread($socket, $heard, 100);
        syswrite($socket, $words) if length $words;
        1 while index($heard, $text) < 0 and sysread($socket, $heard, 1000, length $heard);
        setsockopt($socket, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)) or die "setsockopt: $!";
        close($socket);
    ' "$port" "${2:-}"
}

# serves: two new people can come in, and one can hear the other. What is left to ask after a fault.
serves() {
    enter Still && enter Here || return 1
    say Still 'Can you hear me?'
    wait_for Here 'Still: Can you hear me?' || return 1
    leave Still
    wait_for Here '*** Still has left the chat ***' || return 1
    quit Here
}
