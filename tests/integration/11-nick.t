#!/bin/sh
# Goal: /nick changes a name for everyone, under the same rules as at the prompt, and nobody is thrown
# out for trying.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Bob
enter Alice
wait_for Bob 'Alice has joined'

say Alice '/nick Ally'
check 'the others are told of a new name' within "$patience" has_line Bob '*** Alice is now known as Ally ***'
check 'so is the asker' within "$patience" has_line Alice '*** Alice is now known as Ally ***'
say Alice hi
check 'lines bear the new name' wait_for Bob 'Ally: hi'
check 'the log is told as well' wait_for console 'Alice is now known as Ally'

before=$(wc -l <Alice)
refuses() {
    send Alice "/nick $2\\n"
    check "$1" within "$patience" got_notice "$3"
    before=$((before + 1))
}
got_notice() {
    [ "$(wc -l <Alice)" -eq $((before + 1)) ] && tail -n 1 Alice | grep -qxE -e "\\*\\*\\* $1 \\*\\*\\*"
}
refuses 'a taken name is refused' Bob 'The name Bob is taken\.'
refuses 'a name that differs in case only is refused' boB 'The name [A-Za-z]* is taken\.'
refuses 'a name that only looks like one that is here is refused, by that one' B0b 'That name looks like Bob, who is here\.'
refuses 'so is one in letters of another script' '\320\222ob' 'That name looks like Bob, who is here\.'
refuses 'a name of the server'\''s own is refused' Disconnected "That name is the server's own\\."
refuses 'a name with a colon at its end is refused' Ally: 'A name cannot end with what looks like : or ,\.'
refuses 'so is one with a colon within' Al:ly '.* anything but .*'
refuses 'a name that is too long is refused' abcdefghijklmnopqrstuvwxyz0123456 '.*32 characters.*'
refuses 'a name that looks like a command is refused' /ally '.*begin.*'
refuses 'a name with a blank is refused, and one without suggested' 'Ally B' \
    'A name cannot contain blanks\. How about Ally_B\?'
refuses 'a name with an invisible character is refused' 'Al\342\200\213ly' '.*invisible.*'
refuses 'a name that is not UTF-8 is refused' 'Al\200ly' '.*UTF-8.*'
refuses 'a control character in a name is nothing, as in any command' 'Al\007ly' 'You are called Ally already\.'

say Alice '/msg B0b psst'
check 'nobody is written to who only looks like it' wait_for Alice 'There is no one here called B0b.'

say Alice '/nick ALLY'
check 'the case of one'\''s own name may change' within "$patience" has_line Bob '*** Ally is now known as ALLY ***'
enter Alice2
say Alice2 '/nick Alice'
check 'a name that was given up is free' within "$patience" has_line Bob '*** Alice2 is now known as Alice ***'
leave Alice2
check 'who leaves does so under the new name' wait_for Bob '*** Alice has left the chat ***'
leave Alice
check 'and so does who was renamed before' wait_for Bob '*** ALLY has left the chat ***'
enter Ally
check 'a name is free again after that' wait_for Ally 'Here now: Bob. ***'
wait_for Bob '*** Ally has joined the chat ***'
is 'nobody else is told of names that were refused' "$(sed 1,2d Bob | tr '\n' '|')" \
    "*** Alice is now known as Ally ***|Ally: hi|*** Ally is now known as ALLY ***|*** Alice2 has joined the chat ***|\
*** Alice2 is now known as Alice ***|*** Alice has left the chat ***|*** ALLY has left the chat ***|\
*** Ally has joined the chat ***|"

finish
