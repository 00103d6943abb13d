#!/bin/sh
# Goal: a machine that starts in a cluster begins with a snapshot of the state, and has all that the
# others have; also when the stream has lost its beginning, and when all machines were down.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'a machine begins with a snapshot'

# purge_stream STREAM SEQUENCE: removes the messages below a sequence, as a limit does.
purge_stream() {
    ask_nats "\$JS.API.STREAM.PURGE.$1" "{\"seq\":$2}" | grep -q '"success":true'
}

# last_of STREAM, first_of STREAM: prints the last or first sequence of a stream.
last_of() {
    ask_nats "\$JS.API.STREAM.INFO.$1" '' | sed 's/.*"last_seq":\([0-9]*\).*/\1/'
}

first_of() {
    ask_nats "\$JS.API.STREAM.INFO.$1" '' | sed 's/.*"first_seq":\([0-9]*\).*/\1/'
}

# snapshots_are COUNT: at least so many were ever kept.
snapshots_are() {
    [ "$(last_of partyline_snapshots)" -ge $(($1 * 2)) ]
}

# begins_behind SEQUENCE, ends_behind SEQUENCE: the snapshots do.
begins_behind() {
    [ "$(first_of partyline_snapshots)" -gt "$1" ]
}

ends_behind() {
    [ "$(last_of partyline_snapshots)" -gt "$1" ]
}

# talk WHO COUNT: says so many lines, each in a message of the stream.
talk() {
    for number in $(seq 1 "$2"); do
        say "$1" "line $number of $1"
        settle "$1"
    done
}

nats_alone
machine east --snapshot-every 50
machine west --snapshot-every 50

# --- A state -----------------------------------------------------------------------------------------------

come Alice east
come Bob west
come Mute west
say Alice '/join ops'
wait_for Alice 'You are in #ops'
say Alice '/topic Tea at four'
told Alice '*** Alice has set the topic: Tea at four ***'
say Bob '/join ops'
wait_for Bob 'You are in #ops'
say Mute '/join ops'
wait_for Mute 'You are in #ops'
told Alice '*** Mute has joined #ops ***' # her machine may learn of it later than his
say Alice '/mute Mute 2h'
check 'somebody is muted' wait_for_match Alice 'Mute is muted'
say Alice '/room key sesame'
told Bob '*** Alice has set a key for this room ***'
say Alice '/invite Carol'
say Bob '/away at lunch'
wait_for Bob 'You are away'
say Alice '/join den'
wait_for Alice 'You are in #den'
say Alice '/room members'
wait_for Alice 'is by invitation only'
say Alice '/invite Bob'
wait_for Bob 'Alice invites you to #den'
say Alice '/join ops'
say Alice 'first in ops'
say Alice '/join lobby'
talk Alice 50
check 'a snapshot is kept' within 20 snapshots_are 1
talk Alice 250
check 'and another one, and more' within 20 snapshots_are 6
check 'old ones are removed' within 20 begins_behind 4

# --- A machine that comes late ------------------------------------------------------------------------------

check 'the stream loses its beginning' purge_stream partyline $(($(last_of partyline) - 110))
machine north --snapshot-every 50
come Norma north
check 'who comes in late sees everybody, in their order' wait_for Norma 'Here now: Alice, Bob, Mute.'
say Norma '/history 5'
check 'what was said last is there' wait_for Norma 'line 250 of Alice'
say Norma '/who'
check 'and who is away' wait_for_match Norma 'Bob, idle .*, away: at lunch'
say Norma '/join ops'
check 'a key holds' told Norma '*** #ops needs a key: /join ops KEY ***'
say Norma '/join ops sesame'
check 'with its topic and its people' wait_for Norma \
    'You are in #ops. Topic: Tea at four. Here now: Alice, Bob, Mute. ***'
say Mute 'not heard'
check 'who is muted is not heard' wait_for_match Mute 'You are muted'
say Bob '/join den'
check 'who is invited comes in' told Alice '#den *** Bob has joined #den ***'
say Norma '/room hidden'
check 'who does not own the room does not change it' wait_for Norma 'You have not made #ops'
say Alice '/join ops'
say Alice '/room key none'
check 'its owner does' told Norma '*** Alice has removed the key of this room ***'
come_as_program Reader north
come_as_program Witness west
say Reader '/join ops'
say Witness '/join ops'
wait_for Reader '"room":"ops"'
wait_for Witness '"room":"ops"'
say Bob '/join ops'
say Bob 'with which number?'
wait_for Reader '"with which number?"'
wait_for Witness '"with which number?"'
for who in Reader Witness; do
    grep '"with which number?"' "$who" | sed 's/.*"seq":\([0-9]*\).*/\1/' >"$who.seq"
done
is 'a line has the same number there' "$(cat Reader.seq)" "$(cat Witness.seq)"
is 'which counts what was said before' "$(cat Reader.seq)" 2

# --- All machines are down ------------------------------------------------------------------------------------

talk Alice 5
for machine in east west north; do
    check "$machine stops" machine_stop "$machine"
done
machine west --snapshot-every 50
come Bob west
check 'after a stop of all nobody is there' wait_for Bob 'Here now: nobody else.'
say Bob '/history 3'
check 'but what was said is' wait_for Bob 'line 250 of Alice'
say Bob '/join ops'
check 'rooms are as new' wait_for Bob 'You are in #ops. Here now: nobody else. ***'

# --- A machine that was cut off for too long ------------------------------------------------------------------

machine east --snapshot-every 50
come Alice east
check 'a machine stands still' machine_halt west
halted=$(last_of partyline)
kill "$nats_alone_process" # so that nothing waits in its socket
wait "$nats_alone_process" 2>/dev/null
nats-server -c alone.conf >again.log 2>&1 &
nats_alone_process=$!
check 'the nats-server is started again' within "$patience" has again.log 'Server is ready'
before=$(last_of partyline_snapshots)
talk Alice 40
talk_until_kept() {
    talk Alice 1
    ends_behind "$before"
}
check 'meanwhile the other one keeps a snapshot' within 60 talk_until_kept
check 'and the stream loses what that has not read' purge_stream partyline $((halted + 3))
machine_signal CONT west
check 'it reads the stream anew' wait_for console.west 'The stream has lost messages: message ' 20
check 'its people come in anew' wait_for_count 1 Bob '^\*\*\* Welcome, Bob\.' 20
check 'and are there' wait_for Alice '*** Bob has joined the chat ***' 20
say Bob '/join lobby'
say Bob 'Where was I?'
check 'and are heard' told Alice 'Bob: Where was I?'
before=$(last_of partyline_snapshots)
talk Alice 60
check 'a snapshot is kept again' within 20 ends_behind "$before"
check 'it stops' machine_stop east
check 'as does the other one' machine_stop west

# --- A stream that is full ------------------------------------------------------------------------------------

bytes_of() {
    ask_nats "\$JS.API.STREAM.INFO.$1" '' | sed 's/.*"bytes":\([0-9]*\),"first_seq".*/\1/'
}

# is_short: what was said has 3,000,000 bytes, and a snapshot needs less than half of that.
is_short() {
    [ "$(bytes_of small)" -lt 1500000 ]
}

machine south --cluster-name small --snapshot-every 10 --stream-size 1 --max-line 60000
come Sam south
long=$(printf '%050000d' 0)
for number in $(seq 1 60); do
    say Sam "$number $long"
    settle Sam
done
check 'its oldest messages are removed' within 20 is_short
check 'it stops' machine_stop south
machine south --cluster-name small --snapshot-every 10 --stream-size 1
come_as_program Sam south
say Sam 'which number?'
settle Sam
say Sam '/history 1'
check 'it starts all the same, and goes on with the numbers' wait_for Sam '"seq":61'
check 'it stops' machine_stop south

# --- Snapshots that cannot be used -------------------------------------------------------------------------

# refused SENTENCE WORDS: a machine does not start, and says why.
refused() {
    try "$partyline" --listen 127.0.0.1:0 --node west --cluster "$servers"
    is "$1: a machine does not start" "$status" 1
    check 'and says why' has try.err "$2"
}

# As if a machine had read what servers have lost since: the sums of what it has read stand before that of the last message,
# the place and the checksum of the only part, and the record's checksum.
machine south --cluster-name other --snapshot-every 50
come Sam south
talk Sam 60
kept_by_south() {
    ask_nats "\$JS.API.STREAM.INFO.other_snapshots" '' | grep -q '"last_seq":2'
}
check 'a snapshot of a new stream is kept' within 20 kept_by_south
check 'its machine stops' machine_stop south
record=$(ask_nats "\$JS.API.STREAM.MSG.GET.other_snapshots" '{"last_by_subj":"other.snapshots.end"}' |
    sed 's/.*"data":"\([^"]*\)".*/\1/')

# forge PLACE: keeps a record in which the number there, counted from the end, is another.
forge() {
    put_into_stream "
        require MIME::Base64;
        my \$m = substr(MIME::Base64::decode_base64('$record'), 0, -4);
        substr(\$m, $1, 8) ^= pack('Q>', 1);
        \$m . pack('N', crc32(\$m))" other.snapshots.end
}
check 'it is of one who has read something else' forge -40
check 'and the only one' purge_stream other_snapshots 3
machine south --cluster-name other
check 'a machine leaves it out' has console.south \
    'Snapshot 3 is left out: the stream has other messages than it had then'
come_as_program Sam south
say Sam '/history 1'
check 'and reads the stream from its beginning' wait_for Sam '"line 60 of Sam"'
check 'it stops' machine_stop south
check 'what that had read is gone in part' purge_stream other 40
check 'and it had read another last message' forge -24
check 'and is the only one' purge_stream other_snapshots 4
try "$partyline" --listen 127.0.0.1:0 --node south --cluster "$servers" --cluster-name other
is 'a machine does not start' "$status" 1
check 'as it leaves it out' has try.out 'Snapshot 4 is left out: the stream has other messages than it had then'

newer='"\x8FPLC" . pack("C2 n Q>3", 9, 9, 0, 1, 1, 1)'
check 'somebody writes among the snapshots' put_into_stream '"Hello"' partyline.snapshots.end
check 'and what seems to be one' put_into_stream '"\x8FPLC" . pack("C2 n Q>3", 1, 1, 0, 1, 1, 1)' \
    partyline.snapshots.end
machine west
check 'a machine leaves out what is foreign' has console.west 'is left out: it is not from a partyline'
check 'and what is garbled' has console.west 'is left out: it is garbled'
check 'and stops' machine_stop west
check 'the stream loses all that is behind the snapshots' purge_stream partyline 100000
refused 'without a snapshot' 'there is no snapshot from which it can be read'
check 'a newer version keeps a snapshot' put_into_stream "my \$m = $newer; \$m . pack(\"N\", crc32(\$m))" \
    partyline.snapshots.end
refused 'with one of a newer version' 'a newer version has written the snapshots. Install that version here.'
finish
