#!/bin/sh
# Goal: a nats-server whose copy of the stream differs from its leader's keeps nobody out, and tells nobody another truth: a
# machine that finds it out reads what is doubtful from the leader.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'copies of the stream that differ do no harm'
if ! command -v python3 >/dev/null; then
    skip 'copies of the stream that differ do no harm' 'no python3 here'
    finish
fi

# last_sequence: prints that of the stream's last message.
last_sequence() {
    ask_nats "\$JS.API.STREAM.INFO.partyline" '' | sed 's/.*"last_seq":\([0-9]*\).*/\1/'
}

nats_alone
machine east
come_as_program Eve east
come Alice east
for number in 1 2 3 4 5; do
    say Alice "line $number"
    settle Alice
done
wait_for Eve '"text":"line 5"'
doubtful=$(last_sequence)
say Alice 'line 6'
wait_for Eve '"text":"line 6"'

"$tests_folder/../cluster/liar" 127.0.0.1:0 "127.0.0.1:$nats_alone_port" partyline "$doubtful" >liar 2>liar.errors &
liar=$!
check 'a server has a copy that differs' wait_for_match liar '^liar ' 20
servers=nats://$(sed -n 's/^liar //p' liar)
machine west
check 'who starts with it reads that' has liar lied
check 'finds it out' wait_for console.west 'The stream was read anew'
come_as_program Wes west
check 'and is as the others' wait_for Eve '"name":"Wes"' 20
say Wes '/history 10'
wait_for Wes '"text":"line 6"' 20
for who in Eve Wes; do
    grep -o '"seq":[0-9]*,.*"text":"line [0-9]"' $who | sed 's/"time":"[^"]*",//; s/"past":true,//' | sort -u >$who.lines
done
is 'with all lines, and their numbers' "$(cat Wes.lines)" "$(cat Eve.lines)"
say Alice 'Hello west'
check 'it is told what others say' wait_for Wes '"text":"Hello west"' 20
say Wes 'Hello east'
check 'and tells it' wait_for Alice 'Wes: Hello east' 20
is 'it has read the stream anew once' "$(grep -c 'The stream was read anew' console.west)" 1
check 'the other machine need not' lacks console.east 'The stream was read anew'
check 'it stops in order' machine_stop west
check 'as the other one' machine_stop east
kill "$liar"
finish
