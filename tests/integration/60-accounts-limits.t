#!/bin/sh
# Goal: what bounds accounts: five tries at the prompt, names and passwords together; wrong passwords wait for each other, and for
# nobody else; so many messages are kept; nothing of an account is left once it is given up; and a password does not show.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$partyline" --version >version
if ! has version 'with SQLite'; then
    skip 'accounts have limits' 'this build lacks SQLite'
    finish
fi

# own NAME [ARGUMENT OF NC...]: somebody comes in and registers the name.
own() {
    enter "$@"
    say "$1" "/register password of $1"
    wait_for "$1" "*** The name $1 is yours now. ***"
}

# come_back CLIENT NAME
come_back() {
    connect "$1"
    say "$1" "$2"
    wait_for "$1" 'Password: '
    say "$1" "password of $2"
    wait_for "$1" "*** Welcome, $2. "
}

# matches_bytes FILE EXPRESSION: as perl sees it, in the whole file.
matches_bytes() {
    perl -0777 -e '$_ = <STDIN>; exit !/$ARGV[0]/' "$2" <"$1"
}

start --data chat.db --log log --operator Olga
own Olga
own Alice
quit Alice

# --- Tries --------------------------------------------------------------------------------------------

connect Clumsy
send Clumsy '\n#\na b\n/x\nAlice\nnot this one\nClumsy\n'
check 'a wrong password is the fifth failure behind four names' wait_for Clumsy '*** That is not the password of Alice. ***'
check 'and closes the connection' closed Clumsy
check 'with no name taken' lacks Clumsy 'Welcome'
if nc -z -s 127.0.0.2 127.0.0.1 "$port" 2>/dev/null; then
    connect Mallory -s 127.0.0.2 127.0.0.1 "$port"
    send Mallory 'Alice\na\nalice\nb\nALICE\nc\nAlice\nd\nAlice\npassword of Alice\n'
    wait_for Mallory 'That is not the password'
    connect Guest -s 127.0.0.3 127.0.0.1 "$port"
    send Guest 'Alice\npassword of Alice\n'
    check 'who comes from elsewhere with the right one does not wait for wrong ones' wait_for Guest 'Welcome, Alice. '
    check 'which wait for each other' [ "$(count Mallory 'That is not the password')" -lt 4 ]
    quit Guest
    check 'four are looked at in the end, and then the right one' wait_for Mallory 'Welcome, Alice. ' 40
    quit Mallory
else
    skip 'who comes from elsewhere does not wait for wrong passwords' 'there is no second address'
fi

# --- What is sent around it to a telnet in line mode ---------------------------------------------------

connect Tel -s 127.0.0.4 127.0.0.1 "$port"
wait_for Tel 'Enter your name: '
send Tel '/help\r\n\377\366'
wait_for Tel 'Yes, I am here'
send Tel 'Alice\r\n'
wait_for Tel 'Password: '
send Tel '\377\375\001password of Alice\r\n/quit\r\n'
check 'a telnet in line mode logs in' wait_for Tel 'Goodbye'
check 'it is asked for no echo before the password, which it has back behind it' matches_bytes Tel \
    '\xff\xfb\x01Password: \r\n\xff\xfc\x01\*\*\* Welcome, Alice'
leave Tel

# --- Messages that are kept ---------------------------------------------------------------------------

for i in $(seq 20); do
    printf '/msg Alice number %d\n' "$i"
done >lines
for author in 1 2; do
    enter "Stranger$author"
    feed "Stranger$author" lines
    wait_for_count 20 "Stranger$author" 'Your message is kept'
done
enter Stranger3
feed Stranger3 lines
check 'of all whose names are not registered 50 are kept' wait_for_count 10 Stranger3 \
    '^\*\*\* Alice is not here, and no more messages of yours are kept\. Nothing was sent\. \*\*\*$'
is 'and no more' "$(count Stranger3 'Your message is kept')" 10
for author in 1 2 3; do
    own "Author$author"
    feed "Author$author" lines
    wait_for_match "Author$author" 'Your message is kept|no more messages of yours'
    settle "Author$author"
done
is 'of all together it is a hundred' "$(cat Stranger? Author? | grep -c 'Your message is kept')" 100
come_back Alice1 Alice
settle Alice1
is 'which come when she does' "$(count Alice1 '^\[[0-9:]*\] \[private\] ')" 100
quit Alice1
come_back Alice2 Alice
settle Alice2
is 'once' "$(count Alice2 '\[private\]')" 0

# --- Nothing is left ----------------------------------------------------------------------------------

say Alice2 '/ignore Author1'
told Alice2 '*** You ignore Author1. /unignore Author1 ends it. ***'
quit Alice2
say Author2 '/msg Alice kept for nobody'
wait_for Author2 'Your message is kept'
say Olga '/op Alice'
told Olga '*** Alice is an operator now. ***'
connect Alice3
send Alice3 'Alice\npassword of Alice\n'
wait_for Alice3 'kept for nobody'
say Alice3 '/unregister password of Alice'
wait_for Alice3 "*** The name Alice is nobody's now. ***"
quit Alice3
say Author2 '/msg Alice hm'
check 'for a name that was given up nothing is kept' told Author2 '*** There is no one here called Alice. ***'
own Alice
say Alice /ignore
check 'and who registers it anew ignores nobody' told Alice '*** Nobody is ignored. ***'
say Alice /bans
check 'keeps no order' told Alice '*** Only operators may do that. ***'
say Alice /missed
check 'and has missed nothing' told Alice '*** Nothing was said in your rooms since you were here. ***'
quit Alice
say Olga '/op Author3'
told Olga '*** Author3 is an operator now. ***'
say Olga '/deop Author3'
told Olga '*** Author3 is no operator any more. ***'
check 'the log says who has made whom no operator' wait_for_match log ' Olga has made Author3 no operator$'
stop

# --- Another day --------------------------------------------------------------------------------------

if ! python3 -c 'import sqlite3' 2>/dev/null; then
    skip 'who was here days ago' 'there is no Python to change the file'
    finish
fi
python3 -c 'import sqlite3; file = sqlite3.connect("chat.db")
file.execute("UPDATE account SET seen = seen - 3 * 86400000 WHERE name = \"Alice\""); file.commit()'
start --data chat.db
enter Bob
say Bob 'Is alice here?'
say Bob 'No.'
settle Bob
come_back Alice4 Alice
check 'since when she was away has its date' wait_for_match Alice4 \
    '^\*\*\* 2 lines since [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}, 1 names you\. \*\*\*$'
finish
