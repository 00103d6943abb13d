"""A server that keeps a data file, and a client in machine mode, for the games that are played with them."""

import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys

PATIENCE_S = 30
FIRST_PORT_FOR_ANYBODY = 32768  # as Linux has it


class Lost(Exception):
    """The connection or the server is gone."""


class NotStarted(Exception):
    """The server said something else than that it runs."""


def free_port():
    """A port that nobody gets who asks for any: so it stays free while the server is not there."""
    while True:
        port = random.SystemRandom().randrange(10000, FIRST_PORT_FOR_ANYBODY)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            pass


def let_end():
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


class Server:
    """It has the same port and the same data at each start. It is gone when the `with` ends, for whatever reason."""

    def __init__(self, program, folder):
        self.port = free_port()
        self.data = os.path.join(folder, "chat.db")
        self.command = [program, "--listen", f"127.0.0.1:{self.port}", "--quiet", "--data", self.data]
        self.process = None

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def begin(self):
        """Starts the process, and does not wait until it listens."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in between it would leave a process behind
        try:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, preexec_fn=let_end)
        finally:
            let_end()

    def start(self):
        self.begin()
        said = self.process.stdout.readline()
        if "running" not in said:
            self.kill()
            raise NotStarted(said)

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
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        except ConnectionError as error:
            raise Lost from error
        self.input = self.socket.makefile("rb")
        try:
            self.send("/machine on\n" + name + "\n")
        except Lost:
            self.reset()
            raise

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
