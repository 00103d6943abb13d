#!/bin/sh
# Goal: --rate makes a client that talks too fast slow, and loses nothing; the others do not notice.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --rate 10
enter Carol
enter Bob
began=$(date +%s)
{
    echo Alice
    awk 'BEGIN { for (i = 1; i <= 110; i++) print "line", i }' </dev/null
} | nc -N 127.0.0.1 "$port" >Alice &
talker=$!
check 'a burst of four seconds'\'' worth comes at once' wait_for Carol 'Alice: line 38'
say Bob 'I am not slow.'
wait_for Carol 'Bob: I am not slow.'
check 'somebody who talks a lot does not slow the others down' lacks Carol 'Alice: line 110'
check 'what was sent too fast arrives in the end' wait_for Carol 'Alice: line 110' 40
took=$(($(date +%s) - began))
check "the 70 lines beyond the burst take more than four seconds (they took $took)" [ "$took" -ge 4 ]
check 'and then the author leaves' wait_for Carol '*** Alice has left the chat ***'
ended $talker
check 'nobody is thrown out for talking fast' wait_for_match console '^Alice .* has left: closed$'
awk 'BEGIN { for (i = 1; i <= 110; i++) print "Alice: line", i }' </dev/null >all_lines
grep '^Alice: ' Carol >got_lines
check 'nothing is lost, and all is in order' cmp got_lines all_lines

finish
