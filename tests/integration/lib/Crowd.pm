package Crowd;

# A crowd of clients in one process, each reading in its own manner: as fast as it can, steadily at a rate,
# lazily now and then, or not at all. For the scenes in flow.sh, which also says how results get out.
#
#     my $crowd = Crowd->new($port);
#     my $slow = $crowd->enter('Slow', rate => 100_000);
#     $crowd->enter('Alice')->say("hi\n");
#     $crowd->until('Slow hears it', sub { $slow->{heard} =~ /Alice: hi/ });
#
# Nothing happens but within until(), enter() and after(), which run the one loop there is.

use strict;
use warnings;
use Errno qw(EAGAIN EWOULDBLOCK EINTR EINPROGRESS);
use IO::Handle;
use Socket;
use Time::HiRes ();

use constant READ_BYTES => 65536;
use constant TICK       => 0.01;    # seconds from one look at a steady reader to the next
use constant CREDIT     => 0.5;     # seconds' worth that a steady reader may catch up

sub new {
    my ($class, $port) = @_;
    return bless {port => $port, people => [], timers => []}, $class;
}

sub now { return Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) }

# enter(NAME, MANNER...): a client that has come in. The manner, which begins with the next until():
#   rate => BYTES_PER_SECOND        reads steadily
#   lazy => [SECONDS, SECONDS]      reads all there is, then not for a random time between the two
#   reads => 0                      does not read
#   forgets => 1                    keeps only the end of what it hears
#   receive => BYTES                has the kernel hold no more for it than that
#   port => PORT                    comes in there, where a chat has several machines
sub enter {
    my ($crowd, $name, %manner) = @_;
    my $person = $crowd->connect($name, $manner{receive}, $manner{port});
    $person->say("$name\n");
    $crowd->until("$name is let in", sub { $person->{heard} =~ /Welcome, \Q$name\E\./ || $person->{gone} });
    die "$name was not let in\n" if $person->{gone};
    $person->manner(%manner);
    return $person;
}

# connect(NAME, [RECEIVE_BYTES, [PORT]]): a connection that has said nothing.
sub connect {
    my ($crowd, $name, $receive, $port) = @_;
    socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    setsockopt $socket, SOL_SOCKET, SO_RCVBUF, $receive if $receive;
    CORE::connect $socket, sockaddr_in($port // $crowd->{port}, INADDR_LOOPBACK) or die "connect: $!\n";
    $socket->blocking(0);
    my $person = Crowd::Person->new($name, $socket);
    push @{$crowd->{people}}, $person;
    return $person;
}

# every(SECONDS, ACTION): has the loop call the action so often, until it returns something true.
sub every {
    my ($crowd, $seconds, $action) = @_;
    push @{$crowd->{timers}}, {at => now() + $seconds, seconds => $seconds, action => $action};
    return;
}

# until(WHAT, CONDITION, [SECONDS]): runs the loop until the condition holds, and dies if that takes longer
# than four times what an event may take.
sub until {
    my ($crowd, $what, $condition, $seconds) = @_;
    my $deadline = now() + ($seconds // 4 * ($ENV{PATIENCE} || 10));
    until ($condition->()) {
        die "waited in vain until $what\n" if now() > $deadline;
        $crowd->turn($deadline);
    }
    return;
}

# comes_true(CONDITION): whether it came to hold in the time that an event may take.
sub comes_true {
    my ($crowd, $condition) = @_;
    return eval { $crowd->until('it holds', $condition, $ENV{PATIENCE} || 10); 1 } ? 1 : 0;
}

# after(SECONDS): runs the loop for so long.
sub after {
    my ($crowd, $seconds) = @_;
    my $end = now() + $seconds;
    $crowd->turn($end) while now() < $end;
    return;
}

# One wait for whatever comes first, and all there is to do then.
sub turn {
    my ($crowd, $deadline) = @_;
    my ($readable, $writable) = ('', '');
    my ($now, $next) = (now(), $deadline);
    my @people = grep { !$_->{gone} } @{$crowd->{people}};
    for my $person (@people) {
        vec($writable, $person->{fd}, 1) = 1 if length $person->{unsent};
        my $at = $person->reads_at($now);
        vec($readable, $person->{fd}, 1) = 1 if defined $at && $at <= $now;
        $next = $at if defined $at && $at > $now && $at < $next;
    }
    for my $timer (@{$crowd->{timers}}) {
        $next = $timer->{at} if $timer->{at} < $next;
    }
    my $wait = $next > $now ? $next - $now : 0;
    if (select($readable, $writable, undef, $wait) > 0) {
        for my $person (@people) {
            $person->send_on if vec $writable, $person->{fd}, 1;
            $person->hear($now) if !$person->{gone} && vec $readable, $person->{fd}, 1;
        }
    }
    $crowd->ring;
    return;
}

sub ring {
    my ($crowd) = @_;
    for my $timer (grep { $_->{at} <= now() } @{$crowd->{timers}}) {
        $timer->{at} += $timer->{seconds};
        $timer->{done} = $timer->{action}->();
    }
    @{$crowd->{timers}} = grep { !$_->{done} } @{$crowd->{timers}};
    return;
}

# private_flood(READER, STRANGERS, LINES, BYTES): each of the strangers writes the reader so many private messages, and goes;
# then the reader reads as fast as it can. Says whether it was cut off, and whether it has all of them in order.
sub private_flood {
    my ($crowd, $reader, $strangers, $lines, $bytes) = @_;
    my ($name, $text) = ($reader->{name}, 'x' x $bytes);
    $_->say(join('', map { "/msg $name $_ $text\n" } 1 .. $lines) . "/quit\n") for @$strangers;
    $crowd->until('all is said', sub { $reader->{gone} || !grep { !$_->{gone} } @$strangers }, 120);
    $reader->manner;
    $crowd->until('all is read', sub { $reader->{gone} || @$strangers == (() = $reader->{heard} =~ /^\*\*\* S\d+ has left/mg) });
    $crowd->verdict(!$reader->{gone}, 'a slow reader is not cut off by strangers who flood it with private messages');
    my $got = 0;
    for my $stranger (@$strangers) {
        my @letters = $reader->{heard} =~ /^\[private\] $stranger->{name}: (\d+) /mg;
        $got++ if "@letters" eq join ' ', 1 .. $lines;
    }
    $crowd->verdict($got == @$strangers, 'and gets all of them, each one\'s in order', "those of $got");
    return;
}

# talk(TALKER, LISTENER, LINES_PER_SECOND): from now on the one says lines, and it is measured how long they
# take to the other. Returns the talk; {silent} is to be set for it to end. A line that is still under way
# counts with the time that it has been.
sub talk {
    my ($crowd, $talker, $listener, $pace) = @_;
    my $talk = {said => {}, waits => [], number => 0, crowd => $crowd};
    $listener->{ears} = sub {
        my ($text) = @_;
        while ($text =~ /: talk (\d+)$/gm) {
            my $since = delete $talk->{said}{$1};
            push @{$talk->{waits}}, now() - $since if defined $since;
        }
    };
    $crowd->every(
        1 / $pace,
        sub {
            return 1 if $talk->{silent};
            $talk->{said}{++$talk->{number}} = now();
            $talker->say("talk $talk->{number}\n");
            return 0;
        }
    );
    return bless $talk, 'Crowd::Talk';
}

# exchange(TALKER, LISTENER): from now on the one says a line as soon as the other has heard the one before,
# but no more than one in 20 ms: that is talk and no flood. Returns the exchange: {number} is the number of
# the last line ("ask N"), {heard} of the last that was heard, {still} how many at the end came with nothing between them and
# the one before; {silent} is to be set for it to end.
sub exchange {
    my ($crowd, $talker, $listener) = @_;
    my $exchange = {number => 0, heard => 0, still => 0};
    $listener->{ears} = sub {
        my ($text) = @_;
        for my $line (split /\n/, $text) {
            my ($number) = $line =~ /: ask (\d+)$/;
            $exchange->{heard} = $number if defined $number;
            $exchange->{still} = defined $number ? $exchange->{still} + 1 : 0;
        }
    };
    $crowd->every(
        0.02,
        sub {
            return 1 if $exchange->{silent};
            $talker->say('ask ' . ++$exchange->{number} . "\n") if $exchange->{number} == $exchange->{heard};
            return 0;
        }
    );
    return $exchange;
}

# verdict(HOLDS, SENTENCE, [DETAIL]): a result of the scene.
sub verdict {
    my ($crowd, $holds, $sentence, $detail, $failure) = @_;
    STDOUT->autoflush(1);
    printf "%s %s\n", $holds ? 'holds' : $failure // 'fails', $sentence;
    STDERR->autoflush(1);
    print STDERR "$sentence: $detail\n" if !$holds && defined $detail;
    return;
}

# quick(HOLDS, SENTENCE, [DETAIL]): a result that compares waits, which is not judged with a sanitizer. If it does not
# hold, the scene is played again: the machine may have been busy.
sub quick {
    my ($crowd, $holds, $sentence, $detail) = @_;
    $crowd->verdict($holds || $ENV{SANITIZED}, $sentence, $detail, 'slow');
    return;
}

package Crowd::Talk;

# waits(): the seconds that each line took, the shortest first.
sub waits {
    my ($talk) = @_;
    my $now = Crowd::now();
    return sort { $a <=> $b } @{$talk->{waits}}, map { $now - $_ } values %{$talk->{said}};
}

sub worst { return ($_[0]->waits)[-1] // 0 }

sub median {
    my @waits = $_[0]->waits;
    return $waits[$#waits / 2] // 0;
}

# forget(): what was measured so far does not count.
sub forget {
    my ($talk) = @_;
    $talk->{waits} = [];
    return;
}

package Crowd::Person;

sub new {
    my ($class, $name, $socket) = @_;
    return bless {
        name   => $name,
        socket => $socket,
        fd     => fileno $socket,
        reads  => 1,
        heard  => '',
        got    => 0,                # bytes
        unsent => '',
    }, $class;
}

# manner(MANNER...): changes how it reads; see enter().
sub manner {
    my ($person, %manner) = @_;
    $person->{rate} = $manner{rate};
    $person->{lazy} = $manner{lazy};
    $person->{reads} = $manner{reads} // 1;
    $person->{forgets} = $manner{forgets} // $person->{forgets};
    $person->{credit_at} = Crowd::now();
    $person->{lazy_until} = 0;
    return;
}

sub say {
    my ($person, $bytes) = @_;
    return if $person->{gone};
    $person->{unsent} .= $bytes;
    $person->send_on;
    return;
}

sub send_on {
    my ($person) = @_;
    while (length $person->{unsent}) {
        my $sent = syswrite $person->{socket}, $person->{unsent}, 262144;
        if (!defined $sent) {
            next if $!{EINTR};
            # What it was sent before is still to be read, so that is who finds out.
            $person->{unsent} = '' unless $!{EAGAIN} || $!{EWOULDBLOCK};
            last;
        }
        substr $person->{unsent}, 0, $sent, '';
    }
    return;
}

# reads_at(NOW): when it wants to read next; undef: not at all.
sub reads_at {
    my ($person, $now) = @_;
    return if !$person->{reads};
    return $person->{lazy_until} if $person->{lazy};
    return $person->{credit_at} + Crowd::TICK if $person->{rate};
    return $now;
}

# How much it reads now.
sub appetite {
    my ($person, $now) = @_;
    return Crowd::READ_BYTES if !$person->{rate};
    my $since = $now - $person->{credit_at};
    $since = Crowd::CREDIT if $since > Crowd::CREDIT;
    return int $person->{rate} * $since;
}

# hear(NOW): reads, in its manner.
sub hear {
    my ($person, $now) = @_;
    my $most = $person->appetite($now);
    while ($most > 0) {
        my $wanted = $most < Crowd::READ_BYTES ? $most : Crowd::READ_BYTES;
        my $got = sysread($person->{socket}, my $text, $wanted);
        if (!defined $got) {
            next if $!{EINTR};
            $person->{gone} = 1 unless $!{EAGAIN} || $!{EWOULDBLOCK};
            last;
        }
        if ($got == 0) {
            $person->{gone} = 1;
            last;
        }
        $person->take($text);
        last if !$person->{lazy} && !$person->{rate};
        $most -= $got if $person->{rate};
    }
    $person->{credit_at} = $now if $person->{rate};
    if ($person->{lazy}) {
        my ($least, $longest) = @{$person->{lazy}};
        $person->{lazy_until} = $now + $least + rand() * ($longest - $least);
    }
    return;
}

sub take {
    my ($person, $text) = @_;
    $person->{got} += length $text;
    if ($person->{ears}) {
        # Whole lines only.
        $person->{half} .= $text;
        my $end = rindex $person->{half}, "\n";
        $person->{ears}->(substr $person->{half}, 0, $end + 1, '') if $end >= 0;
    }
    $person->{heard} .= $text;
    $person->{heard} = substr $person->{heard}, -400 if $person->{forgets} && length $person->{heard} > 4000;
    return;
}

# heard_of(NAME): what it has heard of somebody's lines, as they were said.
sub heard_of {
    my ($person, $name) = @_;
    return join '', map { "$_\n" } $person->{heard} =~ /^\Q$name\E: (.*)$/gm;
}

# heard_end(): the end of what it has heard.
sub heard_end {
    my ($person) = @_;
    return substr $person->{heard}, -400;
}

# stop(): reads no more.
sub stop {
    my ($person) = @_;
    $person->{reads} = 0;
    return;
}

# reset(): breaks the connection off.
sub reset {
    my ($person) = @_;
    setsockopt $person->{socket}, Socket::SOL_SOCKET(), Socket::SO_LINGER(), pack 'ii', 1, 0;
    close $person->{socket};
    $person->{gone} = 1;
    return;
}

1;
