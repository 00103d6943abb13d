#!/bin/sh
# Goal: with hundreds of clients that join, talk, rename, pause, break off and leave at random, the
# server keeps every promise of the protocol, stops cleanly, and no sanitizer has anything to say.
#
# usage: run.sh [BUILD_DIR]     (default: build, beside the tests)
#
# Starts BUILD_DIR/partyline on a free port of 127.0.0.1, lets BUILD_DIR/stress loose on it, and
# prints TAP. The environment may set:
#   STRESS_SEED     what the clients do (default: from the date; printed)
#   STRESS_CLIENTS  how many at once (200)
#   STRESS_SECONDS  how long they talk (10)
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${1:-$root/build}
seed=${STRESS_SEED:-$(date -u +%Y%m%d%H%M%S)}
clients=${STRESS_CLIENTS:-200}
seconds=${STRESS_SECONDS:-10}
stop_seconds=30
scratch=$(mktemp -d) || exit 1
server=
guard=

# Whatever happens, nothing that was started here is left behind.
# shellcheck disable=SC2317 # the trap calls it
clean_up() {
    [ -z "$guard" ] || kill "$guard" 2>/dev/null
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# comment FILE: shows a file as TAP comments, its end if it is long.
comment() {
    tail -n 60 "$1" | sed 's/^/# /'
}

# verdict NUMBER STATUS DESCRIPTION
verdict() {
    if [ "$2" -eq 0 ]; then
        echo "ok $1 - $3"
    else
        echo "not ok $1 - $3"
        failed=1
    fi
}

# Prints the address that the server says it listens on; fails when it does not say so in time.
server_address() {
    tries=200
    while [ "$tries" -gt 0 ]; do
        address=$(sed -n 's/^Chat server running on \(127\.0\.0\.1:[0-9][0-9]*\)$/\1/p' \
            "$scratch/console")
        if [ -n "$address" ]; then
            echo "$address"
            return 0
        fi
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.1
        tries=$((tries - 1))
    done
    return 1
}

# Kills the server if it is still there after a time, so that waiting for it has an end.
guard_server() {
    sleep "$stop_seconds" &
    nap=$!
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    wait "$nap"
    kill -KILL "$server" 2>/dev/null
}

for program in partyline stress; do
    if [ ! -x "$build/$program" ]; then
        echo "Bail out! $build/$program is not there; build it first."
        exit 1
    fi
done

failed=0
: >"$scratch/console"
echo "1..4"
echo "# seed $seed, $clients clients, $seconds seconds"

# What is told to the server here keeps it from doing what it should do otherwise: sum up notices,
# and disconnect who says nothing or, on a slow machine, reads late.
"$build/partyline" -l 127.0.0.1:0 -q --presence-limit 0 --idle-timeout 0 --login-timeout 0 \
    --drain-timeout 30 --grace 10 >"$scratch/console" 2>"$scratch/errors" &
server=$!
address=$(server_address)
status=$?
verdict 1 "$status" "the server says where it listens"
if [ "$status" -ne 0 ]; then
    comment "$scratch/console"
    comment "$scratch/errors"
    echo "Bail out! There is no server to be tested."
    exit 1
fi

"$build/stress" --seed "$seed" --clients "$clients" --seconds "$seconds" \
    --deadline $((seconds + 120)) "$address" >"$scratch/stress" 2>&1
status=$?
verdict 2 "$status" "one order, nothing lost, whole lines, private messages private"
comment "$scratch/stress"

kill -TERM "$server" 2>/dev/null
guard_server >/dev/null 2>&1 &
guard=$!
wait "$server"
status=$?
server=
verdict 3 "$status" "the server ends with status 0 when told to"
[ "$status" -eq 0 ] || echo "# its status was $status"

! grep -E -q 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|Sanitizer:' \
    "$scratch/errors"
verdict 4 "$?" "no sanitizer has anything to report"
[ "$failed" -eq 0 ] || comment "$scratch/errors"
exit "$failed"
