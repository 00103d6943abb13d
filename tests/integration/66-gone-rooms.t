#!/bin/sh
# Goal: a room that is not kept is gone with its last member: who makes one of that name anew, perhaps because the first had a
# key, finds nothing of what was said there. When the server ends, or is killed, rooms go on with the next one, but for those that
# let in not everybody. In a kept room all is there again.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$partyline" --version >version
if ! has version 'with SQLite'; then
    skip 'a room that is not kept is gone' 'this build lacks SQLite'
    finish
fi

# knows_nothing CLIENT ROOM WORDS: who comes into the room is not shown the words by any command.
knows_nothing() {
    say "$1" "/join $2"
    wait_for "$1" "You are in #$2"
    say "$1" /history
    say "$1" "/history 20 00:00"
    say "$1" "/search $3"
    say "$1" "/resume $2 0"
    settle "$1"
    lacks "$1" "$3"
}

start --data chat.db
enter Bob
enter Mallory
say Bob '/join secret'
say Bob '/room key sesame'
say Bob 'peaches'
say Bob '/history'
check 'who is in a room sees what was said there' wait_for_match Bob '^\[[0-9:]*\] Bob: peaches$'
say Mallory '/join secret'
check 'others need its key' told Mallory '*** #secret needs a key: /join secret KEY ***'
say Bob '/leave'
settle Bob
check 'who makes it anew knows nothing of it' knows_nothing Mallory secret peaches
check 'but that its numbers go on, as a program may have seen them' told Mallory \
    '*** What followed 0 is not kept. The first that is kept is 2. ***'
say Mallory 'plums'
say Mallory '/history'
check 'what is said in it then is there' wait_for_match Mallory '^\[[0-9:]*\] Mallory: plums$'
say Bob '/join secret'
say Bob '/history'
check 'for everybody in it' wait_for_match Bob '^\[[0-9:]*\] Mallory: plums$'
say Bob '/leave'
say Bob '/register a-good-password'
say Bob '/join orchard'
say Bob 'cherries'
say Bob '/leave'
say Bob '/join vault'
say Bob '/room forget'
say Bob '/room key sesame'
say Bob 'melons'
settle Bob
settle Mallory
kill -KILL "$server"
ended "$server"

start --data chat.db
enter Carol
say Carol '/join secret'
say Carol '/history'
check 'when the server is killed a room goes on' wait_for_match Carol '^\[[0-9:]*\] Mallory: plums$'
check 'but for one that has a key' knows_nothing Carol vault melons
say Carol '/join secret'
say Carol 'figs'
say Carol '/join hidden'
say Carol '/room hidden'
say Carol 'dates'
settle Carol
stop
start --data chat.db
enter Ann
say Ann '/join secret'
say Ann '/history'
check 'also when the server has ended' wait_for_match Ann '^\[[0-9:]*\] Carol: figs$'
check 'but for one that was hidden' knows_nothing Ann hidden dates
say Ann /quit
enter Carol
say Carol '/join orchard'
say Carol '/history'
check 'of a room that is kept all is' wait_for_match Carol '^\[[0-9:]*\] Bob: cherries$'
say Carol '/leave'
say Carol '/search cherries'
check 'and found' wait_for_match Carol '^#orchard \[[0-9:]*\] Bob: cherries$'
connect Bob2
say Bob2 Bob
wait_for Bob2 'Password: '
say Bob2 a-good-password
wait_for Bob2 'Welcome, Bob'
say Bob2 '/room forget orchard'
told Bob2 '*** #orchard is kept no more. ***'
enter Dave
check 'until it is kept no more' knows_nothing Dave orchard cherries
finish
