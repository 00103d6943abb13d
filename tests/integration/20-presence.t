#!/bin/sh
# Goal: in a big room coming and going is summed up, at most one line a second, and the sums are right.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --presence-limit 2
enter Alice
enter Bob
check 'a room within the limit is told of everybody by name' \
    within "$patience" has_line Alice '*** Bob has joined the chat ***'
leave Bob
check 'and of their leaving' within "$patience" has_line Alice '*** Bob has left the chat ***'

began=$(date +%s)
enter Bob
enter Carol
wait_for_match Alice '^\*\*\* .*(Carol has joined|; 3 here).* \*\*\*$'
joined_by_name=$(count Alice '^\*\*\* (Bob|Carol) has joined')
for name in Dave Erin Frank Grace; do
    enter $name
done
check 'a room beyond the limit is told how many have joined' \
    wait_for_match Alice '^\*\*\* [0-9]+ joined, [0-9]+ left; 7 here \*\*\*$'
say Dave 'Here I am.'
check 'what is said is said by name all the same' wait_for Alice 'Dave: Here I am.'
leave Dave
leave Erin
check 'a room beyond the limit is told how many have left' \
    wait_for_match Alice '^\*\*\* [0-9]+ joined, [0-9]+ left; 5 here \*\*\*$'
took=$(($(date +%s) - began))
is 'nobody is named in a room beyond the limit' "$(count Alice '(Dave|Erin|Frank|Grace) has')" 0
sums=$(sed -n 's/^\*\*\* \([0-9]*\) joined, \([0-9]*\) left; [0-9]* here \*\*\*$/\1 \2/p' Alice |
    awk '{ joined += $1; left += $2 } END { print joined + 0, left + 0 }')
# Alice was told of Bob twice, once at the very beginning.
is 'everyone who came and went is counted, once' "$sums" "$((7 - joined_by_name)) 2"
summaries=$(count Alice '^\*\*\* [0-9]+ joined')
check "there was at most one such line a second ($summaries in $took s)" [ "$summaries" -le $((took + 2)) ]

say Frank /quit
say Grace /quit
say Carol /quit
wait_for_match Alice '(; [12] here|Carol has left)'
left_alone() {
    say Alice /who
    has Alice '*** 2 here: ***'
}
within "$patience" left_alone
enter Zoe
check 'the server is well after all this coming and going' wait_for Zoe '*** Welcome, Zoe.'
check 'the server stops' stop

start
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
    enter "Guest$number"
done
enter Alice
check 'a welcome names 20 people at most, and counts the others' \
    matches Alice 'Here now: (Guest[0-9]+, ){19}Guest[0-9]+,? .*and 3 others\. \*\*\*$'

finish
