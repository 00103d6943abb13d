#!/bin/sh
# Goal: when the data file cannot be used the server says so and what to do, and does not start; when that happens while it
# runs, the chat goes on, the log says what is not stored, and history has a mark where it is missing.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$partyline" --version >version
if ! has version 'with SQLite' || ! python3 -c 'import sqlite3' 2>/dev/null; then
    skip 'faults of the data file' 'this build lacks SQLite, or there is no Python to change the file'
    finish
fi

# sql FILE STATEMENTS: done in a file that no server has.
sql() {
    python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])' "$@"
}

# hold FILE: another program locks the file, until `let_go`.
hold() {
    rm -f held
    python3 -c 'import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN IMMEDIATE")
open("held", "w").close()
sys.stdin.read()' "$1" <gate &
    holder=$!
    exec 8>gate
    within "$patience" [ -e held ]
}
let_go() {
    exec 8>&-
    ended "$holder"
}
mkfifo gate

# refused SENTENCE CAUSE [OPTION...]
refused() {
    refused_sentence=$1 cause=$2
    shift 2
    try "$partyline" --listen 127.0.0.1:0 --data chat.db "$@"
    is "$refused_sentence is refused with status 1" "$status" 1
    is 'in one line, with the cause and what to do' "$(cat try.err)" "partyline: $cause"
    is 'and nobody is let in' "$(cat try.out)" ''
}

# --- At the start -------------------------------------------------------------------------------------

start --data chat.db
enter Alice
say Alice 'the first line'
settle Alice
stop
hold chat.db
refused 'a file that another program has locked' \
    'cannot use the data file chat.db: another program has locked it; wait until that is done, or stop it'
let_go
hold chat.db
rm chat.db-lock
: >console
echo 'data chat.db' >conf
"$partyline" --listen 127.0.0.1:0 --config conf >console 2>errors </dev/null 8>&- &
server=$!
within "$patience" [ -e chat.db-lock ]
printf 'data chat.db\nrate 7\n' >conf
kill -HUP "$server"
let_go
check 'a SIGHUP while the start waits for that ends nobody' wait_for console 'Chat server running on '
check 'and is obeyed then' wait_for console 'The setting rate has changed: 0 -> 7'
check 'the server stops' stop
version=$(python3 -c 'import sqlite3; print(*sqlite3.connect("chat.db").execute("PRAGMA user_version").fetchone())')
sql chat.db 'PRAGMA user_version = 99'
refused 'a file with a newer schema' "cannot open the data file chat.db: its schema has version 99, and this partyline \
knows none above $version; run the newer partyline that wrote it"
sql chat.db "PRAGMA user_version = $version"
mv chat.db kept.db
sql chat.db 'CREATE TABLE recipe (text)'
refused "another program's database" "cannot open the data file chat.db: it is another program's; give another path"
mv kept.db chat.db
mkdir small
if unshare -rm mount -t tmpfs none small 2>/dev/null; then
    # A disk on which the file is, and nothing else fits.
    # shellcheck disable=SC2016 # the inner shell expands it
    try unshare -rm sh -c 'mount -t tmpfs -o size=1m none small && cp chat.db small && {
        dd if=/dev/zero of=small/rest bs=1k 2>/dev/null
        exec "$0" --listen 127.0.0.1:0 --data small/chat.db
    }' "$partyline"
    is 'a full disk is refused with status 1' "$status" 1
    is 'with the cause and what to do' "$(cat try.err)" \
        'partyline: cannot open the data file small/chat.db: the disk is full; make room on it'
else
    skip 'a full disk at the start' 'there is no unshare that may mount'
fi

# --- While it runs: another program has the file -------------------------------------------------------

start --data chat.db
enter Alice
enter Bob
enter Carol
hold chat.db
say Alice 'can you hear me?'
check 'while another program has locked the file the chat goes on' told Bob 'Alice: can you hear me?'
say Alice '/sync held'
check 'what is not stored is not synced' wait_for Alice '*** Everything was handed over, but the server could not store all of it. ***' 30
check 'and the log says so' wait_for console 'The data file cannot be written: database is locked. Nothing is stored until it can be.' 30
say Bob '/join attic'
wait_for Bob 'You are in #attic' 30
say Bob 'lost in the attic'
say Bob '/sync lost'
check 'nor what is said in a room that the file does not have yet' wait_for Bob 'could not store all of it' 30
say Bob '/room key sesame'
check 'nor that it is locked' wait_for Bob 'That could not be stored: it holds until the server ends.' 30
say Bob '/room key none'
say Carol '/join cellar'
wait_for Carol 'You are in #cellar' 30
say Carol 'lost in the cellar'
say Carol /lost
wait_for Carol '/lost' 30
let_go
stored() {
    say Alice '/sync later'
    has Alice '*** Synced: later ***'
}
check 'afterwards it is' within 30 stored
check 'and the log says what is missing: that of the rooms' wait_for console 'The data file can be written again; 2 more messages are missing in it.'
say Alice '/history 20'
check 'nothing else is, as that was little' wait_for_match Alice '^\[[0-9:]*\] Alice: the first line$'
check 'in the file either' lacks Alice 'missing here'
say Bob '/sync room'
check 'the room finds its place in the file' wait_for Bob '*** Synced: room ***'
say Bob 'kept in the attic'
say Bob '/sync kept'
wait_for Bob '*** Synced: kept ***'
say Carol 'kept in the cellar'
say Carol /heard
wait_for Carol '/heard'
stop
start --data chat.db
enter Bob
say Bob '/join attic'
say Bob '/history 5'
check 'and what is said then is stored' wait_for_match Bob '^#?.*Bob: kept in the attic$'
check 'as it was told' lacks Bob 'lost in the attic'
say Bob '/join cellar'
say Bob '/history 5'
check 'also of who asks for nothing' wait_for_match Bob '^#?.*Carol: kept in the cellar$'
stop

# --- While it runs: what a locked file cannot be told of a room stays with those whom it concerns ---------

start --data chat.db
enter Dora
enter Bob
enter Carol
say Dora '/register open sesame'
wait_for Dora 'is yours now'
for pair in Dora:vault Bob:den; do
    name=${pair%:*}
    say "$name" "/join ${pair#*:}"
    wait_for "$name" "You are in #${pair#*:}"
    say "$name" '/room key sesame'
    say "$name" "between us in the ${pair#*:}"
    say "$name" '/search between'
    check "$name finds what was said in #${pair#*:}" wait_for_match "$name" "$name: between us in the ${pair#*:}\$"
done
say Dora '/leave'
wait_for Dora 'You have left #vault'
hold chat.db
say Bob '/leave'
wait_for Bob 'You have left #den'
say Dora '/room forget vault'
check 'that a room is kept no more cannot be stored' wait_for Dora 'That could not be stored: it holds until the server ends.' 30
say Carol '/join den'
check 'the name of a room that is gone is anybody'"'"'s' wait_for Carol 'You are in #den' 30
say Carol '/search between'
check 'but it has nothing of that room' wait_for Carol 'What was said cannot be read now. Try again later.' 30
let_go
say Carol '/join vault'
check 'so is the name of one that is kept no more' wait_for Carol 'You are in #vault' 30
say Carol '/history 5'
check 'nor has that anything' wait_for Carol 'Nothing is known of what was said in #vault' 30
say Carol '/search between'
check 'to be searched either' wait_for Carol 'Nobody has said that'
check 'not a line of theirs' lacks Carol 'between us'
stop

# --- While it runs: bans and mutes are in the file when that is answered, or it is told that they are not ---

# start_with_operator: starts a server, where Dora is an operator and comes in.
start_with_operator() {
    start --data chat.db --operator Dora
    connect Dora
    say Dora Dora
    wait_for Dora 'Password: '
    say Dora 'open sesame'
    joined Dora
}
start_with_operator
enter Bob
hold chat.db
for command in 'ban 203.0.113.9' 'unban 203.0.113.9' 'mute Bob 1h'; do
    expected=$((${expected:-0} + 1))
    say Dora "/$command"
    check "who asks for \"$command\" is told that it could not be stored" \
        wait_for_count "$expected" Dora 'That could not be stored: it holds until the server ends.' 30
done
let_go
say Dora '/ban 203.0.113.10'
wait_for Dora 'Banned: 203.0.113.10'
kill -KILL "$server"
ended "$server"
server=
start_with_operator
say Dora /bans
check 'a ban that was confirmed survives the death of the server' wait_for Dora '203.0.113.10'
stop

# --- At the end ----------------------------------------------------------------------------------------

start --data chat.db
enter Alice
enter Bob
hold chat.db
say Alice 'this has to wait'
told Bob 'Alice: this has to wait'
kill -TERM "$server"
wait_for Bob '*** The server is shutting down. ***'
before=$(date +%s)
kill -TERM "$server"
ended "$server" 30
took=$(($(date +%s) - before))
server=
check "a server that is told to end twice does not wait for its data file (it took $took s)" [ "$took" -le 4 ]
is 'and ends with status 1' "$status" 1
let_go

# --- While it runs: there is no room for more ----------------------------------------------------------

if ! command -v prlimit >/dev/null; then
    skip 'a full disk' 'there is no prlimit to lift a limit again'
    finish
fi
before_start() {
    trap '' XFSZ
}
start --data chat.db --history 5 --quiet --max-line 65536
prlimit --pid "$server" --fsize=200000:unlimited
enter Alice
enter Bob
{ perl -e 'print "flood $_ ", "x" x 60000, "\n" for 1 .. 400' && echo '/sync full'; } >flood
feed Alice flood
check 'when the disk is full the chat goes on' wait_for Bob 'Alice: flood 400 ' 60
check 'the author can know it' wait_for Alice '*** Everything was handed over, but the server could not store all of it. ***' 30
check 'and the log has it' wait_for_match console '^The data file cannot be written: .*\. Nothing is stored until it can be\.$' 30
is 'once' "$(count console 'cannot be written')" 1
prlimit --pid "$server" --fsize=unlimited
emptied() {
    say Alice 'there is room again'
    say Alice '/sync again'
    has Alice '*** Synced: again ***'
}
check 'when there is room again all is stored that was not too much' within 30 emptied
check 'and the log says how much was' wait_for_match console '^The data file can be written again; [1-9][0-9]* more messages are missing in it\.$'
missing=$(sed -n 's/^The data file can be written again; \([0-9]*\) more.*/\1/p' console)
before_start() {
    :
}
stop
start --data chat.db
enter Carol
say Carol '/history 20'
check 'after a restart history says where lines are missing, and how many' \
    wait_for_match Carol "^\\*\\*\\* [1-9][0-9]* lines are missing here \\*\\*\\*\$"
marked=$(sed -n 's/^\*\*\* \([0-9]*\) lines are missing here \*\*\*$/\1/p' Carol | awk '{ sum += $1 } END { print sum }')
is 'as many as the log said' "$marked" "$missing"
stop

# --- Rooms that are opened while there is no room ------------------------------------------------------

# fill_disk: the data file has no room for more. Dora, whom nobody hears, floods the lobby.
fill_disk() {
    prlimit --pid "$server" --fsize=200000:unlimited
    enter Dora
    { perl -e 'print "flood $_ ", "x" x 60000, "\n" for 1 .. 10' && echo '/sync filled'; } >flood
    feed Dora flood
    wait_for_match console '^The data file cannot be written: ' 60
    wait_for Dora 'could not store all of it' 30 # All of it has been said.
}
empty_disk() {
    prlimit --pid "$server" --fsize=unlimited
    within 30 stored_by Dora
}
stored_by() {
    say "$1" '/sync stored'
    has "$1" '*** Synced: stored ***'
}
# program: Prog, who counts, is in #ops.
program() {
    connect Prog
    say Prog '/machine on'
    say Prog Prog
    wait_for Prog '"type":"welcome","room":"lobby"'
    say Prog '/join ops'
    wait_for Prog '"type":"welcome","room":"ops"'
}
# number_of TEXT: the one that Prog was told.
number_of() {
    sed -n "s/^.*\"room\":\"ops\",\"seq\":\([0-9]*\),.*\"text\":\"$1\".*\$/\1/p" Prog | tail -n 1
}

before_start() {
    trap '' XFSZ
}
rm -f chat.db*
start --data chat.db --quiet --max-line 65536
enter Alice
say Alice '/join ops'
say Alice 'one'
check 'what is said while there is room' within 30 stored_by Alice
quit Alice
fill_disk
program
enter Bob
say Bob '/join ops'
wait_for Bob 'You are in #ops'
say Bob 'lost with the server'
wait_for Prog 'lost with the server'
say Prog '/resume ops 0'
check 'what the file has of a room that it has not taken yet is not told to be gone' \
    wait_for Prog '"code":"no-archive","text":"What was said cannot be read now. Try again later."'
say Bob '/search one'
check 'nor that nobody has said it' wait_for Bob '*** What was said cannot be read now. Try again later. ***'
say Bob /history
check 'nor that nothing is known of it' wait_for Bob '*** What was said before cannot be read now. Try again later. ***'
lost=$(number_of 'lost with the server')
kill -KILL "$server"
ended "$server"
server=
start --data chat.db --quiet --max-line 65536
program
enter Bob
say Bob '/join ops'
wait_for Bob 'You are in #ops'
say Bob 'after the restart'
wait_for Prog 'after the restart'
after=$(number_of 'after the restart')
check "what a full disk took, $lost, and what is said after a restart, $after, have different numbers" [ "$after" -lt "$lost" ]
quit Bob
say Prog /quit
wait_for Prog '"type":"bye"'
leave Prog
ended "$(process_of Prog)"
fill_disk
program
enter Bob
say Bob '/join ops'
wait_for Bob 'You are in #ops'
check 'when there is room again' empty_disk
check 'the room finds its place in the file' within 30 stored_by Bob
say Bob 'when there is room again'
wait_for Prog 'when there is room again'
check 'and goes on behind all numbers that were given' [ "$(number_of 'when there is room again')" -gt "$lost" ]
say Prog "/resume ops $lost"
check 'who has seen the line that was lost knows that its number means nothing any more' wait_for Prog '"code":"gone"'
stop

# --- The end while there is no room ---------------------------------------------------------------------

rm -f chat.db*
start --data chat.db --quiet --max-line 65536
enter Alice
say Alice 'one'
within 30 stored_by Alice
fill_disk
stop
check 'a server that ends while the disk is full says how much is lost' \
    has_line console 'The data file could not be written to the end; 10 more messages are missing in it.'
start --data chat.db
enter Alice
say Alice 'two'
say Alice '/history 2'
check 'after a restart history leaves nothing out for the numbers that are skipped' \
    wait_for_match Alice '^\[[0-9:]*\] Alice: one$'
stop
finish
