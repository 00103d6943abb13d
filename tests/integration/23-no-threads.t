#!/bin/sh
# Goal: a server that cannot start a thread refuses who comes, and serves on when threads can be had.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2086 # CC may have options in it.
if ! ${CC:-cc} -shared -fPIC -o no_threads.so "$root/tests/fault/no_threads.c" -ldl 2>compiler_said; then
    skip 'who comes when there are no threads is refused' 'the fault cannot be built'
    finish
fi

before_start() {
    # A sanitizer wants to be first among the libraries, and need not be.
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    LD_PRELOAD=$work/no_threads.so
    NO_THREADS_WHILE=$work/no_threads
    export ASAN_OPTIONS LD_PRELOAD NO_THREADS_WHILE
}
start
enter Alice
enter Bob
wait_for Alice 'Bob has joined'

: >no_threads
for number in 1 2 3 4 5; do
    connect "Guest$number"
    wait_for "Guest$number" '*** The chat is full. Try again later. ***'
done
same 'who comes when there are no threads gets one line that says so' Guest1 \
    '*** The chat is full. Try again later. ***\n'
check 'and is disconnected' closed Guest1
same 'so is who comes later' Guest5 '*** The chat is full. Try again later. ***\n'
check 'the log has it' wait_for_match console 'was refused: '
say Bob 'Still here.'
check 'who is there is still served' wait_for Alice 'Bob: Still here.'

rm no_threads
check 'when there are threads again the server still serves' serves
is 'nobody was told of those who were refused' "$(count Alice 'Guest')" 0
check 'the server stops' stop

# No threads at all: there is nothing to serve with.
: >no_threads
started_without_threads() {
    before_start
    exec "$partyline" --listen 127.0.0.1:0
}
try started_without_threads
check 'a server that cannot start its own threads says so and ends' [ "$status" -eq 1 ]
check 'in one line, with the cause' matches try.err "^partyline: .*: $(wording EAGAIN)\$"

finish
