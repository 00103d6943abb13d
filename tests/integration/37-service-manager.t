#!/bin/sh
# Goal: a service manager is told when the server listens, reloads and stops, and that it is alive.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# What stands in for the service manager: prints each datagram as a line. When the server is ready it
# tries the server's last address.
cat >manager <<'END'
use Socket;
$| = 1;
my ($path, $door) = @ARGV;
socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un($path)) or die "bind: $!";
print "here\n";
while (defined recv($socket, my $message, 1000, 0)) {
    socket(my $client, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
    my $reached = -e $door && connect($client, pack_sockaddr_un($door));
    $message =~ tr/\n/ /;
    print $message, $message eq "READY=1" ? $reached ? ", reached" : ", not reached" : "", "\n";
}
END

# supervise FILE: a manager with a socket of its own begins to listen, and writes to the file.
supervise() {
    perl manager "$work/$1.socket" "$work/door" >"$1" 2>"$1.err" &
    wait_for "$1" here
}

before_start() {
    NOTIFY_SOCKET=$notify_socket
    export NOTIFY_SOCKET
    if [ -n "$watchdog" ]; then
        WATCHDOG_USEC=$watchdog
        export WATCHDOG_USEC
    fi
}

supervise plain
notify_socket=$work/plain.socket
watchdog=
start --listen 127.0.0.1:0 --listen "unix:$work/door" --log events
check 'the server is ready when all its addresses are listened on' wait_for plain 'READY=1, reached'
mv events events.old
kill -HUP "$server"
check 'SIGHUP makes it ready a second time' wait_for_count 2 plain '^READY=1, reached$'
check 'the log file is there again' within "$patience" test -e events
check 'it serves as ever' serves
check 'SIGTERM ends it with status 0' stop
check 'and it says so' wait_for plain STOPPING=1
is 'it says nothing else, in this order' "$(sed -e '/^STATUS=/d' -e 's/MONOTONIC_USEC=[1-9][0-9]*$/MONOTONIC_USEC=N/' plain)" \
    'here
READY=1, reached
RELOADING=1 MONOTONIC_USEC=N
READY=1, reached
STOPPING=1'

supervise crowded
notify_socket=$work/crowded.socket
watchdog=
began=$(date +%s)
start --listen 127.0.0.1:0
check 'nobody is there' wait_for crowded 'STATUS=0 people, 1 room'
enter Alice
check 'somebody has come' wait_for crowded 'STATUS=1 person, 1 room'
enter Bob
say Bob '/join den'
check 'two are there, and a room more' wait_for crowded 'STATUS=2 people, 2 rooms'
# Those who come and go quickly are told together.
perl -MIO::Socket::INET -e '
    for my $number (1 .. 200) {
        my $client = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die "connect: $!";
        print $client "Guest$number\n/quit\n";
        1 while <$client>;
    }' "$port"
check 'all of them were there' wait_for console 'Guest200 ('
quit Alice
quit Bob
says_last() {
    [ "$(tail -n 1 crowded)" = "$1" ]
}
check 'nobody is left, nor the room' within "$patience" says_last 'STATUS=0 people, 1 room'
took=$(($(date +%s) - began))
told=$(count crowded '^STATUS=')
check "that is told at most once a second ($told times in $took s)" [ "$told" -le $((took + 2)) ]
is 'and only what has changed' "$(grep '^STATUS=' crowded | uniq -d)" ''
check 'it stops' stop

supervise watched
notify_socket=$work/watched.socket
watchdog=200000
start --listen "unix:$work/door"
check 'a server that does nothing tells that it is alive, again and again' \
    wait_for_count 3 watched '^WATCHDOG=1$'
kill -STOP "$server"
check 'the server stops and goes on' kill -CONT "$server"
seen=$(count watched '^WATCHDOG=1$')
check 'it is alive again' wait_for_count $((seen + 2)) watched '^WATCHDOG=1$'
is 'it was ready once, before that' "$(sed -n 2p watched)" 'READY=1, reached'
check 'it stops' stop
check 'and says so' wait_for watched STOPPING=1

# A server that cannot listen is not ready. Whatever it had said would come before what the next one says.
supervise failed
notify_socket=$work/failed.socket
watchdog=
start
taken=$port
check 'a server is ready' wait_for failed 'READY=1'
NOTIFY_SOCKET=$notify_socket try "$partyline" --listen 127.0.0.1:0 --listen "127.0.0.1:$taken"
is 'a second one finds its port taken' "$status" 1
check 'the first one stops' stop
wait_for failed STOPPING=1
is 'the second was never ready' "$(count failed '^READY=1')" 1

notify_socket=$work/nowhere
start
check 'a manager that is not there is named' wait_for errors \
    "partyline: cannot tell the service manager at \$NOTIFY_SOCKET, $work/nowhere: "
check 'and the server serves without it' serves

finish
