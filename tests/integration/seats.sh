# shellcheck shell=sh disable=SC2154 # lib.sh sets what it does not.
#
# Checks of a person's screen, for tmux's screens (terminal.sh) and PuTTY's windows (window.sh). Both of them define
# `screen PERSON`, which prints the rows, and `is_left PERSON`.

# rows_in_use: standard input without the blanks at the ends of rows, and up to the last row that is not empty.
rows_in_use() {
    sed -e 's/ *$//' -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

has_row() {
    screen "$1" | grep -qxF -e "$2"
}

ends_in() {
    [ "$(screen "$1" | tail -n "$(printf '%s\n' "$2" | wc -l)")" = "$2" ]
}

# shows PERSON ROW: waits until some row of the screen is exactly this.
shows() {
    within "$patience" has_row "$@" || { screen "$1" | explain && false; }
}

# ends PERSON ROWS: waits until the last rows of the screen are exactly these (blanks at the ends of
# rows apart).
ends() {
    within "$patience" ends_in "$@" || { screen "$1" | explain && false; }
}

# left PERSON: waits until what was started there has ended.
left() {
    within "$patience" is_left "$1"
}
