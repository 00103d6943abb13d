#!/bin/sh
# Goal: the log, on the console and in a file: what is in it, how its lines look, and that it can be
# rotated.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The log is in UTC wherever the server runs.
before_start() {
    TZ=XXX-9
    export TZ
}

echo 'a line of the day before' >events
hour_before=$(date -u +%Y-%m-%dT%H)
start --log events
check 'the console says where the server listens' matches console '^Chat server running on 127\.0\.0\.1:[0-9]+$'
enter Bob
enter Alice
check 'the console says who has joined, from where' \
    wait_for_match console '^Alice \(127\.0\.0\.1:[0-9]+\) has joined$'
say Alice 'Hi all!'
check 'the console has what is said' within "$patience" has_line console 'Alice: Hi all!'
say Alice /quit
check 'the console says who has left by /quit' \
    wait_for_match console '^Alice \(127\.0\.0\.1:[0-9]+\) has left: quit$'
enter Carol
leave Carol
check 'the console says who has closed the connection' \
    wait_for_match console '^Carol \(127\.0\.0\.1:[0-9]+\) has left: closed$'
slam 'Dave\n' '*** Welcome, Dave.'
check 'the console says whose connection was reset' \
    wait_for_match console '^Dave \(127\.0\.0\.1:[0-9]+\) has left: reset$'
say Bob 'before the rotation'
wait_for events 'Bob: before the rotation'

mv events events.1
kill -HUP "$server"
file_is_back() {
    [ -e events ]
}
check 'SIGHUP makes a new file' within "$patience" file_is_back
say Bob 'after the rotation'
check 'what happens after SIGHUP is in the new file' wait_for events 'Bob: after the rotation'
check 'and not in the old one' lacks events.1 'after the rotation'
check 'what happened before is in the old one' has events.1 'before the rotation'
check 'the server stops' stop
hour_after=$(date -u +%Y-%m-%dT%H)

is 'the file is appended to' "$(head -n 1 events.1)" 'a line of the day before'
sed -i.bak 1d events.1
cat events.1 events >file_lines
is 'every line of the file begins with a UTC time in milliseconds, as RFC 3339 has it' \
    "$(grep -vE '^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}Z [^ ]' file_lines)" ''
is 'the time is UTC, whatever the time zone of the server' \
    "$(grep -v -e "^$hour_before" -e "^$hour_after" file_lines)" ''
is 'the times never go back' "$(cut -d ' ' -f 1 file_lines | sort -c 2>&1)" ''
sed 's/^[^ ]* //' file_lines >file_events
check 'the file has the same events as the console' cmp file_events console
is 'nothing but who was there is in it' "$(grep -v -e '^Chat server' -e '^This server stays root; ' -e '^Bob' -e '^Alice' -e '^Carol' -e '^Dave' console)" ''

start --quiet --log quiet_events
enter Bob
enter Alice
say Alice 'Hi all!'
wait_for Bob 'Alice: Hi all!'
say Alice '/me waves'
wait_for Bob '* Alice waves'
say Alice /quit
check 'with --quiet the console still says who comes' wait_for_match console '^Alice \(.* has joined$'
check 'and who goes' wait_for_match console '^Alice \(.* has left: quit$'
check 'the server stops' stop
check 'with --quiet the console does not have what is said' lacks console 'Hi all!'
check 'nor what is done' lacks console 'waves'
check 'the file still has it' has quiet_events 'Alice: Hi all!'

# No console at all: its descriptor must not become the file's, or events would be there twice.
"$partyline" --listen "unix:$work/door" --log only_events >&- 2>errors </dev/null &
server=$!
wait_for only_events 'Chat server running on '
enter Bob -U "$work/door"
enter Alice -U "$work/door"
say Alice 'Hi all!'
wait_for Bob 'Alice: Hi all!'
quit Alice
wait_for only_events 'Alice (unix) has left: quit'
check 'with standard output closed the server stops as ever' stop
is 'and each event is in the file once' "$(sed 's/^[^ ]* //; /^This server stays root; /d' only_events)" "\
Chat server running on unix:$work/door
Bob (unix) has joined
Alice (unix) has joined
Alice: Hi all!
Alice (unix) has left: quit
Bob (unix) has left: shutdown"
is 'each with its time' "$(grep -cvE '^[0-9-]{10}T[0-9:.]{12}Z ' only_events)" 0
is 'nothing was said on standard error' "$(cat errors)" ''

finish
