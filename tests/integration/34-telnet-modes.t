#!/bin/sh
# Goal: character mode is offered where it is wanted and to nobody else, begins when both sides agree, and
# ends when one of them no longer does; whoever does not agree goes on line by line. nc plays the clients,
# byte by byte, so that what telnet programs happen to do hides nothing.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=bytes.sh
. "$tests_folder/bytes.sh"

start --listen 127.0.0.1:0 --telnet 127.0.0.1:0

telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
enter Bob

# --- On a plain listener ------------------------------------------------------------------------------

enter Alice
say Alice '/edit'
check 'a client that types /edit is made the offer' got Alice "$offer"
send Alice "$agree"
check 'and when it agrees, has an editor' got Alice 'Editing is on. /edit off ends it.'
check 'with its prompt' got Alice 'Alice\033[0m> '
send Alice 'hal'
check 'what it types is echoed' got Alice 'hal'
send Alice 'lo\r\000'
check 'and said when Return is pressed' wait_for Bob 'Alice: hallo'
check 'it stands on the own screen as it does on others' got Alice 'Alice\033[0m: hallo'
send Alice '/edit\r\000'
check 'who edits already is told so' got Alice 'You are editing already. /edit off ends it.'
send Alice 'half a line'
got Alice 'half a line'
say Bob 'above'
check 'what arrives goes above the line' got Alice 'above'
send Alice '\003/Edit OFF\r\000'
check '/edit off takes the offer back' got Alice '\377\374\001'
check 'and says so' got Alice 'Editing is off.'
send Alice '\377\376\003\377\376\001'
said=$(wc -c <Alice)
say Alice 'in line mode again'
check 'the client talks line by line again' wait_for Bob 'Alice: in line mode again'
say Bob 'plain'
check 'and gets lines again' within "$patience" has_line Alice "Bob: plain$(printf '\r')"
is 'with no escape sequence' "$(tail -c +$((said + 1)) Alice | tr -d -c '\33')" ''
say Alice '/edit'
got Alice 'Bob: plain\r\n\377\373\003\377\373\001'
send Alice "$agree"
wait_for_count 2 Alice 'Editing is on'
check 'and can begin once more' counted 2 Alice 'Editing is on'
send Alice '/quit\r\000'
wait_for Bob '*** Alice has left the chat ***'

enter Dora
say Dora '/edit'
got Dora "$offer"
send Dora '\377\376\001\377\375\003'
check 'who refuses to be echoed stays in line mode, and is told' wait_for Dora \
    '*** Your side did not agree: it must be telnet at a terminal. ***'
check 'the half that was agreed to is taken back' got Dora '\377\374\003'
say Dora 'still here'
check 'and talks on' wait_for Bob 'Dora: still here'
send Dora '\377\376\003'
send Dora "$agree"
check 'when a client asks for character mode by itself, it has it' got Dora 'Dora\033[0m> '
send Dora '/edit off\rone\rtwo\r\000three\r\n'
check 'what was typed ahead of the change of modes is lines all the same' wait_for Bob 'Dora: three'
check 'each by itself' has_line Bob 'Dora: one'
check 'each by itself, too' has_line Bob 'Dora: two'
send Dora '\377\376\001\377\376\003'

# opened CLIENT TIMES: waits until it has been given a terminal so often.
opened() {
    within "$patience" has_opened "$@"
}

has_opened() {
    [ "$(perl -0777 -ne 'print scalar(() = /\033\[\?2004h/g)' "$1")" -ge "$2" ]
}

send Dora "$agree"
check 'character mode may be had again' opened Dora 2
send Dora 'bad\t\025kept\r\000half\377\376\001\377\376\003by the line\r\n'
check 'what comes before the end of the mode is keys, what comes behind it is lines' \
    wait_for Bob 'Dora: by the line'
check 'even if both are read at once' has_line Bob 'Dora: kept'
send Dora "$agree"
opened Dora 3
send Dora 'x\025typed\r\000\377\376\001\377\376\003'"$agree"'y\025again\r\000\377\376\001\377\376\003over\r\n'
check 'the mode may change to and fro at once' wait_for Bob 'Dora: over'
check 'and keys are keys' has_line Bob 'Dora: typed'
check 'each time' has_line Bob 'Dora: again'
send Dora "$agree"
opened Dora 5
send Dora '/edit off\r\000/me goes line by line\r\n'
check 'the NUL of the Return that ended the mode is no part of the next line' \
    wait_for Bob '* Dora goes line by line'
send Dora '\377\376\001\377\376\003'
send Dora "$agree"
opened Dora 6
send Dora '/edit off\r\000/edit\r\000\377\376\001\377\376\003'"$agree"
check 'who agrees behind that, and has asked for it before, has it without another offer' opened Dora 7
send Dora 'at a terminal\r\000'
check 'and talks on' wait_for Bob 'Dora: at a terminal'
send Dora "/quit\\r\\000\\377\\376\\001\\377\\376\\003$agree"
check 'who has quit' closed Dora
is 'gets no terminal any more, whatever it asks for' "$(sed -n '/Goodbye/,$p' Dora | grep -c 2004h)" 0

enter Ned
say Ned '/edit'
got Ned "$offer"
say Ned 'nothing about that'
check 'who does not answer stays in line mode, and is told' wait_for Ned \
    '*** Your side did not agree: it must be telnet at a terminal. ***'
check 'what was sent meanwhile is not lost' wait_for Bob 'Ned: nothing about that'
send Ned "$agree"
check 'who agrees when it is too late is taken at the word no more' got Ned '\377\374\001'
say Ned 'line by line'
check 'and goes on line by line' wait_for Bob 'Ned: line by line'
is 'with no escape sequence' "$(tr -d -c '\33' <Ned)" ''
quit Ned

# As PuTTY begins.
connect Pat
wait_for Pat 'Enter your name: '
send Pat "\\377\\373\\037\\377\\373\\030\\377\\375\\003\\377\\375\\001\\377\\372\\037\\000\\050\\000\\012\\377\\360"
check 'who speaks telnet before anything else is made the offer' got Pat '\377\373\001'
check 'and has an editor when it agrees' got Pat "$clear_row"'Enter your name: '
send Pat 'Pat\r\000'
check 'it comes in' wait_for Bob '*** Pat has joined the chat ***'
check 'its prompt has its name' got Pat 'Pat\033[0m> '
send Pat '\377\366'
check 'AYT is answered there' got Pat 'Yes, I am here.'
send Pat 'oops\377\364right\r\000'
check 'IP clears the line there' within "$patience" has_line Bob 'Pat: right'
send Pat 'wro\377\367\377\367ong\377\370good\r\000'
check 'EC and EL are the keys that they stand for' within "$patience" has_line Bob 'Pat: good'
send Pat '\377\375\006'
check 'TIMING-MARK is answered' got Pat '\377\373\006'
send Pat 'unfinished'
got Pat 'unfinished'
leave Pat
check 'who goes in the middle of a line has left' wait_for Bob '*** Pat has left the chat ***'
check 'and nobody sees the half line' lacks Bob 'unfinished'

connect Lars
send Lars 'Lars\r\n'
joined Lars
send Lars '\377\361'
say Lars 'telnet later'
wait_for Bob 'Lars: telnet later'
send Lars '\377\366'
wait_for Lars '*** Yes, I am here. ***'
check 'who speaks telnet later is not made an offer' lacks_bytes Lars '\377\373\001'
check 'but AYT is answered' has Lars '*** Yes, I am here. ***'
send Lars 'half\377\364whole\r\n'
check 'IP drops an unfinished line' within "$patience" has_line Bob 'Lars: whole'
send Lars 'one\r\ntw\377\370three\r\n'
check 'so does EL, and no other' within "$patience" has_line Bob 'Lars: three'
check 'lines before it were said' has_line Bob 'Lars: one'
send Lars 'rest\377\354'
check 'EOF ends the input, and what is left of it is said' wait_for Bob 'Lars: rest'
check 'and then one has left' wait_for Bob '*** Lars has left the chat ***'

connect Hal
wait_for Hal 'Enter your name: '
send Hal '\377\375\001\377\376\003'
check 'who agrees to be echoed and to nothing else would type blind: it is taken back' got Hal '\377\374\001'
say Hal Hal
check 'and comes in line by line' joined Hal
quit Hal

connect Mute
wait_for Mute 'Enter your name: '
send Mute '\377\361'
check 'who does not answer the offer for a while' got Mute '\377\373\001'
sleep 5 # more than the patience that is granted, however late the server is
send Mute "$agree"
check 'is not taken at the word later' got Mute '\377\374\001'
say Mute Mute
check 'and comes in line by line, too' joined Mute
quit Mute

# Somebody at a terminal who says much and hangs up: what was sent is said, seen or not.
perl -MSocket -e '
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_in(shift, INADDR_LOOPBACK)) or die "connect: $!";
    syswrite $socket, "\377\375\003\377\375\001";
    my $heard = "";
    1 while $heard !~ /2004h/ and sysread $socket, $heard, 1000, length $heard;
    syswrite $socket, "Hasty\r";
    $heard = "";
    1 while $heard !~ /Hasty.\[0m> / and sysread $socket, $heard, 1000, length $heard;
    syswrite $socket, join "", map { "line $_\r" } 1 .. 300;
    close $socket;
' "$port"
check 'who hangs up has left' wait_for Bob '*** Hasty has left the chat ***'
is 'and all that was entered before was said' "$(count Bob '^Hasty: line')" 300

is 'somebody without telnet has seen nothing of it' "$(tr -d '\12\40-\176' <Bob | od -A n -c)" ''

# --- On a telnet listener -----------------------------------------------------------------------------

port=$telnet_port
connect Tess
send Tess "$agree"'\377\373\030'
check 'on a telnet listener the offer comes first' got Tess "$offer"
check 'the type of the terminal is asked for' got Tess '\377\372\030\001\377\360'
send Tess '\377\372\030\000xterm-256color\377\360\377\374\037'
check 'and then the prompt is there' got Tess '\033[?2004hEnter your name: '
send Tess 'Tess\r\000'
send Tess '\033[Anot the name\r\000'
check 'the answer to the prompt is not in the history' wait_for Bob 'Tess: not the name'
check 'notices are dim' got Tess '\033[2m*** Welcome, Tess.'
check 'the time stands before them' matches Tess '[0-2][0-9]:[0-5][0-9] .*Welcome, Tess'
say Bob 'hello Tess'
check 'a line with the own name is bold, and rings the bell' got Tess 'Bob\033[0m\033[1m: hello Tess\033[0m\007'
say Bob '/msg Tess psst'
check 'so is a private one' got Tess '\033[1m[private] Bob: psst\033[0m\007'
send Tess '/bell off\r\000/time off\r\000/color off\r\000'
wait_for Tess '*** Colours are off. ***'
say Bob 'plain Tess'
check 'all that can be turned off' got Tess '\r\033[KBob: plain Tess\r\n'
send Tess '/color maybe\r\000'
check 'a switch is on or off' wait_for Tess '*** Usage: /color [on|off] ***'
send Tess '\000n\000\303\000\251e\033\000[\000D\000!\r\000\n\000'
check 'a NUL between keys is nothing' wait_for Bob 'Tess: né!e'
send Tess '\003'
check 'Ctrl-C with nothing to clear tells how to leave' wait_for Tess '*** To leave, type /quit. ***'
send Tess '\003\033[200~one\rtwo\rthree\rfour\033[201~'
check 'pasted lines are held' wait_for Tess '*** 4 lines pasted. Enter sends them, Ctrl-C drops them. ***'
check 'how to leave is told once' counted 1 Tess 'To leave, type'
send Tess '\003'
check 'until they are dropped' wait_for Tess '*** What was pasted is dropped. ***'
send Tess '\033[200~1 of 5\n2 of 5\n3 of 5\n/me is at 4 of 5\n5 of 5\033[201~\rbehind it\r\000'
check 'or sent, and what is typed behind them comes behind them' wait_for Bob 'Tess: behind it'
is 'in their order' "$(sed -n 's/^.*Tess:* \(.*[1-5] of 5\)$/\1/p' Bob | tr '\n' '|')" \
    '1 of 5|2 of 5|3 of 5|is at 4 of 5|5 of 5|'
check 'nothing was said of what was dropped' lacks Bob 'Tess: one'
head -c 5000 /dev/zero | tr '\0' x >long
feed Tess long
ended $!
send Tess '\r\000'
check 'a line that is too long is not said' wait_for Tess \
    '*** Line too long: the limit is 4096 bytes. Nothing was sent. ***'
send Tess '\033_\377\366'
wait_for Tess 'Yes, I am here.'
send Tess 'a key of no use before it\r\000'
check 'a key that nobody knows swallows nothing' wait_for Bob 'Tess: a key of no use before it'
check 'nothing of the long line has come' lacks Bob 'xxx'
send Tess '\004'
check 'Ctrl-D leaves' wait_for Bob '*** Tess has left the chat ***'
check 'with a goodbye, and pasting as it was before' got Tess 'Goodbye. ***\r\n' && got Tess '\033[?2004l'

connect Dumb
send Dumb "$agree"'\377\373\030\377\372\030\000dumb\377\360'
got Dumb '\033[?2004h'
send Dumb 'Dumb\r\000'
wait_for Dumb 'Welcome, Dumb'
say Bob 'hello Dumb'
wait_for Dumb 'hello Dumb'
check 'a terminal that calls itself dumb gets no colours' lacks_bytes Dumb '\033[2m'
check 'neither for names' lacks_bytes Dumb '\033[0m'
send Dumb '/color on\r\000'
check 'unless it asks for them' got Dumb '\033[2m*** Colours are on.'
hang_up Dumb

connect Nick
check 'nc on a telnet listener gets the prompt after a while' wait_for Nick 'Enter your name: '
say Nick Nick
check 'and comes in' wait_for Bob '*** Nick has joined the chat ***'
say Bob 'welcome'
check 'it gets lines as on any listener' within "$patience" has_line Nick 'Bob: welcome'
is 'with no escape sequence' "$(tr -d -c '\33' <Nick)" ''

connect Yoko
send Yoko "$agree"
got Yoko 'Enter your name: '
send Yoko 'Yoko\r\000'
wait_for Bob '*** Yoko has joined the chat ***'
send Yoko 'typing while'
got Yoko 'typing while'
check 'the server stops while somebody is typing' stop
check 'who is told, above the line' got Yoko '*** The server is shutting down. ***\033[0m\r\n'
check 'and has the terminal back as it was' got Yoko '\033[?2004l'

finish
