#!/bin/sh
# Goal: a client that edits its own lines and tells what its terminal is gets whole lines in full dress; what
# a client for MUDs tells of itself decides about colours, UTF-8 and redrawing; the end of a prompt is marked
# for who wants it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bytes.sh
. "$tests_folder/bytes.sh"

start --listen 127.0.0.1:0 --telnet 127.0.0.1:0
telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
enter Bob

refuse='\377\376\003\377\376\001' # DONT SGA, DONT ECHO
tells='\377\373\030'              # WILL TERMINAL-TYPE

# type_is TYPE: the format of what tells that the terminal is of that type.
type_is() {
    printf '\\377\\372\\030\\000%s\\377\\360' "$1"
}

# come NAME FORMAT: comes to the telnet port, answers the offer with those bytes, and says the name.
come() {
    connect "$1" 127.0.0.1 "$telnet_port"
    got "$1" "$offer"
    send "$1" "$2"
    wait_for "$1" 'Enter your name: '
    send "$1" "$1"'\r\n'
    wait_for "$1" "*** Welcome, $1. "
}

# is_whole_lines CLIENT: behind the last prompt, there are lines that end in CR LF, colours, bells and text.
is_whole_lines() {
    perl -0777 -e '
        open my $sent, "<:raw", shift or die; my $rest = <$sent>;
        $rest =~ s/.*Enter your name: (\377[\357\371])?//s;
        $rest =~ s/\377[\373-\376].//gs;
        $rest =~ s/\e\[[0-9;]*m//g;
        exit $rest =~ /[\e\377]|\r(?!\n)|(?<!\r)\n/;
    ' "$1"
}

# --- In line mode -------------------------------------------------------------------------------------

come Tess "$refuse$tells$(type_is tinyfugue)$(type_is tinyfugue)"
check 'who edits its own lines and tells its terminal gets colours' got Tess '\033[2m*** Welcome, Tess.'
check 'and the time' matches Tess '[0-2][0-9]:[0-5][0-9] .*Welcome, Tess'
say Bob 'hello Tess'
check 'and a bell for what names them' got Tess 'Bob\033[0m\033[1m: hello Tess\033[0m\007\r\n'
say Bob '/msg Tess psst'
check 'and for what is for them alone' got Tess '\033[1m[private] Bob: psst\033[0m\007\r\n'
check 'on whole lines' is_whole_lines Tess
send Tess '/color off\r\n'
check 'which they can have as they like' wait_for Tess '*** Colours are off. ***'
say Bob 'plainly'
check 'at once' got Tess ' Bob: plainly\r\n'
send Tess 'hi\r\n'
check 'they talk line by line' wait_for Bob 'Tess: hi'
say Bob end
wait_for Tess 'Bob: end'
check 'and are not shown what they said' lacks Tess 'Tess: hi'
check 'the end of the prompt is marked by GA for who does not suppress that' got Tess 'Enter your name: \377\371'

come Rex "$refuse"
say Bob 'hello Rex'
wait_for Rex 'hello Rex'
is 'who tells no terminal gets plain lines' "$(tr -d -c '\33' <Rex)" ''

connect Eva 127.0.0.1 "$telnet_port"
got Eva "$offer"
send Eva '\377\375\031'"$refuse"
check 'the end of the prompt is marked by EOR for who agrees to that' got Eva 'Enter your name: \377\357'
leave Eva

# --- What a client for MUDs tells ---------------------------------------------------------------------

# mud BITS: tells what such a client can do.
mud() {
    printf '%s' "$tells$(type_is Client)$(type_is xterm)$(type_is "MTTS $1")"
}

come Mia "$agree$(mud 2317)"
check 'who agrees to character mode, but cannot move a cursor, has line mode' got Mia '\377\374\001\377\374\003'
say Bob 'hello Mia'
check 'and lines in full dress' got Mia 'Bob\033[0m\033[1m: hello Mia\033[0m\007\r\n'
check 'nothing is drawn anew' is_whole_lines Mia
send Mia 'by line\r\n'
check 'what they say is heard' wait_for Bob 'Mia: by line'

come Una "$agree$(mud 79)"
check 'who has lines read aloud has line mode, too' got Una '\377\374\001\377\374\003'
check 'and nothing is drawn anew' is_whole_lines Una
send Una '/edit\r\n'
check 'also if they /edit' wait_for Una '*** Your side did not agree: it must be telnet at a terminal. ***'

come Ned "$refuse$(mud 4)"
say Bob "na$(printf '\303\257')ve Ned"
check 'who has no colours gets none' got Ned 'Bob: na\303\257ve Ned\007\r\n'
is 'at all' "$(tr -d -c '\33' <Ned)" ''

come Ann "$refuse$(mud 1)"
say Bob "na$(printf '\303\257')ve $(printf '\360\237\230\200') Ann"
check 'who has no UTF-8 gets ASCII' got Ann ': na?ve ? Ann\033[0m\007\r\n'

connect Tim 127.0.0.1 "$telnet_port"
got Tim "$offer"
send Tim "$agree$(mud 15)"
check 'who can do all of it has the editor' got Tim 'Enter your name: '
send Tim 'Tim\r\000'
check 'and its prompt' got Tim 'Tim\033[0m> '
check 'for good' lacks_bytes Tim '\377\374\001'

finish
