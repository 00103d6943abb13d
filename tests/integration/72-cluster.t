#!/bin/sh
# Goal: people who are connected to different machines are in one chat: they see each other come and go, are
# told apart by their names, and have one order of lines in each room.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'two machines are one chat'
nats_alone
machine east
machine west

# --- Coming and talking -----------------------------------------------------------------------------------

come Alice east
come Bob west
check 'who comes is told who is on the other machine' wait_for Bob \
    '*** Welcome, Bob. Type /help for commands. Here now: Alice. ***'
check 'and is announced there' told Alice '*** Bob has joined the chat ***'
say Alice 'Hello, west!'
check 'a line reaches the other machine' told Bob 'Alice: Hello, west!'
say Bob '/me waves'
check 'and one comes back' told Alice '* Bob waves'
settle Alice
check 'nobody is sent their own lines' lacks Alice 'Alice: Hello'
check 'nobody talks to nobody' lacks Alice 'Nobody else is here'

connect Eve 127.0.0.1 "$(cat port.west)"
say Eve aLICE
check 'a name is taken on all machines' wait_for Eve 'aLICE'
check 'and is refused' lacks Eve 'Welcome'
say Eve Eve
check 'another one is not' told Alice '*** Eve has joined the chat ***'
say Eve '/nick BOB'
say Alice '/nick Eve'
check 'who renames is told the same' told Alice '*** The name Eve is taken. ***'
say Eve '/nick Eva'
check 'a new name is told on the other machine' told Alice '*** Eve is now known as Eva ***'
say Alice '/who'
check 'all are listed' wait_for_match Alice 'Bob.*'
check 'with their new names' wait_for_match Alice 'Eva.*'

# --- Rooms -----------------------------------------------------------------------------------------------

say Alice '/join ops'
wait_for Alice 'You are in #ops'
say Alice '/topic Tea at four'
told Alice '*** Alice has set the topic: Tea at four ***'
say Bob '/join OPS'
check 'a room is the same on all machines' wait_for Bob 'You are in #ops. Topic: Tea at four. Here now: Alice'
check 'and who is in it sees who comes' told Alice '*** Bob has joined #ops ***'
say Bob 'In the room.'
check 'lines of a room reach its members' told Alice 'Bob: In the room.'
settle Eve
check 'and nobody else' lacks Eve 'In the room.'
say Alice '/room key sesame'
check 'a setting is told to all' told Bob '*** Alice has set a key for this room ***'
say Eve '/join ops'
check 'and holds on all machines' told Eve '*** #ops needs a key: /join ops KEY ***'
say Eve '/join ops sesame'
check 'a key does, too' told Alice '*** Eva has joined #ops ***'
say Bob '/topic None of it'
check 'a topic is told on the other machine' told Alice '*** Bob has set the topic: None of it ***'
say Alice '/leave ops'
check 'so is who leaves' told Bob '*** Alice has left #ops ***'

say Bob '/away at lunch'
wait_for Bob 'You are away'
say Alice '/who'
check 'who is away is away on all machines' wait_for Alice 'away: at lunch'

# --- From one to one -------------------------------------------------------------------------------------

say Alice '/msg bob psst'
check 'a private message reaches the other machine' told Bob '[private] Alice: psst'
check 'and that somebody is away is told' told Alice '*** Bob is away: at lunch. ***'
say Bob '/reply what?'
check 'it can be answered' told Alice '[private] Bob: what?'
settle Eve
check 'nobody else is sent it' lacks Eve psst
say Bob '/ignore Alice'
wait_for Bob 'You ignore Alice'
say Alice '/msg Bob not this'
say Alice '/msg Eva but this'
check 'another one is' told Eve '[private] Alice: but this'
settle Bob
check 'who ignores somebody is not sent theirs' lacks Bob 'not this'
say Bob '/unignore Alice'
wait_for Bob 'You do not ignore Alice'

say Alice '/join den'
wait_for Alice 'You are in #den'
say Alice '/room members'
wait_for Alice 'Room #den is open, needs no key, and is by invitation only'
say Bob '/join den'
check 'who is not invited stays out' told Bob '*** #den is by invitation only. ***'
say Alice '/invite Bob'
check 'who is invited is told so' told Bob '*** Alice invites you to #den: /join den ***'
say Bob '/join den'
check 'and comes in' told Alice '*** Bob has joined #den ***'
say Alice '/mute #den'
check 'a room is moderated on all machines' wait_for Bob 'has made this room moderated'
say Bob 'May I?'
check 'who has not the floor is not heard' wait_for Bob '#den is moderated'
say Bob /hand
check 'the floor can be asked for' told Alice '*** Bob asks for the floor in #den: /floor Bob ***'
say Alice '/floor Bob'
check 'and is given' told Bob '*** Alice gives the floor to Bob ***'
say Bob 'Thanks.'
check 'then one is heard' told Alice 'Bob: Thanks.'
say Alice '/kick Bob enough'
check 'who is kicked out of a room is told' told Bob '*** You have been kicked out of #den by Alice: enough ***'
check 'and so are the others' told Alice '*** Bob has been kicked out of #den by Alice: enough ***'

# --- One order -------------------------------------------------------------------------------------------

come_as_program Reader east
come_as_program Witness west
for who in Alice Eva; do
    [ $who = Eva ] && client=Eve || client=$who
    say "$client" '/join lobby'
    seq -f "$who %g" 1 400 >"$who.lines"
    feed "$client" "$who.lines"
done
for who in Reader Witness; do
    wait_for_match $who '"text":"Alice 400".*\}$' && wait_for_match $who '"text":"Eva 400".*\}$'
done
for who in Reader Witness; do
    grep '"type":"say"' "$who" | sed 's/,"time":"[^"]*"//' >"$who.said"
done
is 'every line has come to both machines' "$(wc -l <Reader.said | tr -d ' ')" 800
check 'in one order, with the same numbers' cmp Reader.said Witness.said

# --- Going -----------------------------------------------------------------------------------------------

quit Alice
check 'who goes is told of on the other machine' told Bob '*** Alice has left the chat ***'
come Alice west
check 'and the name is free there' wait_for Bob '*** Alice has joined the chat ***'

machine north
come Norma north
check 'a machine that comes later knows everybody' wait_for_match Norma \
    'Welcome, Norma\. .*Here now: Bob, Eva, Reader, Witness, Alice\. \*\*\*$'
say Norma '/history 3'
check 'and what was said' wait_for Norma ' 400'
check 'a machine that stops does so in order' machine_stop west
check 'and its people have left' wait_for Reader '"type":"leave"'
check 'all of them' wait_for_count 5 Reader '"type":"leave"'
come Bob north
check 'their names are free' wait_for Bob '*** Welcome, Bob. '
check 'the others stop as well' machine_stop east
check 'the last one, too' machine_stop north
finish
