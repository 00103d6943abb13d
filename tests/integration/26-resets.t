#!/bin/sh
# Goal: connections that are reset at any moment, the prompt's in particular, are nobody's loss.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --max-clients 50
enter Alice
enter Bob
wait_for Alice 'Bob has joined'

# More than --max-clients, so that places that were not given back would be missed.
perl -MSocket -e '
    my $port = shift;
    for my $round (1 .. 300) {
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
        sysread($socket, my $prompt, 100) if $round % 3;         # Before the prompt, or in the middle of it.
        syswrite($socket, "Ghost") if $round % 3 == 2;           # Or in the middle of a name.
        setsockopt($socket, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)) or die "setsockopt: $!";
        close($socket);
    }
' "$port" 2>perl_said
is 'all of the resets were made' "$(cat perl_said)" ''
check 'after resets in the middle of the prompt the server still serves' serves
say Bob 'Was that a ghost?'
wait_for Alice 'Bob: Was that a ghost?'
is 'and nobody was told of any of them' "$(count Alice Ghost)" 0

# In the middle of a line, and with lines that nobody has read yet.
for number in 1 2 3 4 5 6 7 8 9 10; do
    slam "Ghost$number\nBoo\nhalf a li"
done
check 'after resets in the room everyone has left' wait_for_count 10 Alice '^\*\*\* Ghost[0-9]+ has left the chat \*\*\*$'
is 'each was announced once' "$(count Alice '^\*\*\* Ghost[0-9]+ has joined the chat \*\*\*$')" 10
is 'what was said before the reset was heard' "$(count Alice '^Ghost[0-9]+: Boo$')" 10
check 'after that the server still serves' serves

# While others are talking to it.
awk 'BEGIN { for (i = 1; i <= 20000; i++) print "line", i }' </dev/null >lines
feed Bob lines
for number in 11 12 13 14 15 16 17 18 19 20; do
    slam "Ghost$number\n"
done
check 'resets while somebody talks are no loss to who listens' wait_for Alice 'Bob: line 20000'
awk 'BEGIN { for (i = 1; i <= 20000; i++) print "Bob: line", i }' </dev/null >all_lines
grep '^Bob: line' Alice >got_lines
check 'every line arrives, in order' cmp got_lines all_lines
check 'after that the server still serves' serves

finish
