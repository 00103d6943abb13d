#!/bin/sh
# Goal: every form of --listen, one at a time and several at once.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# meets SENTENCE [ARGUMENT OF NC...]: a client that connects like this is in the room with Bob.
meets() {
    sentence_of_meeting=$1
    shift
    enter Alice "$@"
    say Alice 'Hi!'
    check "$sentence_of_meeting" wait_for Bob 'Alice: Hi!'
    quit Alice # not by hang_up: their names are to be free again
    quit Bob
}

start --listen 0
enter Bob
meets 'a port alone is enough' 127.0.0.1 "$port"
check 'the server stops' stop

start --listen localhost:0
enter Bob localhost "$port"
meets 'a host can be given by name' localhost "$port"
check 'the server stops' stop

if perl -MSocket=:all -e 'socket(my $socket, PF_INET6, SOCK_STREAM, 0) or exit 1;
        bind($socket, pack_sockaddr_in6(0, inet_pton(AF_INET6, "::1"))) or exit 1'; then
    has_ipv6=yes
else
    has_ipv6=no
fi

start --listen '*:0'
enter Bob
meets 'an asterisk is every IPv4 address' 127.0.0.1 "$port"
if [ $has_ipv6 = yes ]; then
    enter Bob
    meets 'an asterisk is every IPv6 address, on the same port' ::1 "$port"
fi
check 'the server stops' stop

if [ $has_ipv6 = yes ]; then
    start --listen '[::1]:0'
    check 'an IPv6 address is printed in brackets' matches console '^Chat server running on \[::1\]:[0-9]+$'
    enter Bob ::1 "$port"
    meets 'an IPv6 address is served' ::1 "$port"
    check 'the log has the address in brackets' wait_for_match console '^Alice \(\[::1\]:[0-9]+\) has joined$'
    check 'the server stops' stop
else
    skip 'an IPv6 address is served' 'there is no IPv6'
fi

start --listen "unix:$work/door"
check 'a socket path is printed as it was given' has_line console "Chat server running on unix:$work/door"
check 'there is a socket' test -S door
enter Bob -U "$work/door"
meets 'a unix socket is served' -U "$work/door"
try "$partyline" --listen "unix:$work/door"
is 'a socket that is served already is an error with status 1' "$status" 1
check 'the error names it' matches try.err "^partyline: cannot listen on unix:$work/door: $(wording EADDRINUSE)\$"
is 'in one line' "$(count try.err '')" 1
enter Bob -U "$work/door"
meets 'and the server that has it still serves it' -U "$work/door"
check 'the server stops' stop
check 'the socket is gone with the server' test ! -e door
check 'and so is its lock file' test ! -e door.lock

start --listen "unix:$work/door"
kill -KILL "$server"
ended "$server"
check 'a server that is killed leaves its socket behind' test -S door
start --listen "unix:$work/door"
enter Bob -U "$work/door"
meets 'a socket that was left behind is replaced' -U "$work/door"
check 'the server stops' stop

try "$partyline" --listen "unix:$work/door" --listen "unix:$work/./door"
is 'the same path twice is an error with status 1' "$status" 1
check 'the error names the second' matches try.err \
    "^partyline: cannot listen on unix:$work/./door: $(wording EADDRINUSE)\$"
check 'and nothing stays behind' [ -z "$(ls -d door* 2>/dev/null)" ]

echo notes >door.lock
try "$partyline" --listen "unix:$work/door"
is 'a file in the place of the lock file is an error with status 1' "$status" 1
is 'the error names it' "$(cat try.err)" \
    "partyline: cannot listen on unix:$work/door: $work/door.lock is there and is no lock file"
is 'it is left alone' "$(cat door.lock)" notes
rm door.lock

echo precious >file
try "$partyline" --listen "unix:$work/file"
is 'a path that is a file is an error with status 1' "$status" 1
is 'the error says so' "$(cat try.err)" \
    "partyline: cannot listen on unix:$work/file: something is there that is no socket; remove it, or choose another path"
is 'the file is left alone' "$(cat file)" precious
long=$(printf '%200s' '' | tr ' ' x)
try "$partyline" --listen "unix:$work/$long"
is 'a path that is too long for a socket is a mistake of its option' "$status" 2
check 'the error says so' matches try.err \
    "^partyline: --listen: 'unix:.*xxx' is too long: the path of a unix socket has [0-9]+ bytes at most\$"
try "$partyline" --listen 127.0.0.1:1 --metrics 127.0.0.1:1
is 'so is an address that is given twice' "$status" 2
check 'no other program is blamed for it' has_line try.err \
    "partyline: --metrics: '127.0.0.1:1' is given already, as '127.0.0.1:1'; each needs a port or a path of its own"
try "$partyline" --listen "unix:$work/no/door"
is 'a path in a folder that does not exist is an error with status 1' "$status" 1
check 'the error names the cause' matches try.err "cannot listen on unix:.*: $(wording ENOENT)\$"

start --telnet 127.0.0.1:0 --telnet "unix:$work/door" --listen "unix:$work/window"
check 'an address for terminals is printed as one' \
    matches console '^Chat server running on 127\.0\.0\.1:[0-9]+ \(telnet\)$'
check 'so is a socket path' has_line console "Chat server running on unix:$work/door (telnet)"
check 'and no other' has_line console "Chat server running on unix:$work/window"
check 'the server stops' stop

start --listen 127.0.0.1:0 --listen "unix:$work/door" -l 127.0.0.1:0
is 'of several addresses each has its line' "$(count console '^Chat server running on ')" 3
enter Bob
meets 'people at different addresses are in one room' -U "$work/door"
second_port=$(sed -n 's/^Chat server running on .*:\([0-9][0-9]*\)$/\1/p' console | sed -n 2p)
check 'each address with port 0 has a port of its own' [ "$second_port" -ne "$port" ]
enter Bob
meets 'the second port leads to the same room' 127.0.0.1 "$second_port"

try "$partyline" --listen 127.0.0.1:0 --listen "unix:$work/other" --listen "127.0.0.1:$port"
is 'one address that is in use is an error, though others are free' "$status" 1
check 'and no socket stays behind' test ! -e other
check 'the server stops' stop

if [ $has_ipv6 = yes ]; then
    start --listen '127.0.0.1:0' --listen '[::1]:0'
    enter Bob
    second_port=$(sed -n 's/^Chat server running on \[::1\]:\([0-9][0-9]*\)$/\1/p' console)
    meets 'IPv4 and IPv6 lead to the same room' ::1 "$second_port"
fi

finish
