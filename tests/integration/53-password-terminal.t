#!/bin/sh
# Goal: a password is never on a screen: not with a real telnet in character mode, nor in line mode once
# it speaks telnet; and it is in no history.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"

umask 077
echo sesame >password
start --telnet 127.0.0.1:0 --listen 127.0.0.1:0 --password-file password --log log
plain=$(sed -n 's/^Chat server running on .*:\([0-9]*\)$/\1/p' console)

# never_shown PERSON: nothing of what is typed as a password is on the screen, also above its first row.
never_shown() {
    ! on_screens capture-pane -p -S - -t "$1" | grep -qE 'sesam|wrong'
}

seat Alice 80 24 telnet 127.0.0.1 "$port"
check 'at a terminal the password is asked for' ends Alice 'Password:'
type_in Alice 'wrongone'
press Alice Enter
refused() {
    screen "$1" | grep -qE '^[0-9:]{5} \*\*\* That is not the password\. \*\*\*$'
}
check 'a wrong one is refused' within "$patience" refused Alice
check 'and asked for again' ends Alice 'Password:'
paste_in Alice 'wrong paste'
press Alice C-u
type_in Alice 'sesamee'
press Alice BSpace
press Alice Left Right Tab Up
check 'nothing shows while it is typed' points Alice 10
check 'nothing of it is on the screen' never_shown Alice
press Alice Enter
check 'the right one is followed by the prompt for a name' ends Alice 'Enter your name:'
type_in Alice 'Alice'
check 'which is shown' ends Alice 'Enter your name: Alice'
press Alice Enter
check 'she is in' ends Alice 'Alice>'
press Alice Up Up
type_in Alice 'x'
check 'and the password is not in the history' ends Alice 'Alice> x'
press Alice C-u
check 'nor anywhere on the screen' never_shown Alice

# With a plain address telnet says nothing by itself: `send ayt` shows that it is one.
seat Bob 80 24 telnet 127.0.0.1 "$plain"
check 'telnet in line mode is asked, too' ends Bob 'Password:'
type_in Bob 'other'
press Bob Enter
check 'before it has spoken it shows what is typed' shows Bob 'Password: other'
check 'as nc does' shows Bob '*** That is not the password. ***'
press Bob 'C-]'
shows Bob 'telnet>'
type_in Bob 'send ayt'
press Bob Enter
shows Bob '*** Yes, I am here. ***'
type_in Bob 'wrongone'
press Bob Enter
check 'once it has, nothing shows' wait_for_count 3 log 'password failed'
ends Bob '*** That is not the password. ***
Password:'
check 'also of a wrong one' never_shown Bob
type_in Bob 'sesame'
press Bob Enter
check 'and Return begins a row' ends Bob 'Password:
Enter your name:'
type_in Bob 'Bob'
check 'what is typed afterwards is shown again' ends Bob 'Enter your name: Bob'
press Bob Enter
check 'he is in' shows Bob '*** Welcome, Bob. Type /help for commands. Here now: Alice. ***'
check 'the password was never shown' never_shown Bob
press Bob 'C-]'
shows Bob 'telnet>'
type_in Bob 'quit'
press Bob Enter
check 'Alice saw him come and go' wait_for_match console '^Bob .* has left'
is 'no password is in the log' "$(grep -cE 'sesame|wrong' log console | tr '\n' ' ')" 'log:0 console:0 '

finish
