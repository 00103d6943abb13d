# shellcheck shell=sh disable=SC2154 # lib.sh sets what it does not.
#
# For scenarios in which nc plays a telnet client, byte by byte. Sourced behind lib.sh. A FORMAT is
# printf's, with bytes written as \ooo.

# What is compared. WILL and DO are asked for by the server, and agreed to by its peer.
# shellcheck disable=SC2034 # For the scenarios.
{
    # WILL SGA, WILL ECHO, DO NAWS, DO TERMINAL-TYPE, DO BINARY, WILL END-OF-RECORD
    offer='\377\373\003\377\373\001\377\375\037\377\375\030\377\375\000\377\373\031'
    agree='\377\375\003\377\375\001'       # DO SGA, DO ECHO
    clear_row='\r\033[K\033[?2004h'        # the prompt gives way, pasting is bracketed
}

# bytes FORMAT: prints them.
bytes() {
    # shellcheck disable=SC2059 # As in `same`.
    printf "$1"
}

# got CLIENT FORMAT: waits until what the client was sent contains the bytes.
got() {
    bytes "$2" >"$1.wanted"
    within "$patience" contains "$1" "$1.wanted"
}

contains() {
    perl -0777 -e '
        open my $all, "<", $ARGV[0] or die; open my $part, "<", $ARGV[1] or die;
        exit(index(<$all>, <$part>) < 0)' "$1" "$2"
}

# lacks_bytes CLIENT FORMAT
lacks_bytes() {
    bytes "$2" >"$1.wanted"
    ! contains "$1" "$1.wanted"
}

# sit NAME: comes to $telnet_port as a terminal, under that name.
sit() {
    connect "$1" 127.0.0.1 "$telnet_port"
    send "$1" "$agree" # at once: it must come within two seconds after the offer
    got "$1" "$offer"
    got "$1" 'Enter your name: '
    send "$1" "$1"'\r\000'
    got "$1" "*** Welcome, $1. "
}
