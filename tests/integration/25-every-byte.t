#!/bin/sh
# Goal: every byte there is, in a name and in a message, does what protocol.md says.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Bob

# For each byte, a name with it in the middle, and one that begins with it. One line for each surprise.
perl -MSocket -e '
    my $port = shift;
    # answer NAME: what the server says to it, after the prompt.
    sub answer {
        my ($name) = @_;
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
        syswrite($socket, "$name\n");
        shutdown($socket, 1);
        my $answers = "";
        1 while sysread($socket, $answers, 1000, length $answers);
        $answers =~ s/\377[\373-\376].//gs;
        return $answers =~ /^Enter your name: \*\*\* Welcome, / ? "good" :
            $answers =~ /^Enter your name: \*\*\* A name .*\*\*\*\r?\nEnter your name: / ? "bad" :
            $answers =~ /^Enter your name: \*\*\* That name .*\*\*\*\r?\nEnter your name: / ? "bad" : "odd ($answers)";
    }
    for my $byte (0 .. 255) {
        my $inside = $byte == 10 ? "good"      # The name ends there, a message follows.
            : $byte == 255 ? "good"            # IAC x: a telnet command, and no part of the name.
            : chr($byte) =~ /[A-Za-z0-9._\x27-]/ ? "good" : "bad";
        my $first = $byte == 10 ? "bad"        # An empty name, and then a good one.
            : $byte == 0 || $byte == 9 || $byte == 32 ? "good" # Stripped.
            : $byte == 255 ? "good"
            : $inside;
        my $got = answer("b$byte" . chr($byte) . "xy");
        print "inside $byte: wanted $inside, got $got\n" if $got ne $inside;
        $got = answer(chr($byte) . "xf$byte");
        # Whether the other blanks of ASCII are blanks or controls, when they stand first, is open.
        next if $byte >= 11 && $byte <= 13 && $got =~ /good|bad/;
        print "first $byte: wanted $first, got $got\n" if $got ne $first;
    }
' "$port" >surprises 2>&1
is 'every byte in a name is taken or refused as it should be' "$(cat surprises)" ''
check 'after that the server still serves' serves

# For each byte, a message with it in the middle: as it is sent, and as it has to arrive.
enter Alice
perl -e '
    open my $sent, ">:raw", "sent_lines" or die "sent_lines: $!";
    open my $wanted, ">:raw", "wanted_lines" or die "wanted_lines: $!";
    for my $byte (0 .. 255) {
        print $sent "m$byte:" . chr($byte) . "!end\n";
        print $wanted "Alice: m$byte:" . (
            $byte == 10 ? "\nAlice: !end"
            : $byte == 9 ? "\t!end"
            : $byte < 32 || $byte == 127 ? "!end"
            : $byte < 127 ? chr($byte) . "!end"
            : $byte == 255 ? "end" # IAC ! is a telnet command.
            : "\357\277\275!end") . "\n";
    }
'
feed Alice sent_lines
wait_for Bob 'Alice: m255:end'
grep '^Alice: ' Bob >got_lines
check 'every byte in a message is shown, removed or replaced as it should be' cmp got_lines wanted_lines

# Bytes at random, as names and lines: whatever they are, the server goes on and Bob sees whole lines.
perl -e '
    srand(20);
    print "Noise\n";
    for (1 .. 2000) { print map { chr int rand 256 } 1 .. int rand 500 }
    print "\n";
' | nc -N 127.0.0.1 "$port" >Noise
check 'after a megabyte of noise the server still serves' serves
wait_for Bob '*** Noise has left the chat ***'
is 'and nobody got a control character' "$(tr -d '\11\12\40-\176\200-\377' <Bob | od -A n -c)" ''
perl -e '
    local $/;
    my $text = <STDIN>;
    $text =~ s/[\x00-\x7f]
        | [\xc2-\xdf][\x80-\xbf]
        | \xe0[\xa0-\xbf][\x80-\xbf] | [\xe1-\xec\xee\xef][\x80-\xbf]{2} | \xed[\x80-\x9f][\x80-\xbf]
        | \xf0[\x90-\xbf][\x80-\xbf]{2} | [\xf1-\xf3][\x80-\xbf]{3} | \xf4[\x80-\x8f][\x80-\xbf]{2}//gx;
    print unpack "H*", $text;
' <Bob >not_utf8
is 'nor anything that is not UTF-8' "$(cat not_utf8)" ''

finish
