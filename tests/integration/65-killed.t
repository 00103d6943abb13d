#!/bin/sh
# Goal: a server that is killed at any moment leaves a data file that is whole, with all that /sync has acknowledged.
# KILLS=200 and SEED=1 play another game.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v python3 >/dev/null; then
    skip 'a server is killed while people talk' 'there is no python3'
    finish
fi
if ! python3 -c 'import sqlite3' 2>/dev/null; then
    skip 'a server is killed while people talk' 'this python3 has no sqlite3'
    finish
fi
"$partyline" --version >version
if ! has version 'with SQLite'; then
    skip 'a server is killed while people talk' 'this build lacks SQLite'
    finish
fi
seed=${SEED:-$$}
if python3 "$root/tests/integration/lib/kills.py" "$partyline" "${KILLS:-10}" "$seed" >game 2>&1; then
    ok "what is acknowledged is in the file, which is whole, whenever the server is killed (seed $seed)"
else
    not_ok "what is acknowledged is in the file, which is whole, whenever the server is killed (seed $seed)"
fi
sed 's/^/# /' game
finish
