#!/bin/sh
# Goal: talk waits for no reader, while a flood waits for the reader that it is too fast for, and a private
# message for its own.

# shellcheck source=flow.sh
. "$(dirname "$0")/flow.sh"

# So long that whatever waits for a stopped reader does so to the end of the scene.
start --drain-timeout 60

play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $paste = join '', map { sprintf "line %05d %s\n", $_, 'x' x 88 } 1 .. 30000;
my $stopped = $crowd->enter('Stopped', reads => 0);
my $carol = $crowd->enter('Carol');
my $dave = $crowd->enter('Dave');
my $paster = $crowd->enter('Paster');

$paster->say($paste);
my $talk = $crowd->exchange($dave, $carol);
# The flood has come to a halt when nothing of it comes between so many lines of talk.
my $talks = $crowd->comes_true(sub { $talk->{still} >= 20 });
$crowd->verdict($talks, 'talk is heard while a flood waits for a reader that has stopped',
    "only $talk->{heard} lines of talk");
$crowd->verdict($carol->{heard} !~ /line 30000 /, 'and the flood does wait');
$stopped->manner;
$crowd->until('the flood arrives', sub { $carol->{heard} =~ /line 30000 / });
$talk->{silent} = 1;
$dave->say("The end.\n");
$crowd->until(
    'all is heard',
    sub { $stopped->{gone} || ($stopped->{heard} =~ /Dave: The end\.\n/ && $carol->{heard} =~ /Dave: The end\.\n/) }
);
$crowd->verdict(!$stopped->{gone}, 'who reads on in time is not cut off');
$crowd->verdict($stopped->heard_of('Paster') eq $paste, 'and gets the whole flood');
my ($order) = $carol->{heard} =~ /^(Paster: .*)/ms;
$crowd->verdict($stopped->{heard} =~ /\Q$order\E$/, 'in the order that all others get');
SCENE
check 'the server stops' stop

start --drain-timeout 60

play <<'SCENE'
use strict;
use warnings;
my $crowd = Crowd->new(shift);
my $letters = join '', map { sprintf "/msg Victim letter %05d %s\n", $_, 'x' x 88 } 1 .. 30000;
my $victim = $crowd->enter('Victim', reads => 0);
my $carol = $crowd->enter('Carol');
my $dave = $crowd->enter('Dave');
my $mallory = $crowd->enter('Mallory');
$mallory->say($letters . "That was all.\n");

my $talk = $crowd->exchange($dave, $carol);
my $talks = $crowd->comes_true(sub { $talk->{heard} >= 50 });
$crowd->verdict($talks, 'talk is heard while private messages wait for their reader',
    "only $talk->{heard} lines of talk");
# Her last words come behind all the letters, which nobody but the victim can take.
$crowd->verdict($carol->{heard} !~ /That was all/, 'and its sender does wait');
my $other = $crowd->enter('Other');
$dave->say("/msg Other to you\n");
$crowd->verdict($crowd->comes_true(sub { $other->{heard} =~ /private\] Dave: to you\n/ }),
    'a private message to somebody else does not wait');
$victim->manner;
$crowd->until('the letters arrive', sub { $victim->{gone} || $carol->{heard} =~ /That was all/ });
$crowd->until('the last letter is read', sub { $victim->{gone} || $victim->{heard} =~ /Mallory: That was all/ });
my $got = join '', map { "/msg Victim $_\n" } $victim->{heard} =~ /^\[private\] Mallory: (.*)$/gm;
$crowd->verdict($got eq $letters, 'the reader of the private messages gets all of them, in order');
SCENE
is 'nobody is cut off' "$(cut_off)" ''

finish
