package Window;

# A window of a real terminal with a program in it, whose size can be changed and whose screen can be read.
#
#     my $window = Window::Tmux->open($folder, 'Alice', 80, 24, 'telnet 127.0.0.1 4000');
#     $window->resize(60, 20);
#     my @rows = $window->rows;            # without blanks at their ends, and without empty rows at the end
#
# Where there is nobody to draw, a canvas: nothing runs in it, and what it shows is what it is told to.
#
#     my $canvas = Window::Tmux->open_canvas($folder, 'Perfect', 80, 24);
#     my ($row, $column) = $canvas->paint("one\r\ntwo");      # and where the cursor is then, from 1

use strict;
use warnings;
use utf8;
use Encode ();
use Fcntl qw(O_RDWR O_NOCTTY);
use IO::Select;
use POSIX ();
use Time::HiRes ();

use constant SIZE_REQUEST => 0x5413;    # TIOCGWINSZ on Linux

sub now { return Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) }

sub patience { return $ENV{PATIENCE} || 10 }

# waits(WHAT, CONDITION): waits until it holds, and dies if that takes too long.
sub waits {
    my ($what, $condition) = @_;
    my $deadline = now() + patience();
    until ($condition->()) {
        die "waited in vain until $what\n" if now() > $deadline;
        Time::HiRes::sleep(0.01);
    }
    return;
}

# open(FOLDER, NAME, COLUMNS, ROWS, COMMAND): the command is a shell's. The files are put into the folder.
sub open {
    my ($class, $folder, $name, $columns, $rows, $command) = @_;
    my $self = bless {folder => $folder, name => $name}, $class;
    $self->{tty_file} = "$folder/$name.tty";
    unlink $self->{tty_file};
    $self->start($columns, $rows, "tty >$self->{tty_file}; $command");
    waits("$name has a terminal", sub { -s $self->{tty_file} });
    $self->{tty} = read_file($self->{tty_file});
    chomp $self->{tty};
    @$self{qw(columns rows_wanted)} = ($columns, $rows);
    $self->await_size;
    return $self;
}

sub open_canvas {
    my ($class, $folder, $name, $columns, $rows) = @_;
    my $ready = "$folder/$name.ready";
    unlink $ready;
    my $self = $class->open($folder, $name, $columns, $rows, "stty raw -echo; : >$ready; exec sleep 1000000");
    waits("$name is a canvas", sub { -e $ready });
    return $self;
}

sub resize {
    my ($self, $columns, $rows) = @_;
    @$self{qw(columns rows_wanted)} = ($columns, $rows);
    $self->change_size($columns, $rows);
    return;
}

# await_size(): waits until what runs in it can know the size.
sub await_size {
    my ($self) = @_;
    my $wanted = "$self->{rows_wanted} $self->{columns}";
    waits("$self->{name} has its size", sub { $self->size eq $wanted });
    return;
}

sub terminal {
    my ($self) = @_;
    sysopen $self->{handle}, $self->{tty}, O_RDWR | O_NOCTTY or die "$self->{tty}: $!\n" unless $self->{handle};
    return $self->{handle};
}

sub size {
    my ($self) = @_;
    my $size = "\0" x 8;
    ioctl $self->terminal, SIZE_REQUEST, $size or return '';
    return join ' ', (unpack 'S4', $size)[0, 1];
}

sub send {
    my ($self, $bytes) = @_;
    while (length $bytes) {
        my $sent = syswrite $self->terminal, $bytes or die "$self->{tty}: $!\n";
        substr $bytes, 0, $sent, '';
    }
    return;
}

# paint(TEXT): of a canvas: shows the text on an empty screen. Returns the cursor's row and column, from 1.
sub paint {
    my ($self, $text) = @_;
    $self->send(Encode::encode('UTF-8', "\e[H\e[2J$text\e[6n"));
    my ($answer, @place) = ('');
    until (@place = $answer =~ /\e\[(\d+);(\d+)R/) {
        IO::Select->new($self->terminal)->can_read(patience()) or die "$self->{name} does not answer\n";
        sysread $self->terminal, $answer, 1000, length $answer or die "$self->{tty}: $!\n";
    }
    return @place;
}

# rows(): what is on the screen.
sub rows {
    my ($self) = @_;
    my @rows = split /\r?\n/, Encode::decode('UTF-8', $self->capture);
    s/[ \0]+$// for @rows;
    pop @rows while @rows && $rows[-1] eq '';
    return @rows;
}

sub read_file {
    my ($path) = @_;
    CORE::open my $file, '<', $path or return '';
    local $/ = undef;
    my $text = <$file>;
    CORE::close $file;
    return $text // '';
}

# launch(COMMAND...): starts a program by itself; returns its process.
sub launch {
    my ($self, @command) = @_;
    my $process = fork // die "fork: $!\n";
    return $process if $process;
    CORE::open STDOUT, '>>', "$self->{folder}/$self->{name}.said";
    CORE::open STDERR, '>&', \*STDOUT;
    exec @command or POSIX::_exit(127);
}

sub end_process {
    my ($process) = @_;
    kill 'TERM', $process or return;
    my $deadline = now() + 5;
    while (waitpid($process, POSIX::WNOHANG()) == 0) {
        kill 'KILL', $process if now() > $deadline;
        Time::HiRes::sleep(0.02);
    }
    return;
}

# --- tmux --------------------------------------------------------------------------------------------

package Window::Tmux;

our @ISA = ('Window');

# Whether it breaks rows that have become too long; whether it cuts wide characters into halves then, and does not
# join a part of a line that has left the screen with the rest.
sub reflows { return 1 }
sub halves  { return 0 }
sub splits  { return 0 }

sub run {
    my ($self, @command) = @_;
    CORE::open my $output, '-|', 'tmux', '-S', "$self->{folder}/tmux", '-f', '/dev/null', @command
        or die "tmux: $!\n";
    local $/ = undef;
    my $text = <$output>;
    CORE::close $output or die "tmux @command failed\n";
    return $text // '';
}

sub start {
    my ($self, $columns, $rows, $command) = @_;
    local $ENV{TERM} = 'xterm-256color';
    $self->run('new-session', '-d', '-s', $self->{name}, '-x', $columns, '-y', $rows, '-e', 'TERM=tmux-256color',
        '-e', 'LC_ALL=C.UTF-8', $command, ';', 'set-option', '-g', 'status', 'off');
    $self->change_size($columns, $rows);
    return;
}

sub change_size {
    my ($self, $columns, $rows) = @_;
    $self->run('resize-window', '-t', $self->{name}, '-x', $columns, '-y', $rows);
    return;
}

sub capture {
    my ($self) = @_;
    return $self->run('capture-pane', '-p', '-t', $self->{name});
}

sub close {
    my ($self) = @_;
    $self->run('kill-session', '-t', $self->{name});
    return;
}

# --- X -----------------------------------------------------------------------------------------------

package Window::X;

our @ISA = ('Window');

my $server;

# start_server(FOLDER): one for all, that shows nothing to anybody.
sub start_server {
    my ($folder) = @_;
    return if $server;
    my $display = "$folder/display";
    unlink $display;
    $server = fork // die "fork: $!\n";
    if ($server == 0) {
        CORE::open STDOUT, '>', $display;
        CORE::open STDERR, '>', "$folder/Xvfb.said";
        require Fcntl;
        exec 'Xvfb', '-displayfd', '1', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp' or POSIX::_exit(127);
    }
    Window::waits('there is a display', sub { Window::read_file($display) =~ /^(\d+)\n/ });
    Window::read_file($display) =~ /^(\d+)/;
    $ENV{DISPLAY} = ":$1";
    return;
}

sub stop_server {
    Window::end_process($server) if $server;
    $server = undef;
    return;
}

sub close {
    my ($self) = @_;
    Window::end_process($self->{process});
    return;
}

# --- xterm -------------------------------------------------------------------------------------------

package Window::Xterm;

our @ISA = ('Window::X');

sub reflows { return 0 }
sub halves  { return 0 }
sub splits  { return 0 }

sub start {
    my ($self, $columns, $rows, $command) = @_;
    Window::X::start_server($self->{folder});
    my $printed = $self->{printed} = "$self->{folder}/$self->{name}.printed";
    local $ENV{LC_ALL} = 'C.UTF-8';
    $self->{process} = $self->launch(
        'xterm', '-geometry', "${columns}x$rows", '-fn', 'fixed',
        '-xrm', '*allowWindowOps: true', '-xrm', '*printerAutoClose: true',
        '-xrm', "*printerCommand: cat >$printed.part; mv $printed.part $printed",
        '-xrm', '*printAttributes: 0', '-e', 'sh', '-c', $command
    );
    return;
}

sub change_size {
    my ($self, $columns, $rows) = @_;
    $self->send("\e[8;$rows;${columns}t");
    $self->await_size;
    return;
}

# The screen is printed, with U+FFFF for the second column of a wide character.
sub capture {
    my ($self) = @_;
    unlink $self->{printed};
    $self->send("\e[i");
    Window::waits("$self->{name} is printed", sub { -e $self->{printed} });
    return Window::read_file($self->{printed}) =~ s/\xef\xbf\xbf//gr;
}

# --- kitty -------------------------------------------------------------------------------------------

package Window::Kitty;

use IO::Socket::UNIX;
use JSON::PP ();

our @ISA = ('Window::X');

sub reflows { return 1 }
sub halves  { return 1 }
sub splits  { return 1 }

sub start {
    my ($self, $columns, $rows, $command) = @_;
    Window::X::start_server($self->{folder});
    $self->{socket} = "$self->{folder}/$self->{name}.kitty";
    local $ENV{LC_ALL} = 'C.UTF-8';
    local $ENV{LIBGL_ALWAYS_SOFTWARE} = 1;
    local $ENV{XDG_CACHE_HOME} = $self->{folder};
    local $ENV{XDG_CONFIG_HOME} = $self->{folder};
    $self->{process} = $self->launch(
        'kitty', '--config', 'NONE', '--listen-on', "unix:$self->{socket}",
        '-o', 'allow_remote_control=socket-only', '-o', 'remember_window_size=no',
        '-o', "initial_window_width=${columns}c", '-o', "initial_window_height=${rows}c",
        '-o', 'enabled_layouts=stack', '-o', 'tab_bar_style=hidden', '-o', 'update_check_interval=0',
        '-o', 'window_padding_width=0', '-o', 'window_margin_width=0', '-o', 'font_size=6',
        '-o', 'confirm_os_window_close=0', '-o', 'resize_debounce_time=0', '-o', 'shell_integration=disabled',
        'sh', '-c', $command
    );
    return;
}

# ask(COMMAND, PAYLOAD): has it do a command of its remote control.
sub ask {
    my ($self, $command, %payload) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => $self->{socket}) or die "$self->{socket}: $!\n";
    my $request = JSON::PP::encode_json({cmd => $command, version => [0, 26, 0], no_response => JSON::PP::false(),
            payload => \%payload});
    syswrite $socket, "\eP\@kitty-cmd$request\e\\";
    my ($answer, $json) = ('');
    until (($json) = $answer =~ /\eP\@kitty-cmd(.*?)\e\\/s) {
        sysread $socket, $answer, 65536, length $answer or die "kitty does not answer\n";
    }
    my $reply = JSON::PP::decode_json($json);
    die "kitty: $reply->{error}\n" unless $reply->{ok};
    return $reply->{data};
}

sub change_size {
    my ($self, $columns, $rows) = @_;
    $self->ask('resize-os-window', action => 'resize', unit => 'cells', width => $columns, height => $rows,
        incremental => JSON::PP::false(), self => JSON::PP::false());
    $self->await_size;
    return;
}

# Where it has broken a row, it puts a CR.
sub capture {
    my ($self) = @_;
    my $text = $self->ask('get-text', extent => 'screen', wrap_markers => JSON::PP::true()) // '';
    $text =~ s/\r\n?/\n/g;
    return Encode::encode('UTF-8', $text);
}

1;
