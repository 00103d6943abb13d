#!/bin/sh
# Goal: of those who do not read for a while, the ones who come back in time lose nothing, and the ones who
# do not are the only ones to be cut off, all in the time that one of them costs.

# shellcheck source=flow.sh
. "$(dirname "$0")/flow.sh"

# One busy process comes around to each reader only now and then; at most after half a drain timeout.
start --drain-timeout 2
play <<'SCENE'
use strict;
use warnings;
my $drain = 2;
my ($readers, $stopping, $lines) = (30, 4, 20000);
my $crowd = Crowd->new(shift);
my $paster = $crowd->enter('Paster', forgets => 1);
my @lazy = map { $crowd->enter("Lazy$_", receive => 65536) } 1 .. $readers;
my @stopped = map { $crowd->enter("Stopped$_", receive => 65536) } 1 .. $stopping;
$crowd->until('all see the last one come', sub { $_->{heard} =~ /Stopped$stopping\b/ || return 0 for @lazy; 1 });

# The lines of a flood from one to another.
sub paste {
    my ($mark, $first, $last) = @_;
    $paster->say(join '', map { sprintf "$mark %05d %s\n", $_, 'x' x 88 } $first .. $last);
}

# Says some of a flood, and returns how long it takes until everybody, or those who are left, have all of it.
sub flood {
    my ($mark, $said, @readers) = @_;
    my $began = Crowd::now();
    for my $reader (@readers) {
        $reader->{heard} = '';
        $reader->manner(lazy => [$drain / 3, $drain / 2]);
    }
    paste($mark, 1, $said);
    my $arrived = sub { $_->{gone} || $_->heard_end =~ /$mark $lines .*\n/ || return 0 for grep { $_->{reads} } @readers; 1 };
    $crowd->until('the flood arrives', $arrived);
    return Crowd::now() - $began;
}

my $without = flood('first', $lines, @lazy, @stopped);
# Half of them have stopped when the flood comes. The other half stop when the first ones have been cut off, and
# there is more of the flood for them.
my @late = splice @stopped, $stopping / 2;
$_->stop for @stopped;
$crowd->every(
    0.01,
    sub {
        return 0 if $lazy[0]{heard} !~ /Stopped1 has left/;
        $_->stop for @late;
        paste('second', $lines / 2 + 1, $lines);
        return 1;
    }
);
my $with = flood('second', $lines / 2, @lazy, @late);
my @gone = map { $_->{name} } grep { $_->{gone} } @lazy;
$crowd->verdict(!@gone, 'who reads now and then is not cut off, although others are', "gone: @gone");
my %heard = map { join("\n", $_->{heard} =~ /^(Paster: .*)$/mg) => 1 } grep { !$_->{gone} } @lazy;
my @lines = split /\n/, (keys %heard)[0] // '';
$crowd->verdict(keys %heard == 1 && @lines == $lines, 'they get everything, in one order');
$crowd->verdict($with <= 1.5 * ($without + 2 * $drain), 'those who stop at the same time cost one drain timeout',
    "$without s without them, $with s with them");
SCENE
wait_for_count 4 console 'has left: too slow$'
is 'who has stopped is cut off, and nobody else' "$(cut_off)" 'Stopped1 Stopped2 Stopped3 Stopped4 '
check 'the server stops' stop

# Time in which the server itself does not run is nobody's fault.
start --drain-timeout 4
play <<'SCENE'
use strict;
use warnings;
my ($port, $server) = @ARGV;
my $lines = 60000;
my $crowd = Crowd->new($port);
my $paster = $crowd->enter('Paster', forgets => 1);
# They read fast enough for any flood, and not so fast that there is never anything for them to read.
my @readers = map { $crowd->enter("R$_", rate => 3_000_000 + 500_000 * $_, forgets => 1) } 1 .. 8;
$paster->say(join '', map { sprintf "line %06d %s\n", $_, 'x' x 88 } 1 .. $lines);
for my $share (1 .. 2) {
    $crowd->until('the flood is under way', sub { $readers[0]{gone} || $readers[0]{got} > $share * 1_000_000 });
    kill 'STOP', $server;
    $crowd->after(5);
    kill 'CONT', $server;
}
$crowd->until('the flood arrives', sub { $_->{gone} || $_->{heard} =~ /line 0*$lines / || return 0 for @readers; 1 });
my @gone = map { $_->{name} } grep { $_->{gone} } @readers;
$crowd->verdict(!@gone, 'who reads is not cut off when it is the server that stood still', "gone: @gone");
SCENE
is 'nobody is' "$(cut_off)" ''
check 'the server stops' stop

finish
