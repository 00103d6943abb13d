#!/bin/sh
# Goal: no password that somebody gave is in the memory of the server afterwards.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

sentence='of all passwords the memory has the one of --password-file, once'
"$partyline" --version >version
if ! has version 'with SQLite' || ! python3 -c '' 2>/dev/null; then
    skip "$sentence" 'this build lacks SQLite, or there is no Python to look into the memory'
    finish
fi
# Also the frames of functions that have returned.
if is_sanitized; then
    skip "$sentence" 'a sanitizer keeps what is freed'
    finish
fi

printf 'sesame-file\n' >password
chmod 600 password
start --data chat.db --password-file password
try python3 "$tests_folder/lib/memory.py" "$port" "$server"
if [ "$status" -eq 2 ]; then
    skip "$sentence" 'the memory of another process cannot be read here'
    finish
fi
is 'somebody has given passwords in all ways' "$status" 0
explain <try.err
is "$sentence" "$(sed 's/.*: //' try.out)" sesame-file
check 'the server stops' stop
finish
