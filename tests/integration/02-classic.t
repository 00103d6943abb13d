#!/bin/sh
# Goal: with --no-welcome the dialog is the classic one, byte for byte, for everyone in it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --no-welcome

enter Bob
enter Alice
wait_for Bob '*** Alice has joined the chat ***'
say Alice 'Hi all!'
wait_for Bob 'Alice: Hi all!'
say Bob 'Hello.'
wait_for Alice 'Bob: Hello.'
enter Carol
wait_for Alice '*** Carol has joined the chat ***'
say Carol 'Me, too.'
wait_for Alice 'Carol: Me, too.'
leave Alice
wait_for Bob '*** Alice has left the chat ***'
wait_for Carol '*** Alice has left the chat ***'

same 'a newcomer gets no welcome, and nothing from before; a speaker gets nothing back' Alice "\
Enter your name: Bob: Hello.\n\
*** Carol has joined the chat ***\n\
Carol: Me, too.\n"
same 'who stays is told of everyone who comes, talks and goes' Bob "\
Enter your name: *** Alice has joined the chat ***\n\
Alice: Hi all!\n\
*** Carol has joined the chat ***\n\
Carol: Me, too.\n\
*** Alice has left the chat ***\n"
same 'who comes last gets what follows their own coming' Carol "\
Enter your name: *** Alice has left the chat ***\n"
check 'the server stops with status 0' stop

start --no-welcome --idle-timeout 1
connect Alice
say Alice Alice
same 'an idle person gets the classic notice' Alice 'Enter your name: Disconnected: idle timeout.\n'
check 'and is disconnected' closed Alice

finish
