# shellcheck shell=sh disable=SC2154 # lib.sh sets what it does not.
#
# For scenarios with people at PuTTY's windows, on an X screen without a monitor (Xvfb). Sourced behind lib.sh.
# It has the functions of terminal.sh; what `seat` starts must open one PuTTY window:
#
#     seat Alice 80 24 putty -telnet -P "$port" 127.0.0.1
#
# Keys and mouse are X's (xdotool). The screen is read as a person would copy it: the mouse is dragged over all of it,
# and the selection is fetched (xclip), which is text. Characters beyond ASCII are pasted, because no key has them. The
# cursor is not part of the selection; its column is found by a key that is pressed there.

for tool in Xvfb putty xdotool xclip; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        skip "people at PuTTY's windows" "there is no $tool"
        finish
    fi
done

# shellcheck source=seats.sh
. "$tests_folder/seats.sh"

# --- The screen of X ----------------------------------------------------------------------------------

# On SIGTERM the X server removes its socket and its lock file.
close_display() {
    kill -TERM "$x_server" 2>/dev/null && wait "$x_server" 2>/dev/null
    cleanup
}

Xvfb -displayfd 3 -screen 0 1000x1400x24 -nolisten tcp -noreset 3>display >Xvfb.said 2>&1 &
x_server=$!
trap close_display EXIT
displayed() {
    [ -s display ] || is_gone "$x_server"
}
within "$patience" displayed
if ! [ -s display ]; then
    not_ok 'Xvfb starts'
    explain <Xvfb.said
    finish
fi
DISPLAY=:$(cat display)
export DISPLAY

# --- Windows ------------------------------------------------------------------------------------------

next_window_y=0

# seat PERSON COLUMNS ROWS COMMAND [ARGUMENT...]: a window of that size, below the previous one. A home folder for
# each person has the settings of PuTTY and of GTK: no two clicks are a double click.
seat() {
    person=$1 columns=$2 rows=$3
    shift 3
    mkdir -p "$person.home/.putty/sessions" "$person.home/.config/gtk-3.0" || return
    printf '[Settings]\ngtk-double-click-time=0\n' >"$person.home/.config/gtk-3.0/settings.ini"
    cat >"$person.home/.putty/sessions/Default%20Settings" <<END
TermWidth=$columns
TermHeight=$rows
WinTitle=$person
LineCodePage=UTF-8
ScrollBar=0
WarnOnClose=0
CtrlShiftIns=implicit
BlinkCur=0
END
    HOME=$work/$person.home XDG_CONFIG_HOME=$work/$person.home/.config "$@" >"$person.said" 2>&1 &
    echo $! >"$person.process"
    within "$patience" opened "$person" || { explain <"$person.said" && return 1; }
    xdotool windowmove --sync "$(window_of "$person")" 0 "$next_window_y" 2>/dev/null
    next_window_y=$((next_window_y + 450))
}

opened() {
    xdotool search --onlyvisible --name "^$1\$" >"$1.window" 2>/dev/null && [ -s "$1.window" ]
}

window_of() {
    head -n 1 "$1.window"
}

# empty_seat PERSON: the window is closed, if it is still there.
empty_seat() {
    kill -TERM "$(cat "$1.process")" 2>/dev/null
    next_window_y=0
}

is_left() {
    is_gone "$(cat "$1.process")"
}

# resize PERSON COLUMNS ROWS
resize() {
    xdotool windowsize --usehints "$(window_of "$1")" "$2" "$3"
}

# --- Keys ---------------------------------------------------------------------------------------------

# type_in PERSON TEXT: presses the keys of a text.
type_in() {
    case $2 in
        *[!\ -~]*) paste_in "$1" "$(printf '%s' "$2" | sed -e 's/%/%%/g' -e 's/\\/\\\\/g')" ;;
        *) xdotool windowfocus "$(window_of "$1")" type --delay 4 -- "$2" ;;
    esac
}

# press PERSON KEY...: as tmux calls them: Enter, Left, C-a, M-b, BSpace, DC.
press() {
    typist=$(window_of "$1")
    shift
    # shellcheck disable=SC2046 # Words.
    xdotool windowfocus "$typist" key --delay 4 $(printf '%s\n' "$@" |
        sed -e 's/^C-/ctrl+/' -e 's/^M-/alt+/' -e s/Enter/Return/ -e s/BSpace/BackSpace/ -e s/DC/Delete/)
}

# paste_in PERSON FORMAT: pastes what printf makes of it. (xclip may end before the selection is its own.)
paste_in() {
    # shellcheck disable=SC2059 # As in `same`.
    printf "$2" >pasted
    xclip -selection primary -in <pasted >xclip.said 2>&1
    within "$patience" is_selected pasted || return
    xdotool windowfocus "$(window_of "$1")" key shift+Insert
}

# selection: prints what was selected, by a person or by paste_in.
selection() {
    xclip -selection primary -out -target UTF8_STRING 2>/dev/null
}

is_selected() {
    selection | cmp -s - "$1"
}

# --- What is on the screen ----------------------------------------------------------------------------

# screen PERSON: prints the rows up to the last one that is not empty.
screen() {
    looked_at=$(window_of "$1") && [ -n "$looked_at" ] || return
    eval "$(xdotool getwindowgeometry --shell "$looked_at" 2>/dev/null | grep -E '^(WIDTH|HEIGHT)=[0-9]+$')"
    xdotool mousemove --window "$looked_at" 2 2 mousedown 1 \
        mousemove --window "$looked_at" $((WIDTH / 2)) $((HEIGHT / 2)) \
        mousemove --window "$looked_at" $((WIDTH - 2)) $((HEIGHT - 2)) mouseup 1
    selection | rows_in_use
}

# unbroken PERSON: the same, with rows joined where the terminal broke a line by itself. PuTTY copies them so.
unbroken() {
    screen "$1"
}

# points PERSON COLUMN: waits until a character that is typed now stands in that column, from 0, of the last row in
# use; and erases it.
points() {
    type_in "$1" '|'
    within "$patience" marked_at "$@"
    marked=$?
    [ $marked -eq 0 ] || screen "$1" | explain
    press "$1" BSpace
    within "$patience" unmarked "$1" && return $marked
}

# Wide characters take two columns, and combining ones none.
marked_at() {
    screen "$1" | tail -n 1 | COLUMN=$2 perl -CS -ne '
        s/\|.*//s or exit 1;
        my $columns = 0;
        $columns += /\p{Mn}/ ? 0 : ord >= 0x1100 ? 2 : 1 for split //;
        exit($columns != $ENV{COLUMN})'
}

unmarked() {
    ! screen "$1" | tail -n 1 | grep -qF '|'
}
