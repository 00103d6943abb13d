#!/bin/sh
# Goal: LF, CR LF, CR NUL LF and CR NUL each end a line, and are one line end however they are cut.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start

# ends_lines SENTENCE LINE-END-FORMAT: with that line end somebody can give two bad names and a good
# one, and say two lines. A line end that counted twice would be an empty name, with its own notice.
number=0
ends_lines() {
    number=$((number + 1))
    listener=Bob$number
    enter "$listener"
    connect Alice
    send Alice "a b$2#$2Alice$2one$2two$2/quit$2"
    wait_for Alice '*** Goodbye. ***'
    leave Alice
    is "$1 at the prompt" "$(sed 's/Enter your name: //g' Alice | cut -c 1-11 | tr '\n' '|')" \
        '*** A name |*** A name |*** Welcome|*** Goodbye|'
    wait_for "$listener" '*** Alice has left the chat ***'
    is "$1 in the room" "$(sed 1d "$listener" | tr '\n' '|')" \
        '*** Alice has joined the chat ***|Alice: one|Alice: two|*** Alice has left the chat ***|'
    quit "$listener"
}

ends_lines 'LF ends a line' '\n'
ends_lines 'CR LF ends a line' '\r\n'
ends_lines 'CR NUL ends a line' '\r\000'
ends_lines 'CR NUL LF ends one line' '\r\000\n'

# The same, sent byte by byte with a pause after each: every line end is cut at every point.
enter Bob
for line_end in '\n' '\r\n' '\r\0' '\r\0\n'; do
    perl -MSocket -e '
        my ($port, $end) = @ARGV;
        $end =~ s/\\r/\r/; $end =~ s/\\n/\n/; $end =~ s/\\0/\0/;
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
        setsockopt($socket, IPPROTO_TCP, 1, 1); # TCP_NODELAY
        for (split //, join $end, "#", "Alice", "one", "two", "/quit", "") {
            syswrite($socket, $_);
            select(undef, undef, undef, 0.005);
        }
        print $answer while sysread($socket, $answer, 1000);
    ' "$port" "$line_end" >Alice
    is "a line end $line_end that comes in pieces is one line end" \
        "$(sed 's/Enter your name: //g' Alice | cut -c 1-11 | tr '\n' '|')" '*** A name |*** Welcome|*** Goodbye|'
    wait_for Bob '*** Alice has left the chat ***'
    is "and lines that end in $line_end, in pieces, arrive whole" "$(tail -n 4 Bob | tr '\n' '|')" \
        '*** Alice has joined the chat ***|Alice: one|Alice: two|*** Alice has left the chat ***|'
    quit Bob
    enter Bob
done

enter Alice
send Alice 'one\r\ntwo\r\000three\nfour\r\000\nfive\r\r\nsix\n'
wait_for Bob 'Alice: six'
is 'line ends of all kinds may be mixed' "$(sed -n 's/^Alice: //p' Bob | tr '\n' '|')" 'one|two|three|four|five|six|'
is 'who does not speak telnet gets no CR' "$(tr -d -c '\r' <Alice | wc -c | tr -d ' ')" 0

finish
