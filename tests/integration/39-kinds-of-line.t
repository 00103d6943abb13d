#!/bin/sh
# Goal: no kind of line is in the sources that the unit test which compares kinds of line does not know.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# What the sources write: formats of replies (in stars, which the caller is sent around them), of messages (what
# stands around name and text), of log events, and whole lines.
cd "$root" || exit 1
one_line() { cat "$@" | tr '\n' ' '; }
{
    one_line src/doors/plain/*.c | grep -oE 'caller_(reply\(caller, +REPLY_[A-Z_]+|turn_away\(caller, +GOODBYE_[A-Z]+|advise\(caller), +"[^"]*"' |
        sed -E 's/^[^"]*"(.*)"$/*** \1 ***/'
    sed -nE 's/^ *snprintf\(text, [A-Z_]*, "([^"]*)".*/*** \1 ***/p' src/doors/plain/ban_notice.c src/doors/plain/verdict_notice.c
    cat src/doors/plain/*commands.c | grep -oE '"[^"]+\\n"' | sed -E 's/^"(.*)\\n"$/*** \1 ***/'
    one_line src/doors/plain/*.c | grep -oE 'caller_reply_undone\(caller, +[a-z]+, +"[^"]*"' |
        sed -E 's/^[^"]*"(.*)"$/*** Out of memory. \1 ***/'
    one_line src/chat/*.c src/cluster/*.c src/doors/plain/*.c src/main.c src/reload.c |
        grep -oE 'event_log_print\([a-z>.-]*event_log, EVENT_LOG_EVENT, +"[^"]*"' | sed -E 's/^[^"]*"(.*)"$/\1/'
    cat src/chat/*.c src/doors/plain/*.c src/net/*.c include/chat/*.h include/doors/plain/*.h include/net/*.h |
        grep -vE '^ *(/\*| \*)' | grep -oE '"(\*\*\* [^"]+|Disconnected[^"]*)"' | sed -E 's/^"(.*)"$/\1/; s/\\n$//'
} >"$work/lines"
one_line src/chat/format.c | grep -oE '\[MESSAGE_[A-Z]+\] = \{"[^"]*", +"[^"]*", +"[^"]*"\}' |
    sed -E 's/^[^"]*"(.*)", +"(.*)", +"(.*)"\}$/\1%s\2%s\3/; s/\\n$//' >"$work/frames"
# Some replies only a program can get, as a string in an object.
sort -u "$work/lines" "$work/frames" |
    grep -vxE '[*]{3} (Done|Machine mode is on|Programs have no lines to edit here)[.] [*]{3}' >"$work/formats"
messages=$(grep -cE '^    MESSAGE_[A-Z]+,?( |$)' include/chat/message.h)

# Where a format is \1 to \5 in a kind, it has a directive. So the kind covers a format if what is in front
# of the first is the same; or, where a name comes first, what follows it.
sed -n '/^static const char \*const sent/,/^struct looks/p' tests/unit/test_lines.c |
    grep -oE '"([^"\\]|\\[0-9])+"' | tr -d '"' | sort -u >"$work/kinds"
awk '
    # The first words of a text, without the directives or marks before them.
    function words(text) {
        sub(/^\*\*\* /, "", text)
        if (named = sub(/^(%[a-z]+|\\[0-9])+/, "", text)) text = "NAME" text
        sub(/(%|\\[0-9]).*/, "", text)
        return text
    }
    FILENAME ~ /kinds$/ { kinds[words($0)] = 1; next }
    {
        text = words($0)
        if (text ~ /^(NAME)?( [*][*][*])?$/ || /How about/) next # what it says is another format
        for (kind in kinds)
            if (kind !~ /^(NAME)?$/ && (index(text, kind) == 1 || index(kind, text) == 1)) next
        print
    }' "$work/kinds" "$work/formats" >"$work/unknown"
cd "$work" || exit 1

check 'formats were found' [ "$(wc -l <formats)" -ge 40 ]
# Some have no frame, as they are all counts, or name a room: a summary, ENTER, EXIT, EXPEL, ENTERED, INVITE,
# HAND, EXPELLED, DATE, GAP and SKIP.
is 'and those of every kind of message' "$(($(wc -l <frames) + 11))" "$messages"
check 'and kinds' [ "$(wc -l <kinds)" -ge 40 ]
is 'the unit test knows every kind of line that is in the sources' "$(cat unknown)" ''

finish
