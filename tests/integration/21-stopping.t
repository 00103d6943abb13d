#!/bin/sh
# Goal: SIGTERM ends the server in time whatever its clients do, tells everyone, and leaves nothing.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# time_end: waits for the server to end; leaves in $took how many seconds that took.
time_end() {
    began=$(date +%s)
    ended "$server" 90
    took=$(($(date +%s) - began))
    server=
}

# 500 clients that do nothing but read, held by one process. They are still being told of each other.
grace=5
! is_sanitized || grace=60
start --grace "$grace"
perl -MSocket -MIO::Select -e '
    $| = 1;
    my ($port, $number) = @ARGV;
    my (%told, $welcomed);
    my $open = IO::Select->new;
    my %said;
    for my $client (1 .. $number) {
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
        syswrite($socket, "Guest$client\n");
        $said{$socket} = "";
        $open->add($socket);
    }
    my $announced;
    while ($open->count) {
        for my $socket ($open->can_read) {
            if (!sysread($socket, $said{$socket}, 65536, length $said{$socket})) {
                $open->remove($socket);
            }
        }
        $welcomed = grep { /Welcome, / } values %said;
        print "$welcomed are here\n" and $announced = 1 if $welcomed == $number and !$announced;
    }
    print scalar(grep { /\*\*\* The server is shutting down\. \*\*\*\n\z/ } values %said), " were told\n";
' "$port" 500 >crowd 2>crowd.err &
crowd=$!
check '500 people come in' wait_for crowd '500 are here' 120
kill -TERM "$server"
time_end
check "SIGTERM with 500 clients ends the server within --grace (it took $took s)" [ "$took" -le $((grace + 1)) ]
is 'with status 0' "$status" 0
ended $crowd
is 'each of the 500 was told, in a whole line, the last of all' "$(tail -n 1 crowd)" '500 were told'
is 'the log has 500 who left for that reason' "$(count console 'has left: shutdown$')" 500
is 'nothing was said on standard error' "$(cat errors)" ''

# stall: Bob stops reading, and Alice says more than fits between them; Alice is then held back, too.
stall() {
    enter Bob
    enter Alice
    enter Carol
    wait_for Alice 'Carol has joined'
    kill -STOP "$(process_of Bob)"
    head -c 30000000 /dev/zero | tr '\0' x | fold -w 1000 >much
    feed Alice much
    within 20 carol_waits
}
# Carol is told nothing any more, since everything that can be sent has been.
carol_waits() {
    size=$(wc -c <Carol)
    sleep 0.3
    [ "$size" -gt 1000000 ] && [ "$(wc -c <Carol)" -eq "$size" ]
}

start --grace 1 --drain-timeout 60 --sendq 4000000
stall
kill -TERM "$server"
time_end
check "SIGTERM with a client that does not read ends the server within --grace (it took $took s)" [ "$took" -le 20 ]
is 'with status 0' "$status" 0
check 'those who read were told' wait_for Carol '*** The server is shutting down. ***'
hang_up Bob

start --grace 60 --drain-timeout 60 --sendq 4000000
stall
kill -TERM "$server"
wait_for Carol '*** The server is shutting down. ***'
kill -TERM "$server" 2>/dev/null
time_end
check "a second signal ends the server at once (it took $took s)" [ "$took" -le 20 ]
hang_up Bob

# Bob types a line every few milliseconds, whatever happens, but reads nothing before he is told to, and
# then slowly: what he is owed is still on the server's side when it stops.
start --grace 60 --drain-timeout 60
cat >typist <<'END'
use Socket;
use IO::Handle;
$| = 1;
$SIG{PIPE} = "IGNORE";
socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4096) or die "setsockopt: $!";
connect($socket, sockaddr_in(shift, INADDR_LOOPBACK)) or die "connect: $!";
syswrite($socket, "Bob\n");
my $said = "";
sysread($socket, $said, 1000, length $said) or die "no welcome" until $said =~ /Welcome, .*\n/;
print $said;
STDIN->blocking(0);
$socket->blocking(0);
my $reading;
for (;;) {
    syswrite($socket, "typing\n");
    $reading ||= sysread(STDIN, my $word, 100);
    if ($reading) {
        my $length = sysread($socket, my $more, 2048);
        last if defined $length ? $length == 0 : !$!{EAGAIN};
        print $more if $length;
    }
    select(undef, undef, undef, 0.003);
}
print "and that was all\n";
END
connect_with Bob perl typist "$port"
joined Bob
enter Alice
enter Carol
wait_for Alice 'Carol has joined'
awk 'BEGIN { for (i = 1; i <= 20; i++) printf "line %d %01000d\n", i, 0 }' </dev/null >lines
feed Alice lines
wait_for Carol 'Alice: line 20 '
wait_for Carol 'Bob: typing'
kill -TERM "$server"
wait_for Carol '*** The server is shutting down. ***'
say Bob 'Read!'
time_end
check "SIGTERM with a client that goes on typing ends the server (it took $took s)" [ "$took" -le 20 ]
is 'with status 0' "$status" 0
check 'the client that went on typing comes to the end' wait_for Bob 'and that was all'
sed 's/^/Alice: /' lines >wanted_lines
grep '^Alice: ' Bob >got_lines
check 'it got every line that had been said' cmp got_lines wanted_lines
is 'and was told at last' "$(tail -n 2 Bob)" '*** The server is shutting down. ***
and that was all'
hang_up Bob

# A shell has what it starts in the background ignore SIGINT; perl gives it back.
cat >interruptible <<END
#!/bin/sh
exec perl -e '\$SIG{INT} = "DEFAULT"; exec @ARGV' "$partyline" "\$@"
END
chmod +x interruptible
partyline=$work/interruptible
start --listen "unix:$work/door"
enter Alice -U "$work/door"
kill -INT "$server"
check 'SIGINT stops the server like SIGTERM' ended "$server"
is 'with status 0' "$status" 0
check 'and everyone is told' wait_for Alice '*** The server is shutting down. ***'
server=

# Less than the 5 seconds that it would wait without the option. A busy machine may take longer, but not each time.
took=5
tries=0
while [ "$took" -gt 2 ] && [ $tries -lt 5 ]; do
    tries=$((tries + 1))
    start --grace 0 --drain-timeout 60 --sendq 4000000
    stall
    kill -TERM "$server"
    time_end
    hang_up Bob
done
check "with --grace 0 the server does not wait (it took $took s)" [ "$took" -le 2 ]

start --listen "unix:$work/door" --grace 0
enter Alice -U "$work/door"
kill -TERM "$server"
check 'it stops all the same' ended "$server"
server=
check 'and leaves no socket behind' test ! -e door

finish
