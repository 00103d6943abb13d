#!/bin/sh
# Goal: a line of --max-line bytes is a line; a longer one is not sent, its author is told once, and the
# connection goes on.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# letters NUMBER
letters() {
    head -c "$1" /dev/zero | tr '\0' a
}

# is_last FILE OTHER: the last line of the one is the other.
is_last() {
    tail -n 1 "$1" | cmp -s - "$2"
}

notice='*** Line too long: the limit is 4096 bytes. Nothing was sent. ***'

start
enter Bob
enter Alice
wait_for Bob 'Alice has joined'

letters 4096 >line
{ printf 'Alice: ' && cat line && echo; } >wanted_line

{ cat line && printf '\n'; } >Alice.in
check 'a line of exactly 4096 bytes is sent whole' within "$patience" is_last Bob wanted_line
say Alice one
wait_for Bob 'Alice: one'
{ cat line && printf '\r\n'; } >Alice.in
check 'the CR of a CR LF does not count' within "$patience" is_last Bob wanted_line
say Alice two
wait_for Bob 'Alice: two'
{ cat line && printf '\r\000'; } >Alice.in
check 'nor does the CR NUL of a Return over telnet' within "$patience" is_last Bob wanted_line
say Alice three
wait_for Bob 'Alice: three'
check 'nothing was too long yet' lacks Alice 'Line too long'

{ cat line && printf 'a\n'; } >Alice.in
check 'a line of 4097 bytes gets the notice' within "$patience" has_line Alice "$notice"
say Alice four
check 'and its author can go on' wait_for Bob 'Alice: four'
is 'nothing of it was sent' "$(tail -n 2 Bob)" "Alice: three
Alice: four"

{ letters 100000 && printf '\n'; } >Alice.in
say Alice five
check 'after a line of 100000 bytes the next one is read from its beginning' \
    within "$patience" has_line Bob 'Alice: five'
is 'nothing of it was sent, either' "$(tail -n 2 Bob)" "Alice: four
Alice: five"
settle Alice
is 'there was one notice for each line, however long' "$(count Alice 'Line too long')" 2

letters 5000 >Alice.in
leave Alice
check 'a line that is too long and never ends is no line when its author leaves' \
    wait_for Bob '*** Alice has left the chat ***'
is 'nothing of it was sent at the end, either' "$(tail -n 2 Bob)" "Alice: five
*** Alice has left the chat ***"
check 'the server stops' stop

start --max-line 100
enter Bob
enter Alice
wait_for Bob 'Alice has joined'
{ letters 101 && printf '\n'; } >Alice.in
check 'the notice names the limit that was chosen' within "$patience" has_line Alice \
    '*** Line too long: the limit is 100 bytes. Nothing was sent. ***'
{ printf '/me ' && letters 97 && printf '\n'; } >Alice.in
check 'the limit holds for commands, too' wait_for_count 2 Alice 'Line too long'
letters 100 >line
{ printf 'Alice: ' && cat line && echo; } >wanted_line
{ cat line && printf '\n'; } >Alice.in
check 'a line of exactly the limit that was chosen is sent' within "$patience" is_last Bob wanted_line
check 'the server stops' stop

# The largest lines there are, which are three times as large once every byte has become U+FFFD: more
# than --sendq, and more than the kernel holds of a unix socket.
start --max-line 1048576 --drain-timeout 60 --listen "unix:$work/door"
enter Bob -U "$work/door"
enter Alice -U "$work/door"
wait_for Bob 'Alice has joined'
perl -e 'print "\200" x 1048576, "\n" for 1 .. 3' >lines
perl -e 'print "Alice: ", "\357\277\275" x 1048576, "\n" for 1 .. 3' >wanted_lines
feed Alice lines
feeder=$!
ended $feeder
say Alice 'That was all.'
check 'what follows the largest lines there are reaches who reads' wait_for Bob 'Alice: That was all.'
sed -e 1,2d -e '$d' Bob >got_lines
check 'and so did they' cmp got_lines wanted_lines
is 'nobody was cut off' "$(count console ' has left: ')" 0
is 'nothing was too long' "$(count Alice 'Line too long')" 0

finish
