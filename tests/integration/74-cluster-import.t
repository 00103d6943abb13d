#!/bin/sh
# Goal: the accounts of a single machine come into a cluster, with what belongs to them; what is there
# already is not touched, and all that was not brought is told.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'accounts come into a cluster'
if "$partyline" --version | grep -q 'without SQLite'; then
    skip 'accounts come into a cluster' 'this build lacks SQLite'
    finish
fi

start --data chat.db --operator Olga
for who in Olga Alice Bob; do
    enter $who
    say $who "/register password of $who"
    wait_for $who 'is yours now'
done
say Olga '/op Alice'
wait_for Olga 'Alice is an operator now'
say Alice '/ignore Mallory'
wait_for Alice 'You ignore Mallory'
say Bob '/join den'
wait_for Bob 'You are in #den'
say Olga '/ban Trudy'
wait_for Olga Trudy
quit Alice
say Bob '/msg Alice are you there?'
wait_for Bob 'Your message is kept'
stop

nats_alone
machine east
come Bob east
say Bob '/register another password'
check 'somebody has a name in the cluster already' wait_for Bob 'is yours now'

try "$partyline" --cluster "$servers" --cluster-import nowhere.db
is 'a file that is not there is no success' "$status" 1
check 'and is told' has try.err 'nowhere.db'
try "$partyline" --cluster-import chat.db
is 'it needs a cluster' "$status" 2
try "$partyline" --cluster "$servers" --cluster-import chat.db
is 'what is there already is no success' "$status" 1
check 'it is named' has try.err 'Bob: not brought: that name, or one that looks like it, is registered in the cluster'
check 'the others are brought' has try.out 'Brought into the cluster: accounts 2, of operators 1, ignored names 1, private messages 1.'
check 'what is left out is told' has try.out 'Left out, to be made anew: kept rooms 1, bans and mutes 1.'

connect Alice 127.0.0.1 "$(cat port.east)"
say Alice Alice
wait_for Alice 'Password: '
say Alice 'password of Alice'
check 'the password is that of before' wait_for Alice '*** Welcome, Alice. '
check 'what was kept comes' wait_for Alice 'Bob: are you there?'
say Alice /ignore
check 'whom one ignores is known' wait_for Alice 'You ignore Mallory.'
say Alice '/kick Bob'
check 'an operator is one' wait_for Bob kicked
connect Again 127.0.0.1 "$(cat port.east)"
say Again Bob
wait_for Again 'Password: '
say Again 'another password'
check 'who was there already is as before' wait_for Again '*** Welcome, Bob. '
try "$partyline" --cluster "$servers" --cluster-import chat.db
check 'once more nothing is brought' has try.out 'Brought into the cluster: accounts 0, '
machine_stop east
finish
