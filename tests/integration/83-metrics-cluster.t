#!/bin/sh
# Goal: a machine of a cluster tells in figures whether it reaches the others, how many there are, who is there, and how
# far it has come.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'a machine of a cluster tells how it is'
nats_alone
machine east --metrics unix:figures
machine west

scrape() {
    { printf 'GET /metrics HTTP/1.0\r\n\r\n' && sleep 0.01; } | nc -N -U figures >answer 2>/dev/null
}
value() {
    scrape
    tr -d '\r' <answer | awk -v name="$1" '$1 == name { print $2 }'
}
is_value() {
    [ "$(value "$1")" = "$2" ]
}
is_above() {
    awk "BEGIN { exit !($(value "$1") > $2) }"
}
comes_to() {
    check "$1 comes to $2" within "${3:-$patience}" is_value "$1" "$2"
}

comes_to partyline_cluster_up 1
comes_to partyline_cluster_machines 2
come Alice east
come Bob west
comes_to 'partyline_users{machine="here"}' 1
comes_to 'partyline_users{machine="elsewhere"}' 1
said=$(value partyline_lines_said_total)
timed=$(value partyline_talk_seconds_count)
say Bob 'From the west.'
told Alice 'Bob: From the west.'
comes_to partyline_lines_said_total $((said + 1))
comes_to partyline_talk_seconds_count "$timed"
say Alice 'From the east.'
told Bob 'Alice: From the east.'
comes_to partyline_talk_seconds_count $((timed + 1))
sequence=$(value partyline_cluster_sequence)
say Alice 'On and on.'
check 'the place in the stream goes on' within "$patience" is_above partyline_cluster_sequence "$sequence"
comes_to partyline_cluster_messages_behind 0
comes_to partyline_cluster_backlog_bytes 0
downs=$(value partyline_cluster_downs_total) # 0, but where the nats-server had to wait for a processor

scrape
tr -d '\r' <answer | sed -n 's/^# HELP \(partyline_cluster[a-z_]*\) \(.*\)/\1: \2/p' | sort >served
# shellcheck disable=SC2016 # These are backquotes.
sed -n 's/^| `\(partyline_cluster[a-z_]*\)` | [a-z]* | | \(.*\) |$/\1: \2/p' "$root/docs/METRICS.md" | sort >documented
is 'what is served is documented' "$(cat served)" "$(cat documented)"

check 'the other machine ends' machine_stop west
comes_to partyline_cluster_machines 1
comes_to 'partyline_users{machine="elsewhere"}' 0
kill -KILL "$nats_alone_process"
comes_to partyline_cluster_up 0
comes_to partyline_cluster_downs_total $((downs + 1))
ask='GET /healthz HTTP/1.0\r\n\r\n'
# shellcheck disable=SC2059 # As in lib.sh.
printf "$ask" | nc -N -U figures >answer
check 'that is no reason to start it again' has answer ok
machine_signal KILL east
finish
