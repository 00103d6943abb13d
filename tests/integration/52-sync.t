#!/bin/sh
# Goal: /sync is answered when what was said before has arrived, so that a script can wait for it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Bob
enter Alice
wait_for Bob 'Alice has joined'

say Alice /sync
check '/sync is answered' within "$patience" has_line Alice '*** Synced ***'
say Alice '/sync now-7'
check 'with its token, if there is one' within "$patience" has_line Alice '*** Synced: now-7 ***'
say Alice "/SYNC  $(printf '\303\251\007x')"
check 'which is cleaned, like all that is shown' within "$patience" has_line Alice "$(printf '*** Synced: \303\251x ***')"
say Alice '/sync one two'
check 'two tokens are one too many' within "$patience" has_line Alice '*** Usage: /sync [TOKEN] ***'
token=$(printf '%064d' 0)
say Alice "/sync $token"
check 'a token of 64 bytes comes back whole' within "$patience" has_line Alice "*** Synced: $token ***"
say Alice "/sync 0$token"
check 'a longer one is refused' wait_for_count 2 Alice 'Usage: /sync'
is 'nobody else hears of it' "$(count Bob Sync)" 0

# Once Alice has her answer, Bob has been sent everything: it is before the answer that he gets then.
i=0
while [ $i -lt 20 ]; do
    i=$((i + 1))
    seq 1 100 | sed "s/^/$i./" >lines
    { cat lines && echo '/msg Bob private' && echo "/sync $i"; } >together
    feed Alice together
    wait_for Alice "*** Synced: $i ***" || break
    say Bob "/sync heard-$i"
    wait_for Bob "*** Synced: heard-$i ***" || break
    [ "$(tail -n 3 Bob | tr '\n' '|')" = "Alice: $i.100|[private] Alice: private|*** Synced: heard-$i ***|" ] || break
done
is 'what was said before /sync has been handed to the other' $i 20
is 'in order, each line once' "$(grep -c '^Alice: ' Bob)" 2000

finish
