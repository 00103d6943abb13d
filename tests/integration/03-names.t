#!/bin/sh
# Goal: each rule for names, at the prompt: what is refused, why, and what is not.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Witness

# asked_again CLIENT EXPRESSION: the client has one whole notice, and the prompt again.
asked_again() {
    [ "$(wc -l <"$1")" -eq 1 ] &&
        matches "$1" "^Enter your name: \\*\\*\\* $2 \\*\\*\\*\$" &&
        [ "$(tail -n 1 "$1")" = 'Enter your name: ' ]
}

# refuses SENTENCE NAME-FORMAT EXPRESSION
refuses() {
    connect Guest
    send Guest "$2\\n"
    check "$1" within "$patience" asked_again Guest "$3"
    hang_up Guest
}

# accepts SENTENCE NAME-FORMAT [NAME-AS-SHOWN-FORMAT]
accepts() {
    connect Guest
    send Guest "$2\\n"
    # shellcheck disable=SC2059 # Bytes are written as \ooo in it.
    check "$1" wait_for Guest "*** Welcome, $(printf "${3:-$2}")."
    quit Guest
}

refuses 'an empty name is refused' '' 'A name needs at least one character\.'
refuses 'a name of blanks is refused' ' \t ' 'A name needs at least one character\.'
refuses 'a name of 33 characters is refused' 'abcdefghijklmnopqrstuvwxyz0123456' '.*32 characters.*'
refuses 'a name of 33 characters of two bytes each is refused' \
    "$(printf '%33s' '' | sed 's/ /\\303\\251/g')" '.*32 characters.*'
refuses 'a name that looks like a command is refused' '/who' '.*begin with.*'
refuses 'a name that begins with a number sign is refused' '#lobby' '.*begin with.*'
refuses 'a name that begins with an at sign is refused' '@op' '.*begin with.*'
refuses 'a name that begins with an asterisk is refused' '*** Bob' '.*'
refuses 'a name that begins with just one asterisk is refused' '*x' '.*begin with.*'
refuses 'a name with a blank is refused' 'Alice B' '.*blanks.*'
refuses 'a name with a TAB is refused' 'Alice\tB' '.*'
refuses 'a name with a no-break space is refused' 'Alice\302\240B' '.*'
refuses 'a name with an ideographic space is refused' 'Alice\343\200\200B' '.*'
refuses 'a name with a control character is refused' 'A\001B' '.*control.*'
refuses 'a name with a NUL is refused' 'A\000B' '.*'
refuses 'a name with a terminal escape sequence is refused' 'A\033[2JB' '.*control.*'
refuses 'a name with a DEL is refused' 'A\177B' '.*control.*'
refuses 'a name with a C1 control is refused' 'A\302\233B' '.*control.*'
refuses 'a name with a zero width space is refused' 'A\342\200\213B' '.*invisible.*'
refuses 'a name with a byte order mark is refused' 'A\357\273\277B' '.*invisible.*'
refuses 'a name with a soft hyphen is refused' 'A\302\255B' '.*invisible.*'
refuses 'a name with a right-to-left override is refused' 'A\342\200\256B' '.*invisible.*'
refuses 'a name with a directional isolate is refused' 'A\342\201\246B' '.*invisible.*'
refuses 'a name with a line separator is refused' 'A\342\200\250B' '.*'
refuses 'a name with a stray continuation byte is refused' 'A\200B' '.*UTF-8.*'
refuses 'a name with an overlong form is refused' 'A\300\257B' '.*UTF-8.*'
refuses 'a name with a surrogate is refused' 'A\355\240\200B' '.*UTF-8.*'
refuses 'a name with half a character at its end is refused' 'A\342\202' '.*UTF-8.*'
refuses 'a name beyond the last code point is refused' 'A\364\220\200\200' '.*UTF-8.*'
refuses 'a taken name is refused, by that name' 'Witness' 'The name Witness is taken\.'
refuses 'a taken name is refused in capitals' 'WITNESS' 'The name [A-Za-z]* is taken\.'

word_fault="A name cannot contain anything but letters and digits of today's scripts, emoji, and - \. _ '\."
undefined='A name cannot contain characters that Unicode 15\.0 does not define\.'
alone='An accent or another mark in a name needs a letter before it\.'
own="That name is the server's own\."
enter Alice
refuses 'a name with a blank note in it is refused' 'Alice\360\235\205\231' "$word_fault"
refuses 'a name with a blank filler of an old script is refused' 'Alice\360\226\277\244' "$word_fault"
refuses 'a name with a blank hieroglyph is refused' 'Alice\360\223\221\201' "$word_fault"
refuses 'a name with an unassigned character is refused' 'Alice\315\270' "$undefined"
refuses 'a name with a character for private use is refused' 'Alice\356\200\200' "$undefined"
refuses 'a name of combining marks is refused' '\314\201\314\202' "$alone"
refuses 'a name that begins with a combining mark is refused' '\314\201Alice' "$alone"
refuses 'a name with the same mark twice on a letter is refused' 'Ze\314\201\314\201' \
    'A letter in a name cannot have the same mark twice, or more than 4\.'
refuses 'a name that ends in a colon is refused' 'Alice:' 'A name cannot end with what looks like : or ,\.'
refuses 'a name that ends in what looks like one is refused' 'Alice\313\220' \
    'A name cannot end with what looks like : or ,\.'
refuses 'a name of signs that look like asterisks is refused' '\342\210\227\342\210\227' "$word_fault"
refuses 'a name of signs alone is refused' '...' 'A name needs at least one letter, digit or emoji\.'
refuses 'signs that may not begin a name may not be inside it either' 'a/#@*' "$word_fault"
refuses 'an emoji with a skin tone is refused' '\360\237\221\215\360\237\217\275' "$word_fault"
refuses 'emoji that are joined are refused' '\360\237\221\251\342\200\215\360\237\221\246' '.*invisible.*'
refuses 'an address is refused' 203.0.113.9 'A name cannot be an address\.'
refuses 'the name that an idle notice begins with is refused' Disconnected "$own"
refuses 'in any case' disCONNECTED "$own"
refuses 'and in letters that look like it' 'Disc\320\276nnected' "$own"
refuses 'the beginning of a private message is no name' '[private]' "$own"
refuses 'nor is that of a notice' '***' "$own"

looks='That name looks like Alice, who is here\.'
refuses 'Alice with a Cyrillic A is told that she looks like Alice' '\320\220lice' "$looks"
refuses 'so is Alice with a Cyrillic i, in capitals' 'AL\320\206CE' "$looks"
refuses 'so is Alice with a capital I for her l' AIice "$looks"
refuses 'so is Alice with a digit' A1ice "$looks"
refuses 'fullwidth letters are the same letters' '\357\274\241lice' 'The name .*lice is taken\.'
connect Jose
send Jose 'Jos\303\251\n'
wait_for Jose 'Welcome, '
refuses 'so is a letter with its accent behind it' 'Jose\314\201' 'The name Jos.* is taken\.'
quit Jose
accepts 'and it is a good name when it is free' 'Jose\314\201'
quit Alice

refuses 'who has a blank in a name is told one without' 'Ann  Smith' \
    'A name cannot contain blanks\. How about Ann_Smith\?'
refuses 'but none with another fault' 'Ann Smi\001th' 'A name cannot contain blanks\.'

accepts 'a name of one character is good' x
accepts 'a name of 32 characters is good' abcdefghijklmnopqrstuvwxyz012345
accepts 'a name of 32 characters of two bytes each is good' "$(printf '%32s' '' | sed 's/ /\\303\\251/g')"
accepts 'a name in another script is good' '\346\227\245\346\234\254'
accepts 'four signs may be in a name' "a-b.c_d'e"
accepts 'a name may begin with a digit' 2fast
accepts 'a name may have emoji' 'Bob\360\237\230\200'
accepts 'blanks around a name are stripped' '  \t Blank \t ' Blank
accepts 'the length counts without the blanks around' '   abcdefghijklmnopqrstuvwxyz012345   ' \
    abcdefghijklmnopqrstuvwxyz012345

enter a_b
refuses 'nor one that is taken' 'A b' 'A name cannot contain blanks\.'
quit a_b

connect Zoe
send Zoe 'Zo\303\253\n'
wait_for Zoe 'Welcome, '
refuses 'case does not make another name beyond ASCII either' 'ZO\303\213' 'The name .* is taken\.'
hang_up Zoe

# The notice may come before the line ends: then it begins a line of its own behind the prompt.
connect Guest
printf '%5000s\n' '' | tr ' ' x >Guest.in
asked_again_after_much() {
    [ "$(count Guest '\*\*\* .* \*\*\*$')" -eq 1 ] && [ "$(count Guest 'Enter your name: ')" -eq 2 ] &&
        [ "$(tail -n 1 Guest)" = 'Enter your name: ' ]
}
check 'a name of 5000 bytes gets one notice like any other bad name' within "$patience" asked_again_after_much
say Guest Guest
check 'and the next line is a name like any other' wait_for Guest '*** Welcome, Guest.'
quit Guest

connect Patient
send Patient '\n#\na b\n/x\nPatient\n'
check 'after four failures a good name is still taken' wait_for Patient '*** Welcome, Patient.'
quit Patient

connect Clumsy
send Clumsy '\n#\na b\n/x\n@\nClumsy\n'
check 'each of five failures gets its notice' wait_for_count 5 Clumsy '\*\*\* A name .* \*\*\*$'
check 'the fifth failure closes the connection' closed Clumsy
check 'and no name is taken after that' lacks Clumsy 'Welcome'

connect Curious
send Curious '/help\n'
same '/help at the prompt is answered by what a name is, and the prompt' Curious "\
Enter your name: *** A name has 1 to 32 characters: letters and digits of today's scripts, emoji, and - . _ ', but no blanks. ***\n\
Enter your name: "
send Curious '/HELP\n\n#\na b\n /help \n/x\nCurious\n'
check 'and is no failure' wait_for Curious '*** Welcome, Curious.'
quit Curious

connect Asker
send Asker '/help\n/help\n/help\n/help\n/help\n/help\n/help\n/help\n/help\n/help\nAsker\n'
check 'who asks for ever is answered for a while' wait_for_count 5 Asker '\*\*\* A name has .* \*\*\*$'
check 'and then asks in vain' wait_for_count 5 Asker '\*\*\* A name cannot begin with .* \*\*\*$'
check 'until the connection is closed' closed Asker
check 'with no name taken' lacks Asker 'Welcome'

connect Quitter
say Quitter /quit
same '/quit at the prompt says goodbye' Quitter 'Enter your name: *** Goodbye. ***\n'
check '/quit at the prompt closes the connection' closed Quitter

connect One
wait_for One 'Enter your name: '
connect Two
wait_for Two 'Enter your name: '
say One Twin
wait_for One '*** Welcome, Twin.'
say Two Twin
check 'a name is free until it is taken, not until the prompt is shown' wait_for Two 'The name Twin is taken.'
say Two Tom
wait_for Two '*** Welcome, Tom. '

wait_for Witness '*** Tom has joined the chat ***'
is 'nobody is told of names that were refused' \
    "$(count Witness 'has joined')" "$(count Witness '^\*\*\* [^ ]* has joined the chat \*\*\*$')"
is 'everyone is told of those that were taken, and only of those' "$(count Witness 'has joined')" 19

finish
