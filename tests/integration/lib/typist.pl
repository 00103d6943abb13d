#!/usr/bin/perl
# usage: typist.pl KEYS PAUSE FILE
#
# Types KEYS at a terminal, and measures the time from each key to its echo. Standard output goes to the terminal's
# keyboard, standard input comes from what is printed there (tmux's pipe-pane connects both). KEYS are letters;
# nothing else may be printed meanwhile. If PAUSE is 0, the next key is pressed after the echo of the previous one;
# otherwise PAUSE seconds after the previous one. In the end FILE has a line for each key: the time in seconds.
use strict;
use warnings;
use Time::HiRes ();

my ($keys, $pause, $file) = @ARGV;
my (@pressed, @took);
$| = 1;

sub now { return Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) }

# The time until the next key, or undef if none is pressed before the next echo.
sub rest {
    return undef if @pressed == length $keys or $pause == 0 && @took < @pressed;
    return 0 unless $pause and @pressed;
    my $rest = $pressed[-1] + $pause - now();
    return $rest > 0 ? $rest : 0;
}

sub press {
    push @pressed, now();
    print substr $keys, $#pressed, 1;
}

sub look {
    sysread STDIN, my $shown, 65536 or die "the terminal is gone\n";
    $shown =~ s/\e\[[0-9;?]*[ -~]//g;
    for my $letter (split //, $shown) {
        push @took, now() - $pressed[@took] if @took < @pressed and $letter eq substr $keys, scalar @took, 1;
    }
}

while (@took < length $keys) {
    my $readable = '';
    vec($readable, fileno STDIN, 1) = 1;
    if (select $readable, undef, undef, rest()) {
        look();
    } else {
        press();
    }
}
open my $results, '>', "$file.new" or die "$file.new: $!\n";
print $results "$_\n" for @took;
close $results or die "$file.new: $!\n";
rename "$file.new", $file or die "$file: $!\n";
