#!/usr/bin/env python3
"""Plays a program that follows a room and is cut off again and again: its connection is reset, or the
server is killed and started anew with the same data. In the end it must have each line that /sync has
acknowledged to its author exactly once, in order.

Usage: resume.py PARTYLINE ROUNDS SEED; prints what happened; status 1 if a line is missing or double.
"""

import random
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from machine import Client, Lost, Server  # noqa: E402


class Reader:
    """Follows the lobby, whatever happens to its connection."""

    def __init__(self):
        self.last = 0
        self.texts = []
        self.resumed = False
        self.broken = []

    def take(self, thing):
        if thing.get("room") != "lobby" or thing.get("type") not in ("say", "gap"):
            return
        if thing["seq"] == self.last + 1:
            self.last = thing.get("last", thing["seq"])
            if thing["type"] == "say":
                self.texts.append(thing["text"])
        elif self.resumed or thing["seq"] <= self.last:
            self.broken.append((self.last, thing))

    def resume(self, client):
        """What came before the answer begins anew; lines before /resume are dropped, as they come again."""
        self.resumed = False
        client.wait_for("welcome")
        client.send(f"/resume lobby {self.last}\n")
        while True:
            thing = client.read()
            if thing.get("type") == "reply":
                if thing["code"] != "resumed":
                    sys.exit(f"/resume is answered {thing}")
                self.resumed = True
                return
            if thing.get("seq", 0) == self.last + 1:
                self.take(thing)


class Game:
    """One author who says things, and one reader who is cut off."""

    def __init__(self, server, chance):
        self.server = server
        self.chance = chance
        self.reader = Reader()
        self.author = self.client = None
        self.acknowledged = []
        self.said = self.names = self.kills = 0

    def play(self, rounds):
        self.server.start()
        for turn in range(rounds + 1):
            try:
                self.take_turn(turn, turn == rounds)
            except Lost:
                pass
            if self.server.process.poll() is not None:
                self.begin_again()

    def take_turn(self, turn, last):
        self.come_in()
        texts = [f"line {self.said + i}" for i in range(self.chance.randint(1, 40))]
        self.said += len(texts)
        self.author.send("".join(text + "\n" for text in texts) + f"/sync {turn}\n")
        if not last and self.chance.random() < 0.1:
            time.sleep(self.chance.random() * 0.02)
            self.server.kill()
            self.kills += 1
        else:
            self.author.wait_for("sync")
            self.acknowledged += texts
        if last:
            self.client.send("/sync end\n")
            self.client.wait_for("sync", self.reader.take)
        self.read_some(len(texts))
        if self.server.process.poll() is None:
            self.client.reset()
            self.client = None

    def come_in(self):
        self.names += 1
        self.author = self.author or Client(self.server.port, f"Author{self.names}")
        if self.client is None:
            self.client = Client(self.server.port, f"Reader{self.names}")
            self.reader.resume(self.client)

    def read_some(self, most):
        self.client.send("/sync here\n")  # what comes behind its answer is not waited for
        for _ in range(self.chance.randint(0, most)):
            thing = self.client.read()
            self.reader.take(thing)
            if thing.get("type") == "sync":
                break

    def begin_again(self):
        for gone in (self.author, self.client):
            if gone is not None:
                gone.reset()
        self.author = self.client = None
        self.server.start()

    def fault(self):
        """What is wrong with what the reader has, or None."""
        texts = self.reader.texts
        if self.reader.broken:
            return f"out of sequence: {self.reader.broken[:5]}"
        if len(set(texts)) != len(texts):
            return "a line came twice"
        known = set(self.acknowledged)
        if [text for text in texts if text in known] != self.acknowledged:
            missing = [text for text in self.acknowledged if text not in set(texts)]
            return f"of what was acknowledged {missing[:5]} is missing, or the order is another one"
        return None


def main():
    program, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder, Server(program, folder) as server:
        game = Game(server, random.Random(seed))
        game.play(rounds)
        status = server.stop()
    print(f"{rounds} cut-offs, {game.kills} of them kills; {len(game.acknowledged)} lines acknowledged, "
          f"{len(game.reader.texts)} received")
    if game.fault() or status != 0:
        sys.exit(game.fault() or f"the server ends with status {status}")


main()
