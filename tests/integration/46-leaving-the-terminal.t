#!/bin/sh
# Goal: when the server ends a session at a terminal, for whatever reason, the last line stands whole, the
# cursor is on an empty row below it, and nothing is left of what the terminal was set to: what is typed
# next is plainly not in the chat.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bytes.sh
. "$tests_folder/bytes.sh"

# start_both [OPTION...]: with a plain address, and one for terminals in $telnet_port.
start_both() {
    start --listen 127.0.0.1:0 --telnet 127.0.0.1:0 "$@"
    telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
}

# is_tidy CLIENT LINE [PROMPT]: that line was the last that the client was sent; behind it the row was ended,
# then pasting and echo given back, in this order, and there is no more. The prompt, if it is there, was drawn
# and taken away.
is_tidy() {
    perl -0777 -e '
        my ($file, $line, $prompt) = (@ARGV, "");
        open my $sent, "<:raw", $file or die "$file: $!";
        my $end = <$sent>;
        $end =~ s/\A.*\Q$line\E//s or exit 1;
        exit $end !~ /\A(\e\[0?m)*(\e\[K)?\r\n(?:\Q$prompt\E\r\e\[K)?\e\[\?2004l\377\374\001\377\374\003(\377\376\000)?\z/;
    ' "$@"
}

# ends_tidily CLIENT LINE SENTENCE
ends_tidily() {
    check "$3" within "$patience" is_tidy "$1" "$2"
}

start_both --login-timeout 1
connect Mute 127.0.0.1 "$telnet_port"
got Mute "$offer"
send Mute "$agree"'half a na'
ends_tidily Mute 'Disconnected: idle timeout.' 'who says no name has the terminal back'
check 'the server stops' stop

start_both --telnet-idle 1
sit Ida
send Ida 'half a li'
ends_tidily Ida 'Disconnected: idle timeout.' 'so has who is idle, in the middle of a line'
check 'the server stops' stop

start_both
sit Quinn
send Quinn '/quit\r\000and more'
ends_tidily Quinn '*** Goodbye. ***' 'so has who quits, and goes on typing'
sit Dana
send Dana '\004'
ends_tidily Dana '*** Goodbye. ***' 'so has who presses Ctrl-D'
connect Nobody 127.0.0.1 "$telnet_port"
got Nobody "$offer"
send Nobody "$agree"'@1\r@2\r@3\r@4\r@5\r'
check 'so has who is asked for a name no more' within "$patience" is_tidy Nobody \
    '*** A name cannot begin with / # @ or *. ***' 'Enter your name: '

sit Wendy
send Wendy 'typing a line that is longer than the screen is wide, while the server stops, so that it has scrolled'
got Wendy 'scrolled'
connect Newcomer 127.0.0.1 "$telnet_port"
got Newcomer "$offer"
send Newcomer "$agree"
got Newcomer 'Enter your name: '
check 'the server stops while people type' stop
ends_tidily Wendy '*** The server is shutting down. ***' 'who was typing has the terminal back'
ends_tidily Newcomer '*** The server is shutting down. ***' 'so has who was at the prompt for a name'

# --- On a real screen ---------------------------------------------------------------------------------

# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"

if ! telnet --help >telnet.help 2>&1 </dev/null || ! grep -q inetutils telnet.help; then
    skip 'what is typed next stands on a row of its own' 'there is no telnet of GNU'
    finish
fi

# come PERSON: sits down with telnet; when that has ended, what is typed goes nowhere.
come() {
    seat "$1" 60 16 sh -c "telnet 127.0.0.1 $telnet_port; exec cat >/dev/null"
    ends "$1" 'Enter your name:'
    type_in "$1" "$1"
    press "$1" Enter
    ends "$1" "$1>"
    type_in "$1" '/time off'
    press "$1" Enter
    ends "$1" "\
*** The time is off. ***
$1>"
}

# is_back PERSON LINE: the screen ends in that line and in what telnet says; what is typed and pasted then is
# shown by the terminal itself.
is_back() {
    ends "$1" "\
$2
Connection closed by foreign host." || return
    type_in "$1" 'nobody '
    paste_in "$1" 'hears'
    ends "$1" "\
$2
Connection closed by foreign host.
nobody hears"
}

start_both --telnet-idle 5
come Ann
type_in Ann '/quit'
press Ann Enter
check 'who has quit is in front of a terminal as it was' is_back Ann '*** Goodbye. ***'
come Ivo
type_in Ivo 'half a line'
check 'so is who was idle' is_back Ivo 'Disconnected: idle timeout.'
check 'the server stops' stop
start_both
come Will
type_in Will 'half a line'
ends Will 'Will> half a line'
check 'the server stops while somebody types' stop
check 'who is in front of a terminal as it was' is_back Will '*** The server is shutting down. ***'

finish
