#!/bin/sh
# Goal: a reader that reads slowly, but steadily, loses nothing and stays, whatever others paste; nobody's
# talk waits for it, and it costs no more memory than its --sendq.

# shellcheck source=flow.sh
. "$(dirname "$0")/flow.sh"

# The manner in which the reader reads, and how much is pasted, is what differs.
cat >paste.pl <<'SCENE'
use strict;
use warnings;

sub scene {
    my ($port, $rate, $lines) = @_;
    my $crowd = Crowd->new($port);
    my $paste = join '', map { sprintf "line %05d %s\n", $_, 'x' x 88 } 1 .. $lines;
    my $slow = $crowd->enter('Slow', rate => $rate);
    my $carol = $crowd->enter('Carol');
    my $talk = $crowd->talk($crowd->enter('Dave'), $carol, 20);
    $crowd->enter('Paster')->say($paste);
    $crowd->until('the paste arrives', sub { $slow->{gone} || $carol->{heard} =~ /line $lines / });
    $talk->{silent} = 1;
    # What of a piece of a flood a reader may have to take before the next one is sent.
    my $piece = 65536 / $rate;
    my $kb = $rate / 1000;
    my ($median, $worst) = ($talk->median, $talk->worst);
    $crowd->quick($median < $piece / 10, "beside a paste, lines of talk do not wait for a reader of $kb KB/s",
        "median $median s; it takes $piece s for a piece");
    $crowd->quick($worst < 4 * $piece, 'not even one of them', "worst $worst s; it takes $piece s for a piece");
    # The rest is in its outbox and in its socket, and what comes now is no matter of patience any more.
    $slow->manner;
    $crowd->until('the slow reader has it all', sub { $slow->{gone} || $slow->{heard} =~ /line $lines x+\n/ });
    $crowd->verdict(!$slow->{gone}, 'it is not cut off');
    $crowd->verdict($slow->heard_of('Paster') eq $paste, 'and gets the whole paste');
}
SCENE

start
{ cat paste.pl; echo 'scene(shift, 100_000, 10_000);'; } >scene.pl
play <scene.pl
check 'the server stops' stop
start
{ cat paste.pl; echo 'scene(shift, 400_000, 20_000);'; } >scene.pl
play <scene.pl
check 'the server stops' stop

# A reader that uses up its --sendq makes floods wait longer, so that it need not be cut off. One of 80 KB/s is
# slower than several floods together, which are let in by 256 KiB a second at first.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my ($floods, $lines) = (12, 300);
my $slow = $crowd->enter('Slow', rate => 80_000, receive => 65_536);
my $carol = $crowd->enter('Carol');
my @floods = map { $crowd->enter("F$_", forgets => 1) } 1 .. $floods;
$_->say(join '', map { sprintf "line %04d %s\n", $_, 'x' x 985 } 1 .. $lines) for @floods;
$crowd->until('so much has come that it would not fit', sub { $slow->{gone} || length $carol->{heard} > 2_000_000 });
$slow->manner;
$crowd->until('the slow reader has it all',
    sub { $slow->{gone} || $floods == (() = $slow->{heard} =~ /line 0$lines x+\n/g) });
$crowd->verdict(!$slow->{gone}, 'a reader that is slower than several floods is waited for');
$crowd->verdict($floods * $lines == (() = $slow->{heard} =~ /^F\d+: line /mg), 'and gets all of them');
SCENE
check 'the server stops' stop

# Many floods at once, beside one reader. At first it reads all there is, until the server needs no more
# memory for that than it has already. (C libraries keep a part of it for each processor or thread, which
# comes into use by chance; glibc does not, if it is told so.)
export MALLOC_ARENA_MAX=1
start
unset MALLOC_ARENA_MAX
play <<'SCENE'
use strict;
use warnings;
my ($port, $server) = @ARGV;
my ($floods, $lines) = (100, 250);
my $crowd = Crowd->new($port);
my $reader = $crowd->enter('Reader');
my $carol = $crowd->enter('Carol');
my @flooders = map { $crowd->enter("F$_", forgets => 1) } 1 .. $floods;

sub resident_kib {
    return if $ENV{SANITIZED};
    open my $status, '<', "/proc/$server/status" or return;
    my ($kib) = join('', <$status>) =~ /^VmRSS:\s+(\d+) kB/m;
    return $kib;
}

# Has all of them flood at once, and returns how much memory the server has had at most meanwhile.
sub flood {
    my ($mark) = @_;
    my ($peak, $over) = (0, 0);
    for my $person ($carol, $reader) {
        $person->{ends} = 0;
        $person->{ears} = sub { $person->{ends} += () = $_[0] =~ /: $mark line $lines /g };
    }
    $crowd->every(0.05, sub { my $kib = resident_kib() // 0; $peak = $kib if $kib > $peak; $over });
    $_->say(join '', map { sprintf "$mark line %d %s\n", $_, 'x' x 90 } 1 .. $lines) for @flooders;
    $crowd->until('the floods arrive', sub { $reader->{gone} || $carol->{ends} == $floods });
    $reader->manner;
    $crowd->until('the reader has it all', sub { $reader->{gone} || $reader->{ends} == $floods });
    $over = 1;
    return $peak;
}

my ($before, $peak) = (0, flood('first'));
for (2 .. 8) {
    last if $peak <= $before;
    $before = $peak;
    $peak = flood("first $_");
}
$reader->manner(rate => 300_000);
my $after = flood('second');
$crowd->verdict(!$reader->{gone}, 'a reader of 300 KB/s is not cut off beside a hundred floods');
$reader->{heard} =~ s/.*Carol has joined the chat \*\*\*\n//s;
$carol->{heard} =~ s/.*Welcome[^\n]*\n//s;
$crowd->verdict($reader->{heard} eq $carol->{heard}, 'and gets all of them, in the order that others get');
# A --sendq of 1 MiB and 256 KiB of lines on their way; twice as much, for what is left over in malloc().
my $most = 2 * (1024 + 256);
$crowd->verdict(!$before || $after - $before <= $most, 'it costs no more memory than its --sendq allows',
    "$before KiB, and then $after KiB");
SCENE
is 'in all this nobody is cut off' "$(cut_off)" ''

finish
