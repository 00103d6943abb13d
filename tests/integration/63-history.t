#!/bin/sh
# Goal: what was said can be read again, from memory, and with --data also when the server was gone in between.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

timed='\[[0-2][0-9]:[0-5][0-9]\]'

start --history 30
enter Alice
say Alice /history
check 'of an empty room nothing is known' within "$patience" has_line Alice \
    '*** Nothing is known of what was said in #lobby. ***'
{ seq 1 40 | sed 's/^/line /' && echo '/me waves' && echo '/sync said'; } >lines
feed Alice lines
wait_for Alice 'Synced: said'
enter Bob
is 'a plain client is sent no history unasked' "$(count Bob line)" 0
say Bob '/history'
check '/history shows what was said, with its time' wait_for_match Bob "^$timed \\* Alice waves\$"
is 'the last 20 lines' "$(grep -cE "^$timed (Alice: line [0-9]+|\\* Alice waves)\$" Bob)" 20
is 'in their order' "$(sed -n 's/^.*Alice: line //p' Bob | sort -n -C && echo sorted)" sorted
say Bob '/history 1000'
check '--history LINES limits what is kept' wait_for_count 50 Bob "$timed"
is 'to the last ones' "$(sed -n 's/^.*Alice: line //p' Bob | sort -n | head -n 1)" 12
say Bob '/history 2'
check 'as many as are asked for' wait_for_count 52 Bob "$timed"
say Bob '/history 5 00:00'
check 'from a time on, the first ones' wait_for_count 57 Bob "$timed"
is 'of those that are kept' "$(tail -n 5 Bob | sed -n 's/^.*Alice: line //p' | head -n 1)" 12
for wrong in '/history 0' '/history 1001' '/history x' '/history 5 25:00' '/history 5 14'; do
    say Bob "$wrong"
done
check 'other numbers and times are refused' wait_for_count 5 Bob 'Usage: /history'
say Bob '/search line'
check 'without --data there is no search' within "$patience" has_line Bob \
    '*** This server keeps only the last lines: /history shows them. ***'
say Bob '/join ops'
wait_for Bob 'You are in #ops'
say Bob /history
check 'each room has its own history' within "$patience" has_line Bob \
    '*** Nothing is known of what was said in #ops. ***'
say Alice '/msg Bob secret'
wait_for Bob 'secret'
say Bob '/history 1000'
is 'private messages are in none' "$(grep -cE "$timed.*secret" Bob)" 0
stop

"$partyline" --version >version
if ! has version 'with SQLite'; then
    skip 'history with --data' 'this build lacks SQLite'
    finish
fi

start --data chat.db
enter Carol
{ seq 1 25 | sed 's/^/apples and pears /' && echo 'Zwetschgen sind auch Obst' && echo '/sync stored'; } >lines
feed Carol lines
wait_for Carol 'Synced: stored'
kill -9 "$server"
wait "$server" 2>/dev/null
server=
start --data chat.db
enter Dave
say Dave '/history 3'
check 'what was said before a crash is there' wait_for_match Dave "^$timed Carol: Zwetschgen sind auch Obst\$"
check 'of which none is left out for the numbers that it skipped' has Dave 'apples and pears 24'
say Dave '/search PEARS apples'
check '/search finds the last ten lines that have all the words' wait_for_count 12 Dave 'apples and pears'
say Dave /more
check '/more shows ten before' wait_for_match Dave 'apples and pears 6$'
say Dave /more
say Dave /more
check 'until that was all' within "$patience" has_line Dave '*** That was all. ***'
is 'each was shown once' "$(grep -c 'apples and pears 1$' Dave)" 1
enter Fay
say Fay '/ignore Carol'
told Fay '*** You ignore Carol, who is not here now. ***'
say Fay '/search apples'
check 'what somebody has said whom one ignores is not found' told Fay \
    '*** Nobody has said that, or it is not kept any more. ***'
say Fay /history
check 'of which nothing is known' told Fay '*** Nothing is known of what was said in #lobby. ***'
say Fay 'apples, too'
settle Fay
say Fay '/search apples'
check 'others are found behind any number of these' wait_for_match Fay "^$timed Fay: apples, too\$"
say Fay '/machine on'
say Fay '/history 20'
check 'a program is told how many it was sent' wait_for Fay '"code":"done","text":"1 message."'
quit_program() {
    say Fay /quit
    wait_for Fay '"type":"bye"'
    leave Fay
}
quit_program
say Dave '/search Birnen'
check 'what nobody has said is not found' within "$patience" has_line Dave \
    '*** Nobody has said that, or it is not kept any more. ***'
say Dave '/search 🎉'
check 'what is no word is not looked for' told Dave '*** There is no word to search for. ***'
say Dave '/search'
check '/search wants words' within "$patience" has_line Dave '*** Usage: /search WORDS ***'
say Dave '/join den'
say Dave '/room hidden'
say Dave 'pomegranates'
say Dave '/sync hidden'
wait_for Dave 'Synced: hidden'
enter Eve
say Eve '/search pomegranates'
check 'hidden rooms are not searched by who is not in' within "$patience" has_line Eve \
    '*** Nobody has said that, or it is not kept any more. ***'
say Eve '/join shed'
say Eve 'persimmons are in the shed'
say Eve '/sync persimmons'
wait_for Eve 'Synced: persimmons'
say Eve '/search persimmons'
check 'what is said in the current room is found without its name' wait_for_match Eve "^$timed Eve: persimmons are in the shed\$"
say Dave '/search persimmons'
check 'a room where one may come in is searched, too' wait_for_match Dave "^#shed $timed Eve: persimmons"
say Eve '/room key sesame'
wait_for Eve 'needs a key'
say Dave '/search in the shed'
check 'one that wants a key is not' wait_for_count 2 Dave 'Nobody has said that, or it is not kept any more'
say Eve '/room key none'
say Eve '/room members'
wait_for Eve 'by invitation only'
say Dave '/search the shed'
check 'nor is one by invitation' wait_for_count 3 Dave 'Nobody has said that, or it is not kept any more'
say Eve '/leave shed'
say Dave '/join lobby'
say Dave '/search pomegranates'
check 'who is in finds it, with the room in front' wait_for_match Dave "^#den $timed Dave: pomegranates\$"

# What is in memory, too, has its author as a person; the store has the name alone.
enter Gus
say Gus 'medlars, says Gus'
say Gus '/nick Hal'
say Gus 'medlars, says Hal'
settle Gus
say Eve 'medlars, says Eve'
say Eve '/ignore Hal'
say Eve '/search medlars'
check 'a search finds what others have said' wait_for_match Eve "^(#[a-z]* )?$timed Eve: medlars"
settle Eve
is 'and nothing of who is ignored, under no name' "$(count Eve 'medlars, says (Gus|Hal)$')" "$(count Eve '^(#lobby )?(Gus|Hal): medlars')"
quit Gus
say Dave '/ignore Eve'
told Dave '*** You ignore Eve. /unignore Eve ends it. ***'
say Eve '/nick Eva'
told Dave '*** Eve is now known as Eva ***'
say Eve 'quinces'
settle Eve
before=$(wc -l <Dave)
say Dave '/history 1000'
settle Dave
tail -n "+$((before + 1))" Dave >shown
is 'what an ignored person has said under another name is not shown' "$(count Dave 'quinces')" 0
is 'what is only in the store is' "$(grep -c "^$timed Carol: apples and pears 3\$" shown)" 1
is 'once' "$(grep -cE "^$timed Carol: apples and pears 25\$" shown)" 1
stop

# Of other days: dates; and what --retain says.
if ! python3 -c 'import sqlite3' 2>/dev/null; then
    skip 'what was said on other days' 'there is no Python to change the file'
    finish
fi
# sql STATEMENTS: done in the data file, while no server has it.
sql() {
    python3 -c 'import sqlite3, sys; file = sqlite3.connect("days.db"); file.executescript(sys.argv[1])' "$1"
}
start --data days.db
enter Alice
for line in old older oldest; do
    say Alice "the $line apple"
done
settle Alice
stop
day=86400000
sql "UPDATE message SET time = time - 5 * $day WHERE seq = 2; UPDATE message SET time = time - 100 * $day WHERE seq = 1"
start --data days.db --retain 0
enter Bob
say Bob /history
check 'of a day that is not today the date comes first' wait_for_count 3 Bob '^\*\*\* [0-9]{4}-[0-9]{2}-[0-9]{2} \*\*\*$'
settle Bob
is 'before its lines, and before those of today again' "$(sed -n 's/^\*\*\* [0-9-]* \*\*\*$/date/p; s/^\[.*Alice: the \(.*\) apple$/\1/p' Bob | tr '\n' ' ')" \
    'date old date older date oldest '
say Bob '/search apple'
check 'a search finds them, with their dates, too' wait_for_count 6 Bob '^\*\*\* [0-9]{4}-[0-9]{2}-[0-9]{2} \*\*\*$'
stop
start --data days.db --retain 101
enter Bob
say Bob /history
check '--retain DAYS: within them all are there' wait_for_match Bob "^$timed Alice: the old apple\$"
stop
start --data days.db
retired() {
    enter "Bob$tries"
    say "Bob$tries" /history
    settle "Bob$tries"
    has "Bob$tries" 'Alice: the older apple' && lacks "Bob$tries" 'Alice: the old apple' && return
    tries=$((tries + 1))
    return 1
}
tries=1
check 'by default what is older than 90 days goes, and the rest stays' within "$patience" retired
stop

# Whoever ignores somebody who says most does not have the whole file read.
start --data busy.db
enter Gil
enter Bot
say Gil 'a quince'
settle Gil
{ seq 1 2600 | sed 's/^/quince /' && echo '/sync quinces'; } >lines
feed Bot lines
wait_for Bot 'Synced: quinces' 30
enter Hal
say Hal '/ignore Bot'
told Hal '*** You ignore Bot. /unignore Bot ends it. ***'
say Hal '/search quince'
check 'who ignores most of what is found is told so' told Hal \
    '*** Only people whom you ignore said that so far. /more looks further. ***'
say Hal /more
check 'and finds the rest' wait_for_match Hal "^$timed Gil: a quince\$" 20
stop

# At a terminal the last lines come unasked.
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"
start --listen 127.0.0.1:0 --telnet 127.0.0.1:0
telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
enter Bob
{ seq 1 25 | sed 's/^/pear /' && echo '/sync pears'; } >lines
feed Bob lines
wait_for Bob 'Synced: pears'
seat Alice 80 40 telnet 127.0.0.1 "$telnet_port"
ends Alice 'Enter your name:'
type_in Alice 'Alice'
press Alice Enter
ends Alice 'Alice>'
say Bob 'fresh pear'
fresh() {
    screen Alice | grep -q 'Bob: fresh pear$'
}
check 'somebody at a terminal hears what is said' within "$patience" fresh
is 'and was shown the last 20 lines, behind the welcome and before that' \
    "$(screen Alice | sed -n 's/^.*\*\*\* \(Welcome\), .*/\1/p; s/^.*\[[0-9:]*\] Bob: pear //p; s/^.*Bob: \(fresh\) pear$/\1/p' | tr '\n' ' ')" \
    "Welcome $(seq 6 25 | tr '\n' ' ')fresh "
enter Carol
settle Carol
is 'a plain client is shown none' "$(count Carol pear)" 0
stop

finish
