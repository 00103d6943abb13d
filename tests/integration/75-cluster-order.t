#!/bin/sh
# Goal: order is kept on all machines of a cluster, whatever machine somebody who keeps it is on: operators,
# bans, mutes, the lockdown and kept rooms hold everywhere, from the same place in the order on.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'order is kept on all machines'
nats_alone

# refused WHAT TEXT OPTION...: a machine with these options does not start, and says why.
refused() {
    what=$1
    text=$2
    shift 2
    "$partyline" --cluster "$servers" --listen 127.0.0.1:0 "$@" >refused.out 2>refused.err </dev/null &
    check "$what does not start" ended $! 20
    is 'and fails' "$status" 1
    check 'and says why' has refused.err "$text"
}

# last_of STREAM: its last sequence.
last_of() {
    ask_nats "\$JS.API.STREAM.INFO.$1" '' | sed 's/.*"last_seq":\([0-9]*\).*/\1/'
}
# snapshots_behind SEQUENCE: a whole one has been kept since.
snapshots_behind() {
    [ "$(last_of partyline_snapshots)" -ge $(($1 + 2)) ]
}
# forget_beginning: removes the oldest messages of the stream, so that who starts begins with a snapshot: one that
# is kept from now on, as the machine that has just died may be the one whose turn it was.
forget_beginning() {
    within 60 snapshots_behind "$(last_of partyline_snapshots)" || return
    last=$(last_of partyline)
    [ "$last" -gt 50 ] &&
        ask_nats "\$JS.API.STREAM.PURGE.partyline" "{\"seq\":$((last - 30))}" | grep -q '"success":true'
}

# --- Limits ----------------------------------------------------------------------------------------------

machine east --max-rooms 500
refused 'a machine with other limits' \
    '--max-rooms is 400 here, and 500 on the other machines. Give all the same.' \
    --node west --max-rooms 400
refused 'one that lets people into more rooms' \
    '--rooms-per-client is 30 here, and 20 on the other machines. Give all the same.' \
    --node west --max-rooms 500 --rooms-per-client 30
machine west --max-rooms 500
machine_stop east
machine_stop west

# --- Operators -------------------------------------------------------------------------------------------

# come_from ADDRESS NAME MACHINE: comes from an address of the loopback interface.
come_from() {
    connect "$2" -s "$1" 127.0.0.1 "$(cat "port.$3")"
    say "$2" "$2"
    wait_for "$2" "*** Welcome, $2. "
}

# turned_away CLIENT LINE MACHINE ADDRESS: whoever connects from there is sent that line and nothing else.
turned_away() {
    connect "$1" -s "$4" 127.0.0.1 "$(cat "port.$3")"
    told "$1" "$2" && lacks "$1" 'Enter your name'
}

for name in east west north; do
    machine $name --operator Olga --snapshot-every 10
done
check 'the first of all gives the limits' has console.east 'Chat server running'
come Olga east
say Olga '/register a password of hers'
check 'who is named by --operator registers' told Olga '*** The name Olga is yours now. ***'
come Otto west
say Otto '/register a password of his'
told Otto '*** The name Otto is yours now. ***'
say Otto '/wall no'
check 'who is no operator is refused' told Otto '*** Only operators may do that. ***'
say Olga '/op Otto'
check 'an operator makes somebody on another machine one' told Olga '*** Otto is an operator now. ***'
check 'who is told so there' told Otto '*** Olga has made you an operator ***'
check 'that is in the log there' wait_for console.west 'Olga has made Otto an operator'
come_from 127.0.0.2 Bob west
come Nora north
say Otto '/wall Tea for all'
for who in Olga Bob Nora; do
    check "everybody is told by a /wall: $who" told $who '*** Otto, to all: Tea for all ***'
done
check 'in the log of each machine' wait_for console.north '*** Otto, to all: Tea for all ***'
say Nora '/join den'
told Nora '*** You are in #den. Here now: nobody else. ***'
say Olga '/join den'
check 'operators lead each room, on whatever machine' told Nora '*** Olga has joined #den ***'
say Olga '/mute #den'
check 'so they may change it' told Nora '*** Olga has made this room moderated: /hand asks for the floor ***'
say Bob '/join den'
told Bob '*** You are in #den. Here now: Nora, Olga. ***'
say Bob 'Not heard'
check 'who has not the floor is not heard' told Bob \
    '*** #den is moderated: /hand asks for the floor. Nothing was sent. ***'
say Olga '/floor Bob'
told Bob '*** Olga gives the floor to Bob ***'
say Bob 'Heard'
check 'who has it is' told Nora 'Bob: Heard'
say Bob '/join lobby'
say Nora '/join lobby'
say Olga '/join lobby'
settle Olga

# --- Mutes -----------------------------------------------------------------------------------------------

say Olga '/mute Bob 2h'
check 'an operator mutes somebody on another machine' wait_for_match Olga '^\*\*\* Bob is muted until '
say Bob 'Not heard'
check 'who is not heard' wait_for_match Bob '^\*\*\* You are muted until .*\. Nothing was sent\. \*\*\*$'
check 'the log of each machine tells' wait_for_match console.north '^Olga has muted Bob \(west\) until '
say Otto '/bans'
check 'the list is the same on another machine' wait_for_match Otto '^\*\*\* Muted until .* UTC: Bob, by Olga \*\*\*$'
say Otto '/unmute bob'
check 'where it is lifted' told Otto '*** Bob is not muted any more. ***'
say Bob 'Heard again'
check 'for all' told Nora 'Bob: Heard again'
wait_for console.east 'Otto has unmuted Bob'
say Olga /bans
check 'nobody is on the list then' told Olga '*** Nobody is banned or muted. ***'

# --- Bans ------------------------------------------------------------------------------------------------

say Olga '/ban Bob 2h spam'
check 'who is banned by name is asked for its address on its machine' wait_for_match Olga \
    '^\*\*\* Banned until .* UTC: Bob and 127\.0\.0\.2 \*\*\*$'
check 'and leaves there' wait_for_match Bob '^\*\*\* You are banned until .* UTC: spam \*\*\*$'
check 'by whom, all are told' told Nora '*** Bob has been kicked by Olga: spam ***'
check 'once' wait_for_count 1 Nora 'Bob has been kicked'
until=$(sed -n 's/^\(\*\*\* You are banned.*\)$/\1/p' Bob | tail -n 1)
for name in east west north; do
    wait_for console.$name 'Olga has banned 127.0.0.2 until '
    check "the address is refused on all machines: $name" turned_away "Late_$name" "$until" $name 127.0.0.2
    connect "Bob_$name" 127.0.0.1 "$(cat port.$name)"
    say "Bob_$name" bob
    check 'and the name' wait_for "Bob_$name" "$until"
done
say Otto '/unban Bob'
check 'an operator of another machine lifts it' told Otto \
    '*** The ban of Bob is lifted. One of 127.0.0.2 holds: /unban 127.0.0.2 ***'
say Otto '/unban 127.0.0.2'
told Otto '*** The ban of 127.0.0.2 is lifted. ***'
wait_for console.north 'Otto has lifted the ban of 127.0.0.2' # that machine may learn of it later than his
check 'on all machines' come_from 127.0.0.2 Bob north
say Otto '/ban 127.0.0.0/30 1h'
check 'a range has nobody leave who bans it' told Otto '*** That is your own address, or has it in it. ***'
say Otto '/ban 127.0.0.2/31 1h'
wait_for_match Otto '^\*\*\* Banned until .* UTC: 127\.0\.0\.2/31 \*\*\*$'
check 'but those on all machines who are in it' wait_for_match Bob '^\*\*\* You are banned until .* UTC \*\*\*$'
check 'and no others' lacks Nora 'You are banned'
say Olga '/kick Nora enough'
check 'an operator kicks somebody on another machine' told Nora '*** You have been kicked by Olga: enough ***'

# --- Lockdown --------------------------------------------------------------------------------------------

say Otto '/lockdown on'
check 'the lockdown is turned on' told Otto '*** Lockdown is on: only registered names are let in. ***'
wait_for console.north 'Otto has turned the lockdown on'
connect Nora 127.0.0.1 "$(cat port.north)"
say Nora Nora
check 'on all machines' wait_for Nora '*** Only registered names are let in now. ***'
check 'their logs tell' wait_for console.east 'Otto has turned the lockdown on'

# --- Kept rooms ------------------------------------------------------------------------------------------

say Otto '/join workshop'
check 'a room of a registered name is kept' told Otto '*** You are in #workshop. Here now: nobody else. ***'
say Otto '/topic Saws'
told Otto '*** Otto has set the topic: Saws ***'
say Otto '/room key oak'
say Otto '/invite Olga'
told Otto '*** Olga is invited to #workshop. ***'
say Otto /room
check 'for that name' told Otto \
    '*** Room #workshop is open, needs a key, and anyone may come in. It is kept for Otto. ***'
say Otto '/leave workshop'
wait_for Otto 'You have left #workshop'
is_listed() {
    say Olga /rooms
    settle Olga
    has_line Olga '*** #workshop, 0 here: Saws ***'
}
check 'it is listed on all machines while nobody is in it' within "$patience" is_listed

# --- A machine is lost -----------------------------------------------------------------------------------

machine_signal KILL north
check 'the stream loses its beginning' forget_beginning
machine north --operator Olga --snapshot-every 10
connect Nora 127.0.0.1 "$(cat port.north)"
say Nora Nora
check 'a machine that was killed knows of the lockdown' wait_for Nora '*** Only registered names are let in now. ***'
connect Late -s 127.0.0.3 127.0.0.1 "$(cat port.north)"
check 'and of the bans' wait_for Late '*** You are banned until '
connect Olive 127.0.0.1 "$(cat port.north)"
say Olive Olga
wait_for Olive 'Password: '
say Olive 'a password of hers'
check 'an operator comes in there, and leaves elsewhere' wait_for Olga '*** You have come in from elsewhere. ***'
wait_for Olive '*** Welcome, Olga. '
say Olive '/join workshop'
check 'and comes into the room that is kept there, as somebody who is invited' told Olive \
    '*** You are in #workshop. Topic: Saws. Here now: nobody else. ***'
say Olive '/join lobby'
say Olive '/leave workshop'
say Olive '/lockdown off'
check 'and ends the lockdown' told Olive '*** Lockdown is off: everybody is let in. ***'
say Olive '/unban 127.0.0.2/31'
check 'and the bans' told Olive '*** The ban of 127.0.0.2/31 is lifted. ***'
wait_for console.east 'Olga has lifted the ban of 127.0.0.2/31'
check 'for the others as well' come_from 127.0.0.2 Bob east
say Bob '/join workshop'
check 'who is not, needs the key on all machines' told Bob '*** #workshop needs a key: /join workshop KEY ***'
say Olive '/room forget workshop'
check 'an operator lets the room go' told Olive '*** #workshop is kept no more. ***'
comes_into_it() {
    say Bob '/join workshop'
    settle Bob
    has_line Bob '*** You are in #workshop. Here now: nobody else. ***'
}
check 'on all machines' within "$patience" comes_into_it
say Bob '/join lobby'
say Bob '/leave workshop'
say Olive '/deop Otto'
check 'and that Otto is an operator' told Otto '*** Olga has decided that you are no operator any more ***'
say Otto '/mute Bob'
check 'who is none then' told Otto '*** You have not made #lobby, and only operators keep order in other rooms. ***'

# --- The machines ----------------------------------------------------------------------------------------

say Olive /nodes
check 'operators are told of the machines' told Olive '*** 3 machines: ***'
# is_told_of MACHINE: a message that was long on its way makes a clock seem wrong, so it is asked again.
is_told_of() {
    say Olive /nodes
    settle Olive
    matches Olive \
        "^\*\*\* $1, since [0-9-]+ [0-9:]+, 1 here, heard [0-9]+\.[0-9] s ago, clock [+-]0\.[0-9]+ s, [0-9]+ behind \*\*\*\$"
}
for name in east west 'north, this one'; do
    check "of each, who is there and how far behind: $name" within "$patience" is_told_of "$name"
done
say Olive '/machine on'
wait_for Olive 'Machine mode is on'
say Olive /nodes
check 'programs are told the same' wait_for_match Olive '"type":"reply".*"code":"nodes".*3 machines'
for name in east west north; do
    check "$name stops in order" machine_stop $name
done
finish
