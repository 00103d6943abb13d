#!/bin/sh
# Goal: who pours text into a room does it as fast as it gets there, until somebody talks: then most of the
# time is left to the others. (How much is tested in tests/unit/test_courtesy.c; that it is done, here.)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --listen 127.0.0.1:0 --presence-limit 1 --drain-timeout 30

# Thirty people in one process, who read all that comes. The first one pours; the second one talks.
cat >crowd.pl <<'END'
use strict;
use warnings;
use Socket;
use Time::HiRes 'time';

my ($port, $crowd, $lines) = (shift, 30, 20000);
my $flood = join '', map { sprintf "flood %05d %s\n", $_, '.' x 80 } 1 .. $lines;
my (@people, @last);
for my $number (1 .. $crowd) {
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
    $socket->blocking(0);
    syswrite $socket, "P$number-$$\n"; # those of the try before may not be gone
    push @people, $socket;
}

# Reads what comes, and pours the words, until it is enough.
sub turn {
    my ($words, $enough) = @_;
    until ($enough->()) {
        my ($readable, $writable) = ('', '');
        vec($readable, fileno $_, 1) = 1 for @people;
        vec($writable, fileno $people[0], 1) = length $words ? 1 : 0;
        select $readable, $writable, undef, 30 or die 'nothing comes';
        substr $words, 0, syswrite($people[0], $words, 262144) || 0, '' if length $words;
        for my $number (grep { vec $readable, fileno $people[$_], 1 } 0 .. $#people) {
            sysread $people[$number], my $heard, 262144 or die 'cut off';
            $last[$number] = substr(($last[$number] // '') . $heard, -200);
        }
    }
}

# Returns how long a flood takes until everybody has it.
sub pour {
    my $began = time;
    @last = ();
    turn $flood, sub { $crowd - 1 == grep { ($_ // '') =~ /flood $lines / } @last[1 .. $#people] };
    return time - $began;
}

# Talk, as the first one has heard it.
sub talk {
    syswrite $people[1], "talk\n";
    turn '', sub { ($last[0] // '') =~ /talk\n/ };
}

turn '', sub { grep { ($_ // '') =~ /; $crowd here/ } @last };
my ($alone) = sort { $a <=> $b } map { pour() } 1 .. 4;
my ($beside) = sort { $a <=> $b } map { talk(); pour() } 1 .. 4;
printf "%s: %.1f times as long\n", $beside > 1.25 * $alone ? 'it gave way' : 'no courtesy', $beside / $alone;
END

# gives_way: other work of the machine may be in the way of that, as of everything that is compared by time.
gives_way() {
    for try in 1 2 3; do
        perl crowd.pl "$port" >crowd 2>&1
        ! matches crowd '^it gave way: ' || return 0
        echo "# try $try: $(cat crowd)"
    done
    return 1
}
check 'who pours beside talk gives way' gives_way

finish
