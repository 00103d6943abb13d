#!/bin/sh
# Goal: people at terminals who hit whatever keys, change the size of their screens, complete names, and
# turn editing on and off, while others flood the room, harm nobody: not the server, nor what others get.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --listen 127.0.0.1:0 --telnet 127.0.0.1:0 --drain-timeout 30 # Bob may be slow, on a busy machine
telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
enter Bob

# Six people at terminals, in one process: each key press is chosen by chance (always the same), in
# pieces of any length; what they are sent is read, and looked at by nobody.
cat >keys.pl <<'END'
use strict;
use warnings;
use IO::Select;
use Socket;

my ($port, $seed) = @ARGV;
srand $seed;
my @keys = (
    (map { chr 97 + $_ } 0 .. 25), ' ', ' ', "\t", "\t\t", "\x01", "\x02", "\x05", "\x06", "\x08", "\x0b", "\x0c",
    "\x14", "\x15", "\x17", "\x03", "\x7f", "\e[A", "\e[B", "\e[C", "\e[D", "\e[H", "\e[F", "\e[3~", "\eb", "\ef",
    "\ed", "\e[200~pasted\npas\e[201~", "\xc3\xa9", "\xe6\x97\xa5", "e\xcc\x81", "\xff\xf1", "\xff\xf6", "\xff\xf4",
    "\xff\xf7", "\xff\xf8", "\xff\xfa\x1f\x00\x14\x00\x05\xff\xf0", "\xff\xfa\x1f\x00\x00\x00\x00\xff\xf0",
    "\xff\xfa\x1f\x01\x00\x00\x30\xff\xf0", "\xff\xfd\x06", "\e[31;;;", "\e]0;title\x07", "\r\0", "\r\n",
    "/me \t\r\0", "/who\r\0", "/nick k$seed\r\0", "/color off\r\0", "/color\r\0", "b\t", "/\t\t",
);
my $select = IO::Select->new;
my @people;
for my $number (1 .. 6) {
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
    syswrite $socket, "\xff\xfd\x03\xff\xfd\x01\xff\xfb\x1f\xff\xfa\x1f\x00\x28\x00\x0a\xff\xf0key$number\r\0";
    $select->add($socket);
    push @people, $socket;
}
for my $turn (1 .. 400) {
    for my $socket ($select->can_read(0)) {
        sysread $socket, my $heard, 65536 or $select->remove($socket);
    }
    syswrite $people[rand @people], join '', map { $keys[rand @keys] } 1 .. 1 + rand 12;
    select undef, undef, undef, 0.002;
}
syswrite $_, "\x03\x15/edit off\r\0" for @people[0 .. 2];
select undef, undef, undef, 0.2;
syswrite $_, "\xff\xfe\x01\xff\xfe\x03by the line\r\n" for @people[0 .. 2];
syswrite $_, "\x03\x15the last word\r\0" for @people[3 .. 5];
while ($select->count > 0 and my @ready = $select->can_read(2)) {
    for my $socket (@ready) {
        sysread $socket, my $heard, 65536 or $select->remove($socket);
    }
}
END

trap '' PIPE
perl keys.pl "$telnet_port" 7 >keys.out 2>&1 &
keys=$!
wait_for_count 6 Bob '^\*\*\* key[0-9] has joined' # Whoever floods before would delay them.
perl -e 'print "Flo\n"; print "flood $_ Bob key1\n" for 1 .. 20000' >flood
connect Flo
feed Flo flood
wait_for Bob 'Flo: flood 20000 Bob key1' 60
check 'who floods is heard to the end' has_line Bob 'Flo: flood 20000 Bob key1'
is 'nothing of it was lost' "$(count Bob '^Flo: flood [0-9]* Bob key1$')" 20000
check 'they all had their last word' wait_for_count 3 Bob ': the last word$' 60
check 'those in line mode, too' wait_for_count 3 Bob ': by the line$' 60
ended $keys 60
is 'their connections were well' "$(cat keys.out)" ''
is 'no control character got to anybody' "$(tr -d '\12\40-\176\200-\377' <Bob | od -A n -c)" ''

finish
