#!/bin/sh
# Goal: no kind of line is in the sources that the unit test which compares kinds of line does not know.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# What the sources write: formats of replies (in stars, which the session adds), notices and log events.
cd "$root" || exit 1
{
    cat src/chat/*.c src/main.c | tr '\n' ' ' |
        grep -oE '(session_reply\(session|journal_print\([a-z>.-]*journal, JOURNAL_EVENT), +"[^"]*"' |
        sed -E 's/^session_reply[^"]*"(.*)"$/*** \1 ***/; s/^journal_print[^"]*"(.*)"$/\1/'
    cat src/chat/*.c src/net/*.c include/chat/*.h include/net/*.h | grep -v '^ \*' |
        grep -oE '"(\*\*\* [^"]+|Disconnected[^"]*)"' | sed -E 's/^"(.*)"$/\1/; s/\\n$//'
} | sort -u >"$work/formats"

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

check 'formats were found' [ "$(wc -l <formats)" -ge 30 ]
check 'and kinds' [ "$(wc -l <kinds)" -ge 40 ]
is 'the unit test knows every kind of line that is in the sources' "$(cat unknown)" ''

finish
