#!/usr/bin/env python3
"""Plays a program that resumes a long history, and does not read for a while: as others talk meanwhile, it must have
each line once and in order in the end, and not be cut off.

Usage: slow_resume.py PARTYLINE; prints what happened; status 1 if a line is missing or double.
"""

import socket
import sys
import tempfile

sys.dont_write_bytecode = True

from machine import Client, Server  # noqa: E402

LINES = 1500
LINE_BYTES = 4000
WINDOW_BYTES = 64 * 1024
ROUNDS = 100  # in which others talk while the program does not read


def sync(client, token):
    client.send(f"/sync {token}\n")
    client.wait_for("sync")


def talk(author):
    for i in range(LINES):
        author.send("x" * LINE_BYTES + "\n")
        if i % 50 == 49:
            sync(author, i)


def follow(program, take):
    """Reads until the last line, which the author says at last."""
    while True:
        thing = program.read()
        take(thing)
        if thing.get("text") == "last":
            return


def main():
    with tempfile.TemporaryDirectory() as folder, Server(sys.argv[1], folder) as server:
        server.start()
        author = Client(server.port, "Alice")
        author.wait_for("welcome")
        talk(author)
        program = Client(server.port, "Bob")
        program.wait_for("welcome")
        program.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
        program.send("/resume lobby 0\n")
        for i in range(ROUNDS):
            author.send("meanwhile\n")
            sync(author, i)
        author.send("last\n")
        seen, replies = [], []

        def take(thing):
            if thing.get("type") == "say" and (seen or thing["seq"] == 1):  # what came before /resume comes again
                seen.append(thing["seq"])
            elif thing.get("type") in ("reply", "gap"):
                replies.append(thing.get("code", "gap"))

        follow(program, take)
        while not replies:
            take(program.read())
        print(f"{len(seen)} lines, then {' '.join(replies)}")
        if seen != list(range(1, LINES + ROUNDS + 2)) or replies != ["resumed"]:
            sys.exit(1)


main()
