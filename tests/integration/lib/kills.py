#!/usr/bin/env python3
"""Kills a server with SIGKILL at random moments, while people talk and while it starts, and starts it again with
the same data. After each kill the file must be whole, and hold each line that /sync has acknowledged to its author,
once and in the author's order, and so must what was there before.

Usage: kills.py PARTYLINE KILLS SEED; prints what happened; status 1 if something is missing or broken.
"""

import os
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

from machine import Client, Lost, NotStarted, Server  # noqa: E402

ROOMS = ("lobby", "lobby", "den", "attic")  # of the authors
LONGEST_TALK_S = 0.4
KILLED_AT_START = 0.15  # of all kills
LONGEST_START_S = 0.03


class Broken(Exception):
    """The server or its file is not as it must be."""


class Author(threading.Thread):
    """Says lines, as many at once as chance will have it, each time with /sync, until the connection is lost."""

    def __init__(self, port, name, room, seed):
        super().__init__()
        self.port = port
        self.name = name
        self.room = room
        self.chance = random.Random(seed)
        self.acknowledged = []
        self.fault = None

    def run(self):
        try:
            client = Client(self.port, self.name)
        except Lost:
            return
        try:
            self.talk(client)
        except Lost:
            pass
        except OSError as error:  # it has waited too long
            self.fault = f"{self.name}: {error}"
        finally:
            client.reset()

    def talk(self, client):
        client.wait_for("welcome")
        if self.room != "lobby":
            client.send(f"/join {self.room}\n")
        said = 0
        while True:
            texts = []
            for _ in range(int(10 ** self.chance.uniform(0, 2.5))):
                texts.append(f"{self.name} {said} " + "x" * self.chance.randint(0, 300))
                said += 1
            client.send("".join(text + "\n" for text in texts) + "/sync\n")
            client.wait_for("sync")
            self.acknowledged += texts


class Game:
    def __init__(self, server, folder, chance):
        self.server = server
        self.copy = os.path.join(folder, "copy.db")
        self.chance = chance
        self.at_start = self.acknowledged = 0
        self.seen_id = self.seen_count = 0  # of the messages that were looked at

    def play(self, kills):
        for turn in range(kills):
            if self.chance.random() < KILLED_AT_START:
                self.server.begin()
                time.sleep(self.chance.uniform(0, LONGEST_START_S))
                self.server.kill()
                self.at_start += 1
                authors = []
            else:
                authors = self.talk(turn)
            try:
                self.look(authors)
            except (Broken, sqlite3.Error) as fault:
                raise Broken(f"after kill {turn + 1}: {fault}") from fault
        self.server.start()

    def talk(self, turn):
        """Starts the server, and kills it while people talk. Returns them."""
        self.server.start()
        authors = [Author(self.server.port, f"A{turn}-{i}", room, self.chance.random())
                   for i, room in enumerate(ROOMS)]
        for author in authors:
            author.start()
        time.sleep(self.chance.uniform(0, LONGEST_TALK_S))
        self.server.kill()
        for author in authors:
            author.join()
        return authors

    def look(self, authors):
        """Reads a copy, so that the server has to mend the file itself."""
        if not os.path.exists(self.server.data):
            return
        for end in ("", "-wal"):
            if os.path.exists(self.server.data + end):
                shutil.copyfile(self.server.data + end, self.copy + end)
        database = sqlite3.connect(self.copy)
        try:
            self.look_at(database, authors)
        finally:
            database.close()
            for end in ("", "-wal", "-shm"):
                if os.path.exists(self.copy + end):
                    os.remove(self.copy + end)

    def look_at(self, database, authors):
        whole = database.execute("PRAGMA integrity_check").fetchall()
        if whole != [("ok",)]:
            raise Broken(f"integrity_check: {whole[:5]}")
        tables = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'message'")
        if tables.fetchone() == (0,) and self.seen_id == 0:
            return
        before = database.execute("SELECT count(*) FROM message WHERE id <= ?", (self.seen_id,))
        if before.fetchone() != (self.seen_count,):
            raise Broken("what was there before is not there any more")
        new = {author.name: [] for author in authors}
        rows = database.execute("SELECT message.id, author, name, text FROM message"
                                " JOIN room ON room.id = message.room WHERE message.id > ?"
                                " ORDER BY room, seq", (self.seen_id,))
        for number, name, room, text in rows:
            new[name].append((room, text))
            self.seen_id = max(self.seen_id, number)
            self.seen_count += 1
        for author in authors:
            self.compare(author, new[author.name])

    def compare(self, author, stored):
        if author.fault:
            raise Broken(author.fault)
        self.acknowledged += len(author.acknowledged)
        numbers = [int(text.split()[1]) for _, text in stored]
        if numbers != list(range(len(numbers))):
            raise Broken(f"the lines of {author.name} are out of order, or one is missing in between")
        for i, text in enumerate(author.acknowledged):
            if i >= len(stored) or stored[i] != (author.room, text.rstrip()):
                raise Broken(f"an acknowledged line is missing: {author.name} {i}")


def main():
    program, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder, Server(program, folder) as server:
        game = Game(server, folder, random.Random(seed))
        try:
            game.play(kills)
        except (Broken, NotStarted) as fault:
            sys.exit(f"{type(fault).__name__}: {fault}")
        status = server.stop()
    print(f"{kills} kills, {game.at_start} of them while the server started; {game.acknowledged} lines acknowledged, "
          f"{game.seen_count} stored")
    if status != 0:
        sys.exit(f"the server ends with status {status}")


main()
