#!/bin/sh
# Goal: a program that is cut off at any moment, by a reset or because the server is killed, resumes and
# has each line that was acknowledged by /sync exactly once and in order.
# RESUMES=1000 and SEED=1 play another game.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v python3 >/dev/null; then
    skip 'a program is cut off and resumes' 'there is no python3'
    finish
fi
"$partyline" --version >version
if ! has version 'with SQLite'; then
    skip 'a program is cut off and resumes' 'this build lacks SQLite'
    finish
fi
seed=${SEED:-$$}
if python3 "$root/tests/integration/lib/resume.py" "$partyline" "${RESUMES:-300}" "$seed" >game 2>&1; then
    ok "what is acknowledged comes once and in order, however often one is cut off (seed $seed)"
else
    not_ok "what is acknowledged comes once and in order (seed $seed)"
    explain <game
fi
sed 's/^/# /' game

if python3 "$root/tests/integration/lib/slow_resume.py" "$partyline" >slow 2>&1; then
    ok 'who does not read while it resumes has all the same, and is not cut off'
else
    not_ok 'who does not read while it resumes has all the same'
    explain <slow
fi

# feed_long: Alice says something longer than what a room keeps in memory, between two short lines.
feed_long() {
    enter Alice
    { echo one && head -c 300000 /dev/zero | tr '\0' x && printf '\nthree\n/sync said\n'; } >lines
    feed Alice lines
    wait_for Alice 'Synced: said'
}
start --max-line 400000 --data long.db
feed_long
say Alice '/resume lobby 0'
check 'a line longer than what is kept in memory' wait_for_match Alice '^Alice: three$'
is 'is resumed where it is stored' "$(sed -n 's/^Alice: //p' Alice | cut -c 1-5 | tr '\n' ' ')" 'one xxxxx three '
stop
start --max-line 400000 --data long.db
enter Bob
say Bob '/resume lobby 1'
check 'also after a restart' wait_for_match Bob '^Alice: three$'
is 'with what followed' "$(sed -n 's/^Alice: //p' Bob | cut -c 1-5 | tr '\n' ' ')" 'xxxxx three '
stop
start --max-line 400000
feed_long
say Alice '/resume lobby 0'
check 'and elsewhere it is not passed over without a word' within "$patience" has_line Alice \
    '*** What followed 0 is not kept. The first that is kept is 3. ***'
stop

start --history 5
enter Alice
{ seq 1 8 && echo '/sync said'; } >lines
feed Alice lines
wait_for Alice 'Synced: said'
say Alice '/resume lobby 5'
check 'a plain client may resume as well' wait_for_match Alice '^Alice: 8$'
is 'with exactly what followed' "$(grep '^Alice: ' Alice | tr '\n' ' ')" 'Alice: 6 Alice: 7 Alice: 8 '
say Alice '/resume lobby 2'
check 'what is not kept any more is refused' within "$patience" has_line Alice \
    '*** What followed 2 is not kept. The first that is kept is 4. ***'
say Alice '/resume lobby 9'
check 'so is a number that no line has' within "$patience" has_line Alice \
    '*** What followed 9 is not kept. The first that is kept is 4. ***'
say Alice '/resume den 1'
check 'and a room where one is not' within "$patience" has_line Alice '*** You are not in #den. ***'
say Alice '/resume lobby x'
check 'and what is no number' within "$patience" has_line Alice '*** Usage: /resume ROOM SEQ ***'
{ printf '/join den\n/resume den 0\n/sync den\n'; } >lines
feed Alice lines
check 'who resumes a room at once' within "$patience" has_line Alice '*** Synced: den ***'
is 'is not told of its own coming' "$(grep -c 'Alice has joined #den' Alice)" 0
stop
finish
