#!/bin/sh
# Goal: with hundreds of clients that join, talk, rename, pause, read slowly, break off and leave at
# random, and with some beside them that mean harm, the server keeps every promise of the protocol,
# stops cleanly, and no sanitizer has anything to say.
#
# usage: run.sh [BUILD_DIR]     (default: build, beside the tests)
#
# Starts BUILD_DIR/partyline on a free port of 127.0.0.1, lets BUILD_DIR/stress loose on it, and
# prints TAP. It does so twice: with many clients and a patient server, whose readers may be as slow
# as they like; and for a shorter time with a server as it comes, of whose slow readers each reads as
# much as is needed not to be cut off. The environment may set:
#   STRESS_SEED     what the clients do (default: from the date; printed)
#   STRESS_CLIENTS  how many at once (200)
#   STRESS_SECONDS  how long they talk (10)
#   STRESS_SLOW     how many of them read slowly (a tenth)
#   STRESS_HOSTILE  how many more mean harm (4)
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${1:-$root/build}
seed=${STRESS_SEED:-$(date -u +%Y%m%d%H%M%S)}
clients=${STRESS_CLIENTS:-200}
seconds=${STRESS_SECONDS:-10}
slow=${STRESS_SLOW:-$((clients / 10))}
hostile=${STRESS_HOSTILE:-4}
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

# verdict STATUS DESCRIPTION
verdict() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $what: $2"
    else
        echo "not ok $number - $what: $2"
        failed=1
    fi
}

# least NUMBER NUMBER
least() {
    if [ "$1" -lt "$2" ]; then echo "$1"; else echo "$2"; fi
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

# start_server [OPTION...]: starts it, and waits until it says where it listens. What is told to it
# here keeps it from doing what it should do otherwise: sum up notices, and disconnect who says
# nothing.
start_server() {
    : >"$scratch/console"
    "$build/partyline" -l 127.0.0.1:0 -q --presence-limit 0 --idle-timeout 0 --login-timeout 0 \
        --grace 10 "$@" >"$scratch/console" 2>"$scratch/errors" &
    server=$!
    address=$(server_address)
    status=$?
    verdict "$status" "the server says where it listens"
    if [ "$status" -ne 0 ]; then
        comment "$scratch/console"
        comment "$scratch/errors"
        echo "Bail out! There is no server to be tested."
        exit 1
    fi
}

# crowd [OPTION...]: lets the crowd loose.
crowd() {
    "$build/stress" --seed "$seed" "$@" "$address" >"$scratch/stress" 2>&1
    verdict "$?" "one order, nothing lost, whole lines, private messages private"
    comment "$scratch/stress"
}

stop_server() {
    kill -TERM "$server" 2>/dev/null
    guard_server >/dev/null 2>&1 &
    guard=$!
    wait "$server"
    status=$?
    server=
    kill "$guard" 2>/dev/null
    guard=
    verdict "$status" "the server ends with status 0 when told to"
    [ "$status" -eq 0 ] || echo "# its status was $status"

    ! grep -E -q 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|Sanitizer:' \
        "$scratch/errors"
    verdict "$?" "no sanitizer has anything to report"
    [ "$failed" -eq 0 ] || comment "$scratch/errors"
}

failed=0
number=0
echo "1..8"
echo "# seed $seed, $clients clients, $slow of them slow, $hostile hostile ones, $seconds seconds"

# A slow reader is never to be cut off here, and, on a slow machine, neither is who reads late.
what='as slow as they like'
start_server --drain-timeout 30 --sendq 134217728
crowd --clients "$clients" --seconds "$seconds" --slow "$slow" --hostile "$hostile" \
    --deadline $((seconds + 120))
stop_server

# Who takes 256 KiB a second is never cut off; so much must not be said for long, or reading it would
# be the clients' whole business.
what='as it comes'
clients=$(least "$clients" 60)
seconds=$((seconds / 2 + 1))
start_server
crowd --clients "$clients" --seconds "$seconds" --slow "$(least "$slow" $((clients / 4)))" \
    --slow-rate 262144 --volume 150000 --hostile "$(least "$hostile" 2)" \
    --deadline $((seconds + 120))
stop_server
exit "$failed"
