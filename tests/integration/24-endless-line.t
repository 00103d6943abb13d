#!/bin/sh
# Goal: a gigabyte in one line costs its author the line, and nobody anything else.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# resident: kibibytes of the server's memory that are resident.
resident() {
    ps -o rss= -p "$server" | tr -d ' '
}

# The address sanitizer would keep what is freed, to catch those who use it all the same.
before_start() {
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1"
    export ASAN_OPTIONS
}

start
enter Bob
before=$(resident)
{
    echo Alice
    head -c 1000000000 /dev/zero | tr '\0' a
    until [ -e heard ]; do sleep 0.1; done # the line goes on until the others have talked
    printf '\nand on it goes\n'
} | nc -N 127.0.0.1 "$port" >Alice &
author=$!
wait_for Bob '*** Alice has joined the chat ***'
say Bob 'I can talk meanwhile.'
check 'others can talk while a gigabyte comes in' wait_for Alice 'Bob: I can talk meanwhile.'
: >heard
check 'after a gigabyte the next line is read from its beginning' wait_for Bob 'Alice: and on it goes' 120
grown=$(($(resident) - before))
check "the server has not grown by it ($grown KiB)" [ "$grown" -lt 16384 ]
wait_for Bob '*** Alice has left the chat ***'
ended $author
is 'its author got one notice' "$(count Alice 'Line too long')" 1
is 'nobody else saw any of it' "$(sed 1d Bob | tr '\n' '|')" \
    '*** Alice has joined the chat ***|Alice: and on it goes|*** Alice has left the chat ***|'

head -c 100000000 /dev/zero | tr '\0' a | nc -N 127.0.0.1 "$port" >Carol &
author=$!
check 'an endless name is no name: its author is asked no more than anybody else' ended $author 60
is 'and told once that it will not do' "$(grep -c '\*\*\* .* \*\*\*' Carol)" 1

perl -e 'my $part = "a\rb\0c" x 20000; print "Dave\n"; print $part for 1 .. 100; print "\n/quit\n"' |
    nc -N 127.0.0.1 "$port" >Dave
check 'ten megabytes of controls in one line are too long, too' has Dave 'Line too long'
{
    echo Erin
    perl -e 'print "\377\361" x 5000000'
    echo 'out of the commands'
} | nc -N 127.0.0.1 "$port" >Erin
check 'ten megabytes of telnet commands are nothing' wait_for Bob 'Erin: out of the commands'
check 'after all this the server still serves' serves
grown=$(($(resident) - before))
check "and has not grown by it ($grown KiB)" [ "$grown" -lt 16384 ]

finish
