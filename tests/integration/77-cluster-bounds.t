#!/bin/sh
# Goal: what docs/ARCHITECTURE.md says that a large cluster needs is what the simulation computes, and what it
# computes of people on other machines is what these really take.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

simulation=$root/tests/cluster/simulation
programs=${partyline%/*}
if ! command -v python3 >/dev/null; then
    skip 'what a large cluster needs is as it is computed' 'no python3 here'
    finish
fi

# --- On paper -----------------------------------------------------------------------------------------------

try "$simulation" --people 1000000 --rooms 10000 --machines 50
is 'a million people on 50 machines are below all bounds' "$status" 0
awk '
    shown && /^```$/ { exit }
    fenced && /^people, rooms, machines / { shown = 1 }
    { fenced = /^```/ }
    shown' "$root/docs/ARCHITECTURE.md" >shown
check 'ARCHITECTURE has these figures' cmp shown try.out

# figure NAME [OPTION...]: a figure of the simulation, with these options.
figure() {
    name=$1
    shift
    "$simulation" --plain "$@" | sed -n "s/^$name=//p"
}

# about A B SHARE: B is A, but for a share of it.
about() {
    awk -v a="$1" -v b="$2" -v share="$3" 'BEGIN { d = a > b ? a - b : b - a; exit !(a > 0 && d <= share * a) }'
}

check 'twice as many people in twice as many rooms need twice the memory' \
    about "$(figure state_bytes --people 200000 --rooms 2000)" "$(($(figure state_bytes --people 100000 --rooms 1000) * 2))" 0.01
check 'who says more fills the stream more' \
    awk "BEGIN { exit !($(figure stream_busy --lines 20) > $(figure stream_busy --lines 10)) }"
check 'where each machine says much, messages have more changes' \
    awk "BEGIN { exit !($(figure changes_a_message --lines 500 --machines 3) > 2) }"
try "$simulation" --people 1000000 --rooms 10 --machines 3 --lines 3600
is 'more than can be is told' "$status" 1
check 'with the bound that is reached first' has try.out 'The first bound: '
try "$simulation" --machines 0
is 'what makes no sense is refused' "$status" 2

# --- In fact ------------------------------------------------------------------------------------------------

if [ ! -x "$programs/replicas" ]; then
    skip 'people on other machines take what was computed' 'make build/replicas'
    finish
fi
try "$programs/replicas" -p 3000 -r 50 -e 3 -m 7 -c 10 -l 1000
is 'people of 7 machines are in all their rooms' "$status" 0
if is_sanitized; then
    skip 'people on other machines take what was computed' 'this build has a sanitizer'
    finish
fi
"$simulation" --plain --people 20000 --rooms 200 --machines 2 --drive "$programs" >driven
# taken NAME
taken() {
    sed -n "s/^$1=//p" driven
}
is 'the code of a machine makes these people' "$(taken driven_whole)" 1
check "they take the memory that was computed ($(taken computed_state_bytes) bytes; it is $(taken driven_state_bytes))" \
    about "$(taken computed_state_bytes)" "$(taken driven_state_bytes)" 0.25
finish
