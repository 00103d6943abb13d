#!/bin/sh
# Goal: the dialog, step by step and byte for byte: prompt, name, talk, empty line, leaving.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start

connect Bob
same 'a newcomer is asked for a name, and the prompt has no line end' Bob 'Enter your name: '
say Bob Bob
same 'the first to come is welcomed, and told that nobody else is here' Bob \
    'Enter your name: *** Welcome, Bob. Type /help for commands. Here now: nobody else. ***\n'

enter Carol
same 'the second to come is told who is here' Carol \
    'Enter your name: *** Welcome, Carol. Type /help for commands. Here now: Bob. ***\n'
enter Alice
check 'the welcome names everyone who is here' matches Alice \
    '^Enter your name: \*\*\* Welcome, Alice\. Type /help for commands\. Here now: (Bob, Carol|Carol, Bob)\. \*\*\*$'

say Alice 'Hi all!'
check 'what somebody says reaches the others as NAME: TEXT' wait_for Bob 'Alice: Hi all!'
check 'it reaches all of the others' wait_for Carol 'Alice: Hi all!'
say Bob 'Hi, Alice.'
wait_for Alice 'Bob: Hi, Alice.'
is 'a speaker is sent nothing for a line of their own' "$(sed 1d Alice)" 'Bob: Hi, Alice.'

send Alice '\n   \n \t \n'
say Alice 'after three empty lines'
wait_for Bob 'after three empty lines'
check 'empty lines and lines of blanks are not sent to anybody' counted 2 Bob '^Alice: '
send Alice '  \t two  blanks \t \n'
check 'blanks around a line are stripped, those inside are kept' \
    told Bob 'Alice: two  blanks'

say Alice /quit
check '/quit says goodbye' wait_for Alice '*** Goodbye. ***'
is 'the goodbye is the last thing that is sent' "$(tail -n 1 Alice)" '*** Goodbye. ***'
check '/quit closes the connection' closed Alice
check 'the others are told that somebody has left' wait_for Bob '*** Alice has left the chat ***'
leave Carol
check 'the end of input is leaving, too' wait_for Bob '*** Carol has left the chat ***'
slam 'Dave\n'
check 'a reset is leaving, too' wait_for Bob '*** Dave has left the chat ***'
enter Alice
check 'a name can be used again once its owner has left' wait_for Alice 'Here now: Bob. ***'
say Bob 'Welcome back.'
wait_for Alice 'Bob: Welcome back.'

same 'all that Bob was sent in this time is whole, in order, and nothing else' Bob "\
Enter your name: *** Welcome, Bob. Type /help for commands. Here now: nobody else. ***\n\
*** Carol has joined the chat ***\n\
*** Alice has joined the chat ***\n\
Alice: Hi all!\n\
Alice: after three empty lines\n\
Alice: two  blanks\n\
*** Alice has left the chat ***\n\
*** Carol has left the chat ***\n\
*** Dave has joined the chat ***\n\
*** Dave has left the chat ***\n\
*** Alice has joined the chat ***\n"

finish
