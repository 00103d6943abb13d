#!/bin/sh
# Goal: who has made a room keeps order in it: kicks people out of it, who are told, as the others are.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Alice
say Alice '/join ops'
told Alice '*** You are in #ops. Here now: nobody else. ***'
enter Bob
say Bob '/join ops'
check 'Bob is in the room' told Alice '*** Bob has joined #ops ***'
say Bob '/kick Alice'
check 'only who made it kicks' told Bob \
    '*** You have not made #ops, and only operators keep order in other rooms. ***'
enter Carol
say Carol '/join ops'
told Alice '*** Carol has joined #ops ***'
say Alice '/kick carol'
check 'who is kicked out is told' told Carol '*** You have been kicked out of #ops by Alice ***'
check 'and where they are' told Carol '*** You are in #lobby. Here now: Alice, Bob. ***'
check 'and the others' told Bob '*** Carol has been kicked out of #ops by Alice ***'
check 'and who has kicked' told Alice '*** Carol is kicked out of #ops. ***'
say Bob '/leave lobby'
told Bob '*** You have left #lobby. You are in #ops. ***'
say Alice '/kick Bob too loud'
check 'with the reason' told Bob '*** You have been kicked out of #ops by Alice: too loud ***'
check 'whoever has no other room is in the lobby' told Bob '*** You are in #lobby. Here now: Alice, Carol. ***'
check 'and has joined it' told Carol '*** Bob has joined the chat ***'
say Bob 'quieter now'
check 'and talks there' told Carol 'Bob: quieter now'
say Alice '/kick Bob'
check 'nobody is kicked out of a room where they are not' told Alice '*** Bob is not in #ops. ***'
say Alice '/kick Alice'
check 'nor by themselves' told Alice '*** That is you. /leave leaves a room, /quit the chat. ***'
# Who speaks in a room.
say Bob '/join ops'
wait_for_count 2 Alice 'Bob has joined #ops'
say Carol '/join ops'
wait_for_count 2 Alice 'Carol has joined #ops'
say Alice '/mute Bob'
check 'the owner mutes somebody in the room' told Alice '*** Bob is muted in #ops. ***'
say Bob 'am I heard?'
check 'who is told, and not heard' told Bob '*** You are muted in #ops. Nothing was sent. ***'
say Bob '/me waves: am I heard?'
say Bob '/topic am I heard?'
check 'however it is said' wait_for_count 3 Bob '^\*\*\* You are muted in #ops\. Nothing was sent\. \*\*\*$'
say Alice '/unmute Bob'
told Alice '*** Bob is not muted any more. ***'
say Alice '/unmute Bob'
check 'what is lifted is lifted once' told Alice '*** Bob is not muted. ***'
say Bob 'again'
check 'until that is lifted' told Carol 'Bob: again'
say Alice '/mute Bob 10m'
check 'a mute may have an end' wait_for_match Alice '^\*\*\* Bob is muted in #ops until ([0-9-]{10} )?[0-9]{2}:[0-9]{2}\. \*\*\*$'
say Bob 'am I heard yet?'
check 'which is told' wait_for_match Bob '^\*\*\* You are muted in #ops until ([0-9-]{10} )?[0-9]{2}:[0-9]{2}\. Nothing was sent\. \*\*\*$'
say Alice '/unmute Bob'
wait_for_count 2 Alice 'Bob is not muted any more'
say Alice '/mute Bob 10'
check 'a number without a unit is none' wait_for Alice '*** A duration is a number'
say Bob '/hand'
check 'who may speak asks for no floor' told Bob '*** You may speak in #ops. ***'
say Bob '/mute #ops'
check 'only who made a room has it moderated' told Bob '*** You have not made #ops, so you cannot change it. ***'
say Alice '/mute #ops'
check 'whoever made it is told how it goes on' told Alice '*** #ops is moderated: /floor NAME gives the floor. ***'
check 'a room is moderated' told Carol '*** Alice has made this room moderated: /hand asks for the floor ***'
say Carol 'am I heard now?'
check 'then not everybody speaks' told Carol '*** #ops is moderated: /hand asks for the floor. Nothing was sent. ***'
say Alice 'order, please'
check 'who has made the room speaks' told Carol 'Alice: order, please'
say Carol /hand
check 'but asks for the floor' told Alice '*** Carol asks for the floor in #ops: /floor Carol ***'
say Alice '/floor Carol'
check 'and is given it' told Bob '*** Alice gives the floor to Carol ***'
say Carol 'thank you'
check 'and speaks' told Bob 'Carol: thank you'
say Alice '/floor Carol off'
check 'until it is taken' told Bob '*** Alice takes the floor from Carol ***'
check 'and who has taken it, too' told Alice '*** Alice takes the floor from Carol ***'
say Alice '/floor Carol off'
check 'what was taken is not there' told Alice '*** Carol has not been given the floor. ***'
say Carol '/topic am I heard?'
check 'without the floor nobody sets the topic' wait_for_count 2 Carol '^\*\*\* #ops is moderated: /hand asks for the floor\. Nothing was sent\. \*\*\*$'
say Alice '/leave'
told Carol '*** Alice has left #ops ***'
say Carol /hand
check 'there may be nobody to ask' told Carol '*** Nobody is in #ops who could give you the floor. ***'
say Alice '/join ops'
told Carol '*** Alice has joined #ops ***'
say Alice '/unmute #ops'
check 'whoever made the room lets them' told Alice '*** #ops is not moderated any more. ***'
check 'or everybody speaks again' told Bob '*** Alice lets everyone speak in this room ***'
is 'what was refused was not heard' "$(grep -c 'am I heard' Alice Bob Carol | tr '\n' ' ')" 'Alice:0 Bob:0 Carol:0 '
# An invitation does not outlast a kick.
say Alice '/room members'
told Carol '*** Alice lets only who is invited into this room ***'
say Alice '/invite Bob'
say Bob '/leave ops'
told Alice '*** Bob has left #ops ***'
say Alice '/invite Bob'
told Bob '*** Alice invites you to #ops: /join ops ***'
say Bob '/join ops'
wait_for_count 3 Alice 'Bob has joined #ops'
say Alice '/kick Bob once more'
told Bob '*** You have been kicked out of #ops by Alice: once more ***'
say Bob '/join ops'
check 'an invitation is withdrawn' told Bob '*** #ops is by invitation only. ***'
say Bob '/ban Carol'
check 'operators have more to do that with' told Bob '*** Only operators may do that. ***'
stop
peer='[(]127\.0\.0\.1:[0-9]*[)]'
for line in "Alice has muted Bob $peer in #ops" "Alice has muted Bob $peer in #ops until [0-9: -]*" \
    "Alice has unmuted Bob $peer in #ops" 'Alice has muted #ops' 'Alice has unmuted #ops' \
    "Alice has given the floor to Carol $peer in #ops" "Alice has taken the floor from Carol $peer in #ops"; do
    check "the log has: $line" matches console "^$line\$"
done
check 'the log has who has kicked whom' grep -q '^Alice has kicked Bob (127.0.0.1:[0-9]*) out of #ops: too loud$' console
check 'and why somebody has left the room' grep -q '^Bob (127.0.0.1:[0-9]*) has left #ops: kicked by Alice: too loud$' console
finish
