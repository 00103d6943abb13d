#!/usr/bin/env python3
"""Plays a program that follows a room and is cut off again and again: its connection is reset, or the
server is killed and started anew with the same data. In the end it must have each line that /sync has
acknowledged to its author exactly once, in order.

Usage: resume.py PARTYLINE ROUNDS SEED; prints what happened; status 1 if a line is missing or double.
"""

import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 30


class Lost(Exception):
    """The connection or the server is gone."""


class Server:
    def __init__(self, program, folder):
        probe = socket.create_server(("127.0.0.1", 0))
        self.port = probe.getsockname()[1]
        probe.close()
        self.command = [program, "--listen", f"127.0.0.1:{self.port}", "--quiet", "--data",
                        os.path.join(folder, "chat.db")]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if "running" not in self.process.stdout.readline():
            sys.exit("the server does not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


class Client:
    """A program in machine mode."""

    def __init__(self, port, name):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(PATIENCE_S)
        self.input = self.socket.makefile("rb")
        self.send("/machine on\n" + name + "\n")

    def send(self, text):
        try:
            self.socket.sendall(text.encode())
        except OSError as error:
            raise Lost from error

    def read(self):
        try:
            line = self.input.readline()
        except ConnectionError as error:
            raise Lost from error
        if not line.endswith(b"\n"):
            raise Lost
        return json.loads(line) if line.startswith(b"{") else {}

    def wait_for(self, kind, take=lambda thing: None):
        while True:
            thing = self.read()
            take(thing)
            if thing.get("type") == kind:
                return thing

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.input.close()
        self.socket.close()


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


def main():
    program, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    folder = tempfile.mkdtemp()
    server = Server(program, folder)
    reader = Reader()
    acknowledged = []
    kills = 0
    author = client = None
    said = 0
    names = 0
    for turn in range(rounds + 1):
        last_turn = turn == rounds
        try:
            names += 1
            author = author or Client(server.port, f"Author{names}")
            if client is None:
                client = Client(server.port, f"Reader{names}")
                reader.resume(client)
            texts = [f"line {said + i}" for i in range(chance.randint(1, 40))]
            said += len(texts)
            author.send("".join(text + "\n" for text in texts) + f"/sync {turn}\n")
            if not last_turn and chance.random() < 0.1:
                time.sleep(chance.random() * 0.02)
                server.kill()
                kills += 1
            else:
                author.wait_for("sync")
                acknowledged += texts
            if last_turn:
                client.send("/sync end\n")
                client.wait_for("sync", reader.take)
            client.send("/sync here\n")  # what comes behind its answer is not waited for
            for _ in range(chance.randint(0, len(texts))):
                thing = client.read()
                reader.take(thing)
                if thing.get("type") == "sync":
                    break
            if server.process.poll() is None:
                client.reset()
                client = None
        except Lost:
            pass
        if server.process.poll() is not None:
            for gone in (author, client):
                if gone is not None:
                    gone.reset()
            author = client = None
            server.start()
    status = server.stop()
    print(f"{rounds} cut-offs, {kills} of them kills; {len(acknowledged)} lines acknowledged, "
          f"{len(reader.texts)} received")
    if reader.broken:
        sys.exit(f"out of sequence: {reader.broken[:5]}")
    if len(set(reader.texts)) != len(reader.texts):
        sys.exit("a line came twice")
    known = set(acknowledged)
    if [text for text in reader.texts if text in known] != acknowledged:
        missing = [text for text in acknowledged if text not in set(reader.texts)]
        sys.exit(f"of what was acknowledged {missing[:5]} is missing, or the order is another one")
    if status != 0:
        sys.exit(f"the server ends with status {status}")


main()
