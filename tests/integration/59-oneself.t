#!/bin/sh
# Goal: what somebody decides for oneself alone: to be away, to ignore somebody, and not to see who comes and goes.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Alice
enter Bob
enter Carol
wait_for Alice 'Carol has joined'

# --- Away ---------------------------------------------------------------------------------------------

say Alice '/away lunch'
check 'somebody says that it is away' told Alice '*** You are away: lunch. What you say next ends it. ***'
say Bob '/msg Alice are you there?'
check 'a message to it arrives all the same' told Alice '[private] Bob: are you there?'
check 'and is answered with why it does not answer' told Bob '*** Alice is away: lunch. ***'
say Bob '/who'
check '/who shows it' wait_for_match Bob '^\*\*\* Alice, idle [0-9]+ s, away: lunch \*\*\*$'
check 'of nobody else' wait_for_match Bob '^\*\*\* Carol, idle [0-9]+ s \*\*\*$'
say Alice /away
check 'it may say so without a reason' told Alice '*** You are away. What you say next ends it. ***'
say Bob '/msg Alice hm'
check 'then none is told' told Bob '*** Alice is away. ***'
say Bob '/who'
check 'nor shown' wait_for_match Bob '^\*\*\* Alice, idle [0-9]+ s, away \*\*\*$'
say Alice "/away $(printf '%0201d' 0)"
check 'a reason has a limit' told Alice '*** That is too long: the limit is 200 bytes. ***'
say Alice /who
say Alice ''
settle Alice
is 'a command does not end it, nor does an empty line' "$(count Alice 'not away any more')" 0
say Alice 'Back again.'
check 'what it says ends it' told Alice '*** You are not away any more. ***'
check 'and is said' told Bob 'Alice: Back again.'
say Alice 'Really.'
settle Alice
is 'it is told once' "$(count Alice 'not away any more')" 1
say Bob '/msg Alice hello'
settle Bob
is 'and nobody is told any more' "$(count Bob 'is away')" 2
say Alice '/away nap'
told Alice '*** You are away: nap. What you say next ends it. ***'
say Carol '/msg Alice psst'
check 'a message from another one' told Carol '*** Alice is away: nap. ***'
say Alice '/reply ssh'
check 'a private answer ends it, too' wait_for_count 2 Alice '^\*\*\* You are not away any more\. \*\*\*$'
say Bob '/away'
say Bob '/me yawns'
check 'and so does /me' told Bob '*** You are not away any more. ***'

# --- Ignoring -----------------------------------------------------------------------------------------

say Alice /ignore
check 'at first nobody is ignored' told Alice '*** Nobody is ignored. ***'
say Alice '/ignore BOB'
check 'somebody is ignored' told Alice '*** You ignore Bob. /unignore Bob ends it. ***'
say Bob 'noise in the room'
say Bob '/me makes noise'
say Bob '/msg Alice noise in private'
say Bob '/invite Alice'
say Bob '/away noise'
settle Bob
say Carol 'no sound'
check 'others are heard' told Alice 'Carol: no sound'
check 'and hear all' told Carol '* Bob makes noise'
say Alice 'Can you hear me?'
check 'who is ignored hears whoever ignores it' told Bob 'Alice: Can you hear me?'
say Alice '/msg Bob psst'
check 'in private, too' told Bob '[private] Alice: psst'
say Alice '/reply who?'
settle Alice
is 'nothing of it was heard' "$(grep -c noise Alice)" 1
check 'but why it is away' told Alice '*** Bob is away: noise. ***'
check 'an answer goes to whoever was heard last' told Carol '[private] Alice: who?'
say Bob 'x'
say Bob '/nick Rob'
check 'a new name is told' told Alice '*** Bob is now known as Rob ***'
say Bob 'noise by another name'
settle Bob
say Alice /ignore
check 'the list has the old name and the new one' told Alice '*** You ignore Bob, now called Rob. ***'
say Alice '/ignore Rob'
check 'who is ignored is ignored once' told Alice '*** You ignore Rob already. ***'
say Alice '/ignore alice'
check 'nobody ignores itself' told Alice '*** You cannot ignore yourself. ***'
quit Bob
enter Bob
wait_for Alice 'Bob has joined'
say Bob 'noise after coming back'
settle Bob
say Alice '/history'
settle Alice
is 'nothing of it was heard, nor shown by /history, under either name' "$(grep -c noise Alice)" 1
check 'others are shown all of it' lacks Bob 'ignore'
say Alice '/unignore bob'
check 'somebody is not ignored any more' told Alice '*** You do not ignore Bob any more. ***'
say Bob 'music'
check 'and heard' told Alice 'Bob: music'
say Alice '/unignore bob'
check 'only who is ignored can be heard again' told Alice '*** You do not ignore Bob. ***'
say Alice '/unignore'
check 'a name is needed' told Alice '*** Usage: /unignore NAME ***'
say Alice '/ignore Nemo'
check 'somebody may be ignored before it comes' told Alice '*** You ignore Nemo, who is not here now. ***'
say Alice '/join ops'
wait_for Alice 'You are in #ops'
enter Nemo
say Nemo 'noise in another room'
settle Nemo
say Bob 'silence in another room'
check 'in all rooms' told Alice '#lobby Bob: silence in another room'
is 'nothing is heard' "$(grep -c noise Alice)" 1
say Alice '/leave ops'

# A long list is told in pieces, which wait for the reader.
connect Listy
say Listy '/machine on'
say Listy Listy
wait_for Listy '"type":"welcome"'
i=0
while [ $i -lt 65 ]; do
    i=$((i + 1))
    printf '/ignore ghost%d\n' $i
done >ghosts
printf '/ignore\n' >>ghosts
feed Listy ghosts
check 'a long list is told in pieces' wait_for_count 2 Listy '"code":"ignored"'
check 'up to its end' wait_for Listy 'You ignore ghost65.'
while [ $i -lt 1000 ]; do
    i=$((i + 1))
    printf '/ignore ghost%d\n' $i
done >ghosts
printf '/ignore one_more\n' >>ghosts
feed Listy ghosts
check 'a thousand people are ignored, and no more' wait_for Listy \
    '"code":"too-many-ignored","text":"You ignore 1000 people, which is the limit. /unignore NAME ends one."'
say Listy /quit
wait_for Listy '"code":"quit"'
leave Listy

# --- Comings and goings -------------------------------------------------------------------------------

say Carol '/quiet on'
check 'who does not want to see who comes and goes says so' told Carol '*** Comings and goings are not shown. ***'
enter Eve
quit Eve
say Bob '/join den'
say Bob '/leave lobby'
settle Bob
say Alice '/nick Ally'
check 'a new name is shown all the same' told Carol '*** Alice is now known as Ally ***'
say Alice 'quiet here'
check 'and what is said' told Carol 'Ally: quiet here'
check 'others see who comes' told Alice '*** Eve has joined the chat ***'
is 'nobody has come or gone' "$(count Carol 'Eve') $(count Carol 'Bob has left')" '0 0'
say Carol '/quiet off'
check 'until it wants to' told Carol '*** Comings and goings are shown. ***'
enter Finn
check 'they are shown again' told Carol '*** Finn has joined the chat ***'
stop

# --- At a terminal, and for a program -----------------------------------------------------------------

# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"

# seen PERSON TEXT: waits until the screen has it, behind the time.
seen() {
    within "$patience" on_screen "$@"
}
on_screen() {
    screen "$1" | grep -qF -- "$2"
}

start --listen 127.0.0.1:0 --telnet 127.0.0.1:0
telnet_port=$(sed -n "2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p" console)
enter Bob
enter Carol
seat Alice 80 24 telnet 127.0.0.1 "$telnet_port"
ends Alice 'Enter your name:'
type_in Alice 'Alice'
press Alice Enter
check 'somebody comes by a terminal' ends Alice 'Alice>'
type_in Alice '/ignore bob'
press Alice Enter
check 'somebody at a terminal ignores somebody' seen Alice '*** You ignore Bob. /unignore Bob ends it. ***'
say Bob 'noise'
say Bob 'Alice: noise for you'
say Bob '/msg Alice noise for you alone'
settle Bob
say Carol 'music'
check 'others are seen' seen Alice 'Carol: music'
is 'and nothing of who is ignored' "$(screen Alice | grep -c noise)" 0
type_in Alice '/quiet'
press Alice Enter
check 'comings and goings are not shown' seen Alice '*** Comings and goings are not shown. ***'
enter Dora
say Dora 'here I am'
check 'who has come is seen to speak' seen Alice 'Dora: here I am'
is 'but was not seen to come' "$(screen Alice | grep -c 'Dora has joined')" 0
type_in Alice '/away tea'
press Alice Enter
check 'at a terminal one may be away' seen Alice '*** You are away: tea. What you say next ends it. ***'
type_in Alice 'sip'
press Alice Enter
check 'and come back' seen Alice '*** You are not away any more. ***'
stop
finish
