#!/bin/sh
# Goal: who asks for much, or sends much that is nothing, gets what is due and keeps nobody from theirs.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

open_files() {
    set -- "/proc/$server/fd"/*
    echo $#
}
as_few_files_as() {
    [ "$(open_files)" -le "$1" ]
}

start --listen 127.0.0.1:0 --listen "unix:$work/door"
enter Bob
if [ -e "/proc/$server/fd" ]; then
    # Sixty people, held by one process.
    before=$(open_files)
    perl -MSocket -e '
        my $port = shift;
        my @guests;
        for my $guest (1 .. 60) {
            socket($guests[$guest], PF_INET, SOCK_STREAM, 0) or die "socket: $!";
            connect($guests[$guest], sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
            syswrite($guests[$guest], "Guest$guest\n");
        }
        sleep 600;
    ' "$port" &
    crowd=$!
    wait_for_count 60 console '^Guest[0-9]+ \(.*has joined$'
    # Asks for the list of them until nothing can be asked any more, and reads nothing at all.
    perl -MSocket -MIO::Handle -e '
        $| = 1;
        socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_un(shift)) or die "connect: $!";
        $socket->blocking(0);
        syswrite($socket, "Asker\n");
        my ($who, $writable) = ("/who\n" x 100, "");
        do {
            syswrite($socket, $who);
            vec($writable, fileno $socket, 1) = 1;
        } while select(undef, $writable, undef, 0.5);
        print "stalled\n";
        sleep 600;
    ' "$work/door" >asker &
    asker=$!
    check 'who asks and reads no answer is in the end left waiting' wait_for asker stalled
    kill -KILL "$crowd"
    check 'others can leave while it waits' wait_for_count 60 console '^Guest[0-9]+ \(.*has left: '
    check 'their connections are closed, although their names were being listed' \
        within "$patience" as_few_files_as $((before + 1))
    is 'and the asker was not cut off for that' "$(count console '^Asker .*has left')" 0
    kill -KILL "$asker"
    wait_for Bob '*** Asker has left the chat ***'
else
    skip 'the connections of people who leave are closed while their names are listed' 'there is no /proc'
fi

# Everything is asked at once, and the answers, which are more than --sendq and the kernel hold, are read
# slowly, but steadily. (The kernel holds less of a unix socket.)
perl -MSocket -MIO::Handle -e '
    my ($path, $questions) = @ARGV;
    socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_un($path)) or die "connect: $!";
    $socket->blocking(0);
    my $words = "Reader\n" . "/help\n" x $questions . "/quit\n";
    for (;;) {
        my ($readable, $writable) = ("", "");
        vec($readable, fileno $socket, 1) = 1;
        vec($writable, fileno $socket, 1) = length $words ? 1 : 0;
        select($readable, $writable, undef, undef);
        substr($words, 0, syswrite($socket, $words) || 0) = "" if length $words;
        next if !vec($readable, fileno $socket, 1);
        last if !sysread($socket, my $answers, 4096);
        print $answers;
        select(undef, undef, undef, 0.001);
    }
' "$work/door" 10000 >Reader &
reader=$!
check 'who asks 10000 questions at once, and reads slowly, comes to the end' ended "$reader" 120
is 'with all the answers' "$(count Reader '^\*\*\* //TEXT: say /TEXT \*\*\*$')" 10000
is 'whole ones' "$(sed '1d;$d' Reader | sort | uniq -c | awk '{ print $1 }' | sort -u)" 10000
is 'the last of all is the answer to the last question' "$(tail -n 1 Reader)" '*** Goodbye. ***'
check 'it was not cut off' wait_for_match console '^Reader \(.*has left: quit$'

# What is said before a flood of empty lines need not wait for the end of the flood, which never comes.
perl -MSocket -e '
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_in(shift, INADDR_LOOPBACK)) or die "connect: $!";
    my $nothing = "\n" x 65536;
    syswrite($socket, "Flood\n" . "\n" x 3000 . "hello\n" . $nothing);
    1 while syswrite($socket, $nothing);
' "$port" &
flood=$!
check 'what stands before endless empty lines is heard' wait_for Bob 'Flood: hello'
check 'while they come' kill -0 "$flood"
kill -KILL "$flood"
wait_for Bob '*** Flood has left the chat ***'
check 'after all this the server still serves' serves

finish
