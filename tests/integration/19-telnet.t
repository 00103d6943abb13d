#!/bin/sh
# Goal: what the telnet protocol puts between the lines is understood, and neither shown to anybody nor
# answered more than it asks for.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Bob

# A person with telnet, and one with nc.
in_a_pipe() {
    connect_with Tilda telnet 127.0.0.1 "$port"
    wait_for Tilda 'Enter your name: '
    say Tilda Tilda
    check 'somebody with telnet gets in' joined Tilda
    say Tilda 'Hello from telnet.'
    check 'who has nc hears who has telnet' within "$patience" has_line Bob 'Tilda: Hello from telnet.'
    say Bob 'Hello from nc.'
    check 'who has telnet hears who has nc' wait_for Tilda 'Bob: Hello from nc.'
    say Tilda /quit
    check 'who has telnet can quit' wait_for Bob '*** Tilda has left the chat ***'
    check 'and was told goodbye' wait_for Tilda '*** Goodbye. ***'
    is 'and has seen lines, and nothing else' "$(tr -d '\11\12\15\40-\176' <Tilda | od -A n -c)" ''
}

on_a_terminal() {
    connect_with Terry script -qec "telnet 127.0.0.1 $port" /dev/null
    wait_for Terry 'Enter your name: '
    send Terry 'Terry\r'
    check 'somebody with telnet on a terminal gets in' joined Terry
    send Terry 'typed\r'
    check 'and what is typed there is a line' within "$patience" has_line Bob 'Terry: typed'
    send Terry '/quit\r'
    check 'the terminal is told when the connection is closed' wait_for Terry 'Connection closed'
}

if ! command -v telnet >/dev/null 2>&1; then
    skip 'somebody with telnet gets in' 'there is no telnet'
else
    in_a_pipe
    if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
        on_a_terminal
    else
        skip 'somebody with telnet on a terminal gets in' 'script cannot run a command here'
    fi
fi

# Who shows no telnet gets none.
is 'who sends no IAC gets no CR' "$(tr -d -c '\r' <Bob | wc -c | tr -d ' ')" 0
quit Bob
enter Rob

# Who speaks telnet before anything else is offered to have its lines edited. Alice does not answer that.
connect Alice
wait_for Alice 'Enter your name: '
send Alice '\377\375\042\377\373\042\377\375\005\377\373\005Alice\r\n'
same 'who speaks telnet first gets one offer, each other option is refused once, and lines end in CR LF' Alice "\
Enter your name: \377\373\003\377\373\001\377\375\037\377\375\030\377\375\000\377\373\031\
\377\374\042\377\376\042\377\374\005\377\376\005\
*** Welcome, Alice. Type /help for commands. Here now: Rob. ***\r\n"

# From here on, only what follows the welcome is compared.
alice_said=$(wc -c <Alice)
send Alice '\377\374\001\377\376\037\377\374\003\377\376\003\377\361\377\371one\r\000'
check 'commands between lines are not shown to anybody' within "$patience" has_line Rob 'Alice: one'
send Alice 't\377\361w\377\374\001o\r\n'
check 'nor are commands inside a line' within "$patience" has_line Rob 'Alice: two'
send Alice 'th\377\372\030\000xterm\r\n/quit\r\n\377\377\377\360ree\r\n'
check 'nor is a subnegotiation, whatever is in it' within "$patience" has_line Rob 'Alice: three'
send Alice '\377\375\042\377\373\005fo\377\377ur\r\n'
check 'IAC IAC is the byte 255, which no text has' within "$patience" has_line Rob \
    "Alice: fo$(printf '\357\277\275')ur"
say Rob Hi
printf 'Rob: Hi\r\n' >wanted_tail
tail_is_wanted() {
    tail -c +$((alice_said + 1)) Alice | cmp -s - wanted_tail
}
check 'refusals and commands are not answered at all, nor is an option that was refused before' within "$patience" tail_is_wanted
send Alice '/me waves\r\n/foo\r\n/quit\r\n'
check 'who has left has left' wait_for Rob '*** Alice has left the chat ***'
printf 'Rob: Hi\r\n*** Unknown command: /foo. Type /help. ***\r\n*** Goodbye. ***\r\n' >wanted_tail
check 'every line ends in CR LF, answers and the goodbye, too' within "$patience" tail_is_wanted
check 'the connection is closed' closed Alice
is 'who shows no telnet still gets no CR when others do' "$(tr -d -c '\r' <Rob | wc -c | tr -d ' ')" 0

connect Carol
wait_for Carol 'Enter your name: '
send Carol '\377\361#\r\nCarol\r\n'
wait_for Carol Welcome
check 'the lines of the prompt end in CR LF as well' matches Carol "begin with .* \\*\\*\\*$(printf '\r')\$"
quit Carol

connect Dave
send Dave 'Dave\r\n\377\372\030'
wait_for Dave Welcome
head -c 1000000 /dev/zero | tr '\0' x >much
feed Dave much
ended $!
send Dave '\377\360back again\r\n'
check 'a subnegotiation of a megabyte is dropped like any other' within "$patience" has_line Rob 'Dave: back again'
say Dave '/quit'
wait_for Rob '*** Dave has left the chat ***'

# All of it again, cut in two at every point, with a pause at the cut.
perl -MSocket -e '
    my $port = shift;
    my $words = "Cut\r\n\377\375\001o\377\361n\377\377e\377\372\030\000a\377\377b\377\360\377\373\037\r\0two\377\376\001\r\n";
    for my $cut (1 .. length($words) - 1) {
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
        setsockopt($socket, IPPROTO_TCP, 1, 1); # TCP_NODELAY
        syswrite($socket, substr($words, 0, $cut));
        select(undef, undef, undef, 0.01);
        syswrite($socket, substr($words, $cut));
        shutdown($socket, 1);
        my $answers = "";
        1 while sysread($socket, $answers, 1000, length $answers);
        print unpack("H*", join "", $answers =~ /\377../gs), "\n";
    }
' "$port" >answers
cuts=$(wc -l <answers | tr -d ' ')
check "all $cuts ways of cutting it were tried" [ "$cuts" -ge 30 ]
wait_for_count "$cuts" Rob '^\*\*\* Cut has left'
is 'wherever it is cut, the lines are the same' \
    "$(sed -n 's/^Cut: //p' Rob | sort | uniq -c | sed 's/^ *//' | tr '\n' '|')" \
    "$cuts on$(printf '\357\277\275')e|$cuts two|"
is 'wherever it is cut, each option is refused once' "$(sort -u answers)" fffc01fffe1f

# And byte by byte.
perl -MSocket -e '
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_in(shift, INADDR_LOOPBACK)) or die "connect: $!";
    setsockopt($socket, IPPROTO_TCP, 1, 1); # TCP_NODELAY
    for (split //, "Bit\r\n\377\375\001o\377\361n\377\377e\377\372\030\000a\377\377b\377\360\377\373\037\r\0two\377\376\001\r\n/quit\r\n") {
        syswrite($socket, $_);
        select(undef, undef, undef, 0.005);
    }
    print $answer while sysread($socket, $answer, 1000);
' "$port" >Bit
is 'byte by byte each option is refused once, too' "$(tr -d '\12\15\40-\176' <Bit | od -A n -t x1 | tr -d ' ')" \
    fffc01fffe1f
wait_for Rob '*** Bit has left the chat ***'
is 'byte by byte the lines are the same, too' "$(sed -n 's/^Bit: //p' Rob | tr '\n' '|')" \
    "on$(printf '\357\277\275')e|two|"
is 'no byte of it got into the chat' "$(tr -d '\12\40-\176' <Rob | tr -d '\357\277\275' | od -A n -c)" ''

finish
