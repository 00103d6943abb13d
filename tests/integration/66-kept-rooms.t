#!/bin/sh
# Goal: a room that is kept outlives the server, with its settings, and is listed while nobody is in it; others are not kept.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Alice
say Alice '/join ops'
say Alice '/room keep'
check 'without --data no room is kept' told Alice '*** This server keeps no rooms. ***'
say Alice '/room forget'
check 'and none is to be forgotten' wait_for_count 2 Alice 'This server keeps no rooms'
stop

"$partyline" --version >version
if ! has version 'with SQLite' || ! python3 -c 'import sqlite3' 2>/dev/null; then
    skip 'rooms are kept' 'this build lacks SQLite, or there is no Python to look into the file'
    finish
fi

# sql STATEMENTS: done in the data file, while no server has it.
sql() {
    python3 -c 'import sqlite3, sys; file = sqlite3.connect("chat.db"); file.executescript(sys.argv[1])' "$1"
}

start --data chat.db
enter Bob
say Bob '/join den'
say Bob '/topic secrets'
check 'the room of who has no registered name has a topic' told Bob '*** Bob has set the topic: secrets ***'
say Bob '/room keep'
check 'but is not kept' told Bob '*** #den is not kept, as your name is not registered. ***'
say Bob '/join lobby'
say Bob '/room keep'
check 'the lobby need not be kept' told Bob '*** #lobby is always there. ***'
say Bob '/room forget nowhere'
check 'what is not kept cannot be forgotten' told Bob '*** No room #nowhere is kept. ***'
quit Bob
stop

sql "INSERT INTO room (id, name, folded) VALUES (101, 'Ops', 'ops'), (102, 'attic', 'attic');
    INSERT INTO kept_room VALUES (101, 'Olga', 'deploys', 'secret', 0, 0), (102, 'Olga', '', '', 1, 1);
    INSERT INTO invited VALUES (102, 'bob', 'Bob')"
start --max-rooms 2 --data chat.db
enter Bob
say Bob '/rooms'
check 'kept rooms are listed while nobody is there' told Bob '*** 2 rooms: ***'
check 'with their topics' told Bob '*** #Ops, 0 here: deploys ***'
is 'hidden ones are not, and what is not kept is gone' "$(grep -c 'attic\|den' Bob)" 0
say Bob '/who ops'
check 'nobody is there' told Bob '*** 0 here: ***'
say Bob '/join attic'
check 'an invited name that was registered is not that of who has not registered it' told Bob \
    '*** #attic is by invitation only. ***'
say Bob '/join ops'
check 'a kept room needs its key' told Bob '*** #ops needs a key: /join ops KEY ***'
say Bob '/join 0ps secret'
check 'it comes back with its topic, by a name that looks like its own' told Bob \
    '*** You are in #Ops. Topic: deploys. Here now: nobody else. ***'
say Bob '/room'
check 'and its settings' told Bob \
    '*** Room #Ops is open, needs a key, and anyone may come in. It is kept for Olga. ***'
say Bob '/room key none'
check 'who has come first does not own it' told Bob '*** You have not made #Ops, so you cannot change it. ***'
say Bob '/room forget'
check 'nor makes it go' wait_for_count 2 Bob 'You have not made #Ops'
say Bob '/rooms'
check 'it is listed once' wait_for_count 1 Bob '#Ops, 1 here: deploys'
say Bob '/topic releases'
check 'it has another topic' told Bob '*** Bob has set the topic: releases ***'
say Bob /sync
check 'which is stored' told Bob '*** Synced ***'
kill -KILL "$server"
ended "$server"

start --data chat.db
enter Bob
say Bob '/rooms'
check 'what was changed outlives a crash' told Bob '*** #Ops, 0 here: releases ***'
say Bob '/machine on'
say Bob '/rooms'
check 'programs are told of kept rooms' told Bob \
    '{"type":"rooms","count":2,"rooms":[{"room":"lobby","here":1,"topic":""},{"room":"Ops","here":0,"topic":"releases"}],"more":false}'
quit Bob
stop

# --- Owners -------------------------------------------------------------------------------------------

# come_in CLIENT NAME: connects, and gives the password.
come_in() {
    connect "$1"
    say "$1" "$2"
    wait_for "$1" 'Password: '
    say "$1" password
    wait_for "$1" "Welcome, $2"
}

start --data chat.db --operator Olga
enter Alice
enter Carol
wait_for Alice 'Carol has joined'
say Alice '/join vault'
say Carol '/register password'
wait_for Carol 'The name Carol is yours now'
say Carol '/join vault'
wait_for Carol 'You are in #vault'
say Alice '/register password'
check 'what one has made before one registers is kept from then on' told Carol \
    '*** Alice keeps this room when nobody is here ***'
say Alice '/join mine'
say Alice '/topic gold'
say Alice '/room key sesame'
say Alice '/room members'
say Alice '/invite Carol'
check 'what a registered name makes is kept' told Alice \
    '*** Room #mine is open, needs a key, and is by invitation only. It is kept for Alice. ***'
wait_for Alice 'Carol is invited'
kill -KILL "$server"
ended "$server"

start --data chat.db --operator Olga
come_in Carol2 Carol
say Carol2 '/join mine'
check 'who was invited under a registered name comes in, also after a crash' told Carol2 \
    '*** You are in #mine. Topic: gold. Here now: nobody else. ***'
say Carol2 '/room hidden'
check 'but does not own the room' told Carol2 '*** You have not made #mine, so you cannot change it. ***'
come_in Alice2 Alice
say Alice2 '/join mine'
wait_for Alice2 'You are in #mine'
say Alice2 '/room hidden'
check 'its owner does, who has given the password' told Carol2 '*** Alice has hidden this room ***'
say Alice2 '/leave'
say Carol2 '/leave'
wait_for Carol2 'You have left #mine'
say Alice2 '/rooms'
check 'its owner sees a hidden room that nobody is in' told Alice2 '*** #mine, 0 here: gold ***'
say Alice2 '/nick Al'
wait_for Alice2 'now known as Al'
say Alice2 '/join mine'
check 'under another name one does not own it' told Alice2 '*** #mine is by invitation only. ***'
say Alice2 '/nick Alice'
wait_for Alice2 'Password: '
say Alice2 password
wait_for_count 2 Alice2 'now known as'
say Alice2 '/room forget mine'
check 'its owner lets it go, without coming in' told Alice2 '*** #mine is kept no more. ***'
say Carol2 '/rooms'
say Carol2 '/join mine'
check 'and it is gone' told Carol2 '*** You are in #mine. Here now: nobody else. ***'
say Carol2 '/invite Alice'
wait_for Carol2 'Alice is invited'
say Alice2 '/unregister password'
wait_for Alice2 'is nobody'
sql_says() {
    python3 -c 'import sqlite3, sys; print(*sqlite3.connect("chat.db").execute(sys.argv[1]).fetchone())' "$1"
}
is 'nothing of rooms is left of a name that is nobody'"'"'s any more' "$(sql_says \
    "SELECT (SELECT count(*) FROM kept_room WHERE owner = 'Alice'), (SELECT count(*) FROM invited WHERE name = 'Alice')")" '0 0'
enter Olga
say Olga '/register password'
wait_for Olga 'The name Olga is yours now'
say Olga '/room forget Ops'
check 'an operator lets a room go' told Olga '*** #Ops is kept no more. ***'
say Carol2 '/leave'
wait_for Carol2 'You have left #mine'
say Carol2 '/rooms'
check 'others are kept' told Carol2 '*** #mine, 0 here ***'
stop
is 'and none but these' "$(sql_says "SELECT group_concat(name || ' of ' || owner) FROM kept_room JOIN room ON room.id = kept_room.room")" \
    'attic of Olga,mine of Carol'
finish
