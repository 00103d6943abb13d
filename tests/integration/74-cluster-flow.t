#!/bin/sh
# Goal: a flood waits for readers on all machines: who reads, however slowly, loses nothing and stays; who has
# stopped is cut off by the machine that it is connected to; and talk waits for nobody.

# shellcheck source=flow.sh
. "$(dirname "$0")/flow.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'floods wait for readers on other machines'
nats_alone
machine east --sendq 524288
machine west --sendq 524288
cat errors.east errors.west >errors
server=$(cat machine.west)
port=$(cat port.east)

# For the scenes, which have the port of the other machine as their own.
WEST=$(cat port.west)
export WEST

# The readers of 64 KiB/s and of 100 KB/s are slower than the flood, and the whole of it is four times what may be
# pending for them.
play <<'SCENE'
use strict;
use warnings;
my ($crowd, $west) = (Crowd->new(shift), $ENV{WEST});
my $lines = 100_000;
my $paste = join '', map { sprintf "line %06d\n", $_ } 1 .. $lines;
my @slow = map { $crowd->enter("Slow$_", port => $west, rate => $_, receive => 65_536) } 65_536, 100_000;
my $fast = $crowd->enter('Fast', port => $west);
my $carol = $crowd->enter('Carol');
my $talk = $crowd->talk($crowd->enter('Dave'), $fast, 10);
$crowd->enter('Paster')->say($paste);
$crowd->until('the flood arrives', sub { $slow[0]{gone} || $carol->{heard} =~ /line $lines\n/ }, 120);
$talk->{silent} = 1;
my ($median, $worst) = ($talk->median, $talk->worst);
$crowd->quick($median < 0.1, 'talk between machines does not wait for a reader of a flood', "median $median s");
$crowd->quick($worst < 4, 'not even one line', "worst $worst s");
for my $slow (@slow) {
    $slow->manner;
    $crowd->until("$slow->{name} has it all", sub { $slow->{gone} || $slow->{heard} =~ /line $lines\n/ });
    $crowd->verdict(!$slow->{gone}, "$slow->{name}, on another machine than the flood, is not cut off");
    $crowd->verdict($slow->heard_of('Paster') eq $paste, 'and gets the whole flood');
}
SCENE

# A reader that has stopped, beside one that is slow. Only the machine that it is connected to can tell the two apart,
# and the flood is on the other one. Then there are floods on both, for which the slow one is too slow as well.
play <<'SCENE'
use strict;
use warnings;
my ($crowd, $west) = (Crowd->new(shift), $ENV{WEST});
my $stopped = $crowd->enter('Stopped', port => $west, reads => 0, receive => 65_536);
my $slow = $crowd->enter('Slow', port => $west, rate => 100_000, receive => 65_536);
my $carol = $crowd->enter('Carol');
my %floods = (East => $crowd->enter('East', forgets => 1), West => $crowd->enter('West', port => $west, forgets => 1));
my %said;

sub flood {
    my ($mark, $lines, @names) = @_;
    my $heard = sub { my ($whom) = @_; return !grep { $whom->{heard} !~ /^$_: $mark $lines$/m } @names };
    for my $name (@names) {
        my $paste = join '', map { sprintf "$mark %05d\n", $_ } 1 .. $lines;
        $floods{$name}->say($paste);
        $said{$name} .= $paste;
    }
    $crowd->until('the flood arrives', sub { $slow->{gone} || $heard->($carol) }, 120);
    $crowd->until('the slow reader has it', sub { $slow->{gone} || $heard->($slow) }, 120);
    return;
}

flood('first', 50_000, 'East');
$stopped->manner;
$crowd->verdict($crowd->comes_true(sub { $stopped->{gone} }), 'a reader that has stopped is cut off for a flood elsewhere');
flood('second', 20_000, 'East', 'West');
$crowd->verdict(!$slow->{gone}, 'one that is slow beside it is not');
$crowd->verdict(!(grep { $slow->heard_of($_) ne $said{$_} } keys %floods), 'and gets the floods of all machines');
SCENE

# Private messages wait for the one that they are for, also when they come from all machines.
play <<'SCENE'
use strict;
use warnings;
my ($crowd, $west) = (Crowd->new(shift), $ENV{WEST});
my $reader = $crowd->enter('Reader', port => $west, rate => 200_000, receive => 65_536);
my @strangers = map { $crowd->enter("S$_", forgets => 1, $_ % 3 ? () : (port => $west)) } 1 .. 6;
$crowd->private_flood($reader, \@strangers, 700, 400);
SCENE
cat console.east console.west >console
check 'it is its own machine that cuts it off' grep -q '^Stopped (127.*) has left: too slow$' console.west
is 'and nobody else' "$(cut_off)" 'Stopped '

finish
