#!/bin/sh
# Goal: a unix socket's path is one server's at a time, however many want it at once, and no server
# removes what is not its own.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

door=$work/door
rivals='1 2 3 4 5 6 7 8'

# --- Many servers at once -----------------------------------------------------------------------------

# In every other round the servers are slow to act on what they have found at the path, so that all of
# them have found the same.
# shellcheck disable=SC2086 # CC may have options in it.
${CC:-cc} -shared -fPIC -o slow_connect.so "$root/tests/fault/slow_connect.c" -ldl 2>compiler_said ||
    rm -f slow_connect.so

# slow_down ROUND: run in a rival's process before it is one.
slow_down() {
    [ $(($1 % 2)) -eq 0 ] && [ -f slow_connect.so ] || return 0
    # A sanitizer wants to be first among the libraries, and need not be.
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    LD_PRELOAD=$work/slow_connect.so
    export ASAN_OPTIONS LD_PRELOAD
}

# race: starts all rivals at the same moment. The console of each is console.N, its process in rival.N.
race() {
    rm -f gate
    mkfifo gate
    exec 8<>gate # So that whoever comes late finds it open, and a line for themselves.
    for rival in $rivals; do
        (
            exec 8>&-
            read -r go <gate # A line, byte by byte: so each takes one, and no more.
            : "$go"
            slow_down "$round"
            exec "$partyline" --listen "unix:$door"
        ) >"console.$rival" 2>"errors.$rival" </dev/null &
        printf '%d\n' $! >"rival.$rival"
    done
    sleep 0.1 # So that most of them stand at the gate; who comes late makes it a poorer race.
    for rival in $rivals; do
        echo
    done >&8
}

# decided: each rival either serves or has ended.
decided() {
    for rival in $rivals; do
        has "console.$rival" 'Chat server running on ' || is_gone "$(cat "rival.$rival")" || return 1
    done
}

# serving: prints which rivals serve, all in one line.
serving() {
    for rival in $rivals; do
        is_gone "$(cat "rival.$rival")" || printf '%s ' "$rival"
    done
    echo
}

taken="^partyline: cannot listen on unix:$door: $(wording EADDRINUSE)\$"

# all_refused WINNER: every other rival has said why it does not serve, and nothing else.
all_refused() {
    for rival in $rivals; do
        [ "$rival" = "$1" ] && continue
        is_gone "$(cat "rival.$rival")" || return 1
        wait "$(cat "rival.$rival")"
        [ $? -eq 1 ] && [ ! -s "console.$rival" ] && [ "$(wc -l <"errors.$rival")" -eq 1 ] &&
            matches "errors.$rival" "$taken" || return 1
    done
}

start --listen "unix:$door"
for round in 1 2 3 4 5 6; do
    kill -KILL "$server"
    ended "$server"
    race
    check "round $round: all decide" within "$patience" decided
    exec 8>&-
    serving >winners
    is "round $round: one of them serves" "$(wc -w <winners | tr -d ' ')" 1
    read -r winner rest <winners
    check "round $round: all the others are told that the path is in use" all_refused "$winner"
    enter "Guest$round" -U "$door"
    check "round $round: the one that serves is the one that is reached" \
        wait_for "console.$winner" "Guest$round (unix) has joined"
    server=$(cat "rival.$winner")
    for rival in $rest; do
        kill -KILL "$(cat "rival.$rival")"
    done
done
check 'the last one stops' stop
check 'and takes its socket and its lock file along' [ -z "$(ls -d door* 2>/dev/null)" ]

# --- What is not one's own ----------------------------------------------------------------------------

start --listen "unix:$door"
rm door
echo precious >door
check 'a server whose socket was replaced by a file stops' stop
is 'and leaves the file alone' "$(cat door)" precious
check 'but not its lock file' test ! -e door.lock
rm door

start --listen "unix:$door"
first=$server
rm door
try "$partyline" --listen "unix:$door"
check 'a path whose socket is gone is still the server'\''s that holds it' matches try.err "$taken"
rm door.lock
start --listen "unix:$door"
second=$server
server=$first
check 'a server that has lost its path to another stops' stop
server=$second
check 'and the other has its socket' test -S door
check 'and its lock file' test -f door.lock
enter Alice -U "$door"
check 'and is reached there' wait_for console 'Alice (unix) has joined'
finish
