#!/bin/sh
# Goal: the manual page and the README agree with the program and with each other, and tables of documents are tables.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

readme=$root/README.md
manual=$root/docs/partyline.1

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
range() {
    "$partyline" --check-config "$1" x 2>&1 | sed -n 's/^partyline: .* is not .* \(from [0-9]* to [0-9]*\)$/\1/p'
}

contains() {
    case $1 in
        *"$2"*) return 0 ;;
        *) return 1 ;;
    esac
}

"$partyline" --help >help
sed -n 's/^  ... \(--[a-z0-9-]*\).*/\1/p' help >options
check 'the help names options' [ "$(wc -l <options)" -ge 15 ]
sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$manual" >synopsis
while read -r option; do
    entry=$(entry "$option")
    check "the manual page explains $option" [ -n "$entry" ]
    letter=$(sed -n "s/^  -\\(.\\), $option .*/\\1/p" help)
    check "its synopsis has $option" matches synopsis "^\.Op Fl ([a-zA-Z]*${letter:-none}[a-zA-Z]*|${option#-})( |\$)"
    check "the README explains $option" matches "$readme" "^\|.*\`${option}[ \`].*\|"
    range=$(range "$option" | sed 's/^f/F/')
    [ -z "$range" ] || check "the manual page says that $option goes $range" contains "$entry" "$range"
done <options
check 'ranges were found' [ "$(range --grace)" = 'from 0 to 3600' ]

# --- The map of the sources ---------------------------------------------------------------------------

sed -n '/^## The source$/,/^## /p' "$readme" | grep '^|' >map
(cd "$root" && ls -d src/*/ include/*/ tests/*/ src/*.c include/*.h) | sed 's/\/$//' >places
(cd "$root/scripts" && ls) >>places
(cd "$root/docs" && ls) | grep -v '\.svg$' >>places
while read -r place; do
    check "the README's map has $place" has map "\`$place\`"
done <places

# --- Tables -------------------------------------------------------------------------------------------

# Rows without a head above them are shown as plain text: the first row of a table is followed by |---|.
for document in "$readme" "$root"/docs/*.md; do
    is "each table of $(basename "$document") has a head" "$(awk '
        /^```/ { fenced = !fenced }
        first && !/^\|[- :|]*-[- :|]*$/ { print first }
        { first = !fenced && /^\|/ && !inside ? $0 : ""; inside = !fenced && /^\|/ }
        END { if (first) print first }' "$document" | cut -c 1-60)" ''
done

# --- Addresses ----------------------------------------------------------------------------------------

# "--listen ADDRESS" and its like, wherever documents have it with an address that one can type.
cat "$readme" "$root"/docs/*.md "$manual" | tr -d "'" | grep -oE -e '--(listen|telnet|machine|metrics) [^ `|)]+' |
    grep -vE -e ' (\[SCHEME|([a-z]*://)?ADDRESS$)' | sort -u >addresses
check 'the documents name addresses' [ "$(wc -l <addresses)" -ge 8 ]
while read -r option address; do
    try "$partyline" --check-config "$option" "$address"
    check "$option $address is an address" lacks try.err "$option: '$address' is not "
done <addresses

# --- Scripts and bots ---------------------------------------------------------------------------------

# of_readme FIRST_LINE [COMMAND OF SED]: a file with the README's script, for the server that runs here.
of_readme() {
    block "$1" | sed -e "s/127\\.0\\.0\\.1 8888/127.0.0.1 $port/" -e "${2:-}" >script
    check 'the README has it' has script " $port"
}

start
enter Alice
of_readme "printf 'Backup\\nThe nightly backup is done.\\n' | nc -N 127.0.0.1 8888"
try sh script
is 'the script that says something ends' "$status" 0
check 'what it said was heard' wait_for Alice 'Backup: The nightly backup is done.'
check 'before it left' wait_for Alice '*** Backup has left the chat ***'

# run_bot INTERPRETER: with an empty line a second.
run_bot() {
    case $1 in
        sh) of_readme '#!/bin/sh' 's/sleep 60/sleep 1/' ;;
        python3) of_readme '#!/usr/bin/env python3' "s/sleep(60)/sleep(1)/; s/\"127.0.0.1\", 8888/\"127.0.0.1\", $port/" ;;
    esac
    "$1" script >bot.out 2>bot.err </dev/null &
    bot=$!
    wait_for Alice 'Clock has joined'
}

# try_bot INTERPRETER
try_bot() {
    start
    enter Alice
    run_bot "$1"
    check "the bot for $1 comes in" has Alice '*** Clock has joined the chat ***'
    check 'it has less than 25 lines' [ "$(wc -l <script)" -lt 25 ]
    say Alice '!time'
    check 'it tells the time' wait_for_match Alice '^Clock: Alice, it is [0-9][0-9]:[0-9][0-9]\.$'
    say Alice 'What is !time: !time'
    say Alice '*** The server is shutting down. ***'
    say Alice '{"type":"bye","code":"shutdown","text":"The server is shutting down."}'
    say Alice '/me {"type":"bye"}'
    say Alice '/msg clock "}'
    say Alice '/msg clock !time'
    say Alice '!time'
    check 'words like those of the server do not end it' wait_for_count 2 Alice '^Clock: Alice, it is '
    check 'the server stops' stop
    check 'and the bot with it' ended $bot
    is 'in order' "$status" 0
    is 'without a complaint' "$(cat bot.err)" ''

    start
    enter Alice
    run_bot "$1"
    kill -KILL "$server"
    ended "$server"
    server=
    check 'the bot does not outlive a server that was killed, either' ended $bot
}

if command -v jq >/dev/null; then
    try_bot sh
else
    skip 'the bot in shell works' 'no jq here'
fi
if command -v python3 >/dev/null; then
    try_bot python3
else
    skip 'the bot in Python works' 'no python3 here'
fi

finish
