#!/bin/sh
# Goal: whatever somebody sends, what others see is clean text: nothing in it can move a cursor, clear
# a screen, turn text around or look like a line of somebody else.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Bob
enter Alice
wait_for Bob 'Alice has joined'

got_another() {
    [ "$(wc -l <Bob)" -gt "$before" ]
}

# becomes SENTENCE SENT-FORMAT SHOWN-FORMAT: what Alice sends as the one is shown to Bob as the other.
becomes() {
    before=$(wc -l <Bob)
    send Alice "$2\\n"
    within "$patience" got_another
    # shellcheck disable=SC2059 # Bytes are written as \ooo in it.
    is "$1" "$(tail -n 1 Bob | od -A n -c)" "$(printf "Alice: $3\\n" | od -A n -c)"
}

replacement='\357\277\275'

becomes 'a bell is removed' 'ding\007dong' 'dingdong'
becomes 'a backspace is removed' 'one\010two' 'onetwo'
becomes 'a form feed and a vertical tab are removed' 'one\014two\013three' 'onetwothree'
becomes 'a NUL is removed' 'one\000two' 'onetwo'
becomes 'a DEL is removed' 'one\177two' 'onetwo'
becomes 'a sequence that clears a screen is removed' 'a\033[2Jb' 'ab'
becomes 'so is one that sets a window title' '\033]0;owned\007text' 'text'
becomes 'so are the keys of somebody who moves the cursor' 'ab\033[D\033[Dxy\033OC' 'abxy'
becomes 'of the beginning of a title, ESC is removed' '\033]0;no end' ']0;no end'
becomes 'an Escape before a word takes nothing of it' 'a \033word' 'a word'
becomes 'a NUL before a line is nothing' '\000text' 'text'
becomes 'a TAB is kept' 'one\ttwo' 'one\ttwo'
becomes 'a CR inside a line cannot return to its beginning' 'mine\r*** Bob has left the chat ***' \
    'mine*** Bob has left the chat ***'
becomes 'a C1 control is removed' 'a\302\2332Jb' 'a2Jb'
becomes 'the next line control is removed' 'a\302\205Bob: b' 'aBob: b'
becomes 'a line separator is removed' 'a\342\200\250Bob: b' 'aBob: b'
becomes 'a paragraph separator is removed' 'a\342\200\251Bob: b' 'aBob: b'
becomes 'bidirectional embeddings and overrides are removed' \
    'a\342\200\252b\342\200\253c\342\200\254d\342\200\255e\342\200\256f' 'abcdef'
becomes 'bidirectional isolates are removed' 'a\342\201\246b\342\201\247c\342\201\250d\342\201\251e' 'abcde'
becomes 'text in other scripts is untouched' 'na\303\257ve \342\202\254 \346\227\245\346\234\254 \327\251' \
    'na\303\257ve \342\202\254 \346\227\245\346\234\254 \327\251'
becomes 'a character beyond the basic plane is untouched' 'ok \360\237\221\215' 'ok \360\237\221\215'
becomes 'a stray continuation byte becomes U+FFFD' 'a\200b' "a${replacement}b"
becomes 'a byte that no text has becomes U+FFFD' 'a\376b' "a${replacement}b"
becomes 'a lead byte without its continuation becomes U+FFFD' 'a\303b' "a${replacement}b"

# One sequence that is not valid may become one U+FFFD or one for each of its bytes.
becomes_replaced() {
    before=$(wc -l <Bob)
    send Alice "$2\\n"
    within "$patience" got_another
    # shellcheck disable=SC2059 # Bytes are written as \ooo in it.
    is "$1" "$(tail -n 1 Bob | sed "s/\\($(printf "$replacement")\\)\\{1,4\\}/?/")" 'Alice: a?b'
}

becomes_replaced 'an overlong form becomes U+FFFD and not what it hides' 'a\300\212b'
becomes_replaced 'an overlong form of three bytes becomes U+FFFD' 'a\340\200\212b'
becomes_replaced 'a surrogate becomes U+FFFD' 'a\355\240\200b'
becomes_replaced 'a code point beyond the last becomes U+FFFD' 'a\364\220\200\200b'
becomes_replaced 'a character that is cut short becomes U+FFFD' 'a\360\237\221b'

send Alice '\033\007\177\n \033 \n'
say Alice marker
wait_for Bob 'Alice: marker'
is 'a line of nothing but controls is an empty line: nobody gets it' "$(count Bob '^Alice: *$')" 0

send Alice '/me wa\033ves\342\200\250Bob: hi\n'
check 'what /me says is cleaned' within "$patience" has_line Bob '* Alice wavesBob: hi'
send Alice '/msg Bob se\033[1mcret\n'
check 'what /msg says is cleaned' within "$patience" has_line Bob '[private] Alice: secret'
send Bob '/reply ba\033ck\n'
check 'what /reply says is cleaned' within "$patience" has_line Alice '[private] Bob: back'
send Alice '/f\033[2Joo\n'
wait_for Alice 'Unknown command'
send Alice '/msg no\033\200body x\n'
wait_for Alice 'There is no one here called '
is 'what was typed does not come back raw in an error' "$(tr -d '\12\40-\176' <Alice | tr -d '\357\277\275')" ''
say Alice '/topic deploys'
wait_for Bob 'Alice has set the topic: deploys'
send Alice '/topic \001\n'
check 'a topic that shows nothing is none, so the topic is told' within "$patience" has_line Alice '*** #lobby: deploys ***'
send Alice '/me \001\n'
check 'so is what /me says' within "$patience" has_line Alice '*** Usage: /me TEXT ***'
send Alice '/t\001op\013ic none\n'
check 'the name of a command is cleaned, too' wait_for Bob 'Alice has removed the topic'
check 'the log is as clean as the chat' told console 'Alice: abxy'
hint='*** You seem to be at a terminal. Type /edit for a line that stays whole. ***'
is 'who sends what terminals send is told, once, that its lines could be edited' \
    "$(grep -cxF -e "$hint" Alice)" 1
is 'nobody else is told so' "$(grep -cF -e "$hint" Bob)" 0
send Alice '\033[A/who\n'
check 'a command behind such a key is a command' within "$patience" has_line Alice '*** 2 here: ***'
is 'no control character gets into the log' "$(tr -d '\11\12\40-\176\200-\377' <console | od -A n -c)" ''

finish
