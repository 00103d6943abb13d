#!/bin/sh
# Goal: what a client costs is paid by that client: whatever one asks for and does not read, types and does not
# wait for, or leaves behind when it breaks off, it fills no memory, holds up nobody, and is gone at once.

# shellcheck source=flow.sh
. "$(dirname "$0")/flow.sh"

# resident: the server's resident memory, in KiB.
resident() {
    ps -o rss= -p "$server" | tr -d ' '
}

# Telnet's questions count like any other, and no name is needed to ask them.
start
before=$(resident)
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my @deaf = map { $crowd->connect("deaf$_") } 1 .. 3;
$_->stop for @deaf;
my %ask = (0 => "\xFF\xFD\x06", 1 => "\xFF\xFA\x2A\x01;X\xFF\xF0", 2 => "\xFF\xF6");
$deaf[$_]->say("\xFF\xFB\x2A" . $ask{$_} x (8_000_000 / length $ask{$_})) for 0 .. 2;
my $carol = $crowd->enter('Carol');
my $dave = $crowd->enter('Dave');
my $exchange = $crowd->exchange($dave, $carol);
$crowd->until('they have talked', sub { $exchange->{heard} > 50 });
my $left = 0;
$left += length $_->{unsent} for @deaf;
$crowd->verdict($left > 9_000_000, 'who asks telnet questions and reads no answers is read no further', "$left are left");
SCENE
grown=$(($(resident) - before))
if [ -n "${SANITIZED:-}" ]; then
    skip 'and fills no memory' 'a sanitizer keeps what is freed'
else
    check "and fills no memory (it grew by $grown KiB)" [ "$grown" -lt 4096 ]
fi
check 'the server stops' stop

# One that pastes TABs at a terminal, and breaks off; and another, when the server is to stop.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $carol = $crowd->enter('Carol', forgets => 1);
my $dave = $crowd->enter('Dave', forgets => 1);
$crowd->enter("Member$_", forgets => 1) for 1 .. 100;
sub terminal {
    my ($name) = @_;
    my $person = $crowd->connect($name);
    $person->say("\xFF\xFB\x1F");
    $crowd->until('it is offered', sub { $person->{heard} =~ /\xFF\xFB\x01/ });
    $person->say("\xFF\xFD\x03\xFF\xFD\x01$name\r");
    $crowd->until("$name is in", sub { $person->{heard} =~ /Welcome, $name/ });
    return $person;
}
my $tabber = terminal('Tabber');
my $exchange = $crowd->exchange($dave, $carol);
$tabber->say("\t" x 65536);
$crowd->until('TABs have come', sub { $exchange->{heard} > 10 });
my $lines = $exchange->{number};
$tabber->reset;
$crowd->until('it has left', sub { $carol->{heard} =~ /Tabber has left/ });
my $waited = $exchange->{number} - $lines;
$crowd->quick($waited < 150, 'a terminal that has broken off is gone, however many TABs it sent', "after $waited lines of others");
my $typist = terminal('Typist');
$typist->say("a\t" x 32768);
$exchange->{silent} = 1;
$crowd->after(0.2);
SCENE
check 'nor do TABs keep the server from stopping' stop

# Those who ask for all they can and break off are gone, and leave no work behind. Their own words are said.
start --presence-limit 400
play <<'SCENE'
use strict;
use warnings;
my ($members, $askers) = (300, 10);
my $crowd = Crowd->new(shift);
my $carol = $crowd->enter('Carol');
$crowd->enter("Member$_", forgets => 1) for 1 .. $members;
my @askers = map { $crowd->enter("Asker$_", reads => 0) } 1 .. $askers;
$_->say("my last words\n" . "/who\n" x 40_000 . "/me fell silent\n") for @askers;
$crowd->until('they have said it', sub { $askers == (() = $carol->{heard} =~ /my last words/g) });
my $began = Crowd::now();
$crowd->after(0.5);
my $took = Crowd::now() - $began;
$_->reset for @askers;
$began = Crowd::now();
$crowd->until('they have left', sub { $askers == (() = $carol->{heard} =~ /Asker\d+ has left/g) });
my $left = Crowd::now() - $began;
$crowd->quick($left < 10 * $took, 'who has asked for much and broken off is gone', "after $left s");
SCENE
check 'the server stops' stop

# What is asked for as fast as can be holds up nobody's talk: it is answered more slowly.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $carol = $crowd->enter('Carol', forgets => 1);
my $dave = $crowd->enter('Dave', forgets => 1);
my @askers = map { $crowd->enter("Asker$_", forgets => 1) } 1 .. 20;
my $exchange = $crowd->exchange($dave, $carol);
my $began = Crowd::now();
$crowd->until('they have talked', sub { $exchange->{heard} >= 50 });
my $alone = Crowd::now() - $began;
my @lines = ("/help\n", "/who\n", "/nothing\n", "\xFF\xFD\x06", "\xFF\xFA\x1F\0\x50\0\x18\xFF\xF0");
$askers[$_]->say($lines[$_ % @lines] x (2_000_000 / length $lines[$_ % @lines])) for 0 .. $#askers;
$began = Crowd::now();
$crowd->until('they have talked on', sub { $exchange->{heard} >= 100 });
my $beside = Crowd::now() - $began;
$crowd->quick($beside < 4 * $alone, 'people talk while others ask all they can', "50 lines took $alone s, and $beside s beside that");
SCENE
check 'the server stops' stop

# One that asks without end is answered at its measure.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $asker = $crowd->enter('Asker', forgets => 1);
my $began = Crowd::now();
$asker->say("/help\n" x 100_000);
$crowd->until('the burst is over', sub { $asker->{got} > 400_000 });
$crowd->after(1.5);
my ($got, $took) = ($asker->{got}, Crowd::now() - $began);
$crowd->verdict($got < 400_000 + 1_100_000 * ($took + 0.5), 'who asks without end is answered at its measure', "$got bytes in $took s");
SCENE
check 'the server stops' stop

# So is one that writes to nobody: what is refused is a request like any other.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $writer = $crowd->enter('Writer');
my $answers = sub { return scalar(() = $writer->{heard} =~ /There is no one here called Nobody/g) };
my $began = Crowd::now();
$writer->say("/msg Nobody hi\n" x 100_000);
$crowd->until('the burst is over', sub { $answers->() > 200 });
$crowd->after(1.5);
my ($got, $took) = ($answers->(), Crowd::now() - $began);
$crowd->verdict($got < 200 + 1200 * ($took + 0.5), 'who writes to nobody is answered at its measure', "$got answers in $took s");
SCENE
check 'the server stops' stop

# Time in which the server does not run is nobody's fault: neither those are cut off who read all the time,
# nor those idle who went on talking.
start --idle-timeout 5
play <<'SCENE'
use strict;
use warnings;
my ($port, $server) = @ARGV;
my $crowd = Crowd->new($port);
my $carol = $crowd->enter('Carol');
my @readers = map { $crowd->enter("Reader$_", forgets => 1) } 1 .. 10;
my $flo = $crowd->enter('Flo', forgets => 1);
$flo->say(join '', map { sprintf "line %d %s\n", $_, 'x' x 80 } 1 .. 60_000);
my $ann = $crowd->enter('Ann', forgets => 1);
my $said = 0;
$crowd->every(0.25, sub { $ann->say('word ' . ++$said . "\n"); return $said >= 30 });
$crowd->every(0.25, sub { $_->say("\n") for $carol, @readers, $flo, $ann; return 0 }); # not idle
for (1 .. 2) {
    $crowd->after(0.2);
    kill 'STOP', $server;
    $crowd->after(5.5);
    kill 'CONT', $server;
}
$flo->say("the end\n");
$crowd->until('all is said', sub { $said >= 30 && !length $ann->{unsent} });
$crowd->until('the flood is over', sub { $carol->{heard} =~ /Flo: the end\n/ || $carol->{gone} });
$crowd->until('the last word is heard', sub { $carol->{heard} =~ /Ann: word 30\n/ || $carol->{gone} });
my $words = () = $carol->{heard} =~ /^Ann: word \d+$/mg;
$crowd->verdict($words == 30, 'who talks while the server is stopped is not idle, and loses no word', "$words of 30");
my $gone = grep { $_->{gone} } $carol, @readers, $flo;
$crowd->verdict($gone == 0, 'readers are not cut off for the time in which the server did not run', "$gone are gone");
SCENE
is 'nobody is cut off' "$(cut_off)" ''
check 'the server stops' stop

# Somebody who comes and goes as fast as can be does not cost the others a line each time.
start
play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $carol = $crowd->enter('Carol');
my $began = Crowd::now();
for my $visits (1 .. 1000) {
    $crowd->enter("Visitor$visits")->reset;
    pop @{$crowd->{people}};
}
$crowd->until('it is summed up', sub { $carol->{heard} =~ /^\*\*\* \d+ joined, \d+ left; \d+ here \*\*\*$/m });
my $notices = () = $carol->{heard} =~ /^\*\*\* Visitor\d+ has (?:joined|left)/mg;
my $took = Crowd::now() - $began;
# A burst of 512, and 16 a second.
$crowd->verdict($notices < 600 + 16 * $took, 'very many comings and goings are summed up', "$notices notices in $took s");
SCENE

finish
