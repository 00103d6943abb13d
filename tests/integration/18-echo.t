#!/bin/sh
# Goal: partyline-echo, the other server on the same base: each line comes back to who sent it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

announced() {
    matches console ':[0-9]+$' || is_gone "$server"
}

# start_echo [OPTION...]
start_echo() {
    : >console
    "$partyline_echo" --listen 127.0.0.1:0 "$@" >console 2>errors </dev/null &
    server=$!
    within "$patience" announced
    port=$(sed -n 's/^.*127\.0\.0\.1:\([0-9][0-9]*\)$/\1/p' console)
    check "partyline-echo says where it listens" [ -n "$port" ]
}

start_echo
connect Alice
say Alice 'one'
check 'a line comes back' within "$patience" has_line Alice one
send Alice 'two\r\nthree\n'
same 'every line comes back, and nothing else does' Alice 'one\ntwo\nthree\n'
connect Bob
say Bob 'for Bob'
same 'a line comes back to who sent it' Bob 'for Bob\n'
same 'and to nobody else' Alice 'one\ntwo\nthree\n'
printf 'first\nlast' | nc -N 127.0.0.1 "$port" >Carol
same 'what was sent before the end of input comes back after it' Carol 'first\nlast\n'
# More than the sockets hold, so that the server has some of it in hand when the input ends.
awk 'BEGIN { for (i = 1; i <= 400000; i++) print "this is line number", i }' </dev/null >lines
nc -N 127.0.0.1 "$port" <lines >Dave
check 'a script of 11 megabytes comes back whole' cmp Dave lines
check 'the server stops when it is asked to, with status 0' stop
check 'and its clients are disconnected' closed Alice

start_echo --idle-timeout 5 # more than it takes to say something, however busy the machine is
connect Alice
say Alice one
wait_for Alice one
check 'an idle client is disconnected' closed Alice
is 'not without its line' "$(head -n 1 Alice)" one

try "$partyline_echo" --listen "127.0.0.1:$port"
is 'a port that is in use is an error with status 1' "$status" 1
check 'the error names the address and the cause' matches try.err \
    "^partyline-echo: cannot listen on 127\\.0\\.0\\.1:$port: $(wording EADDRINUSE); another program listens there: end it, or choose another port\$"
try "$partyline_echo" --idle-timeout 5x
is 'a number that is none is refused with status 2' "$status" 2

finish
