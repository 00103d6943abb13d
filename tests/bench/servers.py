"""The servers that are measured: how each is started, and how it shows that it listens."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

START_TIMEOUT_S = 10
STOP_TIMEOUT_S = 2
STORE_TIMEOUT_S = 20  # to write what is left into the data file

NGIRCD_CONFIG = """\
[Global]
Name = bench.example.net
Info = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = bench
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""


class CannotStart(Exception):
    pass


class Running:
    """A started server process, and the file that holds what it prints."""

    def __init__(self, process, port, log, stop_timeout_s=STOP_TIMEOUT_S):
        self.stop_timeout_s = stop_timeout_s
        self.process = process
        self.port = port
        self.log = log

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(self.stop_timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def free_port():
    """A free port, for servers that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One kind of server. `load` has the options that the load generator needs for it."""

    name = ""
    dialect = ""
    load = ()
    stop_timeout_s = STOP_TIMEOUT_S

    def load_for(self, running):
        """The same, as far as it is known only when the server runs."""
        return ()

    def figures_after(self, directory):
        """What can be measured only when the server has stopped, by name."""
        return {}

    def command(self, directory, port, options):
        """The command line, or None if this server is not installed."""
        raise NotImplementedError

    def installed(self):
        return self.command(None, 0, ()) is not None

    def start(self, directory, options=()):
        port = 0 if self.prints_port else free_port()
        log = open(os.path.join(directory, f"{self.name}.log"), "w+b")
        process = subprocess.Popen(
            self.command(directory, port, options),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        running = Running(process, port, log, self.stop_timeout_s)
        try:
            self.wait_until_listening(running)
        except CannotStart:
            running.stop()
            raise
        return running

    prints_port = True

    def wait_until_listening(self, running):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if running.process.poll() is not None:
                break
            if self.is_listening(running):
                return
            time.sleep(0.02)
        running.log.seek(0)
        said = running.log.read(2000).decode("utf-8", "replace").strip()
        raise CannotStart(f"{self.name} does not listen: {said or 'it says nothing'}")

    def is_listening(self, running):
        if self.prints_port:
            with open(running.log.name, "rb") as log:
                found = re.search(rb"127\.0\.0\.1:(\d+)", log.read(4096))
            if found:
                running.port = int(found.group(1))
            return found is not None
        listening = f"0100007F:{running.port:04X} 00000000:0000 0A"
        with open("/proc/net/tcp", encoding="ascii") as table:
            return any(listening in line for line in table)


class Partyline(Server):
    name = "partyline"
    dialect = "party"

    def __init__(self, path):
        self.path = path

    def command(self, directory, port, options):
        if not os.access(self.path, os.X_OK):
            return None
        return [self.path, "-q", "--listen", "127.0.0.1:0", *options]


class Terminals(Partyline):
    """The same server, whose readers are at terminals, with half a line typed."""

    name = "terminals"

    def command(self, directory, port, options):
        command = super().command(directory, port, options)
        return command and [*command, "--telnet", "127.0.0.1:0"]

    def is_listening(self, running):
        return super().is_listening(running) and self.terminal_port(running) is not None

    def terminal_port(self, running):
        with open(running.log.name, "rb") as log:
            found = re.search(rb"127\.0\.0\.1:(\d+) \(telnet\)", log.read(4096))
        return found and found.group(1).decode()

    def load_for(self, running):
        return ("--terminal-port", self.terminal_port(running))


class Data(Partyline):
    """The same server with a data file, which is new at each start."""

    name = "data"
    stop_timeout_s = STORE_TIMEOUT_S

    @staticmethod
    def file(directory):
        return os.path.join(directory, "chat.db")

    def command(self, directory, port, options):
        command = super().command(directory, port, options)
        if command is None or directory is None:
            return command if has_store(self.path) else None
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.file(directory) + end):
                os.remove(self.file(directory) + end)
        return [*command, "--grace", str(STORE_TIMEOUT_S), "--data", self.file(directory)]

    def figures_after(self, directory):
        """
        How many lines the file holds, and how many the server knows to be missing. It marks those as
        a gap, by the numbers that no line has.
        """
        database = sqlite3.connect(self.file(directory))
        (stored,) = database.execute("SELECT count(*) FROM message").fetchone()
        database.close()
        with open(os.path.join(directory, f"{self.name}.log"), encoding="utf-8") as log:
            missing = re.findall(r"(\d+) more messages are missing", log.read())
        return {"stored": stored, "in_a_gap": sum(map(int, missing))}


def has_store(path):
    """Whether this partyline was built with SQLite."""
    if not os.access(path, os.X_OK):
        return False
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return "SQLite" in version.stdout and "without SQLite" not in version.stdout


class Bare(Server):
    dialect = "raw"

    def __init__(self, name, path):
        self.name = name
        self.path = path

    def command(self, directory, port, options):
        if not os.access(self.path, os.X_OK):
            return None
        return [self.path, f"--{self.name}"]


class Ngircd(Server):
    """Its penalties and limits are off as far as its configuration allows. The built-in ones stay:
    it processes at most three commands of one client in one turn of its loop, leaves Nagle's
    algorithm on, and queues so few connections that a crowd must connect a few at a time."""

    name = "ngircd"
    dialect = "irc"
    load = ("--window", "8")
    prints_port = False

    def command(self, directory, port, options):
        program = shutil.which("ngircd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None or directory is None:
            return program and [program]
        path = os.path.join(directory, "ngircd.conf")
        with open(path, "w", encoding="ascii") as config:
            config.write(NGIRCD_CONFIG.format(port=port))
        os.chmod(directory, 0o755)
        return [program, "-n", "-f", path]


class Ncat(Server):
    name = "ncat"
    dialect = "ncat"
    load = ("--window", "4")
    prints_port = False

    def command(self, directory, port, options):
        program = shutil.which("ncat")
        if program is None:
            return None
        return [program, "--chat", "-l", "127.0.0.1", str(port), "-m", "1000"]


class Asyncio(Server):
    name = "asyncio"
    dialect = "party"

    def command(self, directory, port, options):
        here = os.path.dirname(os.path.abspath(__file__))
        return [sys.executable, os.path.join(here, "peer_asyncio.py")]


def all_servers(programs, partyline):
    bare = os.path.join(programs, "bare")
    servers = [
        Partyline(partyline),
        Terminals(partyline),
        Data(partyline),
        Bare("lines", bare),
        Bare("chunks", bare),
        Ngircd(),
        Ncat(),
        Asyncio(),
    ]
    return {server.name: server for server in servers}
