#!/bin/sh
# Goal: a service manager may open the sockets, and keeps them: nobody who connects while the server
# restarts is refused. What it hands over is checked.

# As a service manager does, the shell that runs the scenario holds the sockets open, from descriptor 3
# on: two for TCP, the second of which maps IPv4 into IPv6, one in a folder, and one that is no stream.
if [ -z "${SERVICE_PORTS:-}" ]; then
    folder=$(mktemp -d "${TMPDIR:-/tmp}/partyline.XXXXXX") || exit 1
    export folder
    exec perl -MSocket=:all -MPOSIX=dup2 -e '
        my (@sockets, @ports);
        sub add {
            my ($family, $type, $address) = @_;
            socket(my $socket, $family, $type, 0) or die "socket: $!";
            setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 0) if $family == AF_INET6;
            bind($socket, $address) or die "bind: $!";
            $type != SOCK_STREAM or listen($socket, 100) or die "listen: $!";
            push @sockets, $socket;
            return getsockname($socket);
        }
        my $mapped = ("\0" x 10) . "\xff\xff\x7f\0\0\1";
        push @ports, (sockaddr_in(add(AF_INET, SOCK_STREAM, pack_sockaddr_in(0, INADDR_LOOPBACK))))[0];
        push @ports, (sockaddr_in6(add(AF_INET6, SOCK_STREAM, pack_sockaddr_in6(0, $mapped))))[0];
        add(AF_UNIX, SOCK_STREAM, pack_sockaddr_un("$ENV{folder}/door"));
        add(AF_INET, SOCK_DGRAM, pack_sockaddr_in(0, INADDR_LOOPBACK));
        dup2(fileno($sockets[$_]), 30 + $_) for 0 .. $#sockets;
        dup2(30 + $_, 3 + $_), POSIX::close(30 + $_) for 0 .. $#sockets;
        $ENV{SERVICE_PORTS} = "@ports";
        exec "sh", @ARGV or die "sh: $!";
    ' "$0"
fi

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

trap 'cleanup; rm -rf "${folder:?}"' EXIT
one=${SERVICE_PORTS% *}
two=${SERVICE_PORTS#* }
wanted=

# The server as a service manager starts it. $count: how many sockets; $names: theirs, or `none`;
# $process: for whom they are.
cat >activated <<'END'
#!/bin/sh
LISTEN_PID=${process:-$$} LISTEN_FDS=$count LISTEN_FDNAMES=$names
export LISTEN_PID LISTEN_FDS LISTEN_FDNAMES
[ "$names" != none ] || unset LISTEN_FDNAMES
exec "$server_program" "$@"
END
chmod +x activated
server_program=$partyline
export server_program names count process

# activate COUNT NAMES [OPTION...]: starts the server with the first sockets, and waits until it listens at $wanted
# addresses.
activate() {
    count=$1
    names=$2
    wanted=${wanted:-$count}
    shift 2
    port=$one
    welcoming=yes
    : >console
    ./activated "$@" >>console 2>errors </dev/null &
    server=$!
    within "$patience" announced "$wanted"
    wanted=
}

# refused COUNT NAMES TEXT [OPTION...]: the server does not start with these sockets, and says why.
refused() {
    count=$1
    names=$2
    text=$3
    shift 3
    try ./activated "$@"
    [ "$status" -eq 2 ] && has try.err "$text"
}

activate 3 partyline.socket:machine:telnet --log events
is 'the server listens on the sockets that it is given, says what is spoken there, and opens no other' \
    "$(grep -v '^This server stays root; ' console)" "Chat server running on 127.0.0.1:$one
Chat server running on [::ffff:127.0.0.1]:$two (machine)
Chat server running on unix:$folder/door (telnet)"
enter Alice
connect Robot 127.0.0.1 "$two"
say Robot Robot
check 'a name is the scheme' wait_for Robot '"type":"welcome"'
check 'addresses of IPv4 are told as such' wait_for_match console '^Robot \(127\.0\.0\.1:[0-9]+\) has joined'
connect Tom -U "$folder/door"
say Tom Tom
check 'a unix socket works' wait_for console 'Tom (unix) has joined'

check 'it stops' stop
check 'the file of the unix socket is still there' [ -S "$folder/door" ]
connect Bob
say Bob Bob
connect Carol -U "$folder/door"
say Carol Carol
# A connection that is refused ends nc at once, and so does the word that the server is gone.
reached=yes
perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or exit 1' "$one" || reached=no
is 'a connection is not refused while there is no server' "$reached" yes
activate 3 none
check 'who came meanwhile comes in when there is one again' joined Bob
check 'also by the unix socket' joined Carol
is 'sockets without names are for lines' "$(count console 'running on .*\(')" 0
check 'it stops' stop

wanted=2
activate 1 lines --listen 127.0.0.1:0
is 'an address of --listen is opened besides' "$(count console '^Chat server running on 127\.0\.0\.1:[0-9]+$')" 2
check 'it serves' serves
check 'it stops' stop

printf 'listen 127.0.0.1:0\n' >config
wanted=2
activate 1 lines --config config
is 'one of the configuration file is, too' "$(count console '^Chat server running on ')" 2
printf 'listen 127.0.0.1:0\nrate 7\n' >config
kill -HUP "$server"
check 'SIGHUP changes what the file says' wait_for console 'rate'
enter Alice
check 'and leaves the sockets alone' lacks console 'listen'
check 'it stops' stop

process=$$
wanted=1
activate 3 none --listen 127.0.0.1:0
process=
is 'sockets for another process are left alone' "$(count console '^Chat server running on ')" 1
check 'it stops' stop

# shellcheck disable=SC2016 # The variables' names are meant.
check 'a socket that is none of a stream is refused' refused 4 none 'descriptor 6 of $LISTEN_FDS: it is no stream socket'
# shellcheck disable=SC2016 # The same.
check 'so is one that is not open' refused 3 none 'descriptor 5 of $LISTEN_FDS: it is not open' 5>&-
check 'a number that is none is' refused many lines "'many', and no number"
check 'a name that is no scheme is: what was meant for TLS is not spoken in the open' \
    refused 1 telnet+tsl "its name 'telnet+tsl' (FileDescriptorName= of the socket unit) is no scheme: want lines,"
is 'in one line' "$(wc -l <try.err)" 1
if "$partyline" --version | grep -q OpenSSL; then
    check 'a socket for TLS wants a certificate' refused 1 lines+tls 'wants a certificate'
else
    check 'a socket for TLS wants a build that has it' refused 1 lines+tls 'lacks OpenSSL'
fi

sentence='the server works under systemd-socket-activate'
if command -v systemd-socket-activate >/dev/null; then
    port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
    : >console
    systemd-socket-activate -l "127.0.0.1:$port" --fdname=lines "$partyline" >>console 2>errors </dev/null &
    server=$!
    wait_for errors 'Listening on'
    enter Alice
    check "$sentence" joined Alice
    is 'on its socket alone' "$(count console running)" 1
else
    skip "$sentence" 'no systemd-socket-activate here'
fi

# --- Root's rights ------------------------------------------------------------------------------------

# ./as_nobody COMMAND...: runs it as $nobody, who is not root.
cat >as_nobody <<'END'
#!/usr/bin/env perl
my ($name, undef, $user, $group) = getpwnam($ENV{nobody});
if ($> == 0) {
    $) = "$group $group";
    $( = $group;
    $< = $> = $user;
}
exec @ARGV or die "exec: $!";
END
chmod +x as_nobody
nobody=nobody
[ "$(id -u)" -eq 0 ] || nobody=$(id -un)
export nobody
chmod 711 "$work"
mkdir theirs
cp "$partyline" theirs/partyline
chmod 755 theirs theirs/partyline

# usage_fault TEXT COMMAND...: ends with status 2, and says that.
usage_fault() {
    text=$1
    shift
    try "$@"
    [ "$status" -eq 2 ] && has try.err "$text"
}
check 'who is not root cannot become root' \
    usage_fault "--user: only root can become 'root'" ./as_nobody theirs/partyline --listen 127.0.0.1:0 --user root
check 'and cannot change the root' \
    usage_fault '--chroot: cannot make / the root: only root can do that' \
    ./as_nobody theirs/partyline --listen 127.0.0.1:0 --chroot /
printf '# whose\nuser no-such-user\n' >config
check 'a user that is not there is a mistake in its line of the file' \
    usage_fault "config:2: user: there is no user 'no-such-user'" "$partyline" --config config
check '--check-config finds that, too' \
    usage_fault "config:2: user: there is no user 'no-such-user'" "$partyline" --check-config --config config
check 'a folder that is not there is a mistake' \
    usage_fault 'cannot make /no/such/folder the root' "$partyline" --chroot /no/such/folder
: >console
./as_nobody theirs/partyline --listen 127.0.0.1:0 --user "$nobody" >>console 2>errors </dev/null &
server=$!
within "$patience" announced
check 'everybody can become who they are' has console 'Chat server running on'
is 'and nothing is said of root' "$(cat errors)" ''
check 'it stops' stop

# identities PROCESS: of all its threads, each once.
identities() {
    cat /proc/"$1"/task/*/status | sed -n 's/^\([UG]id\|Groups\):/\1/p' | tr '\t' ' ' |
        sed 's/ *$//' | sort -u
}
becomes='a server that starts as root becomes another user'
if [ "$(id -u)" -eq 0 ] && [ -r /proc/self/task ]; then
    # The leak checker reads what belongs to root, and what is not below the root any more.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
    export ASAN_OPTIONS
    uid=$(id -u nobody)
    gid=$(id -g nobody)
    mkdir owned
    chown nobody owned
    echo secret >password
    chmod 600 password
    echo 'Read outside.' >motd
    data=
    ! "$partyline" --version | grep -q SQLite || data='--data owned/chat.db'

    start
    check 'a server that stays root says so, in one line' wait_for console \
        'This server stays root; with --user USER it becomes USER'
    check 'it stops' stop

    # shellcheck disable=SC2086 # Two words, or none.
    start --listen 127.0.0.1:0 --listen telnet://127.84.0.1:23 --user nobody --log owned/chat.log \
        --password-file password $data
    check "$becomes" has_line console 'Chat server running on 127.84.0.1:23 (telnet)'
    is 'in all its threads, without any other group' "$(identities "$server")" "Gid $gid $gid $gid $gid
Groups
Uid $uid $uid $uid $uid"
    is 'and says nothing of it' "$(cat errors)" ''
    check 'the log is that user'"'"'s' [ "$(perl -e 'print +(stat shift)[4]' owned/chat.log)" -eq "$uid" ]
    mv owned/chat.log owned/chat.log.1
    kill -HUP "$server"
    check 'what only root may read stays as it was on SIGHUP' wait_for owned/chat.log \
        "Cannot read the file of --password-file again: $(perl -MErrno=EACCES -e '$! = EACCES; print "$!"')"
    connect Alice
    say Alice secret
    say Alice Alice
    check 'and counts' joined Alice
    check 'it stops' stop

    for time in first second; do
        start --listen unix:rooms --listen unix:owned/rooms --user nobody
        connect "$time" -U rooms
        say "$time" "$time"
        check "a unix socket in a folder of root serves, the $time time" joined "$time"
        check 'the server stops' stop
        check 'its file stays, as it may not be removed' [ -S rooms ]
        is 'and those that may be are gone' "$(find owned -name 'rooms*')" ''
    done

    chmod 711 owned
    for zone in Asia/Tokyo America/New_York; do
        zone=/usr/share/zoneinfo/$zone
        cmp -s "$zone" /etc/localtime || break
    done
    [ ! -r "$zone" ] || { mkdir owned/etc && cp "$zone" owned/etc/localtime; }
    # shellcheck disable=SC2086 # The same.
    start --user nobody --chroot owned --log inside.log --motd motd --metrics unix:figures ${data:+--data inside.db}
    is 'a folder is its root' "$(readlink "/proc/$server/root")" "$work/owned"
    check 'its log is below' within "$patience" test -s owned/inside.log
    [ -z "$data" ] || check 'so is its data file' [ -s owned/inside.db ]
    enter Bob
    check 'what it reads before is outside' has Bob 'Read outside.'
    if [ -r "$zone" ]; then
        say Bob 'At that time.'
        say Bob /history
        wait_for Bob '] Bob: At that time.'
        say Bob '/history 00:00'
        settle Bob
        say Bob /history
        settle Bob
        is 'so is its time zone, also when it has looked for a time' \
            "$(sed -n 's/^\(.*\]\) Bob: At that time.*/\1/p' Bob | cut -d : -f 1 | sort -u | wc -l | tr -d ' ')" 1
    else
        skip 'so is its time zone' 'there are no others here'
    fi
    if command -v curl >/dev/null; then
        curl -s --unix-socket figures http://chat/metrics >metrics
        check 'and what the system tells of it' matches metrics '^process_open_fds [1-9]'
    else
        skip 'and what the system tells of it' 'no curl here'
    fi
    [ -z "$data" ] || {
        send Bob '/register\npass word\npass word\n'
        check 'it can do what it does elsewhere' wait_for Bob 'is yours'
    }
    check 'it stops' stop
    try "$partyline" --check-config --chroot owned --log nowhere/chat.log
    check '--check-config looks for these files below' has try.err 'cannot write owned/nowhere/chat.log'
    if [ -n "$data" ] && "$partyline" --version | grep -q NATS; then
        : >roots.db
        chmod 600 roots.db
        try "$partyline" --cluster-import roots.db --cluster nats://127.0.0.1:1 --user nobody
        check '--cluster-import is of that user, too' has try.err \
            "cannot open the data file roots.db: $(perl -MErrno=EACCES -e '$! = EACCES; print "$!"')"
    else
        skip '--cluster-import is of that user, too' 'this build lacks SQLite or NATS'
    fi
else
    skip "$becomes" 'this takes root, and the /proc of Linux'
fi

# --- What is installed --------------------------------------------------------------------------------

installed=$work/installed
make_it() {
    (cd "$root" && make -s "$@" B="$work/build" DESTDIR="$installed" PREFIX=/usr SYSCONFDIR=/etc) >made 2>&1
}
check 'make install-systemd works' make_it install-systemd
is 'it brings these files' "$(cd "$installed" && find . -type f | sort | tr '\n' ' ')" \
    './etc/logrotate.d/partyline ./etc/partyline.conf ./usr/lib/systemd/system/partyline.service ./usr/lib/systemd/system/partyline.socket ./usr/lib/sysusers.d/partyline.conf ./usr/lib/tmpfiles.d/partyline.conf '
units=$installed/usr/lib/systemd/system
check 'the unit runs the program where it is installed' \
    has_line "$units/partyline.service" 'ExecStart=/usr/bin/partyline --config /etc/partyline.conf'
check 'the unit waits until the server is ready' has_line "$units/partyline.service" Type=notify
is 'the socket unit names a scheme' "$("$partyline" --check-config --listen \
    "$(sed -n 's/^FileDescriptorName=//p' "$units/partyline.socket")://127.0.0.1:0")" 'command line: ok'
sed "s,/var/log/partyline,$work," "$installed/etc/partyline.conf" >as_installed
try "$partyline" --check-config --config as_installed
is 'the configuration is right' "$(cat try.out try.err)" 'as_installed: ok'
echo 'listen 1' >"$installed/etc/partyline.conf"
check 'it can be installed again' make_it install-systemd
is 'and leaves a configuration as it is' "$(cat "$installed/etc/partyline.conf")" 'listen 1'

sentence='systemd finds no mistake in the units'
if command -v systemd-analyze >/dev/null && systemd-analyze security --help 2>&1 | grep -q -e --offline; then
    mkdir units
    sed "s,/usr/bin/partyline,$partyline," "$units/partyline.service" >units/partyline.service
    cp "$units/partyline.socket" units
    check "$sentence" systemd-analyze verify --man=no units/partyline.service units/partyline.socket
    systemd-analyze security --offline=true --no-pager units/partyline.service >exposure 2>/dev/null
    level=$(sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p' exposure)
    check "it gives them an exposure of at most 1.5 (it is $level)" \
        awk "BEGIN { exit !(\"$level\" != \"\" && ${level:-9} <= 1.5) }"
else
    skip "$sentence" 'no systemd-analyze here that can tell'
fi

sentence='the user and the folders are made'
if [ "$(id -u)" -eq 0 ] && command -v systemd-sysusers >/dev/null && command -v systemd-tmpfiles >/dev/null; then
    mkdir -p "$installed/var/log" "$installed/var/lib"
    check "$sentence" systemd-sysusers --root="$installed" 2>sysusers.err
    check 'the folders, too' systemd-tmpfiles --root="$installed" --create --prefix=/var
    ids=$(sed -n 's/^partyline:[^:]*:\([0-9]*:[0-9]*\):.*/\1/p' "$installed/etc/passwd")
    is 'they are for that user alone' "$(perl -e 'my @s = stat shift; printf "%d:%d %o", @s[4, 5], $s[2] & 0777' \
        "$installed/var/log/partyline")" "$ids 700"
else
    skip "$sentence" 'this takes root, systemd-sysusers and systemd-tmpfiles'
fi
check 'uninstall-systemd works' make_it uninstall-systemd
is 'and leaves the configuration' "$(cd "$installed" && find etc/logrotate.d etc/partyline.conf usr -type f)" etc/partyline.conf

PATH=$PATH:/usr/sbin:/sbin
sentence='logrotate finds no mistake in its configuration'
if command -v logrotate >/dev/null; then
    # What the unit's manager does with the signal, a command of that name does here.
    mkdir bin logs
    cat >bin/systemctl <<'END'
#!/bin/sh
printf '%s\n' "$*" >systemctl.said
kill -HUP "$service_process"
END
    chmod +x bin/systemctl
    sed -e "s,/var/log/partyline,$work/logs," -e '/^ *su /d' "$root/scripts/packaging/systemd/partyline.logrotate" >logrotate.conf
    chmod 700 logs
    start --log logs/chat.log
    enter Alice
    wait_for logs/chat.log 'Alice (127.0.0.1'
    check "$sentence" logrotate --debug --state state logrotate.conf 2>logrotate.err
    service_process=$server
    export service_process
    PATH=$work/bin:$PATH logrotate --force --state state logrotate.conf
    is 'it has the signal sent' "$(cat systemctl.said)" 'kill --signal=HUP --kill-whom=main partyline.service'
    check 'the log begins anew' within "$patience" test -e logs/chat.log
    enter Bob
    check 'and goes on there' wait_for logs/chat.log 'Bob (127.0.0.1'
    check 'what it had is kept' has logs/chat.log.1 'Alice (127.0.0.1'
    check 'without what came later' lacks logs/chat.log.1 'Bob (127.0.0.1'
else
    skip "$sentence" 'no logrotate here'
fi

for script in openrc/partyline bsd/partyline.openbsd bsd/partyline.freebsd; do
    check "the script for $script is one" sh -n "$root/scripts/packaging/$script"
done

finish
