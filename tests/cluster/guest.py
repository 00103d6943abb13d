"""guest: one client of the storm. It does something now and then, as chance has it, and records what it sees.

A keeper is a program that is in all rooms, at one address, so a room never ends and is never without somebody who is told the
numbers. Some of the others, the stayers, leave no room and do not go by themselves.
"""

import random
import socket
import struct
import time
from collections import deque

import records
import wire

AWAY, COMING, HERE = range(3)
STALL_S = 2                   # who has heard nothing for longer may be gone for others
PAUSE_S = (0.05, 0.4)         # between two acts
ABSENCE_S = (0.05, 0.8)      # before it comes back
UNSYNCED_LINES = 30          # it says no more without /sync
WORDS_MOST = 12
RECEIVE_BYTES = 65536
CONTESTED_NAMES = 8


def micros():
    return time.monotonic_ns() // 1000


class Guest:
    def __init__(self, storm, number, folder):
        self.storm = storm
        self.number = number
        self.chance = random.Random(f"{storm.seed}/{number}")
        self.keeper = number < len(storm.addresses)
        self.stayer = self.keeper or number % 4 == 1
        self.program = self.keeper or number % 3 == 0
        self.at = number % len(storm.addresses)
        self.record = records.Writer(folder, number)
        self.state = AWAY
        self.socket = None
        self.session = 0
        self.syncs = 0
        self.last = {}       # of each room: the number of the last line
        self.told_name = None  # the last one that somebody else has taken
        self.return_at = time.monotonic() + self.chance.uniform(0, 0.5)
        self.lost_count = 0
        self.forget()

    def forget(self):
        self.inbox = b""
        self.outbox = b""
        self.rooms = []
        self.current = "lobby"
        self.name = self.wanted = None
        self.nicks = self.lines = self.unsynced = 0
        self.used = set()        # rooms that it may not enter any more under this name
        self.asked = deque()     # commands that are not answered
        self.syncing = None
        self.plan = deque()
        self.resuming = set()
        self.written = {}        # by a plain client: the private message, by name
        self.leaving = False
        self.since = self.heard_at = time.monotonic()
        self.act_at = 0

    def note(self, *fields):
        self.record.write(micros(), *fields)

    # --- The connection -----------------------------------------------------------------------------------

    def come(self):
        self.forget()
        self.session += 1
        self.name = f"c{self.number}s{self.session}n0"
        self.state = COMING
        self.socket = socket.socket(socket.AF_INET)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket.connect(self.storm.addresses[self.at])
        except BlockingIOError:
            pass
        except OSError:
            self.lost()
            return
        self.storm.watch(self)
        if self.program:
            self.type("/machine on")
        self.type(self.name)
        if "lobby" in self.last:
            self.type(f"/resume lobby {self.last['lobby']}")

    def type(self, text):
        self.outbox += text.encode() + b"\n"
        self.storm.watch(self)

    def send(self):
        try:
            sent = self.socket.send(self.outbox)
        except BlockingIOError:
            return
        except OSError:
            self.lost()
            return
        self.outbox = self.outbox[sent:]
        self.storm.watch(self)

    def receive(self):
        try:
            piece = self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self.lost()
            return
        self.note_stall()
        self.heard_at = time.monotonic()
        *lines, self.inbox = (self.inbox + piece).split(b"\n")
        for line in lines:
            if self.socket is None:
                break  # one of them has made it leave
            text = line.decode()
            event = wire.of_program(text) if self.program else wire.of_plain(text)
            getattr(self, "on_" + event[0])(*event[1:])

    def note_stall(self):
        """Its machine may have been cut off, and come back without a word to this client."""
        if self.storm.machines and self.state == HERE and time.monotonic() - self.heard_at > STALL_S:
            self.note_anew()

    def note_anew(self):
        for name in (self.name, self.wanted):
            if name:
                self.note("anew", name)

    def lost(self):
        """The connection is gone, for whatever reason. What was not acknowledged may be lost."""
        self.note_stall()
        if self.state == HERE:
            self.note("end", "quit" if self.leaving else "cut")
            self.storm.ghosts |= {name for name in (self.name, self.wanted) if name and records.is_fresh(name)}
        if not self.leaving:
            self.lost_count += 1
        if self.leaving or not self.program:
            self.last = {}
        self.storm.unwatch(self)
        self.socket.close()
        self.socket = None
        if not self.keeper:
            self.at = (self.at + 1) % len(self.storm.addresses)
        self.state = AWAY
        self.return_at = time.monotonic() + self.chance.uniform(*ABSENCE_S)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.lost()

    # --- What it is sent ----------------------------------------------------------------------------------

    def on_line(self, room, name, seq, text):
        room = room or self.current
        if seq and (room not in self.resuming or seq == self.last.get(room, 0) + 1):
            self.last[room] = max(seq, self.last.get(room, 0))
        self.note("line", room, name, seq, text.split()[0])

    def on_told(self, name, text):
        if text != self.storm.probe:
            self.note("told", name, text.split()[0])

    def on_join(self, room, name):
        self.note("join", room, name)

    def on_leave(self, room, name):
        self.note("leave", room, name)

    def on_gone(self, name):
        self.note("gone", name)

    def on_nick(self, old, new):
        if (old, new) != (self.name, self.wanted):
            self.told_name = new
            self.note("nick", old, new)
            return
        self.name, self.wanted = new, None
        if records.is_fresh(new):
            self.used = set()
        self.note("name", new)
        if not self.program:
            self.answered()

    def on_welcome(self, names, more):
        if self.state == COMING:
            self.on_in("lobby", names, more)
        else:
            self.comes_anew()

    def comes_anew(self):
        """Its machine was cut off for so long that it had left. As its name is not fresh any more, it begins again itself."""
        self.note_anew()
        self.reset()

    def on_in(self, room, names, more):
        if self.storm.machines and self.program and self.state == HERE and not self.has_asked_for(room):
            self.comes_anew()
            return
        self.current = room
        if self.state == COMING:
            self.arrive()
        if room not in self.rooms:
            self.rooms.append(room)
            self.used.add(room)
            self.note("in", room, ",".join(names + ([f"+{more}"] if more else [])) or "-")
            if room in self.last:
                self.resuming.add(room)
                self.asked.append(("resume", room))
                self.note("resume", room, self.last[room])
        if not self.program and self.asked and self.asked[0][0] == "join":
            self.answered()

    def has_asked_for(self, room):
        """Whether it wants to come in; a program is in no room twice."""
        return room not in self.rooms and ("join", room) in self.asked

    def arrive(self):
        self.state = HERE
        self.since = time.monotonic()
        self.note("come", self.name, "program" if self.program else "plain", self.storm.machine_of(self.at))
        rooms = self.storm.rooms if self.keeper else list(self.last)
        self.plan = deque(room for room in rooms if room != "lobby")

    def on_out(self, room, current):
        self.rooms.remove(room)
        self.last.pop(room, None)
        self.current = current
        self.note("out", room)
        self.answered()

    def on_synced(self, token):
        self.note("synced", token)
        if token == str(self.syncing):
            self.syncing = None

    def on_reply(self, ok, code):
        if self.state == COMING or code == "nobody-else" or not self.asked:
            return
        kind, what = self.asked[0]
        if kind == "resume":
            self.resuming.discard(what)
            self.note("resumed" if ok else "not-resumed", what)
            if not ok:
                self.last.pop(what, None)  # the room may be another one, with other numbers
        if kind == "probe" and code == "no-such-name":
            self.storm.ghosts.discard(what)
        if kind == "tell" and code in ("unlinked", "no-such-name"):
            self.note("untold", what)
        if kind == "tell" and code == "unsure":
            self.note("unsent")
        if kind == "nick" and not ok:
            self.wanted = None
        if kind == "join" and not ok and what in self.last:
            self.asked.insert(1, ("skip", what))  # the answer to the /resume behind it
        self.undo_join(kind, what, ok)
        self.answered()

    def undo_join(self, kind, what, ok):
        if kind == "join" and not ok and self.keeper:
            self.plan.append(what)

    def on_unsent(self):
        """Which lines these are is not told."""
        self.note("unsent")

    def on_nobody(self, name):
        """Its machine has not heard of that name yet, or has heard that it is gone."""
        self.note("untold", self.written[name])

    def on_undone(self):
        if self.asked:
            self.wanted = None
            self.answered()

    def on_refused(self, text):
        """A plain client may be told that it cannot have a name; nothing else that it asks can fail."""
        if not self.program and self.asked and self.asked[0][0] == "nick" and " name " in text:
            self.wanted = None
            self.answered()

    def answered(self):
        kind, _ = self.asked.popleft()
        if kind in ("join", "leave", "nick"):
            self.note("answered")

    # --- What it does -------------------------------------------------------------------------------------

    def is_idle(self):
        return self.state == HERE and not self.asked and self.syncing is None and not self.plan and not self.leaving

    def waits_too_long(self, now):
        waits = self.state == COMING or self.asked or self.syncing is not None or self.leaving
        return bool(waits) and now - self.since > self.storm.patience

    def ask(self, kind, what, *commands):
        if kind in ("join", "leave", "nick"):
            self.note("asks", kind)
        self.asked.append((kind, what))
        self.since = time.monotonic()
        for command in commands:
            self.type(command)

    def act(self, now, talks):
        """Does something, if it is its time."""
        if self.state == AWAY:
            if now >= self.return_at:
                self.come()
        elif self.waits_too_long(now):
            self.reset()
        elif self.state == HERE and not self.asked and not self.leaving:
            if self.plan:
                self.join(self.plan.popleft())
            elif talks and now >= self.act_at:
                self.act_at = now + self.chance.uniform(*PAUSE_S)
                self.do_something()

    def do_something(self):
        if self.unsynced >= UNSYNCED_LINES:
            self.sync()
            return
        acts = ((62, self.say), (14, self.sync), (6, self.join_some), (5, self.leave_some), (6, self.nick_some),
                (4, self.tell), (1, self.quit), (2, self.cut_off))
        (act,) = self.chance.choices([act for _, act in acts], [weight for weight, _ in acts])
        if act in (self.say, self.sync) or self.syncing is None:
            act()

    def say(self):
        for _ in range(self.chance.randint(1, 3)):
            line = self.next_line()
            self.note("say", self.current, line)
            self.type(line + " word" * self.chance.randint(0, WORDS_MOST))

    def next_line(self):
        self.lines += 1
        self.unsynced += 1
        return f"{self.number}.{self.session}.{self.lines}"

    def sync(self):
        if self.syncing is None:
            self.syncs += 1
            self.syncing = self.syncs
            self.unsynced = 0
            self.since = time.monotonic()
            self.note("syncing", self.syncs)
            self.type(f"/sync {self.syncs}")

    def join_some(self):
        if self.keeper or not records.is_fresh(self.name):
            return
        rooms = [room for room in self.storm.rooms if room in self.rooms or room not in self.used]
        self.join(self.chance.choice(rooms))

    def join(self, room):
        commands = [f"/join {room}"]
        if room in self.rooms:
            if not self.program:
                self.switch(room)
            elif not self.storm.machines:  # where it could not be told from coming in anew
                self.ask("go", room, *commands)
            return
        if room in self.last:
            commands.append(f"/resume {room} {self.last[room]}")
        self.ask("join", room, *commands)

    def switch(self, room):
        """Makes another room current."""
        self.ask("join", room, f"/join {room}")

    def leave_some(self):
        if self.stayer or len(self.rooms) < 2 or not records.is_fresh(self.name):
            return
        room = self.chance.choice(self.rooms)
        self.used.add(room)
        self.ask("leave", room, f"/leave {room}")

    def nick_some(self):
        if not self.keeper:
            if records.is_fresh(self.name) and self.chance.random() < 0.7:
                self.nick(records.CONTESTED + str(self.chance.randrange(CONTESTED_NAMES)))
            else:
                self.nick(self.fresh_name())

    def fresh_name(self):
        self.nicks += 1
        return f"c{self.number}s{self.session}n{self.nicks}"

    def nick(self, name):
        self.wanted = name
        self.ask("nick", name, f"/nick {name}")

    def tell(self):
        names = [guest.name for guest in self.storm.guests
                 if guest is not self and guest.state == HERE and records.is_fresh(guest.name) and guest.name not in self.written]
        if not names:
            return
        line = self.next_line()
        name = self.chance.choice(names)
        self.note("tell", name, line)
        text = f"/msg {name} {line}"
        if self.program:
            self.ask("tell", line, text)
        else:
            self.written[name] = line  # a refusal tells only the name, so there is one message for each
            self.type(text)

    def quit(self):
        if not self.stayer:
            self.leaving = True
            self.since = time.monotonic()
            self.type("/quit")

    def cut_off(self):
        if not self.stayer:
            self.reset()

    def probe(self, name):
        """Asks whether somebody still has the name. Only a program is answered in any case."""
        self.ask("probe", name, f"/msg {name} {self.storm.probe}")

    def on_end(self):
        self.note("end", "stayed")
