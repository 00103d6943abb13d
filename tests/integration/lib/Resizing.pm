package Resizing;

# A game of chance with the size of a window, for 49-resizing.t. Alice sits at a real terminal with telnet;
# somebody changes the size of its window, she types, moves about in her line and enters it, and Bob says
# something, all by chance. After every step her screen is compared with a perfect one: a second terminal of
# the same kind and size, which is shown the lines that she should see, and her prompt.
#
#     Resizing::play(kind => 'tmux', alphabet => 'ascii', goal => 100, drags => 0, seed => 1,
#         folder => '.', port => 4000, telnet_port => 4001, command => 'telnet 127.0.0.1 PORT');
#
# prints the number of steps, of resizes, and of screens that were broken; on standard error, the first few
# of these. It stands between telnet and the server: so it knows what each of them has sent, and can press
# keys. It lets a resize come to its end before the next step, unless the window is dragged: then sizes
# follow each other quickly, Bob talks, and the screen is compared at the end.

use strict;
use warnings;
use utf8;
use Encode ();
use IO::Handle;
use IO::Select;
use Socket;
use Time::HiRes ();
use Unicode::Normalize ();
use Window;

use constant {
    COLUMNS_MIN => 20,
    SHOWN_MAX   => 20,     # broken screens that are shown
    BROKEN_TIME => 2,      # seconds until a screen that is not perfect counts as broken, if many may be
    PROMPT      => 'Alice> ',
};

my %alphabets = (
    ascii => [map { [split //, $_] } 'abcdefghij klmnopqrst uvwxyz0123456789'],
    emoji => [
        [split //, 'abcdefghij klmnop'],
        ["e\x{301}", "\x{65e5}", "\x{672c}", "\x{d55c}", "\x{1f44d}", "\x{1f600}", "\x{2764}\x{fe0f}",
            "\x{1f469}\x{200d}\x{1f4bb}", "\x{1f1e9}\x{1f1ea}", "\x{1f44b}\x{1f3fd}"],
    ],
);

# --- Connections -------------------------------------------------------------------------------------

sub connect_to {
    my ($port) = @_;
    socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    connect $socket, sockaddr_in($port, INADDR_LOOPBACK) or die "connect: $!\n";
    return $socket;
}

# new(...): as play() is called.
sub new {
    my ($class, %self) = @_;
    my $self = bless {%self, heard => '', asked => [], answers => [], size => '', from_telnet => '', line => [],
        cursor => 0, lines => [], steps => 0, resizes => 0, broken => 0, numbers => 0}, $class;
    srand $self->{seed};
    return $self;
}

sub write_all {
    my ($socket, $bytes) = @_;
    while (length $bytes) {
        my $sent = syswrite $socket, $bytes or die "write: $!\n";
        substr $bytes, 0, $sent, '';
    }
    return;
}

# pump(SECONDS): passes on what has come, waiting so long for something.
sub pump {
    my ($self, $seconds) = @_;
    for my $socket ($self->{select}->can_read($seconds)) {
        sysread $socket, my $bytes, 65536 or die "a connection was closed\n";
        $self->hear_server($bytes) if $socket == $self->{server};
        $self->hear_telnet($bytes) if $socket == $self->{telnet};
        $self->{heard_by_bob} .= $bytes if $socket == $self->{bob};
    }
    return;
}

sub hear_server {
    my ($self, $bytes) = @_;
    $self->{heard} .= $bytes;
    push @{$self->{asked}}, ('server') x (() = $bytes =~ /\e\[6n/g);
    write_all($self->{telnet}, $bytes);
    return;
}

# Of what the terminal sends, nothing but answers and sizes, each answer goes to who has asked.
sub hear_telnet {
    my ($self, $bytes) = @_;
    $bytes = $self->{from_telnet} . $bytes;
    $self->{from_telnet} = $bytes =~ s/(\e(?:\[[\d;]*)?)\z// ? $1 : '';
    $self->{size} = join 'x', unpack 'n2', $1 while $bytes =~ /\xff\xfa\x1f(.{4})\xff\xf0/gs;
    $bytes =~ s/(\e\[(\d+);(\d+)R)/$self->give_answer($1, $2, $3)/ge;
    write_all($self->{server}, $bytes) if length $bytes;
    return;
}

sub give_answer {
    my ($self, $answer, $row, $column) = @_;
    return $answer if (shift @{$self->{asked}} // '') eq 'server';
    push @{$self->{answers}}, [$row, $column];
    return '';
}

# comes(CONDITION): whether it came to hold in the time that an event may take.
sub comes {
    my ($self, $condition) = @_;
    my $deadline = Window::now() + Window::patience();
    until ($condition->()) {
        return 0 if Window::now() > $deadline;
        $self->pump(0.05);
    }
    return 1;
}

sub must_come {
    my ($self, $what, $condition) = @_;
    $self->comes($condition) or die "waited in vain until $what\n";
    return;
}

# press(KEYS): has keys come from Alice, and waits until that has shown some effect.
sub press {
    my ($self, $keys) = @_;
    my $length = length $self->{heard};
    write_all($self->{server}, Encode::encode('UTF-8', $keys));
    $self->must_come('keys are echoed', sub { length $self->{heard} > $length });
    return;
}

# --- Coming in ---------------------------------------------------------------------------------------

sub come_in {
    my ($self) = @_;
    socket my $listener, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    bind $listener, sockaddr_in(0, INADDR_LOOPBACK) or die "bind: $!\n";
    listen $listener, 1 or die "listen: $!\n";
    my ($port) = sockaddr_in(getsockname $listener);
    my $kind = 'Window::' . ucfirst $self->{kind};
    $self->{columns} = 80;
    $self->{rows} = 24;
    (my $command = $self->{command}) =~ s/PORT/$port/;
    $self->{window} = $kind->open($self->{folder}, 'Alice', 80, 24, $command);
    IO::Select->new($listener)->can_read(Window::patience()) or die "telnet does not come\n";
    accept $self->{telnet}, $listener or die "accept: $!\n";
    $self->{perfect} = $kind->open_canvas($self->{folder}, 'Perfect', 80, 24);
    $self->{bob} = connect_to($self->{port});
    $self->{server} = connect_to($self->{telnet_port});
    $self->{select} = IO::Select->new(@$self{qw(telnet server bob)});
    write_all($self->{bob}, "Bob\n");
    $self->must_come('Alice is asked', sub { $self->{heard} =~ /Enter your name: / });
    $self->must_come('the window has told its size', sub { $self->{size} eq '80x24' });
    $self->press("Alice\r");
    $self->must_come('Alice is in', sub { $self->{heard} =~ /Welcome, Alice/ });
    $self->press("/time off\r");
    $self->must_come('times are off', sub { $self->{heard} =~ /The time is off/ });
    $self->begin_anew;
    return;
}

# begin_anew(): the screen is cleared, whatever was on it.
sub begin_anew {
    my ($self) = @_;
    $self->{lines} = [];
    $self->press("\cl");
    return;
}

# --- The perfect screen ------------------------------------------------------------------------------

# plain(TEXT): without what terminals may keep or not, and composed, as some do.
sub plain {
    my ($text) = @_;
    $text =~ s/[\x{200d}\x{fe0f}]//g;
    $text =~ s/ +$//;
    return Unicode::Normalize::NFC($text);
}

# find_prompt(ROW): which part of the line the row shows, as it should be shown, and what stands before the
# cursor; nothing if the row is no prompt with that line.
sub find_prompt {
    my ($self, $row) = @_;
    my @line = @{$self->{line}};
    my $cursor = $self->{cursor};
    my $whole = join '', PROMPT, @line;
    return ($whole, join '', PROMPT, @line[0 .. $cursor - 1]) if plain($row) eq plain($whole);
    return if $self->{alphabet} eq 'ascii' && length $whole < $self->{columns};
    for my $from (0 .. $cursor) {
        my $left = $from > 0 ? '<' : '';
        for my $to ($cursor .. @line) {
            my $right = $to < @line ? '>' : '';
            my $shown = join '', PROMPT, $left, @line[$from .. $to - 1], $right;
            next if plain($row) ne plain($shown);
            return ($shown, join '', PROMPT, $left, @line[$from .. $cursor - 1]);
        }
    }
    return;
}

# sure_part(LINE): what must be seen of a line. A terminal that cuts rows off keeps what is cut off, and shows
# it again at the right when it becomes wider; there what stood in that row before a line comes back with it.
sub sure_part {
    my ($self, $line) = @_;
    return $line->{text} if $self->{window}->reflows;
    my $part = '';
    my $columns = 0;
    for my $letter ($line->{text} =~ /\X/g) {
        $columns += width($letter);
        last if $columns > $line->{columns};
        $part .= $letter;
    }
    return $part;
}

# same_row(I, GOT, WANTED): whether two rows are the same, as far as must be; the last one has the number 1.
sub same_row {
    my ($self, $i, $got, $wanted) = @_;
    return $got eq $wanted if $i == 1 || $self->{window}->reflows;
    return index($got, $wanted) == 0;
}

# is_rest(ROWS): whether the rows are the end of a line whose beginning has left the screen. A terminal may break
# the two parts anew each by itself.
sub is_rest {
    my ($self, @rows) = @_;
    return 0 unless $self->{window}->splits;
    (my $rest = join '', @rows) =~ s/ //g;
    for my $line (@{$self->{lines}}) {
        (my $whole = $line->{text}) =~ s/ //g;
        return 1 if substr($whole, -length $rest) eq $rest;
    }
    return 0;
}

# paint(SHOWN, BEFORE_CURSOR): has the second terminal show what it should; where its cursor is then.
sub paint {
    my ($self, $shown, $before) = @_;
    my @lines = map { $self->sure_part($_) } @{$self->{lines}};
    splice @lines, 0, @lines - $self->{rows} if @lines > $self->{rows};
    return $self->{perfect}->paint(join "\r\n", @lines, "$shown\r$before");
}

# locate(): where Alice's cursor is, when her terminal has shown all that it was sent.
sub locate {
    my ($self) = @_;
    my $answers = @{$self->{answers}};
    push @{$self->{asked}}, 'test';
    write_all($self->{telnet}, "\e[6n");
    $self->must_come('the terminal answers', sub { @{$self->{answers}} > $answers });
    return @{$self->{answers}[-1]};
}

# is_perfect(): compares the screens from the prompt upwards, as far as both have rows.
sub is_perfect {
    my ($self) = @_;
    my ($row, $column) = $self->locate;
    my @rows = $self->{window}->rows;
    $self->{seen} = \@rows;
    $self->{seen_cursor} = "$row;$column";
    $self->{wanted} = [];
    $self->{wanted_cursor} = '?';
    push @rows, '' while @rows < $row;    # a prompt of nothing
    my ($shown, $before) = $self->find_prompt($rows[-1] // '') or return 0;
    my ($wanted_row, $wanted_column) = $self->paint($shown, $before);
    my @wanted = $self->{perfect}->rows;
    $self->{wanted} = \@wanted;
    $self->{wanted_cursor} = "$wanted_row;$wanted_column";
    return 0 if $column != $wanted_column || @rows - $row != @wanted - $wanted_row;
    for my $i (1 .. (@rows < @wanted ? @rows : @wanted)) {
        next if $self->same_row($i, $rows[-$i], $wanted[-$i]);
        return $self->is_rest(@rows[0 .. @rows - $i]);
    }
    return 1;
}

# compare(WHAT): counts the step, and whether the screen has not become perfect in time.
sub compare {
    my ($self, $what) = @_;
    my $deadline = Window::now() + ($self->{drags} ? BROKEN_TIME : Window::patience());
    $self->{steps}++;
    until ($self->is_perfect) {
        if (Window::now() > $deadline) {
            $self->note_broken($what);
            return;
        }
        $self->pump(0.02);
    }
    push @{$self->{done}}, $what;
    shift @{$self->{done}} if @{$self->{done}} > 4;
    return;
}

sub note_broken {
    my ($self, $what) = @_;
    $self->{broken}++;
    if ($self->{broken} <= SHOWN_MAX) {
        my @done = @{$self->{done} // []};
        my $typed = join '', @{$self->{line}};
        my $text = join "\n", "broken at step $self->{steps}, after: " . join(', ', @done, $what),
            "typed: $typed", "and the cursor is before its character $self->{cursor}, counted from 0",
            "it shows, with its cursor at $self->{seen_cursor}:", (map { "|$_" } @{$self->{seen}}),
            "and should show, where it is known, with its cursor at $self->{wanted_cursor}:",
            (map { "|$_" } @{$self->{wanted}});
        print {*STDERR} map { Encode::encode('UTF-8', "# $_\n") } split /\n/, $text;
    }
    $self->begin_anew;
    return;
}

# --- Steps -------------------------------------------------------------------------------------------

sub chance { return int rand shift }

# letters(NUMBER, ALPHABET): so many characters by chance; the first and last are not blank.
sub letters {
    my ($self, $number, $alphabet) = @_;
    my @sets = @{$alphabets{$alphabet}};
    my @letters = map { my $set = $sets[rand @sets]; $set->[rand @$set] } 1 .. $number;
    s/^ $/x/ for @letters[0, -1];
    return @letters;
}

# A line that fits into a row of the window as it is now, however wide its characters are.
sub fitting {
    my ($self, $room) = @_;
    my @letters = $self->letters(1 + chance($room), $self->{window}->halves ? 'ascii' : $self->{alphabet});
    pop @letters while width(@letters) > $room || (@letters && $letters[-1] eq ' ');
    return @letters ? @letters : ('x');
}

# The most columns that these take.
sub width {
    my $width = 0;
    $width += /^[ -~]$/ ? 1 : 5 for @_;
    return $width;
}

sub has_come {
    my ($self, $text) = @_;
    my $bytes = Encode::encode('UTF-8', $text);
    $self->must_come('a message comes', sub { index($self->{heard}, $bytes) >= 0 });
    return;
}

# Has Bob say something that fits into a row of so many columns, with what stands before it.
sub say_something {
    my ($self, $columns) = @_;
    my $number = ++$self->{numbers};
    my $text = join '', "$number ", $self->fitting($columns - 12);
    push @{$self->{lines}}, {text => "Bob: $text", columns => $self->{columns}};
    write_all($self->{bob}, Encode::encode('UTF-8', "$text\n"));
    return $text;
}

sub hear_bob {
    my ($self) = @_;
    $self->has_come($self->say_something($self->{columns}));
    return 'Bob talks';
}

sub type_letters {
    my ($self) = @_;
    my @letters = $self->letters(1 + chance(25), $self->{alphabet});
    splice @{$self->{line}}, $self->{cursor}, 0, @letters;
    $self->{cursor} += @letters;
    $self->press(join '', @letters);
    return @letters . ' keys';
}

sub move {
    my ($self) = @_;
    my $way = chance(4);
    return $self->type_letters if $self->{cursor} == 0;
    if ($way == 0) {
        $self->{cursor} = 0;
        $self->press("\ca");
        return 'home';
    }
    my $number = 1 + chance($self->{cursor});
    $self->{cursor} -= $number;
    $self->press("\cb" x $number);
    return "$number to the left";
}

sub go_to_end {
    my ($self) = @_;
    return $self->type_letters if $self->{cursor} == @{$self->{line}};
    $self->{cursor} = @{$self->{line}};
    $self->press("\ce");
    return 'end';
}

sub erase {
    my ($self) = @_;
    return $self->type_letters if $self->{cursor} == 0;
    my $number = 1 + chance($self->{cursor});
    splice @{$self->{line}}, $self->{cursor} - $number, $number;
    $self->{cursor} -= $number;
    $self->press("\x7f" x $number);
    return "$number erased";
}

# Says what was typed if it fits into a row, or drops it.
sub enter {
    my ($self) = @_;
    my $text = join '', @{$self->{line}};
    $text =~ s/^ +| +$//g;
    my $fits = width(@{$self->{line}}) + length(PROMPT) < $self->{columns};
    $fits = 0 if $self->{window}->halves && $self->{alphabet} ne 'ascii';
    return $self->type_letters if $text eq '';
    $self->{line} = [];
    $self->{cursor} = 0;
    push @{$self->{lines}}, {text => "Alice: $text", columns => $self->{columns}} if $fits;
    $self->press($fits ? "\r" : "\cc");
    return $fits ? 'entered' : 'dropped';
}

sub change_size {
    my ($self) = @_;
    $self->{resizes}++;
    $self->{columns} = COLUMNS_MIN + chance(81);
    $self->{rows} = 8 + chance(17);
    $self->{window}->resize($self->{columns}, $self->{rows});
    for my $line (@{$self->{lines}}) {
        $line->{columns} = $self->{columns} if $line->{columns} > $self->{columns};
    }
    return "$self->{columns}x$self->{rows}";
}

# drawn(): how much the server has sent, but for questions for the cursor's position.
sub drawn {
    my ($self) = @_;
    (my $drawn = $self->{heard}) =~ s/\e\[6n//g;
    return length $drawn;
}

# await_size(): the server has been told and has drawn anew, and the second terminal has the same size.
sub await_size {
    my ($self) = @_;
    my $size = "$self->{columns}x$self->{rows}";
    $self->must_come("the server is told of $size", sub { $self->{size} eq $size });
    my $drawn = $self->drawn;
    $self->must_come('it is drawn anew', sub { $self->drawn > $drawn });
    $self->{perfect}->resize($self->{columns}, $self->{rows});
    return;
}

sub resize {
    my ($self) = @_;
    my $before = $self->{size};
    my $size = $self->change_size;
    $self->await_size if $size ne $before;
    return $size;
}

# Drags the edge of the window: a few sizes, some ten milliseconds from one to the next, and people talk.
sub drag {
    my ($self) = @_;
    my @sizes;
    my $steps = 2 + chance(4);
    for (1 .. $steps) {
        push @sizes, $self->change_size;
        $self->{said} = $self->say_something(COLUMNS_MIN) if chance(2);
        my $until = Window::now() + rand 0.06;
        $self->pump(0.01) while Window::now() < $until;
    }
    $self->must_come('the server is told', sub { $self->{size} eq $sizes[-1] });
    $self->has_come($self->{said}) if $self->{said};
    $self->{perfect}->resize($self->{columns}, $self->{rows});
    $self->{said} = undef;
    return 'dragged ' . join ' ', @sizes;
}

sub step {
    my ($self) = @_;
    my @acts = qw(hear_bob hear_bob type_letters type_letters move go_to_end erase enter);
    my $act = chance(2) ? ($self->{drags} ? 'drag' : 'resize') : $acts[rand @acts];
    $self->compare($self->$act);
    return;
}

sub play {
    my $self = Resizing->new(@_);
    my $ended = eval {
        $self->come_in;
        $self->step while $self->{resizes} < $self->{goal};
        1;
    };
    my $reason = $@;
    $_ && $_->close for @$self{qw(window perfect)};
    Window::X::stop_server();
    die $reason unless $ended;
    print "$self->{steps} $self->{resizes} $self->{broken}\n";
    return;
}

1;
