#!/bin/sh
# Goal: one order for everyone, nothing lost, a newcomer's lines after their coming, whole lines: with
# several people talking at once.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --drain-timeout 30 # who listens may be slow, on a busy machine
enter Alice
enter Bob
wait_for Alice 'Bob has joined'

# Each of these five comes, says 5000 lines and goes; all at once.
for talker in 1 2 3 4 5; do
    {
        echo "Talker$talker"
        awk -v talker=$talker 'BEGIN { for (i = 1; i <= 5000; i++) print "line", i, "of", talker }' </dev/null
    } >script$talker
    nc -N 127.0.0.1 "$port" <script$talker >Talker$talker &
    [ $talker -ne 1 ] || first_talker=$!
done
check 'everyone is heard to the end' wait_for_count 5 Alice '^\*\*\* Talker[1-5] has left the chat \*\*\*$' 60
wait_for_count 5 Bob '^\*\*\* Talker[1-5] has left the chat \*\*\*$' 60

sed 1,2d Alice >heard_by_alice
sed 1d Bob >heard_by_bob
check 'two listeners are told the same, in the same order' cmp heard_by_alice heard_by_bob
for talker in 1 2 3 4 5; do
    {
        echo "*** Talker$talker has joined the chat ***"
        sed -e 1d -e "s/^/Talker$talker: /" script$talker
        echo "*** Talker$talker has left the chat ***"
    } >wanted_of_talker
    grep -e "^Talker$talker: " -e "^\\*\\*\\* Talker$talker " heard_by_alice >heard_of_talker
    check "all that $talker of 5 said stands between its coming and its leaving, in order" \
        cmp heard_of_talker wanted_of_talker
done
is 'there are no other lines, and no parts of lines' "$(wc -l <heard_by_alice | tr -d ' ')" 25010
ended "$first_talker"
sed 1d Talker1 >heard_by_talker
check 'a talker who stays to the end is sent nothing of what it said' lacks Talker1 'Talker1: line'
sed -n '/^\*\*\* Talker1 has joined/,/^\*\*\* Talker1 has left/p' heard_by_alice | grep -v 'Talker1' >meanwhile
check 'and gets all that is said while it is here, in the order of the room' cmp heard_by_talker meanwhile

finish
