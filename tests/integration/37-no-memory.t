#!/bin/sh
# Goal: an allocation that fails hurts one person at most, and loses nothing that was accepted; the server goes
# on, and nothing leaks. (`make fault` lets every allocation fail; this is a sample.)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

what='whichever allocation fails, only one person is hurt'
echo 'int main(void) { return 0; }' >probe.c
if ! "${CC:-cc}" -fsanitize=address,undefined -o probe probe.c 2>/dev/null; then
    skip "$what" 'the compiler lacks the sanitizers'
    finish
fi
if ! (cd "$root" && MAKEFLAGS='' "${MAKE:-make}" -s CC="${CC:-cc}" fault-server) >made 2>&1; then
    not_ok 'a server with failing allocations can be built'
    explain <made
    finish
fi

# hour FILE [OPTION...]: its words are in the file; what went wrong comes last.
hour() {
    words=$1
    shift
    "$root/tests/fault/hour" "$@" "$root/build/fault/partyline-fault" >"$words" 2>&1 && return
    grep -v ' allocations: ' "$words" >wrong
    cat wrong >>"$words"
    return 1
}

check "$what" hour one --seconds 12
check 'nor is anybody else hurt if five in a row fail' hour five --seconds 8 --width 5
finish
