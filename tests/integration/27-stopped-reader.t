#!/bin/sh
# Goal: who stops reading is cut off, holds nobody up for long, and costs nobody a line.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# With this --sendq it is the time and not the amount that is too much; the time is longer than who reads may have to
# wait for the processor. The log has no talk, which on a busy machine could fill its queue, and would cost the event
# that is looked for.
start --sendq 1000000000 --drain-timeout 10 --quiet
enter Carol
enter Dave
enter Bob
enter Eve
enter Alice
wait_for Eve 'Alice has joined'
wait_for Carol 'Alice has joined'

kill -STOP "$(process_of Bob)"
kill -STOP "$(process_of Eve)"
awk 'BEGIN {
    rest = sprintf("%90s", ""); gsub(/ /, "x", rest)
    for (i = 1; i <= 200000; i++) print "line", i, rest
}' </dev/null >lines
feed Alice lines
check 'the others are told that a stopped reader has left' wait_for Carol '*** Bob has left the chat ***' 60
check 'so has the other one' wait_for Carol '*** Eve has left the chat ***' 60
check 'the log has the reason' wait_for_match console '^Bob \(127\.0\.0\.1:[0-9]+\) has left: too slow$'
check 'who talks is not held up for long: the last line arrives' wait_for Carol 'Alice: line 200000 ' 60
say Dave 'And now?'
check 'the conversation goes on' wait_for Carol 'Dave: And now?'
sed 's/^/Alice: /' lines >all_lines
grep '^Alice: ' Carol >got_lines
check 'who reads gets all of the 200000 lines, in order' cmp got_lines all_lines
wait_for Dave 'Alice: line 200000 '
grep '^Alice: ' Dave >got_lines
check 'so does everyone else who reads' cmp got_lines all_lines
kill -CONT "$(process_of Bob)"
check 'the stopped reader finds the connection closed' closed Bob
sed -n '/^Alice: line 1 /,$p' Bob | sed '$d' >got_lines
head -n "$(wc -l <got_lines)" all_lines >beginning
check 'what it was sent until then has no gap' cmp got_lines beginning
enter Bob
check 'and it can come back under its name' wait_for Carol '*** Bob has joined the chat ***'
check 'after that the server still serves' serves
check 'the server stops' stop

# Who asks and never reads the answers waits for itself, until its own time is up. Carol goes on talking,
# so as not to be idle herself.
start --sendq 65536 --idle-timeout 8
enter Carol
perl -MSocket -e '
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_in(shift, INADDR_LOOPBACK)) or die "connect: $!";
    syswrite($socket, "Asker\n");
    $SIG{PIPE} = "IGNORE";
    1 while syswrite($socket, "/help\n" x 1000);
' "$port" &
asker=$!
while :; do
    say Carol 'Still here.'
    sleep 1
done &
talker=$!
check 'who asks and does not read is cut off' wait_for Carol '*** Asker has left the chat ***' 30
check 'the log has the reason' wait_for_match console '^Asker \(127\.0\.0\.1:[0-9]+\) has left: too slow$'
check 'and it finds the connection closed' ended $asker
kill "$talker"
check 'after that the server still serves' serves

finish
