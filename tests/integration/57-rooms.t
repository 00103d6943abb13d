#!/bin/sh
# Goal: rooms: coming, going, who is told what and how often, topics, keys, invitations, hidden rooms, limits.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --max-rooms 4 --rooms-per-client 3
enter Bob
enter Alice
wait_for Bob 'Alice has joined the chat'
say Alice '/join ops'
check '/join makes a room, and tells who is there' told Alice '*** You are in #ops. Here now: nobody else. ***'
say Alice '/topic deploys'
check 'a topic is told to all in the room' told Alice '*** Alice has set the topic: deploys ***'
say Bob '/join #OPS'
check 'a room is found by its name in either case, with or without #' told Bob \
    '*** You are in #ops. Topic: deploys. Here now: Alice. ***'
check 'the others there are told' told Alice '*** Bob has joined #ops ***'
say Bob /topic
check '/topic tells the topic' told Bob '*** #ops: deploys ***'
enter Carol
check 'lines of another room have it in front' told Bob '#lobby *** Carol has joined the chat ***'
say Carol 'hello lobby'
check 'so has what is said there' told Bob '#lobby Carol: hello lobby'
say Bob 'the disk is full'
check 'what is said goes to the current room' told Alice 'Bob: the disk is full'
say Bob '/join lobby'
check 'a room that one is in becomes current' told Bob '*** You are in #lobby. Here now: Alice, Carol. ***'
say Bob 'lunch?'
check 'and what is said goes there' told Carol 'Bob: lunch?'
check 'with the room in front for who is elsewhere' told Alice '#lobby Bob: lunch?'
say Alice '/me nods'
check 'actions, too' told Bob '#ops * Alice nods'
is 'who is not in a room gets nothing of it' "$(grep -c 'disk\|nods\|#ops' Carol)" 0

say Carol /rooms
check '/rooms counts the rooms' told Carol '*** 2 rooms: ***'
check 'and has a line for each' told Carol '*** #ops, 2 here: deploys ***'
check 'also without a topic' told Carol '*** #lobby, 3 here ***'
say Carol '/who ops'
check '/who ROOM tells who is there' told Carol '*** 2 here: ***'
enter Eve
say Eve '/join attic'
say Eve /who
check '/who alone is of the current room' told Eve '*** 1 here: ***'
say Eve '/leave lobby'
check 'who leaves the lobby has left a room as any other' told Carol '*** Eve has left #lobby ***'
say Eve '/join lobby'
check 'and coming back to it is coming to the chat' wait_for_count 2 Carol '^\*\*\* Eve has joined the chat \*\*\*$'
quit Eve
wait_for Carol 'Eve has left the chat'
say Carol '/who nowhere'
check 'a room that is not there is named' told Carol '*** There is no room #nowhere. ***'
say Carol '/leave ops'
check 'so is one where one is not' told Carol '*** You are not in #ops. ***'
say Carol '/leave'
check 'the last room cannot be left' told Carol \
    '*** #lobby is the only room that you are in. /quit leaves the chat. ***'
for wrong in '/join a/b' '/join #' '/join x!' "/join $(printf '%033d' 0)"; do
    say Carol "$wrong"
done
check 'names of rooms have rules' wait_for_count 4 Carol 'The name of a room has 1 to 32 characters'
longest=abcdefghijklmnopqrstuvw.x-y_z-01
say Carol "/join $longest"
check 'so long a name is one, with all its signs' told Carol "*** You are in #$longest. Here now: nobody else. ***"
say Carol /leave
say Carol "/join $(printf 'caf\303\251')"
say Carol "/topic one room"
say Carol "/join $(printf '#CAFE\314\201')"
check 'names of rooms are compared as names are' wait_for_count 2 Carol "^\\*\\*\\* You are in #$(printf 'caf\303\251')\\. "
check 'and it is one room' told Carol "*** You are in #$(printf 'caf\303\251'). Topic: one room. Here now: nobody else. ***"
say Carol /leave
wait_for_count 2 Carol 'You are in #lobby\. \*\*\*$'

# Keys, invitations, hidden rooms; Alice has made #ops.
say Bob '/join ops'
say Bob '/room hidden'
check 'only who made a room changes it' told Bob '*** You have not made #ops, so you cannot change it. ***'
say Alice '/room key sesame'
check 'a key is told of, not told' told Bob '*** Alice has set a key for this room ***'
check 'who changes a room is told what holds now' told Alice \
    '*** Room #ops is open, needs a key, and anyone may come in. ***'
say Carol '/join ops'
check 'without the key nobody comes in' told Carol '*** #ops needs a key: /join ops KEY ***'
say Carol '/join ops open'
check 'nor with another one' told Carol '*** That is not the key of #ops. ***'
say Alice '/invite Carol'
check 'an invitation is told to who is invited' told Carol '*** Alice invites you to #ops: /join ops ***'
check 'and confirmed' told Alice '*** Carol is invited to #ops. ***'
say Carol '/join ops'
check 'it opens the door' told Carol '*** You are in #ops. Topic: deploys. Here now: Alice, Bob. ***'
say Alice '/invite Carol'
check 'who is there is not invited' told Alice '*** Carol is in #ops already. ***'
say Carol '/leave'
check '/leave tells where one is then' told Carol '*** You have left #ops. You are in #lobby. ***'
check 'and the others that one has left' told Bob '*** Carol has left #ops ***'
say Alice '/room members'
check 'members: by invitation only' told Bob '*** Alice lets only who is invited into this room ***'
enter Dave
say Dave '/join ops sesame'
check 'others do not come in, key or not' told Dave '*** #ops is by invitation only. ***'
say Alice '/room hidden'
check 'a room is hidden' told Bob '*** Alice has hidden this room ***'
say Dave '/rooms'
check 'who is not in a hidden room does not see it' told Dave '*** 1 room: ***'
say Dave '/who ops'
check 'nor who is there' told Dave '*** There is no room #ops. ***'
say Bob '/rooms'
check 'who is in does' wait_for_count 1 Bob '#ops, 2 here'
for change in open 'key none' anyone; do
    say Alice "/room $change"
done
check 'that a room is not hidden any more is told' told Bob '*** Alice has made this room open to see ***'
check 'so is that it has no key any more' told Bob '*** Alice has removed the key of this room ***'
check 'and that anyone may come' told Bob '*** Alice lets anyone into this room ***'
check 'all of that is undone' told Alice '*** Room #ops is open, needs no key, and anyone may come in. ***'
say Alice '/room nonsense'
check 'anything else is refused' told Alice \
    '*** Usage: /room [hidden|open|key KEY|key none|members|anyone|keep|forget [ROOM]] ***'
say Alice '/room hidden members'
check 'so are two things at a time' wait_for_count 2 Alice '^\*\*\* Usage: /room '
say Alice "/topic $(printf '%0401d' 0)"
check 'a topic has a limit' told Alice '*** That topic is too long: the limit is 400 bytes. ***'
say Alice '/topic none'
check 'and is removed' told Bob '*** Alice has removed the topic ***'

# Limits.
say Dave '/join one'
say Dave '/join two'
check 'one client may be in so many rooms' told Dave '*** You are in #two. Here now: nobody else. ***'
say Dave '/join ops'
check 'and no more' told Dave '*** You are in 3 rooms, and cannot be in more. /leave one first. ***'
say Carol '/join three'
check 'there may be so many rooms' told Carol \
    '*** There are as many rooms as there may be. /rooms lists them. ***'
say Dave '/leave two'
check 'a room may be left by its name' told Dave \
    '*** You have left #two. You are in #lobby. ***'
say Carol '/join three'
check 'a room is gone with its last member' told Carol '*** You are in #three. Here now: nobody else. ***'

# Of what concerns somebody in all rooms everybody is told once. Alice and Bob are in #lobby and #ops both.
say Alice '/nick Al'
check 'a new name is told' told Bob '*** Alice is now known as Al ***'
check 'to who shares one room' told Dave '*** Alice is now known as Al ***'
quit Alice
check 'so is leaving' told Bob '*** Al has left the chat ***'
say Bob '/sync once'
wait_for Bob 'Synced: once'
is 'each of them once' "$(count Bob 'Alice is now known as Al') $(count Bob 'Al has left the chat')" '1 1'
check 'the log has rooms' within "$patience" has console '#ops Bob: the disk is full'
stop

# Each room has its own order and flow: a flood in one leaves talk in another alone.
start
enter Alice
enter Bob
enter Flood
say Flood '/join pool'
wait_for Flood 'You are in #pool'
say Alice '/join desk'
wait_for Alice 'You are in #desk'
say Bob '/join desk'
wait_for Alice 'Bob has joined #desk'
{ seq -f 'flood %.0f' 1 20000 && echo '/sync over'; } >flood
feed Flood flood
i=0
while [ $i -lt 50 ]; do
    i=$((i + 1))
    say Alice "talk $i"
    wait_for Bob "talk $i" || break
done
is 'people talk beside a flood in another room' $i 50
check 'and the flood gets through' wait_for Flood 'Synced: over'
is 'of which they hear nothing' "$(count Bob 'flood')" 0
stop

# At a terminal.
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"
start --listen 127.0.0.1:0 --telnet 127.0.0.1:0
telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
enter Bob
say Bob '/join operations'
wait_for Bob 'You are in #operations'
seat Alice 80 24 telnet 127.0.0.1 "$telnet_port"
ends Alice 'Enter your name:'
type_in Alice 'Alice'
press Alice Enter
check 'in the lobby the prompt is the name' ends Alice 'Alice>'
type_in Alice '/join #op'
press Alice Tab
check 'TAB completes rooms' ends Alice 'Alice> /join #operations'
press Alice Enter
check 'in another room the prompt has it in front' ends Alice '#operations Alice>'
say Bob 'the disk is full'
disk_is_full() {
    screen Alice | grep -qE '^[0-9:]{5} Bob: the disk is full$'
}
check 'what is said there has no room in front' within "$patience" disk_is_full
type_in Alice '/leave'
press Alice Enter
check 'and back in the lobby it is the name again' ends Alice 'Alice>'
stop
finish
