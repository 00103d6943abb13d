#!/bin/sh
# Goal: a server without descriptors refuses who comes, keeps who is there, and serves on when there are
# descriptors again.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# fill: people come until one is refused, 40 at most; leaves their number in $came.
fill() {
    came=0
    while [ "$came" -lt 40 ]; do
        came=$((came + 1))
        connect "Guest$came"
        within "$patience" answered "Guest$came" || return 1
        if has "Guest$came" '*** The chat is full. Try again later. ***'; then
            return 0
        fi
        say "Guest$came" "Guest$came"
        joined "Guest$came" || return 1
    done
    return 1
}
answered() {
    [ -s "$1" ]
}

# empty_all: everyone leaves, and the server has noticed.
empty_all() {
    guest=0
    while [ "$guest" -lt "$came" ]; do
        guest=$((guest + 1))
        hang_up "Guest$guest"
    done
    wait_for_count $((came - 1)) console '^Guest[0-9]+ .* has left: (closed|reset)$'
}

# The limit is there when the server starts, and it knows what it can take.
before_start() {
    # shellcheck disable=SC3045 # Every sh has it, though POSIX names -f only.
    ulimit -n 32
}
start
check 'with 32 descriptors somebody is refused in the end' fill
check "but only after several had come in ($came)" [ "$came" -ge 5 ]
same 'who is refused gets one line that says so' "Guest$came" '*** The chat is full. Try again later. ***\n'
check 'and is disconnected' closed "Guest$came"
say Guest2 'We are many.'
check 'who is there is still served' wait_for Guest1 'Guest2: We are many.'
check 'everyone can leave' empty_all
check 'after that the server still serves' serves
check 'the server stops' stop

# The limit comes down while the server runs, and it finds out when it cannot accept.
before_start() {
    :
}
if [ -d "/proc/$$/fd" ] && prlimit --pid $$ >/dev/null 2>&1; then
    start
    enter Alice
    enter Bob
    wait_for Alice 'Bob has joined'
    free=0
    while [ -e "/proc/$server/fd/$free" ]; do
        free=$((free + 1))
    done
    # shellcheck disable=SC3045 # As above.
    hard_limit=$(ulimit -H -n)
    prlimit --pid "$server" --nofile="$free:$hard_limit"
    check 'when descriptors run out somebody is refused' fill
    same 'who cannot be accepted gets one line that says so' "Guest$came" \
        '*** The chat is full. Try again later. ***\n'
    check 'and is disconnected' closed "Guest$came"
    for number in 1 2 3 4 5; do
        connect "Another$number"
        wait_for "Another$number" '*** The chat is full. Try again later. ***'
    done
    check 'the next five are refused in the same way' \
        matches Another5 '^\*\*\* The chat is full\. Try again later\. \*\*\*$'
    say Bob 'Still here.'
    check 'who is there is still served' wait_for Alice 'Bob: Still here.'
    check 'everyone can leave' empty_all
    prlimit --pid "$server" --nofile="$hard_limit:$hard_limit"
    check 'when there are descriptors again the server still serves' serves
    ticks=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
    check "and it did not spin meanwhile ($ticks ticks of processor time)" [ "$ticks" -lt 300 ]
else
    skip 'when descriptors run out somebody is refused' 'there is no prlimit'
fi

finish
