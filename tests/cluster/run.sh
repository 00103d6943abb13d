#!/bin/sh
# Goal: people who are at several addresses of one chat have one order in each room, lose nothing that
# was acknowledged, and never have one name twice, while links to the chat stop and break, and servers
# stop for seconds, or die.
#
# usage: run.sh [BUILD_DIR]     (default: build, beside the tests)
#
# Starts one BUILD_DIR/partyline on three addresses of 127.0.0.1, or three that are one chat, with a
# proxy before each; runs storm through the proxies, disturbs them meanwhile, and has checker judge what
# the clients have recorded. Prints TAP. The environment may set:
#   CLUSTER_SEED     what the clients and the disturbances do (default: from the date; printed)
#   CLUSTER_CLIENTS  clients at a time (60)
#   CLUSTER_SECONDS  how long they talk (15)
#   CLUSTER_ROOMS    rooms (5)
#   CLUSTER_CALM     if it is set, nothing is disturbed
#   CLUSTER_MACHINES if it is set, there are three servers, machines of one chat
#   CLUSTER_NATS     how many nats-servers they have: 3, or 1
#   CLUSTER_NATS_FAULTS  how many of them are in fault at a time, at most: 1, 2 or 3. Two can lose what was acknowledged, and three do:
#                    then that there is one truth in the end is judged by people who come afterwards
#   CLUSTER_FAULTS   which disturbances there may be, of those that disturb() knows; nats-loss wants CLUSTER_NATS_FAULTS to be 3
#   CLUSTER_PAUSE    seconds between two of them, at most (2)
#   CLUSTER_KEEP     a folder in which the records stay
set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 1
build=${1:-$here/../../build}
seed=${CLUSTER_SEED:-$(date -u +%Y%m%d%H%M%S)}
clients=${CLUSTER_CLIENTS:-60}
seconds=${CLUSTER_SECONDS:-15}
rooms=${CLUSTER_ROOMS:-5}
start_seconds=20
stop_seconds=20
scratch=$(mktemp -d) || exit 1
records=${CLUSTER_KEEP:-$scratch/records}
patience=15 # seconds, of a client
storm_options=
faults=${CLUSTER_FAULTS:-stop link-stop link-reset link-reset}
servers= # processes
links=   # those of the proxies before them
pause_least=2 # seconds that a disturbance lasts: from these on, fewer than as many more
pause_range=4
storm=

# On every exit, ends the processes started here and removes their files.
clean_up() {
    for process in $storm $links $servers $(cat "$scratch"/process.* 2>/dev/null); do
        kill -KILL "$process" 2>/dev/null
    done
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# comment FILE: shows a file as TAP comments, its end if it is long.
comment() {
    tail -n 60 "$1" | cut -c 1-600 | sed 's/^/# /'
}

# verdict STATUS DESCRIPTION
verdict() {
    verdicts=$((verdicts + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $verdicts - $2"
    else
        echo "not ok $verdicts - $2"
        failed=1
    fi
}

# within SECONDS COMMAND [ARGUMENT...]: tries the command until it succeeds; 1 if it has not by then.
within() {
    tries=$(($1 * 20))
    shift
    until "$@"; do
        [ "$tries" -gt 0 ] || return 1
        tries=$((tries - 1))
        sleep 0.05
    done
}

# listens FILE COUNT: as many addresses as that are announced in it.
listens() {
    [ "$(grep -c ' 127\.0\.0\.1:[0-9]*$' "$1")" -eq "$2" ]
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}

# draw BOUND: sets $drawn to the next number of a sequence that the seed decides, below BOUND.
draw() {
    chance=$(((chance * 1103515245 + 12345) % 2147483648))
    drawn=$((chance / 65536 % $1))
}
chance=$(($(printf '%s' "$seed" | cksum | cut -d ' ' -f 1) % 2147483648))

# draw_from WORD...: sets $drawn to one of the words.
draw_from() {
    draw $#
    shift "$drawn"
    drawn=$1
}

# partyline OPTION...: becomes a server of the chat.
partyline() {
    exec "$build/partyline" "$@" -q --presence-limit 0 --history 100000 --idle-timeout 0 --login-timeout 0 \
        --drain-timeout 60 --sendq 134217728 --grace 10
}

# start_servers: starts what is the chat, sets $servers and $addresses.
start_servers() {
    : >"$scratch/console"
    partyline -l 127.0.0.1:0 -l 127.0.0.1:0 -l 127.0.0.1:0 >"$scratch/console" 2>"$scratch/errors" &
    servers=$!
    within "$start_seconds" listens "$scratch/console" 3 || return 1
    addresses=$(sed -n 's/^Chat server running on //p' "$scratch/console")
}

# start_links: puts a proxy before each address, sets $links, and $addresses to theirs.
start_links() {
    behind=$addresses
    addresses=
    for address in $behind; do
        : >"$scratch/link"
        "$here/proxy" 127.0.0.1:0 "$address" >"$scratch/link" 2>>"$scratch/errors" &
        links="$links $!"
        within "$start_seconds" listens "$scratch/link" 1 || return 1
        addresses="$addresses $(sed -n 's/^proxy //p' "$scratch/link")"
    done
}

# storm_says WORDS: whether it has, or will say nothing any more.
storm_says() {
    grep -q "^storm: $1" "$scratch/storm" || is_gone "$storm"
}

# disturb: one disturbance, and its end.
disturb() {
    # shellcheck disable=SC2086 # several words
    draw_from $links
    link=$drawn
    # shellcheck disable=SC2086
    draw_from $servers
    server=$drawn
    # shellcheck disable=SC2086
    draw_from $faults
    what=$drawn
    draw "$pause_range"
    pause=$((drawn + pause_least))
    case $what in
        stop) pausing "$pause" STOP CONT "$server" 'a server stops' ;;
        link-stop) pausing "$pause" USR1 USR2 "$link" 'a link stops' ;;
        link-reset)
            note 'all connections of a link are reset'
            kill -HUP "$link"
            ;;
        *) disturb_machines "$what" ;;
    esac
}

note() {
    echo "# $1" >>"$scratch/disturbances"
}

# pausing SECONDS STOP GO PROCESS WHAT
pausing() {
    note "$5 for $1 s"
    kill "-$2" "$4"
    sleep "$1"
    kill "-$3" "$4"
}

# disturb_all: disturbs as long as people talk.
disturb_all() {
    within "$start_seconds" storm_says talking
    until storm_says quiet; do
        draw $((${CLUSTER_PAUSE:-2} * 5))
        sleep "$((drawn / 5)).$((drawn % 5 * 2))"
        mend
        storm_says quiet || disturb
    done
}

# mend: what is to be done after a disturbance.
mend() {
    :
}

stop_servers() {
    status=0
    for server in $servers; do
        kill -TERM "$server" 2>/dev/null
        within "$stop_seconds" is_gone "$server" || kill -KILL "$server"
        wait "$server" || status=1
    done
    servers=
    return "$status"
}

failed=0
verdicts=0
if ! command -v python3 >/dev/null; then
    echo '1..0 # skip no python3 here'
    exit 0
fi
if [ ! -x "$build/partyline" ]; then
    echo "Bail out! $build/partyline is not there; build it first."
    exit 1
fi
if [ -n "${CLUSTER_MACHINES:-}" ]; then
    # shellcheck source=machines.sh
    . "$here/machines.sh"
    needs_machines
fi
echo "# seed $seed, $clients clients, $rooms rooms, $seconds seconds"
mkdir -p "$records" || exit 1
: >"$scratch/disturbances"
: >"$scratch/storm"

"$here/checker" --forged >"$scratch/forged"
verdict "$?" 'forged violations are found'
comment "$scratch/forged"

start_servers && start_links
status=$?
verdict "$status" 'the chat listens on three addresses'
if [ "$status" -ne 0 ]; then
    comment "$scratch/errors"
    echo 'Bail out! There is no chat to be tested.'
    exit 1
fi

# talk SECONDS FOLDER: has many people talk that long, with disturbances unless CLUSTER_CALM is set.
talk() {
    : >"$scratch/storm"
    # shellcheck disable=SC2086 # several words
    "$here/storm" --seed "$seed" --clients "$clients" --rooms "$rooms" --seconds "$1" \
        --patience "$patience" $storm_options "$2" $addresses >"$scratch/storm" 2>&1 &
    storm=$!
    [ -n "${CLUSTER_CALM:-}" ] || disturb_all
    until is_gone "$storm"; do
        mend
        sleep 0.2
    done
    wait "$storm"
    status=$?
    storm=
    verdict "$status" 'everybody comes to rest afterwards'
    comment "$scratch/storm"
}

talk "$seconds" "$records"
sort "$scratch/disturbances" | uniq -c | sed 's/^ *\([0-9]*\) # /# \1 times: /'
if [ "${nats_faults:-1}" -gt 1 ]; then
    "$here/checker" --lossy "$records" >"$scratch/checker"
    verdict "$?" 'nothing invented or doubled, no name twice, and at the end all know who is there'
    comment "$scratch/checker"
    CLUSTER_CALM=1
    records_after=$records/after
    mkdir -p "$records_after"
    talk 8 "$records_after"
else
    records_after=$records
fi
"$here/checker" "$records_after" >"$scratch/checker"
verdict "$?" 'one order in each room, nothing acknowledged lost, nothing doubled, no name twice'
comment "$scratch/checker"

stop_servers
verdict "$?" 'the chat ends with status 0 when told to'
! grep -E -q 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|Sanitizer:|Traceback' \
    "$scratch/errors"
verdict "$?" 'no sanitizer has anything to report'
[ "$failed" -eq 0 ] || comment "$scratch/errors"
echo "1..$verdicts"
exit "$failed"
