# shellcheck shell=sh disable=SC2154 # lib.sh sets what it does not.
#
# An evening at terminals: two people come with the same telnet client, one with nc, and everything is
# tried that a person at a terminal does. Sourced by a scenario for each client, so that they can run side by
# side, behind lib.sh and terminal.sh, or behind lib.sh and window.sh.

telnet_port=0
host=127.0.0.1 # where they go to
tintin=$(PATH=$PATH:/usr/games command -v tt++)

# find_telnet: sets the command that connects with whatever `telnet` is here, and $resizes to no if that
# tells the size of its screen once, and never again.
find_telnet() {
    visit="telnet $host $telnet_port"
    case $(telnet --help 2>&1 </dev/null) in
        *BusyBox*) resizes=no ;;
        *inetutils*) ;;
        # Some take parts of letters for the escape character (see type_any_letter): do without that.
        *) visit="telnet -E $host $telnet_port" ;;
    esac
}

# client_for PROGRAM: sets the command that connects with it to the telnet port; fails if it is not here.
client_for() {
    resizes=yes escape=Escape at_once=yes
    case $1 in
        telnet) find_telnet ;;
        busybox) visit="busybox telnet $host $telnet_port" resizes=no ;;
        plink) visit="plink -telnet -P $telnet_port $host" ;;
        putty)
            visit="exec putty -telnet -P $telnet_port $host"
            at_once=no # it always puts a paste in brackets
            ;;
        tt++)
            visit="$tintin -e '#session chat $host $telnet_port'"
            escape=Right # it keeps an Escape to itself until more comes
            at_once=no   # it hands over what was pasted now and then
            ;;
    esac
    case $1 in
        busybox) busybox telnet 2>&1 | grep -q Usage ;;
        tt++) [ -n "$tintin" ] ;;
        *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# Stands in for the shell that the client was started from: it reads lines, and repeats each.
cat >shell.sh <<'END'
echo 'Back in the shell.'
while read -r words; do
    printf 'You typed: %s\n' "$words"
done
END

# sit PERSON: somebody takes a seat with that client, and gives their name; times would differ.
sit() {
    seat "$1" "$columns" "$rows" sh -c "$visit; exec sh '$work/shell.sh'"
    ends "$1" 'Enter your name:' || return
    type_in "$1" "$1"
    press "$1" Enter
    ends "$1" "$1>" || return
    type_in "$1" '/time off'
    press "$1" Enter
    ends "$1" "\
*** The time is off. ***
$1>"
}

talk_while_typing() {
    type_in Alice 'Hello, I am ty'
    ends Alice 'Alice> Hello, I am ty'
    type_in Bob 'Me'
    ends Bob 'Bob> Me'
    say Carol 'news'
    check "$with: what arrives stands above the line that is being typed" ends Alice "\
Carol: news
Alice> Hello, I am ty"
    check "$with: and the cursor where it was" points Alice 21
    type_in Alice ping
    press Alice Enter
    check "$with: one's own line is left standing as what one said" ends Alice "\
Carol: news
Alice: Hello, I am typing
Alice>"
    check "$with: and others see it above theirs" ends Bob "\
Alice: Hello, I am typing
Bob> Me"
    type_in Bob ' too'
    press Bob Enter
    check "$with: somebody else's half line was not lost" ends Alice "\
Alice: Hello, I am typing
Bob: Me too
Alice>"
}

# Without the indent, what stands behind the blanks would begin the next row.
wrap_messages() {
    say Carol "yes$(printf "%$((columns - 10))s" '')Alice: I agree"
    check "$with: what is pushed into the next row does not look like a line" ends Alice "\
Carol: yes
       Alice: I agree
Alice>"
    address=http://example.org/$(printf "%${columns}s" '' | tr ' ' a)
    say Carol "see $address there"
    # tintin breaks lines by itself.
    [ "$program" = tt++ ] || check "$with: a URL that is longer than a row is left to the terminal to break" \
        within "$patience" has_whole Alice "       $address"
    check "$with: and what follows it begins a row" ends Alice "\
       there
Alice>"
}

# has_whole PERSON LINE: it is on the screen, with its rows joined where the terminal broke it.
has_whole() {
    unbroken "$1" | grep -qxF -e "$2"
}

wrap_own_line() {
    type_in Alice "$long"
    press Alice Enter
    check "$with: what one said oneself goes on under its text" within "$patience" has_own_rows Alice
}

# has_own_rows PERSON: the rows above the prompt are the long line, indented but for the first.
has_own_rows() {
    screen "$1" | sed '$d' | tail -n 3 >rows
    grep -q "^$1: one two " rows && tail -n 1 rows | grep -q '^       [a-z ]*fifteen$'
}

edit_in_the_middle() {
    combining=$(printf 'e\314\201')
    type_in Alice "Gr\303\274\303\237e"
    press Alice C-u
    type_in Alice "$(printf 'Gr\303\274\303\237e, \346\227\245\346\234\254 caf')$combining"
    press Alice Left Left Left Left Left Left
    type_in Alice ' aus'
    check "$with: keys edit in the middle, also between wide and combining characters" ends Alice \
        "Alice> $(printf 'Gr\303\274\303\237e, \346\227\245 aus\346\234\254 caf')$combining"
    check "$with: and the cursor is in its column" points Alice 20
    press Alice BSpace BSpace BSpace BSpace C-a DC
    type_in Alice g
    press Alice M-f M-f C-k Home End
    type_in Alice '!'
    press Alice Enter
    check "$with: others get the line as it was edited" \
        wait_for Carol "$(printf 'Alice: gr\303\274\303\237e, \346\227\245\346\234\254!')"
}

# scrolled: the end of the long line is on the last row, behind the prompt and a mark.
scrolled() {
    within "$patience" shows_the_end || { screen Alice | explain && false; }
}

shows_the_end() {
    last=$(screen Alice | tail -n 1)
    part=${last#'Alice> <'}
    [ "$part" != "$last" ] && [ ${#part} -ge 10 ] && [ "${long%"$part"}" != "$long" ] &&
        [ ${#last} -lt "$columns" ]
}

# In UTF-8 these have a byte that is telnet's escape character but for its highest bit.
type_any_letter() {
    type_in Alice "$(printf '\320\235 \343\201\235 \342\200\235')"
    check "$with: any letter can be typed" ends Alice "Alice> $(printf '\320\235 \343\201\235 \342\200\235')"
    press Alice C-u
}

scroll_sideways() {
    long='one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'
    type_in Alice "$long"
    check "$with: a line that is longer than the screen scrolls sideways" scrolled
    say Carol 'wide'
    check "$with: what arrives stands above it" shows Alice 'Carol: wide'
    check "$with: and it stays on one row" scrolled
    press Alice C-a
    check "$with: its beginning is there when one goes to it" points Alice 7
    press Alice C-c
    check "$with: Ctrl-C clears it" ends Alice 'Alice>'
}

look_back() {
    press Alice Up Up
    check "$with: up brings back one's own lines" ends Alice 'Alice> Hello, I am typing'
    press Alice Enter
    check "$with: to say them again" wait_for_count 2 Carol '^Alice: Hello, I am typing$'
    press Alice Up Down
    ends Alice 'Alice>'
}

search_back() {
    press Alice C-r
    type_in Alice 'TYPING'
    check "$with: Ctrl-R finds what one has said" ends Alice '(search: TYPING) Hello, I am typing'
    press Alice "$escape"
    check "$with: and $escape takes it into the line" ends Alice 'Alice> Hello, I am typing'
    press Alice C-u C-y Home C-k C-y
    check "$with: what was taken out of it comes back" ends Alice 'Alice> Hello, I am typing'
    press Alice C-c
    ends Alice 'Alice>'
    press Alice C-c
    check "$with: Ctrl-C for nothing tells how to leave" says Alice '*** To leave, type /quit. ***'
}

complete_words() {
    type_in Alice '/ni'
    press Alice Tab
    check "$with: TAB completes a command" ends Alice 'Alice> /nick'
    press Alice C-u
    type_in Alice 'bo'
    press Alice Tab
    check "$with: and a name, whatever its case" ends Alice 'Alice> Bob:'
    press Alice C-u
    type_in Alice 'ask @bo'
    press Alice Tab
    check "$with: and one behind an @" ends Alice 'Alice> ask @Bob'
    press Alice C-u
    type_in Alice '/t'
    press Alice Tab Tab
    check "$with: and tells what fits when several do" ends Alice "\
/topic /time
Alice> /t"
    press Alice C-u
}

paste_lines() {
    paste_in Alice 'first\nsecond\nthird'
    check "$with: pasted lines are said one by one, and the rest of a line is kept" ends Alice "\
Alice: first
Alice: second
Alice> third"
    wait_for Carol 'Alice: second'
    check "$with: in their order" is_in_order
    press Alice C-w
}

is_in_order() {
    [ "$(grep -A 1 '^Alice: first$' Carol | tail -n 1)" = 'Alice: second' ]
}

# says PERSON WORDS: waits until the words are on the screen, however they are broken into rows.
says() {
    within "$patience" has_words "$@" || { screen "$1" | explain && false; }
}

has_words() {
    screen "$1" | tr -s '\n ' '  ' | grep -qF -e "$2"
}

hold_paste() {
    paste_in Alice 'one\ntwo\nthree\nfour\nfive'
    check "$with: a paste of many lines is held" says Alice \
        '*** 5 lines pasted. Enter sends them, Ctrl-C drops them. ***'
    type_in Alice 'x'
    check "$with: and other keys do nothing to it" ends Alice '(5 lines pasted)'
    press Alice C-c
    check "$with: Ctrl-C drops it" says Alice '*** What was pasted is dropped. ***'
    ends Alice 'Alice>'
    paste_in Alice 'six\nseven\neight\nnine\nten'
    ends Alice '(5 lines pasted)'
    press Alice Enter
    check "$with: Enter says it, line by line" ends Alice "\
Alice: six
Alice: seven
Alice: eight
Alice: nine
Alice: ten
Alice>"
    check "$with: and others hear it to its end" wait_for Carol 'Alice: ten'
    check "$with: but nothing of what was dropped" lacks Carol 'Alice: one'
}

# holds PERSON NUMBER: waits until so many pasted lines are held. A client may have sent the first letter before.
holds() {
    within "$patience" is_holding "$@" || { screen "$1" | explain && false; }
}

is_holding() {
    case $(screen "$1" | tail -n 1) in
        "($2 lines pasted)"*) return 0 ;;
        *) return 1 ;;
    esac
}

# As in a terminal that does not say what is pasted. Whose keys never came one by one is taken for a script.
hold_paste_without_brackets() {
    typed=
    for key in b y e; do
        type_in Bob "$key"
        typed=$typed$key
        ends Bob "Bob> $typed"
    done
    press Bob C-u
    ends Bob 'Bob>'
    paste_bare Bob 'The first line of it\nand one more of them\nand the third of them\nand the last of them\n'
    check "$with: so it is if the terminal does not say that it was pasted" holds Bob 4
    press Bob Enter
    check "$with: and it is said as well" wait_for Carol 'Bob: and the last of them'
    check "$with: from its beginning" has Carol 'Bob: The first line of it'
    ends Bob 'Bob>'
}

change_size() {
    type_in Alice 'size'
    columns=52
    resize Alice "$columns" 14
    say Carol 'resized'
    check "$with: after a change of the screen's size the line is whole" ends Alice "\
Carol: resized
Alice> size"
    press Alice C-u
    type_in Alice "$long"
    check "$with: and scrolls by the new width" scrolled
    press Alice C-u
}

leave_by_key() {
    press Alice C-d
    check "$with: Ctrl-D on an empty line leaves" wait_for Carol '*** Alice has left the chat ***'
    comes_back Alice '*** Goodbye. ***'
}

# leave_by_command PERSON
leave_by_command() {
    type_in "$1" '/quit'
    press "$1" Enter
    check "$with: /quit leaves" wait_for Carol "*** $1 has left the chat ***"
    comes_back "$1" '*** Goodbye. ***'
}

# Somebody is still typing when the server stops.
stay_to_the_end() {
    sit Dave
    type_in Dave 'unfin'
    ends Dave 'Dave> unfin'
    check "$with: the server stops" stop
    comes_back Dave '*** The server is shutting down. ***'
}

# comes_back PERSON LAST_WORDS: after the connection has ended, the last words are on the screen, and the terminal is as
# before: the cursor is visible and on an empty row, there are no colours, keys are echoed, lines are read whole,
# and pasted text has no brackets around it. A PuTTY window closes.
comes_back() {
    if [ "$program" = putty ]; then
        check "$with: $1's window closes" left "$1"
        return
    fi
    check "$with: $1 sees the last words" shows "$1" "$2"
    if [ "$program" = tt++ ]; then # It does not end with its session.
        within "$patience" has_row "$1" "#SESSION 'chat' DIED."
        type_in "$1" '#end'
        press "$1" Enter
    fi
    check "$with: the row below is empty" shows "$1" 'Back in the shell.'
    type_in "$1" 'typed'
    press "$1" Enter
    ends "$1" 'You typed: typed'
    paste_in "$1" 'pasted\n'
    check "$with: what $1 types then is echoed, and read as lines" ends "$1" 'typed
You typed: typed
pasted
You typed: pasted'
    is "$with: the cursor is visible" "$(on_screens display-message -p -t "$1" '#{cursor_flag}')" 1
    is "$with: and there are no colours" "$(on_screens capture-pane -e -p -t "$1" | sed -n '/^Back/,$p' | tr -d -c '\33')" ''
}

# evening PROGRAM COLUMNS ROWS: all of it.
evening() {
    program=$1 columns=$2 rows=$3
    with="$1 at $2x$3"
    if ! client_for "$1"; then
        skip "$with" "there is no $1 here"
        return
    fi
    start --listen 127.0.0.1:0 --telnet 127.0.0.1:0
    telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
    client_for "$1"
    enter Carol
    check "$with: Alice comes in" sit Alice
    check "$with: so does Bob" sit Bob
    wait_for Carol '*** Bob has joined the chat ***'
    talk_while_typing
    wrap_messages
    edit_in_the_middle
    type_any_letter
    scroll_sideways
    look_back
    search_back
    complete_words
    paste_lines
    hold_paste
    [ "$at_once" = no ] || hold_paste_without_brackets
    wrap_own_line
    [ "$resizes" = no ] || change_size
    leave_by_key
    leave_by_command Bob
    check "$with: nobody saw anything but text" [ -z "$(tr -d '\11\12\40-\176\200-\377' <Carol)" ]
    quit Carol
    stay_to_the_end
    for person in Alice Bob Dave; do
        empty_seat "$person"
    done
}
