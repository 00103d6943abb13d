# shellcheck shell=sh
#
# machines: three servers that are one chat, each with its own proxy before the nats-servers. It is
# sourced by run.sh, whose functions it uses, and whose start_servers(), mend() and stop_servers() it
# replaces.
#
# A machine has a number, 1 to 3, and so have a nats-server and the link from a machine to all of them.
#
# nats-servers lose nothing as long as most of them are without fault. So at most one is in fault at a time, and the next one
# waits until that one has caught up; unless CLUSTER_NATS_FAULTS is 2, or 3.

# shellcheck disable=SC2034,SC2154 # what run.sh uses, and has

# shellcheck source=../integration/nats.sh
. "$here/../integration/nats.sh"

PATH=$PATH:/usr/sbin # where Debian has nats-server
nats_count=${CLUSTER_NATS:-3}
faults=${CLUSTER_FAULTS:-kill kill stop nats-kill nats-stop cut reset link-stop link-reset}
nats_faults=${CLUSTER_NATS_FAULTS:-1} # at a time
patience=30
pause_least=5
pause_range=16
start_seconds=60 # a machine reads all that was, and a nats-server may choose a leader first
storm_options=--machines
killed= # a machine that was

needs_machines() {
    if "$build/partyline" --version | grep -q 'without NATS'; then
        echo '1..0 # skip this build lacks libnats (libnats-dev)'
        exit 0
    elif ! command -v nats-server >/dev/null; then
        echo '1..0 # skip no nats-server here'
        exit 0
    fi
}

# of KIND NUMBER: prints the process of that kind (machine, nats, link).
of() {
    cat "$scratch/process.$1.$2"
}

# is KIND NUMBER PROCESS: it is this one from now on.
is() {
    echo "$3" >"$scratch/process.$1.$2"
}

name_of() {
    echo "east west north" | cut -d ' ' -f "$1"
}

# --- Starting -------------------------------------------------------------------------------------------

start_nats() {
    : >>"$scratch/nats$1.log"
    ready=$(grep -c 'Server is ready' "$scratch/nats$1.log")
    (cd "$scratch" && exec nats-server -c "nats$1.conf") >>"$scratch/nats$1.log" 2>&1 &
    is nats "$1" $!
    within "$start_seconds" is_ready "$1" "$ready"
}

# is_ready NUMBER COUNT: the nats-server has said so more often than that.
is_ready() {
    [ "$(grep -c 'Server is ready' "$scratch/nats$1.log")" -gt "$2" ]
}

configure_nats() {
    if [ "$nats_count" -eq 1 ]; then
        nats_ports=$(free_ports 1) || return
        printf 'listen: 127.0.0.1:%s\njetstream { store_dir: "%s" }\n' "$nats_ports" "$scratch/nats1" \
            >"$scratch/nats1.conf"
        return
    fi
    here_before=$PWD
    nats_no_advertise=true # otherwise who is told of a proxy learns how to go past it
    cd "$scratch" && nats_cluster
    configured=$?
    cd "$here_before" && return "$configured"
}

# start_link NUMBER: a proxy before the nats-servers, for one machine; its addresses are in urls.NUMBER.
start_link() {
    pairs=
    for number in $numbers_of_nats; do
        pairs="$pairs 127.0.0.1:0 127.0.0.1:$(nats_port "$number")"
    done
    : >"$scratch/link-said.$1"
    # shellcheck disable=SC2086 # several words
    "$here/proxy" $pairs >"$scratch/link-said.$1" 2>>"$scratch/errors" &
    is link "$1" $!
    within "$start_seconds" listens "$scratch/link-said.$1" "$nats_count" || return
    sed 's,^proxy ,nats://,' "$scratch/link-said.$1" | tr '\n' ',' | sed 's/,$//' >"$scratch/urls.$1"
}

# start_machine NUMBER. It keeps snapshots often, so that machines that were killed begin with one.
start_machine() {
    : >"$scratch/console.$1"
    partyline -l "127.0.0.1:$(echo "$ports" | cut -d ' ' -f "$1")" --node "$(name_of "$1")" \
        --cluster "$(cat "$scratch/urls.$1")" --snapshot-every 100 >"$scratch/console.$1" 2>>"$scratch/errors" &
    is machine "$1" $!
}

# is_up NUMBER: the machine listens, or has given up.
is_up() {
    grep -q '^Chat server running on ' "$scratch/console.$1" || is_gone "$(of machine "$1")"
}

list_machines() {
    servers=$(cat "$scratch"/process.machine.[123])
}

start_servers() {
    : >"$scratch/errors"
    numbers_of_nats=$(echo '1 2 3' | cut -c "1-$((nats_count * 2 - 1))")
    configure_nats || return
    for number in $numbers_of_nats; do
        start_nats "$number" || return
    done
    ports=$(free_ports 3) || return
    for machine in 1 2 3; do
        start_link "$machine" || return
    done
    for machine in 1 2 3; do
        start_machine "$machine"
        within "$start_seconds" is_up "$machine" && listens "$scratch/console.$machine" 1 || return
    done
    addresses=$(echo "$ports" | tr ' ' '\n' | sed 's/^/127.0.0.1:/')
    list_machines
}

# --- Disturbing -----------------------------------------------------------------------------------------

# disturb_machines FAULT: what is for machines alone, with $pause.
disturb_machines() {
    draw 3
    machine=$((drawn + 1))
    draw "$nats_count"
    nats=$((drawn + 1))
    case $1 in
        kill)
            note 'a machine dies'
            killed=$(of machine "$machine")
            kill -KILL "$killed"
            within "$stop_seconds" is_gone "$killed" # or the next disturbance could come before it is buried
            ;;
        nats-kill)
            await_whole
            note 'a nats-server dies'
            kill_nats "$nats"
            ;;
        nats-stop)
            await_whole
            if [ "$nats_faults" -gt 1 ]; then
                stop_nats_and_kill "$nats"
            else
                pausing "$pause" STOP CONT "$(of nats "$nats")" 'a nats-server stops'
            fi
            ;;
        nats-loss)
            note 'all nats-servers lose what was stored last'
            lose_last
            ;;
        cut) pausing "$pause" USR1 USR2 "$(of link "$machine")" 'a machine is cut off' ;;
        reset)
            note 'all connections of a machine to nats-servers are reset'
            kill -HUP "$(of link "$machine")"
            ;;
        *) note "CLUSTER_FAULTS: $1 is unknown" ;;
    esac
}

# await_whole: waits until no nats-server is in fault any more.
await_whole() {
    [ "$nats_faults" -eq 1 ] || return 0
    [ "$nats_count" -gt 1 ] || return 0
    within "$start_seconds" nats_is_whole || note 'the nats-servers are not whole again'
}

# kill_nats NUMBER
kill_nats() {
    kill -KILL "$(of nats "$1")"
    sleep $((pause / 4))
    start_nats "$1"
}

# stop_nats_and_kill NUMBER: one stands still, and another one dies meanwhile, or both others at once.
stop_nats_and_kill() {
    next=$(($1 % nats_count + 1))
    last=$((next % nats_count + 1))
    kill -STOP "$(of nats "$1")"
    sleep $((pause / 2))
    if [ "$nats_faults" -gt 2 ]; then
        note 'two nats-servers die while the third one stands still'
        kill -KILL "$(of nats "$next")" "$(of nats "$last")"
        start_nats "$last"
    else
        note 'a nats-server dies while another one stands still'
        kill -KILL "$(of nats "$next")"
        sleep $((pause / 4))
    fi
    start_nats "$next"
    sleep $((pause / 4))
    kill -CONT "$(of nats "$1")"
}

# lose_last: puts an older copy of what the nats-servers have in its place.
lose_last() {
    end_nats TERM
    for number in $numbers_of_nats; do
        cp -a "$scratch/nats$number" "$scratch/older$number"
    done
    start_all_nats
    sleep "$pause"
    end_nats KILL
    for number in $numbers_of_nats; do
        rm -rf "$scratch/nats$number"
        mv "$scratch/older$number" "$scratch/nats$number"
    done
    start_all_nats
}

# end_nats SIGNAL: ends all of them.
end_nats() {
    for number in $numbers_of_nats; do
        kill "-$1" "$(of nats "$number")"
    done
    for number in $numbers_of_nats; do
        wait "$(of nats "$number")" 2>/dev/null
    done
}

start_all_nats() {
    for number in $numbers_of_nats; do
        start_nats "$number"
    done
    within "$start_seconds" nats_is_whole
}

# mend: starts again what has died, and what has ended as it was not heard. Until it is there, and its
# people are, nothing else is disturbed, so rooms live on in another machine.
mend() {
    mended=
    for machine in 1 2 3; do
        if is_gone "$(of machine "$machine")"; then
            bury "$machine"
            start_machine "$machine"
            within "$start_seconds" is_up "$machine" || echo "$(name_of "$machine") does not start" >>"$scratch/fallen"
            mended=1
        fi
    done
    [ -z "$mended" ] || sleep 2
    list_machines
}

# bury NUMBER: looks at how a machine has ended.
bury() {
    process=$(of machine "$1")
    wait "$process"
    status=$?
    keep_console "$1"
    if [ "$process" = "$killed" ]; then
        :
    elif grep -q '^This machine leaves the cluster: ' "$scratch/console.$1"; then
        note 'a machine leaves the cluster'
    elif [ "$status" -eq 1 ] && ! listens "$scratch/console.$1" 1; then
        note 'a machine cannot start'
    else
        echo "$(name_of "$1") has ended with status $status" >>"$scratch/fallen"
    fi
}

# keep_console NUMBER: adds what the machine's last run has said to the records.
keep_console() {
    cat "$scratch/console.$1" >>"$records/console-$1"
}

# compare_nats: notes where the nats-servers' copies of the stream end. The numbers of messages are a part of the chat's
# state: if the copies differ, machines that have read different ones do.
compare_nats() {
    [ "$nats_count" -gt 1 ] || return 0
    ends=
    for number in $numbers_of_nats; do
        ends="$ends $(fetch "$(nats_port $((number + 6)))" '/jsz?streams=true' 2>/dev/null |
            python3 -c '
import json, sys
answer = sys.stdin.read()
for account in json.loads(answer[answer.index("{"):])["account_details"]:
    for stream in account["stream_detail"]:
        if stream["name"] == "partyline":
            print(stream["state"]["last_seq"])')"
    done
    echo "# the copies of the stream end at$ends"
    # shellcheck disable=SC2086 # several words
    [ "$(printf '%s\n' $ends | sort -u | wc -l)" -eq 1 ]
}

stop_servers() {
    mend
    status=0
    for server in $servers; do
        kill -TERM "$server" 2>/dev/null
        within "$stop_seconds" is_gone "$server" || kill -KILL "$server"
        wait "$server" || status=1
    done
    servers=
    compare_nats || echo "the nats-servers' copies of the stream differ" >>"$scratch/fallen"
    for machine in 1 2 3; do
        keep_console "$machine"
    done
    rm -f "$scratch"/process.machine.[123]
    if [ -s "$scratch/fallen" ]; then
        comment "$scratch/fallen"
        status=1
    fi
    return "$status"
}
