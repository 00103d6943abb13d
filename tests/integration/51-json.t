#!/bin/sh
# Goal: what base/json writes, jq and Python read: every character of Unicode comes back as it was, and
# what is no text comes back as U+FFFD.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

compiler=${CC:-cc}
if ! command -v "${compiler%% *}" >compiler_said; then
    skip 'jq and Python read what base/json writes' 'no compiler here'
    finish
fi
build() {
    # shellcheck disable=SC2086 # CC may have options in it.
    (cd "$root" && $compiler -std=c11 -D_XOPEN_SOURCE=700 -Iinclude -o "$work/json_string" \
        tests/integration/lib/json_string.c src/base/json.c src/base/buffer.c src/base/secret.c src/base/text.c \
        src/base/unicode.c) 2>"$1"
}
check 'a program that writes strings is built' build compiler_said

# Every character there is, in the order of their numbers.
perl -e 'binmode STDOUT, ":utf8"; no warnings;
    print map chr, 0 .. 0xD7FF, 0xE000 .. 0x10FFFF' >characters
./json_string <characters >line
is 'the line has one line end' "$(wc -l <line | tr -d ' ')" 1
shown_safely() {
    perl -e 'local $/; open my $in, "<:utf8", shift; $_ = <$in>; chop; exit !!/[\x00-\x1f\x7f-\x9f]/' "$1"
}
check 'and no control character besides' shown_safely line

# What is no text: each byte by itself between letters, and the beginnings of characters.
perl -e 'print map "a" . chr, 0x80 .. 0xFF; print "b\xE2\x82b\xF0\x9F\x98b"' >bytes
./json_string <bytes >broken
perl -MEncode -e 'local $/; open my $in, "<", "bytes"; print encode("UTF-8", decode("UTF-8", <$in>))' >repaired

if command -v jq >/dev/null; then
    jq -j .text <line >back
    check 'jq gives each character back' cmp characters back
    jq -j .text <broken >back
    check 'and U+FFFD for what is none' cmp repaired back
else
    skip 'jq gives each character back' 'no jq here'
fi

text_by_python() {
    python3 -c 'import json, sys
sys.stdout.buffer.write(json.loads(sys.stdin.buffer.read())["text"].encode())'
}
if command -v python3 >/dev/null; then
    text_by_python <line >back
    check 'Python gives each character back' cmp characters back
    text_by_python <broken >back
    check 'and U+FFFD for what is none' cmp repaired back
else
    skip 'Python gives each character back' 'no python3 here'
fi

finish
