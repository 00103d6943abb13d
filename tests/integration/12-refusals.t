#!/bin/sh
# Goal: who is refused gets the reason in one line and a closed connection, and those who are in stay in.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --max-clients 2
enter Alice
connect Bob
wait_for Bob 'Enter your name: '
connect Carol
same 'who comes when the chat is full gets one line that says so' Carol \
    '*** The chat is full. Try again later. ***\n'
check 'and is disconnected' closed Carol
check 'the log has it, too' wait_for_match console \
    '^127\.0\.0\.1:[0-9]+ was refused: the chat is full'
say Bob Bob
check 'who was at the prompt had a place' wait_for Alice '*** Bob has joined the chat ***'
quit Bob
# come_again NAME: connects, and is asked for a name. A place is given up when the connection has ended on both sides.
come_again() {
    connect "$1"
    within "$patience" has_any "$1"
    has "$1" 'Enter your name: '
}
has_any() {
    [ -s "$1" ]
}
within "$patience" come_again Dave
say Dave Dave
check 'a place that was given up can be taken' wait_for Alice '*** Dave has joined the chat ***'
is 'nobody is told of who was refused' "$(sed 1d Alice | tr '\n' '|')" \
    '*** Bob has joined the chat ***|*** Bob has left the chat ***|*** Dave has joined the chat ***|'
check 'the server stops' stop

start --max-per-host 2
enter Alice
connect Bob
wait_for Bob 'Enter your name: '
connect Carol
same 'who comes from a crowded address gets one line that says so' Carol \
    '*** Too many connections from your address. ***\n'
check 'and is disconnected' closed Carol
check 'the log has it, too' wait_for_match console \
    '^127\.0\.0\.1:[0-9]+ was refused: too many connections from its address'
if nc -z -s 127.0.0.2 127.0.0.1 "$port" 2>/dev/null; then
    enter Dave -s 127.0.0.2 127.0.0.1 "$port"
    check 'who comes from another address is welcome' wait_for Alice '*** Dave has joined the chat ***'
else
    skip 'who comes from another address is welcome' 'there is no second address'
fi
hang_up Bob
check 'a place that was given up can be taken from the same address' within "$patience" come_again Erin
check 'the server stops' stop

start
enter Alice
connect Bob
wait_for Bob 'Enter your name: '
enter Carol
wait_for Alice 'Carol has joined'
check 'SIGTERM stops the server, with status 0' stop
same 'everyone is told that the server is shutting down' Alice "\
Enter your name: *** Welcome, Alice. Type /help for commands. Here now: nobody else. ***\n\
*** Carol has joined the chat ***\n\
*** The server is shutting down. ***\n"
check 'so are all the others' told Carol '*** The server is shutting down. ***'
same 'so is who is at the prompt, on a line of its own' Bob \
    'Enter your name: \n*** The server is shutting down. ***\n'
check 'their connections are closed' closed Alice
check 'that of who is at the prompt, too' closed Bob
check 'the log has the reason' matches console '^Alice \(127\.0\.0\.1:[0-9]+\) has left: shutdown$'

finish
