#!/bin/sh
# Goal: a log that cannot be written does not touch the chat: one warning, a mark where events are
# missing, and everything is well again when the log is. The console and the file do not wait for each
# other.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

try "$partyline" --listen 127.0.0.1:0 --log no/such/folder/events
is 'a log file that cannot be opened at the start is an error' "$status" 1
check 'the error names the file and the cause' matches try.err \
    "^partyline: .*no/such/folder/events.*: $(wording ENOENT)\$"

# A FIFO is a log as long as somebody reads it; nobody waits for a reader, so it has one from the start.
mkfifo unread read
try "$partyline" --listen 127.0.0.1:0 --log unread
is 'a FIFO that nobody reads is an error at the start' "$status: $(cat try.err)" \
    '1: partyline: cannot open the log unread: it is a FIFO that nobody reads, or a socket'
exec 9<>./read
cat <&9 >events &
reader=$!
exec 9<&-
echo 'log read' >conf
start --config conf
enter Bob
check 'one that somebody reads is a log' wait_for_match events 'Z Bob .* has joined$'
echo 'log unread' >conf
kill -HUP "$server"
check 'the log does not move to one that nobody reads' wait_for events \
    'Cannot open the file of --log: it is a FIFO that nobody reads, or a socket. The log stays where it is.'
check 'and the server still serves' serves
check 'and stops' stop
ended "$reader"
rm events conf

if [ -c /dev/full ]; then
    start --log /dev/full
    enter Bob
    enter Alice
    wait_for Bob 'Alice has joined'
    for number in 1 2 3 4 5 6 7 8 9 10; do
        say Alice "line $number"
        wait_for console "Alice: line $number"
    done
    check 'the chat goes on with a log on a full device' wait_for Bob 'Alice: line 10'
    check 'after that the server still serves' serves
    check 'the server stops, with status 0' stop
    cat console errors >said
    is 'there was one warning, with the cause' "$(count said "$(wording ENOSPC)")" 1
    check 'the warning names the file' matches said '/dev/full'

    ln -s /dev/full events
    start --log events
    enter Bob
    enter Alice
    wait_for Bob 'Alice has joined'
    say Alice 'lost one'
    say Alice 'lost two'
    wait_for console 'Alice: lost two'
    wait_for errors 'No space left on device'
    rm events
    kill -HUP "$server"
    reopened() {
        [ -e events ]
    }
    within "$patience" reopened
    say Alice 'found one'
    check 'a log on a device that was full is written again after SIGHUP' wait_for events 'Alice: found one'
    say Alice 'found two'
    check 'and goes on from there' wait_for events 'Alice: found two'
    check 'the gap is marked' matches events '^[0-9T:.-]*Z (\*\*\* )?[0-9]+ events? (are|is) missing here( \*\*\*)?$'
    is 'the mark stands before what follows the gap' \
        "$(sed -n -e 's/.*missing here.*/mark/p' -e 's/.*Alice: found/found/p' events | tr '\n' '|')" 'mark|found one|found two|'
    check 'the server stops' stop
else
    skip 'the chat goes on with a log on a full device' 'there is no /dev/full'
fi

# A log that has grown as large as a file may be: 8 blocks of 512 bytes, or of 1024 in some shells.
before_start() {
    ulimit -f 8
}
start --quiet --log limited
enter Bob
enter Alice
wait_for Bob 'Alice has joined'
awk 'BEGIN { for (i = 1; i <= 200; i++) printf "line %d %0100d\n", i, 0 }' </dev/null >lines
feed Alice lines
check 'the chat goes on with a log at its size limit' wait_for Bob 'Alice: line 200 '
check 'there is a warning, with the cause' wait_for_match errors "limited: $(wording EFBIG)"
for number in 1 2 3; do
    say Alice "and on it goes $number"
    wait_for Bob "Alice: and on it goes $number"
done
check 'the log is as large as it may be, or nearly' [ "$(wc -c <limited)" -gt 3000 ]
mv limited limited.1
kill -HUP "$server"
within "$patience" [ -e limited ]
say Alice 'found again'
check 'the next log is written' wait_for limited 'Alice: found again'
check 'and says that there is a gap' matches limited 'Z \*\*\* [0-9]+ events are missing here \*\*\*$'
check 'after that the server still serves' serves
check 'the server stops, with status 0' stop
is 'there was one warning' "$(count errors '')" 1
check 'which says what is to come of it' matches errors \
    "^partyline: cannot write to limited: $(wording EFBIG); the chat goes on without it\$"

# A terminal that has stopped: the console is a pipe whose reader is not reading.
mkfifo console.pipe
before_start() {
    exec >console.pipe
}
cat console.pipe >>console &
reader=$!
start --drain-timeout 30 # Bob may be slow, on a busy machine
enter Bob
enter Alice
wait_for Bob 'Alice has joined'
wait_for console 'Alice ('
kill -STOP "$reader"
awk 'BEGIN { for (i = 1; i <= 100000; i++) print "this is line number", i }' </dev/null >lines
feed Alice lines
check 'a terminal that has stopped does not stop the chat' wait_for Bob 'Alice: this is line number 100000' 60
settle Bob
sed -n 's/^Alice: //p' Bob >got_lines
check 'nor does anybody miss a line for it' cmp got_lines lines
kill -CONT "$reader"
wait_for_match console '[0-9]+ events? (are|is) missing here'
say Alice 'and on it goes'
check 'a terminal that goes on gets the log from there on' wait_for console 'Alice: and on it goes'
is 'every event is on the terminal or counted as missing' "$(awk '
        /^Alice: this is line/ { events++ }
        /events? (are|is) missing here/ { sub(/^[* ]*/, ""); events += $1 }
        END { print events }
    ' console)" 100000
check 'the server stops' stop

# A console that nobody reads, beside a log file: the file goes on, and misses nothing. It gets the lines
# in parts that its queue holds, however slow the machine is; all of them are more than the console's
# queue holds.
cat console.pipe >>console &
reader=$!
start --log beside --drain-timeout 30
enter Bob
enter Alice
wait_for Bob 'Alice has joined'
wait_for console 'Alice ('
kill -STOP "$reader"
: >lines
for part in 1 2 3 4 5 6 7 8 9 10 11 12; do
    awk -v part="$part" 'BEGIN { for (i = 1; i <= 5000; i++) print "this is line number", part, i }' \
        </dev/null >some_lines
    cat some_lines >>lines
    feed Alice some_lines
    wait_for beside "Alice: this is line number $part 5000" || break
done
sed -n 's/^[^ ]* Alice: //p' beside >got_lines
check 'beside a console that nobody reads, the log file gets every line' cmp got_lines lines
check 'with the console still stuck, the server stops, with status 0' stop
check 'and the log file has its last events' matches beside 'Z Bob .* has left: shutdown$'
check 'and no gap' lacks beside 'missing here'
is 'and times that never go back' "$(cut -d ' ' -f 1 beside | sort -c 2>&1)" ''
kill -CONT "$reader"
ended "$reader"

# A terminal that is gone.
cat console.pipe >>console &
reader=$!
start
enter Bob
kill -KILL "$reader"
ended "$reader"
enter Alice
say Alice 'Is anybody there?'
check 'a console that is gone does not stop the chat' wait_for Bob 'Alice: Is anybody there?'

finish
