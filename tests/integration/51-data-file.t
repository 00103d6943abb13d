#!/bin/sh
# Goal: --data has its file made, opened and closed by the server; what hinders is told before anybody is let in.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$partyline" --version >version
if ! has version 'with SQLite'; then
    try "$partyline" --listen 127.0.0.1:0 --data chat.db
    is 'a build without SQLite refuses --data with status 2' "$status" 2
    check 'and tells what it lacks, and what to install' matches try.err '--data: this build lacks SQLite; install it .*libsqlite3-dev'
    check 'no file is made' [ ! -e chat.db ]
    skip 'the rest' 'this build lacks SQLite'
    finish
fi

start --data chat.db
check 'the file is there' [ -s chat.db ]
is 'it is its owner'"'"'s alone' "$(find chat.db -perm 600)" chat.db
enter Alice
say Alice Hi

# refused SENTENCE WORDS PATH
refused() {
    try "$partyline" --listen 127.0.0.1:0 --data "$3"
    is "$1 is refused with status 1" "$status" 1
    check 'in one line, which names the file and the cause' one_fault "$3" "$2"
    is 'and nobody is let in' "$(cat try.out)" ''
}
one_fault() {
    [ "$(wc -l <try.err)" -eq 1 ] && has try.err "partyline: cannot open the data file $1: " && has try.err "$2"
}
refused 'a file that another server has' "another partyline, process $server, uses it; stop that one" chat.db
check 'that one goes on' serves
quit Alice
check 'the server stops in order' stop
refused 'a directory that is not there' 'its directory does not exist; make it' nowhere/chat.db
echo 'Dear diary' >diary
refused 'a file of another program' 'it is no SQLite database' diary
is 'it is as it was' "$(cat diary)" 'Dear diary'

start --data chat.db --retain 0
kill -KILL "$server"
ended "$server"
start --data chat.db
check 'a server that was killed leaves a file that can be opened' serves
check 'and it stops in order' stop

try "$partyline" --data ''
is 'an empty path is refused with status 2' "$status" 2
check 'by its option' has try.err 'partyline: --data: the path is empty'
finish
