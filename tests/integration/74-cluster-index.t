#!/bin/sh
# Goal: a machine of a cluster that has a data file finds in it what was said in the whole chat, beside one
# that has none; numbers of lines are the same on both, whatever a file has of an earlier time.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'a machine of a cluster has an index of what was said'
if "$partyline" --version | grep -q 'without SQLite'; then
    skip 'a machine of a cluster has an index of what was said' 'this build lacks SQLite'
    finish
fi

# numbers_of FILE: the numbers of the lines that a program was sent, with their texts.
numbers_of() {
    grep '"type":"say"' "$1" | sed 's/.*"seq":\([0-9]*\).*"text":"\([^"]*\)".*/\1 \2/'
}

nats_alone
machine east --data east.db
machine west
come Alice east
come Bob west
come_as_program Reader east
come_as_program Witness west
say Alice 'The kettle is on.'
say Bob 'The kettle is off.'
check 'lines reach both machines' wait_for Witness 'kettle is on'
check 'from both' wait_for Reader 'kettle is off'
say Alice '/search kettle'
check 'what was said on the other machine is found' wait_for Alice 'Bob: The kettle is off.'
say Bob '/search kettle'
check 'a machine without a file finds nothing' told Bob \
    '*** This server keeps only the last lines: /history shows them. ***'
say Alice '/sync disk'
check 'what was said is on the disk' wait_for Alice 'disk'
say Reader '/sync disk'
check 'that is told to programs' wait_for Reader '"type":"sync"'

say Bob '/join den'
told Bob '*** You are in #den. ***'
say Bob 'An old secret.'
say Alice '/join den'
wait_for Alice 'You are in #den'
say Alice '/history 5'
check 'a room has its history' wait_for Alice 'An old secret.'
say Alice '/leave den'
wait_for Alice 'You have left #den'
say Bob '/leave den'
wait_for Bob 'You have left #den'
say Alice '/join den'
wait_for_count 2 Alice 'You are in #den'
say Alice '/search secret'
check 'one of its name that is made anew has not' told Alice '*** Nobody has said that, or it is not kept any more. ***'
say Alice '/leave den'

# --- A machine that was down -------------------------------------------------------------------------------

check 'a machine stops' machine_stop east
say Bob 'You have missed the kettle.'
settle Bob
machine east --data east.db
come Alice east
say Alice '/search kettle'
check 'what was said while it was down is found' wait_for Alice 'missed the kettle'
check 'and what was said before' wait_for Alice 'Alice: The kettle is on.'
is 'once' "$(grep -c 'Alice: The kettle is on' Alice)" 1
come_as_program Again east
say Again '/resume lobby 0'
check 'a program resumes from the file' wait_for Again '"code":"resumed"'
say Bob 'The last one.'
wait_for Again 'The last one.'
wait_for Witness 'The last one.'
numbers_of Witness >Witness.numbers
numbers_of Again >Again.numbers
is 'numbers are the same' "$(tail -n 1 Again.numbers)" "$(tail -n 1 Witness.numbers)"

machine_signal KILL east
within "$patience" is_gone "$(cat machine.east)"
say Bob 'After the crash.'
machine east --data east.db
come_as_program Crashed east
say Crashed '/resume lobby 0'
check 'a machine that was killed goes on' wait_for Crashed '"code":"resumed"'
check 'with all lines' wait_for Crashed 'After the crash.'
check 'and without a gap' lacks Crashed '"type":"gap"'

# --- An index that is thrown away ---------------------------------------------------------------------------

check 'a machine stops once more' machine_stop east
rm -f east.db*
machine east --data east.db
come Carol east
say Carol '/search kettle'
check 'an index that was thrown away is filled anew' wait_for Carol 'Alice: The kettle is on.'
check 'from both machines' wait_for Carol 'Bob: The kettle is off.'
machine_stop east

# --- The file of another chat ----------------------------------------------------------------------------

"$partyline" --listen 127.0.0.1:0 --data other.db >console.other 2>errors.other </dev/null &
printf '%d\n' $! >machine.other
within 20 has console.other 'Chat server running on '
sed -n 's/^Chat server running on .*:\([0-9][0-9]*\)$/\1/p' console.other | head -n 1 >port.other
come Dave other
say Dave 'A kettle of another chat.'
say Dave '/sync there'
wait_for Dave there
check 'a server alone stops' machine_stop other
machine north --data other.db
come Eve north
say Eve '/search kettle'
check 'a file of another chat gets what this one says' wait_for Eve 'Alice: The kettle is on.'
settle Eve
check 'and shows nothing of the other one' lacks Eve 'of another chat'
machine_stop north
machine_stop west
finish
