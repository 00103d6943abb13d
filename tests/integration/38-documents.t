#!/bin/sh
# Goal: the manual page, the README and the systemd unit agree with the program and with each other.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

readme=$root/README.md
manual=$root/docs/partyline.1
unit=$root/docs/partyline.service

# block FIRST_LINE: the README's block of code that begins with this line.
block() {
    FIRST=$1 awk '
        shown && /^```$/ { exit }
        fenced && $0 == ENVIRON["FIRST"] { shown = 1 }
        { fenced = /^```/ }
        shown' "$readme"
}

# --- Options ------------------------------------------------------------------------------------------

# entry OPTION: what the manual page says of it, in one line.
entry() {
    awk -v option="Fl -${1#--}" '
        /^\.(It|El|S[hs])/ { inside = /^\.It/ && index($0 " ", option " ") }
        inside' "$manual" | tr '\n' ' '
}

# range OPTION: which numbers the program takes, as its error says: "from 0 to 10"; empty if it takes none.
# The second mistake keeps an option that takes everything from starting a server.
range() {
    "$partyline" "$1" x stray 2>&1 | sed -n 's/^partyline: .* is not .* \(from [0-9]* to [0-9]*\)$/\1/p'
}

contains() {
    case $1 in
        *"$2"*) return 0 ;;
        *) return 1 ;;
    esac
}

"$partyline" --help >help
sed -n 's/^  .*\(--[a-z-]*\).*/\1/p' help >options
check 'the help names options' [ "$(wc -l <options)" -ge 15 ]
while read -r option; do
    entry=$(entry "$option")
    check "the manual page explains $option" [ -n "$entry" ]
    check "the README explains $option" matches "$readme" "^\|.*\`${option}[ \`].*\|"
    range=$(range "$option" | sed 's/^f/F/')
    [ -z "$range" ] || check "the manual page says that $option goes $range" contains "$entry" "$range"
done <options
check 'ranges were found' [ "$(range --grace)" = 'from 0 to 3600' ]

# --- The systemd unit ---------------------------------------------------------------------------------

block '[Unit]' >shown
check 'the README shows docs/partyline.service' cmp shown "$unit"
check 'the unit waits until the server is ready' has_line "$unit" Type=notify
sentence='systemd gives the unit an exposure of at most 1.5'
if systemd-analyze security --offline=true --no-pager "$unit" >exposure 2>/dev/null; then
    level=$(sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p' exposure)
    check "$sentence (it is $level)" awk "BEGIN { exit !(\"$level\" != \"\" && ${level:-9} <= 1.5) }"
else
    skip "$sentence" 'no systemd-analyze here that can tell'
fi

finish
