# shellcheck shell=sh disable=SC2154 # lib.sh sets what it does not.
#
# For scenarios with people at terminals: real clients on the screens of tmux. Sourced behind lib.sh.
#
#     seat Alice 80 24 telnet 127.0.0.1 "$port"
#     type_in Alice 'Alice'; press Alice Enter
#     check 'she is in' shows Alice 'Alice> '
#
# What is compared is what tmux has on the screen, a row a line, without colours and without the
# blanks at the end of a row. Needed besides what lib.sh needs: tmux.
#
# window.sh has the same functions for PuTTY's windows; what both have in common is in seats.sh.

if ! command -v tmux >/dev/null 2>&1; then
    skip 'people at terminals' 'there is no tmux'
    finish
fi

# shellcheck source=seats.sh
. "$tests_folder/seats.sh"

seats=

on_screens() {
    tmux -S "$work/tmux" -f /dev/null "$@"
}

leave_seats() {
    [ -z "$seats" ] || on_screens kill-server 2>/dev/null
    cleanup
}

trap leave_seats EXIT

# seat PERSON COLUMNS ROWS COMMAND [ARGUMENT...]: a terminal of that size with a client in it. The
# screen stays when the client has ended.
seat() {
    person=$1 columns=$2 rows=$3
    shift 3
    seats="$seats $person"
    TERM=xterm-256color on_screens new-session -d -s "$person" -x "$columns" -y "$rows" \
        -e "TERM=${terminal_type:-tmux-256color}" -e LC_ALL=C.UTF-8 "$(quoted "$@")" \; \
        set-option -w -t "$person" remain-on-exit on \; set-option -g status off 2>/dev/null ||
        return
    on_screens resize-window -t "$person" -x "$columns" -y "$rows"
}

# empty_seat PERSON: the terminal is taken away.
empty_seat() {
    on_screens kill-session -t "$1"
}

# quoted WORD...: the words as one command for a shell.
quoted() {
    for word; do
        printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
    done
}

# resize PERSON COLUMNS ROWS
resize() {
    on_screens resize-window -t "$1" -x "$2" -y "$3"
}

# type_in PERSON TEXT: presses the keys of a text.
type_in() {
    on_screens send-keys -t "$1" -l -- "$2"
}

# press PERSON KEY...: as tmux calls them: Enter, Left, C-a, M-b, BSpace.
press() {
    typist=$1
    shift
    on_screens send-keys -t "$typist" "$@"
}

# paste_in PERSON FORMAT: pastes what printf makes of it, in brackets if the screen was asked for them.
paste_in() {
    # shellcheck disable=SC2059 # As in `same`.
    printf "$2" | on_screens load-buffer -
    on_screens paste-buffer -p -r -t "$1"
}

# paste_bare PERSON FORMAT: the same, never in brackets.
paste_bare() {
    # shellcheck disable=SC2059 # As in `same`.
    printf "$2" | on_screens load-buffer -
    on_screens paste-buffer -r -t "$1"
}

# screen PERSON: prints the rows up to the last one that is not empty.
screen() {
    on_screens capture-pane -p -t "$1" | rows_in_use
}

# unbroken PERSON: the same, with rows joined where the terminal broke a line by itself.
unbroken() {
    on_screens capture-pane -J -p -t "$1" | rows_in_use
}

# cursor PERSON: its column and row, from 0.
cursor() {
    on_screens display-message -p -t "$1" '#{cursor_x},#{cursor_y}'
}

# is_left PERSON: what was started there has ended.
is_left() {
    [ "$(on_screens display-message -p -t "$1" '#{pane_dead}')" = 1 ]
}

points_at() {
    [ "$(cursor "$1")" = "$2,$(($(screen "$1" | wc -l) - 1))" ]
}

# points PERSON COLUMN: waits until the cursor is in that column, from 0, of the last row in use.
points() {
    within "$patience" points_at "$@" || { cursor "$1" | explain && false; }
}
