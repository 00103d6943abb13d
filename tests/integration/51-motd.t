#!/bin/sh
# Goal: the message of the day is shown to whoever comes in, and by /motd, and is read anew at SIGHUP.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

printf 'Be nice.\n\n  Bob: the \033[31mrules\033[0m\r\n* are short\n' >motd
start --motd motd --log log
enter Alice
same 'who comes in is shown it, in stars, clean, with indents and without empty lines' Alice "\
Enter your name: *** Welcome, Alice. Type /help for commands. Here now: nobody else. ***\n\
*** Be nice. ***\n***   Bob: the rules ***\n*** * are short ***\n"
enter Bob
say Alice /motd
check '/motd shows it again' wait_for_count 2 Alice '^\*\*\* Be nice\. \*\*\*$'
say Bob 'Is it so?'
check 'and nobody else is shown it' wait_for Alice 'Bob: Is it so?'
settle Bob
is 'Bob saw it once' "$(count Bob 'Be nice')" 1

hang_up_signal() {
    kill -HUP "$server"
}
echo 'Be kind.' >motd
hang_up_signal
new_one() {
    say Alice /motd
    has_line Alice '*** Be kind. ***'
}
check 'it is read anew at SIGHUP' within "$patience" new_one
rm motd
hang_up_signal
check 'a file that is gone is in the log' wait_for_match console \
    "^Cannot read the file of --motd again: $(wording ENOENT)\. What was read before stays\.\$"
enter Carol
check 'and the old one stays' wait_for Carol '*** Be kind. ***'
echo >motd
hang_up_signal
none() {
    say Alice /motd
    has_line Alice '*** There is no message of the day. ***'
}
check 'an empty one is none' within "$patience" none
check 'the server stops' stop

start
enter Alice
say Alice /motd
check 'without --motd there is none' wait_for Alice '*** There is no message of the day. ***'
check 'the server stops' stop

printf 'Be nice.\n' >motd
start --no-welcome --motd motd
connect Alice
say Alice Alice
same '--no-welcome does not concern it' Alice 'Enter your name: *** Be nice. ***\n'
check 'the server stops' stop

try "$partyline" --listen 127.0.0.1:0 --motd nowhere/motd
is 'a file that cannot be read is an error, with status 1' "$status" 1
check 'which names the option, the file and the cause' matches try.err \
    "^partyline: --motd: cannot read nowhere/motd: $(wording ENOENT)\$"
try "$partyline" --listen 127.0.0.1:0 --motd .
check 'so is a directory' matches try.err "^partyline: --motd: cannot read \.: $(wording EISDIR)\$"
head -c 20000 /dev/zero | tr '\0' x >motd
try "$partyline" --listen 127.0.0.1:0 --motd motd
check 'so is a file that is too long' matches try.err \
    "^partyline: --motd: cannot read motd: it has more than 16 KiB\$"
try "$partyline" --listen 127.0.0.1:0 --motd ''
is 'an empty path is a mistake, with status 2' "$status" 2

finish
