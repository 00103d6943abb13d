#!/bin/sh
# Goal: with hundreds of clients that join, talk, rename, pause, read slowly, break off and leave at
# random, and with some hostile clients beside them, the server keeps every promise of the protocol
# and stops cleanly, without a report from a sanitizer.
#
# usage: run.sh [BUILD_DIR]     (default: build, beside the tests)
#
# Starts BUILD_DIR/partyline on a free port of 127.0.0.1, runs BUILD_DIR/stress against it, and
# prints TAP. It does so twice: with many clients and a patient server, whose readers may be slow
# without limit; and for a shorter time with a server with default limits, whose slow readers all
# read fast enough not to be cut off; and as long in several rooms, where order is kept, people log
# in, programs resume and search. Each client comes in as it likes: as it is, with the header of a
# proxy, and, where OpenSSL is here, by TLS, or both.
# The environment may set:
#   STRESS_SEED     what the clients do (default: from the date; printed)
#   STRESS_CLIENTS  clients at a time (200)
#   STRESS_SECONDS  how long they talk (10)
#   STRESS_SLOW     how many of them read slowly (a tenth)
#   STRESS_HOSTILE  hostile clients besides (4)
#   STRESS_ROOMS    rooms of the last run (5; 0: there is none)
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${1:-$root/build}
seed=${STRESS_SEED:-$(date -u +%Y%m%d%H%M%S)}
clients=${STRESS_CLIENTS:-200}
seconds=${STRESS_SECONDS:-10}
slow=${STRESS_SLOW:-$((clients / 10))}
hostile=${STRESS_HOSTILE:-4}
rooms=${STRESS_ROOMS:-5}
stop_seconds=30
scratch=$(mktemp -d) || exit 1
server=
guard=

# On every exit, ends the processes started here and removes their files.
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

# server_addresses NUMBER: prints as many addresses as the server reports, each with what is spoken
# there; fails when it reports fewer in time.
server_addresses() {
    tries=200
    while [ "$tries" -gt 0 ]; do
        addresses=$(sed -n -e 's/^Chat server running on \(127\.0\.0\.1:[0-9]*\)$/\1/p' \
            -e 's/^Chat server running on \(127\.0\.0\.1:[0-9]*\) (\(.*\))$/\2:\/\/\1/p' "$scratch/console")
        if [ "$(echo "$addresses" | wc -l)" -eq "$1" ] && [ -n "$addresses" ]; then
            echo "$addresses"
            return 0
        fi
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.1
        tries=$((tries - 1))
    done
    return 1
}

# Kills the server if it has not ended after a time, so that the wait for it is bounded.
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

# The ways in, and their number.
ways='-l 127.0.0.1:0 -l lines+proxy://127.0.0.1:0'
ways_count=2
if ! "$build/partyline" --version | grep -q 'with OpenSSL'; then
    echo '# nobody comes by TLS, which this build lacks'
elif ! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$scratch/key" -out "$scratch/certificate" >/dev/null 2>&1; then
    echo '# nobody comes by TLS, as there is no openssl to make a certificate'
else
    ways="$ways -l lines+tls://127.0.0.1:0 -l lines+tls+proxy://127.0.0.1:0"
    ways="$ways --tls-cert $scratch/certificate --tls-key $scratch/key"
    ways_count=4
fi

# start_server [OPTION...]: starts it, and waits until it reports its addresses. The options here turn
# off what the checks cannot follow: summed-up notices, and disconnects of idle clients.
start_server() {
    : >"$scratch/console"
    # shellcheck disable=SC2086 # several words
    "$build/partyline" $ways -q --presence-limit 0 --idle-timeout 0 --login-timeout 0 \
        --grace 10 "$@" >"$scratch/console" 2>"$scratch/errors" &
    server=$!
    addresses=$(server_addresses "$ways_count")
    status=$?
    verdict "$status" "the server says where it listens"
    if [ "$status" -ne 0 ]; then
        comment "$scratch/console"
        comment "$scratch/errors"
        echo "Bail out! There is no server to be tested."
        exit 1
    fi
}

# crowd [OPTION...]: runs the crowd against the server.
crowd() {
    # shellcheck disable=SC2086 # an address is a word
    "$build/stress" --seed "$seed" "$@" $addresses >"$scratch/stress" 2>&1
    verdict "$?" "$promises"
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
echo "# seed $seed, $clients clients, $slow of them slow, $hostile hostile ones, $seconds seconds"

# Slow readers must not be cut off here, nor, on a slow machine, readers that read late.
promises='one order, nothing lost, whole lines, private messages private'
what='as slow as they like'
start_server --drain-timeout 30 --sendq 134217728
crowd --clients "$clients" --seconds "$seconds" --slow "$slow" --hostile "$hostile" \
    --deadline $((seconds + 120))
stop_server

# A reader of 256 KiB a second is never cut off. That much must not be sent for long, or the clients
# would only be busy with reading it.
what='as it comes'
clients=$(least "$clients" 60)
seconds=$((seconds / 2 + 1))
start_server
crowd --clients "$clients" --seconds "$seconds" --slow "$(least "$slow" $((clients / 4)))" \
    --slow-rate 262144 --volume 150000 --hostile "$(least "$hostile" 2)" \
    --deadline $((seconds + 120))
stop_server

promises='one order in each room, nothing lost, nothing twice, and nothing of who is muted or ignored'
what='in several rooms'
"$build/stress" --forged >"$scratch/stress" 2>&1
verdict "$?" "forged violations are found"
if [ "$rooms" -gt 0 ]; then
    accounts=
    data=
    if "$build/partyline" --version | grep -q 'with SQLite'; then
        accounts=--accounts
        data="--data $scratch/data --operator warden0"
    fi
    # shellcheck disable=SC2086 # several words, or none
    start_server --drain-timeout 30 --sendq 134217728 $data
    # shellcheck disable=SC2086
    crowd --rooms "$rooms" $accounts --clients "$(least "$clients" 40)" \
        --seconds "$seconds" --deadline $((seconds + 120))
    stop_server
fi
echo "1..$number"
exit "$failed"
