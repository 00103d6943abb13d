#!/bin/sh
# Goal: readers that stop one after the other, or that hold still again and again, hold up nobody's talk, and
# floods move on.

# shellcheck source=flow.sh
. "$(dirname "$0")/flow.sh"

start --drain-timeout 2
play <<'SCENE'
use strict;
use warnings;
my ($drain, $stallers) = (2, 5);
my $crowd = Crowd->new(shift);
my $carol = $crowd->enter('Carol');
my $dave = $crowd->enter('Dave', forgets => 1);
my $paster = $crowd->enter('Paster', forgets => 1);
# The flood never ends: there is always some more, two megabytes a second of it.
my $line = 0;
$crowd->every(
    0.02,
    sub {
        my $waits = length $paster->{unsent} > 100_000;
        $paster->say(join '', map { sprintf "line %d %s\n", ++$line, 'x' x 88 } 1 .. 400) if !$waits;
        return 0;
    }
);
my $talk = $crowd->talk($dave, $carol, 20);
my $got = 0;
my $moved = 0;
for my $number (1 .. $stallers) {
    $crowd->enter("Staller$number", reads => 0);
    $crowd->after($drain * 2 / 3);
    $moved++ if $carol->{got} > $got + 100_000;
    $got = $carol->{got};
}
my $worst = $talk->worst;
$crowd->quick($worst < $drain / 2, 'talk does not wait for stalled readers that come one after the other',
    "worst $worst s; the drain timeout is $drain s");
$crowd->until('the last one is cut off', sub { $carol->{heard} =~ /Staller$stallers has left/ });
$got = $carol->{got};
$crowd->until('the flood moves on', sub { $carol->{got} > $got + 1_000_000 });
$crowd->verdict($moved > 0, 'floods move on meanwhile');
SCENE
wait_for_count 5 console '^Staller.*has left: too slow$'
is 'the stalled ones are cut off, and nobody else' "$(cut_off)" 'Staller1 Staller2 Staller3 Staller4 Staller5 '
check 'the server stops' stop

# One asks for so much that it counts as behind, holds still for less than the drain timeout, reads it all,
# and begins again.
start --drain-timeout 3
play <<'SCENE'
use strict;
use warnings;
my $hold = 1;
my $crowd = Crowd->new(shift);
my $carol = $crowd->enter('Carol', forgets => 1);
my $dave = $crowd->enter('Dave', forgets => 1);
my $holder = $crowd->enter('Holder', reads => 0);
my $friend = $crowd->enter('Friend', forgets => 1);
my $talk = $crowd->talk($dave, $carol, 20);
for my $number (1 .. 4) {
    $friend->say("/msg Holder $number " . 'x' x 1000 . "\n") for 1 .. 800;
    $friend->say("/msg Friend That was $number.\n");
    $crowd->after($hold);
    $holder->manner;
    $crowd->until('all is read', sub { $holder->{gone} || $friend->{heard} =~ /That was $number/ });
    $holder->stop;
}
my $worst = $talk->worst;
$crowd->quick($worst < $hold / 2, 'talk does not wait for one that holds still again and again',
    "worst $worst s; it holds still for $hold s");
SCENE
is 'nobody is cut off' "$(cut_off)" ''
check 'the server stops' stop

# A private flood waits for the one that it is for.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $reader = $crowd->enter('Reader', rate => 300_000);
my @strangers = map { $crowd->enter("S$_", forgets => 1) } 1 .. 20;
$crowd->private_flood($reader, \@strangers, 1500, 70);
SCENE
is 'nobody is cut off' "$(cut_off)" ''

finish
