#!/bin/sh
# Goal: while the machines cannot reach each other, people are told, what they say waits, nobody is told
# anything untrue, and all goes on when the link is back. A machine that dies takes its people along.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'what happens while the link is down'

down='*** The link to the other machines is down. What you say waits. ***'
back='*** The link is back. ***'
unsent='*** Not sent: the link to the other machines is down. ***'

# --- What is told at the start --------------------------------------------------------------------------

# refused SENTENCE STATUS WORDS OPTION...: a server with these options does not start.
refused() {
    sentence=$1
    wanted=$2
    words=$3
    shift 3
    try "$partyline" "$@"
    is "$sentence is refused" "$status" "$wanted"
    check 'with its cause' has try.err "$words"
}

closed=$(free_ports 1)
patience_now=$patience
patience=40 # it tries for some seconds, as its nats-servers may be starting
refused 'a server that nobody listens at' 1 'no nats-server can be reached' \
    --listen 127.0.0.1:0 --node east --cluster "nats://127.0.0.1:$closed"
check 'and meanwhile it says that it waits' has try.out \
    'Waiting for the cluster: not all that is asked of the nats-servers is answered yet'
patience=$patience_now
refused 'a name that is none' 2 "--node: 'far east' is not" --node 'far east' --cluster nats://127.0.0.1:1
refused 'a line that is too long for the stream' 2 '--max-line: with --cluster it is 65000 at most' \
    --max-line 1000000 --cluster nats://127.0.0.1:1

# --- A link that is down for a while -------------------------------------------------------------------

nats_alone
machine east --link-timeout 8
machine west --link-timeout 8
come Alice east
come Bob west
come Carol west
come Dora west
come Emil west
come_as_program Robot east
told Alice '*** Robot has joined the chat ***'

kill -STOP "$nats_alone_process"
check 'people are told' wait_for Alice "$down" 20
check 'on all machines' wait_for Bob "$down" 20
check 'and programs' wait_for Robot '"type":"link"' 20
check 'in their way' wait_for Robot '"change":"down"'
say Alice 'It waits.'
say Bob '/msg Carol psst'
check 'a private message within a machine goes on' told Carol '[private] Bob: psst'
say Bob '/who'
check 'so do questions' wait_for_match Bob '6 here'
check 'who quits is let go' quit Dora
check 'with a goodbye' has Dora '*** Goodbye. ***'
hang_up Emil
say Bob '/who'
check 'and is there still, as far as all know' wait_for_count 2 Bob '6 here'
kill -CONT "$nats_alone_process"
check 'people are told that it is back' wait_for Alice "$back" 20
check 'and programs are' wait_for Robot '"change":"up"'
check 'what was said meanwhile arrives' told Bob 'Alice: It waits.'
check 'who has quit leaves' wait_for Alice '*** Dora has left the chat ***'
check 'as does who has hung up' wait_for Alice '*** Emil has left the chat ***'
settle Alice
check 'once' counted 1 Bob '^Alice: It waits'
check 'and nobody was told that it was not sent' lacks Alice 'Not sent'

# --- And one that is down for longer -------------------------------------------------------------------

come Owen east
say Owen '/join own'
wait_for Owen 'You are in #own'
kill -STOP "$nats_alone_process"
wait_for_count 2 Alice 'link to the other machines is down' 20
# The first change may be in a message, of which nobody knows whether it has arrived; the others are not.
say Alice 'It may be on its way.'
say Bob 'Nor this.'
say Carol '/topic Nothing'
say Robot 'Nor that.'
say Owen '/room hidden'
check 'what has waited for too long is given up' wait_for_match Bob 'Not sent' 30
check 'so is what a program says' wait_for Robot '"code":"unlinked"' 30
check 'and what a command would change' told Carol \
    '*** The link to the other machines is down. The topic is as it was. ***'
check 'also of a room' told Owen '*** The link to the other machines is down. Nothing was changed. ***'
kill -CONT "$nats_alone_process"
check 'the link comes back' wait_for_count 2 Alice 'The link is back' 20
say Bob 'Again.'
check 'and people are heard' told Alice 'Bob: Again.'
quit Owen
check 'what was given up was never said' lacks Alice 'Nor'
check 'by anybody' lacks Carol 'Nor that'
if has Alice "$unsent"; then
    check 'what was not sent has not arrived' lacks Bob 'It may be'
else
    check 'what was on its way has arrived' told Bob 'Alice: It may be on its way.'
fi

# --- A machine that dies --------------------------------------------------------------------------------

machine_signal KILL west
check 'its people leave' wait_for Alice '*** Carol has left the chat ***' 20
check 'all of them' wait_for Alice '*** Bob has left the chat ***' 20
come Bob east
check 'and their names are free' told Alice '*** Bob has joined the chat ***'

# --- A machine that stands still ------------------------------------------------------------------------

machine north
come Norma north
come Nicky north
come Nils north
say Norma '/join den'
wait_for Norma 'You are in #den'
say Norma '/room key latch'
say Norma '/room hidden'
wait_for Norma 'Room #den is hidden, needs a key'
say Nils '/join den latch'
wait_for Nils 'You are in #den'
say Norma '/join ops'
wait_for Norma 'You are in #ops'
say Alice '/join ops'
wait_for Alice 'You are in #ops'
say Alice '/join lobby'
check 'a machine stands still' machine_halt north
say Alice '/msg Norma Are you there?'
check 'its people leave, too' wait_for Alice '*** Norma has left the chat ***' 20
wait_for Alice '*** Nicky has left the chat ***' 20
check 'whose private message is not answered for is told so' wait_for Alice \
    '*** The link to the other machines is down. Whether your message arrives is not known. ***' 20
come Nicky2 east
say Nicky2 '/nick Nicky'
told Alice '*** Nicky2 is now known as Nicky ***'
say Alice 'Where are they?'
machine_signal CONT north
check 'when it goes on, they come in again' wait_for_count 2 Alice '^\*\*\* Norma has joined the chat' 20
check 'and are told who is there' wait_for_count 2 Norma 'Welcome, Norma\. ' 20
check 'in their rooms' wait_for_count 2 Norma '^\*\*\* You are in #ops' 20
check 'and guests, too' wait_for_count 2 Nils '^\*\*\* You are in #den' 20
say Alice '/join den'
check 'which are as shut as they were, though all had left them' told Alice '*** #den needs a key: /join den KEY ***'
say Norma '/join den'
say Norma '/room open'
check 'and belong to whoever made them' wait_for Norma 'Room #den is open, needs a key'
say Norma '/join ops'
settle Norma
say Norma 'Here I am.'
check 'they are heard' told Alice '#ops Norma: Here I am.'
say Alice '/msg Norma Welcome back.'
check 'and hear' told Norma '[private] Alice: Welcome back.'
say Alice '/who'
check 'nobody is there twice' wait_for Alice '*** 6 here: ***'
check 'whose name was taken is told so' told Nicky \
    '*** Your name was taken while this machine was cut off. ***'
check 'and is out' closed Nicky

check 'it stops in order' machine_stop north

# --- What others put into the stream ----------------------------------------------------------------------

sound='"\x8FPLC" . pack("C2 n Q>3", 1, 1, 0, 1, 1, 1)'
newer='"\x8FPLC" . pack("C2 n Q>3", 9, 9, 0, 1, 1, 1)'
check 'somebody writes to the stream' put_into_stream '"Hello"'
check 'what is foreign is left out' wait_for console.east 'of the stream is left out: it is not from a partyline'
check 'somebody writes what seems to be ours' put_into_stream "$sound"
check 'what is garbled is, too' wait_for console.east 'of the stream is left out: it is garbled'
say Bob 'Still here?'
check 'and people talk on' told Alice 'Bob: Still here?'
check 'a newer version writes' put_into_stream "my \$m = $newer; \$m . pack(\"N\", crc32(\$m))"
check 'who cannot read it says so' wait_for console.east 'This machine leaves the cluster: a newer version'
check 'and tells people that it stops' told Alice '*** The server is shutting down. ***'
ended "$(cat machine.east)" 20
is 'it ends, and would again' "$status" 2
refused 'starting it again' 1 'cannot take part in the cluster: a newer version has written' \
    --listen 127.0.0.1:0 --node east --cluster "$servers"
finish
