"""views: what each client has seen, read from its records, and what is wrong in it without a look at other views' order.

A stay is what one client has seen of one room without a break: from its join on until it leaves or is cut off; a program
that resumes goes on with its stay. Its nodes (see order) are in the order of their arrival.
"""

from array import array

import records
from lives import Lives

NEVER = -1


class Line:
    """What its author knows of a line that was said."""
    __slots__ = ("room", "name", "said", "acknowledged", "seq", "numbered_by", "by", "machine", "stay", "came")

    def __init__(self, room, name, said, by, machine):
        self.room = room
        self.name = name
        self.said = said
        self.by = by
        self.machine = machine
        self.acknowledged = NEVER
        self.seq = 0
        self.numbered_by = ""
        self.stay = None          # a number of one that has it
        self.came = float("inf")  # when somebody was first told its number


class Letter:
    """A private message."""
    __slots__ = ("name", "to", "said", "acknowledged", "arrivals", "denied")

    def __init__(self, name, to, said):
        self.name = name
        self.to = to
        self.said = said
        self.acknowledged = NEVER
        self.arrivals = []
        self.denied = False


class Stay:
    def __init__(self, number, client, room, session, joined):
        self.number = number
        self.client = client
        self.room = room
        self.sessions = {session}
        self.joined = joined
        self.settled = {}        # by machine: what was acknowledged there before this moment has come
        self.nodes = array("l")
        self.where = array("l")  # in which line of the client's file each node is
        self.past = set()        # indexes of nodes before which comings and goings were not told
        self.starts = {0}        # indexes of nodes that do not stand behind the one before: what is resumed begins
        self.resuming = False
        self.last_seq = 0
        self.last_line = None

    def settle(self, machines, time):
        for machine in machines:
            self.settled[machine] = max(self.settled.get(machine, NEVER), time)

    def told(self, index):
        return f"client {self.client}, line {self.where[index]}"


class Session:
    __slots__ = ("name", "came", "machine", "settled", "stayed", "is_evicted", "cut", "ended")

    def __init__(self, name, came, machine):
        self.name = name
        self.machine = machine
        self.is_evicted = False  # its machine may have been cut off for too long
        self.came = came
        self.settled = NEVER
        self.stayed = False
        self.cut = float("inf")    # when it was cut off,
        self.ended = float("inf")  # or ended in any way


class Chat:
    """All that is known of a run."""

    def __init__(self, order, report, lossy=False):
        self.order = order
        self.report = report
        self.lossy = lossy        # what was acknowledged may be lost, so there may be several truths
        self.lines = {}
        self.letters = {}
        self.by_seq = {}          # of each life of a room: lines by number
        self.lives = Lives()
        self.stays = []
        self.stamps = {}          # by node: the last stay that has it
        self.owners = {}          # by fresh name: [CLIENT.SESSION, since, until]
        self.places = {}          # in which rooms somebody was at the end of a name; by its last fresh name, and this
        self.sessions = {}        # by CLIENT.SESSION
        self.machines = set()
        self.twice = set()        # names whose owner may have left and come in again under them
        self.returns = {}         # of fresh names: the last time at which somebody was told that they are back
        self.holders = {}         # by contested name: [since, CLIENT.SESSION, last moment at which that is certain]
        self.rosters = {}         # at the end, of who stayed: by client
        self.final = {}           # names and rooms of who stayed, by client
        self.refused = []
        self.deliveries = 0


class Authors:
    """Reads what a client has done itself. This must be known of all before what they have seen is read."""

    def __init__(self, chat, client, path):
        self.chat = chat
        self.client = client
        self.session = 0
        self.name = None
        self.fresh = None
        self.asks = None  # what is not answered
        self.rooms = set()
        self.said = []
        self.syncing = {}
        for _, time, (kind, *fields) in records.read(path):
            act = getattr(self, "do_" + kind.replace("-", "_"), None)
            if act:
                act(time, *fields)
        self.forget_name(float("inf"))

    def key(self):
        return f"{self.client}.{self.session}"

    def take_name(self, time, name):
        self.forget_name(time)
        self.name = name
        if records.is_fresh(name):
            self.fresh = name
            self.chat.owners[name] = [self.key(), time, float("inf")]
        else:
            self.chat.holders.setdefault(name, []).append([time, self.key(), time])

    def forget_name(self, time):
        owner = self.chat.owners.get(self.name)
        if owner:
            owner[2] = min(owner[2], time)

    def keep_rooms(self):
        """In which rooms it is known to be when it changes its name or goes."""
        self.chat.places[self.fresh, self.name] = frozenset(self.rooms)

    def do_asks(self, time, kind, *_):
        self.asks = kind
        if kind == "nick":
            self.forget_name(time)  # as far as anybody can rely on it

    def do_answered(self, *_):
        self.asks = None

    def do_come(self, time, name, _mode, machine):
        self.session += 1
        self.machine = machine
        self.chat.machines.add(machine)
        self.asks = None
        self.rooms = set()
        self.gone = set()
        self.said = []
        self.syncing = {}
        self.take_name(time, name)
        self.chat.sessions[self.key()] = Session(name, time, machine)

    def do_in(self, _time, room, *_):
        self.rooms.add(room)

    def do_out(self, _time, room):
        self.rooms.discard(room)

    def do_gone(self, _time, name):
        self.gone.add(name)

    def do_join(self, time, _room, name):
        if name in self.gone:
            self.chat.returns[name] = max(time, self.chat.returns.get(name, NEVER))

    def do_name(self, time, name):
        self.keep_rooms()
        self.take_name(time, name)

    def do_refused(self, _time, name):
        self.chat.refused.append((self.client, name))

    def do_say(self, time, room, line):
        if line in self.chat.lines:
            self.chat.report(f"client {self.client} says {line}, which was said before: the records are wrong")
        self.chat.lines[line] = Line(room, self.name, time, self.key(), self.machine)
        self.said.append(self.chat.lines[line])

    def do_tell(self, time, to, line):
        self.chat.letters[line] = Letter(self.name, to, time)
        self.said.append(self.chat.letters[line])

    def do_anew(self, _time, name):
        self.chat.twice.add(name)
        if self.session:
            self.chat.sessions[self.key()].is_evicted = True

    def do_untold(self, _time, line):
        self.chat.letters[line].denied = True

    def do_unsent(self, *_):
        self.said = []
        self.syncing = {number: (time, []) for number, (time, _) in self.syncing.items()}

    def do_syncing(self, time, number):
        self.syncing[number] = (time, self.said)
        self.said = []

    def do_synced(self, time, number):
        if number in self.syncing:
            sent, said = self.syncing.pop(number)
            for line in said:
                line.acknowledged = time
                self.hold_name(line)
            self.chat.sessions[self.key()].settled = sent

    def hold_name(self, line):
        """Whose line comes about has had the name from before it was said on."""
        holdings = [holding for holding in self.chat.holders.get(line.name, ())
                    if holding[1] == self.key() and holding[0] <= line.said]
        if holdings:
            holdings[-1][2] = max(holdings[-1][2], line.said)

    def do_end(self, time, how):
        if self.asks is None:
            self.keep_rooms()
        if how == "stayed":
            self.chat.final[self.client] = (self.name, frozenset(self.rooms))
            self.chat.sessions[self.key()].stayed = True
        else:
            self.forget_name(time)
        session = self.chat.sessions[self.key()]
        session.ended = time
        if how == "cut":
            session.cut = time


def find_ghosts(chat):
    """Who is cut off from a machine that is cut off itself, or stands still, may come in anew with it before it notices."""
    for name, time in chat.returns.items():
        owner = chat.owners.get(name)
        if owner and len(chat.machines) > 1 and chat.sessions[owner[0]].cut < time:
            chat.twice.add(name)


class Reader:
    """Reads what a client has seen."""

    def __init__(self, chat, client, path):
        self.chat = chat
        self.client = client
        self.session = 0
        self.name = None
        self.stays = {}
        self.resumable = {}
        self.roster = {}   # of each room: what is known of each name in it: the fresh name before it, or None
        self.listed = {}   # of each room: who was there when it entered
        self.later = {}    # by fresh name: the name behind it, or None for who has gone
        self.late = {}     # by name: the fresh name of who has gone, as will be told yet, and whose name somebody has taken
        self.partial = set()
        self.syncing = {}
        self.machine = None
        self.is_level = False
        self.asked = NEVER  # when it asked to come into a room, which is not answered
        self.number = 0
        for self.number, time, (kind, *fields) in records.read(path):
            act = getattr(self, "do_" + kind.replace("-", "_"), None)
            if act:
                act(time, *fields)

    def key(self):
        return f"{self.client}.{self.session}"

    def here(self):
        return f"client {self.client} ({self.name}), line {self.number} of its file"

    def report(self, text):
        self.chat.report(f"{self.here()}: {text}")

    # --- The order of a room ------------------------------------------------------------------------------

    def see(self, room, kind, what):
        """The next node of the room. Whether it is new. Who comes and goes twice under a name has no place; only who comes in
        anew joins a room under a contested name."""
        if kind in ("join", "leave") and (what in self.chat.twice or not records.is_fresh(what)):
            return False
        stay = self.stays.get(room)
        if stay is None:
            self.report(f"{kind} of {what} in #{room}, in which it is not")
            return False
        node = self.chat.order.node(room, kind, what)
        if self.chat.stamps.get(node) == stay.number:
            self.report(f"{kind} of {what} in #{room} comes twice")
            return False
        self.chat.stamps[node] = stay.number
        if stay.nodes:
            self.chat.order.follows(stay.nodes[-1], node, (stay, len(stay.nodes)))
        if stay.resuming:
            stay.past.add(len(stay.nodes))
        self.append(stay, node)
        return True

    def append(self, stay, node):
        stay.nodes.append(node)
        stay.where.append(self.number)

    def open_stay(self, time, room, asked):
        stay = Stay(len(self.chat.stays), self.client, room, self.key(), time)
        self.chat.lives.add(asked)
        self.chat.stays.append(stay)
        self.stays[room] = stay
        return stay

    # --- What the client does -----------------------------------------------------------------------------

    def do_come(self, _time, name, _mode, machine):
        self.session += 1
        self.machine = machine
        self.is_level = False
        self.asked = NEVER
        self.name = name
        self.resumable = {room: stay for room, stay in {**self.resumable, **self.stays}.items() if stay.last_seq}
        self.stays = {}
        self.roster = {}
        self.listed = {}
        self.later = {}
        self.late = {}
        self.partial = set()
        self.syncing = {}

    def do_asks(self, time, kind, *_):
        self.asked = time if kind == "join" else NEVER

    def do_answered(self, *_):
        self.asked = NEVER

    def do_say(self, _time, room, line):
        if room in self.stays:
            self.chat.lives.has(self.stays[room].number, self.chat.lines[line])

    def do_in(self, time, room, names):
        self.open_stay(time, room, self.asked)
        known = [] if names == "-" else names.split(",")
        if known and known[-1].startswith("+"):
            known.pop()
            self.partial.add(room)
        else:
            self.partial.discard(room)
        self.roster[room] = {name: name if records.is_fresh(name) else None for name in known}
        self.listed[room] = set(known)
        if self.name in self.roster[room]:
            self.report(f"it is told that {self.name}, as it is called itself, is in #{room} already")
        self.see(room, "join", self.name)

    def do_out(self, _time, room):
        self.see(room, "leave", self.name)
        self.stays.pop(room, None)
        self.resumable.pop(room, None)
        self.roster.pop(room, None)

    def do_name(self, time, name):
        if not records.is_fresh(name):
            self.note_late(time, self.key(), name)
        for room, roster in self.roster.items():
            if name in roster:
                self.report(f"it is called {name} now, as somebody else in #{room} is: two people have one name")
        self.name = name

    def do_syncing(self, time, number):
        machines = self.chat.machines if self.is_level else (self.machine,)
        self.syncing[number] = (time, machines, [stay for stay in self.stays.values() if not stay.resuming])

    def do_synced(self, _time, number):
        if number not in self.syncing:
            self.report(f"an answer to /sync {number}, which was not asked or is answered already")
            return
        sent, machines, stays = self.syncing.pop(number)
        for stay in stays:
            stay.settle(machines, sent)

    def do_level(self, *_):
        self.is_level = True

    def do_resume(self, _time, room, seq):
        if self.chat.lossy:
            self.stays[room].resuming = True  # what it has of before may be another truth's
            return
        stay = self.resumable.pop(room, None)
        if stay is None or stay.last_seq != int(seq):
            self.report(f"/resume of #{room} from {seq}, which is not the last line that it has: the records are wrong")
            return
        current = self.stays[room]
        current.nodes = array("l")  # its join is not in its place any more
        current.where = array("l")
        stay.sessions |= current.sessions
        self.chat.lives.are_one(stay.number, current.number)
        stay.resuming = True
        # Its own lines, which it was not sent before, may have been said before others came and went.
        stay.starts.add(len(stay.nodes))
        self.append(stay, self.chat.order.node(room, "line", stay.last_line))
        self.stays[room] = stay

    def do_resumed(self, _time, room):
        stay = self.stays[room]
        stay.resuming = False
        stay.past.add(len(stay.nodes))

    def do_not_resumed(self, time, room):
        self.stays[room].resuming = False
        self.open_stay(time, room, NEVER)

    def do_end(self, _time, how):
        if how == "stayed":
            for name in self.late:
                self.report(f"it was not told that {name} has left, whose name somebody has taken")
            self.chat.rosters[self.client] = (self.roster, self.partial)

    # --- What comes to it ---------------------------------------------------------------------------------

    def do_line(self, time, room, name, seq, line):
        self.chat.deliveries += 1
        said = self.chat.lines.get(line)
        if said is None:
            self.report(f"line {line} in #{room}, which nobody has said")
            return
        if said.by == self.key():
            self.report(f"its own line {line} comes back to it")
            return
        if said.room != room:
            self.report(f"line {line} comes in #{room}, and was said in #{said.room}")
            return
        if said.name != name:
            self.report(f"line {line} comes from {name}, and was said by {said.name}")
        stay = self.stays.get(room)
        if int(seq):
            self.count(time, room, int(seq), line, said)
        if stay and stay.resuming:
            if int(seq) != stay.last_seq + 1:
                return  # it comes again, or has come before
        else:
            self.knows(room, name, line)
        if stay and int(seq):
            if int(seq) <= stay.last_seq and self.chat.stamps.get(
                    self.chat.order.node(room, "line", line)) != stay.number:
                self.report(f"line {line} has number {seq} in #{room}, behind number {stay.last_seq}")
            if int(seq) > stay.last_seq:
                stay.last_seq, stay.last_line = int(seq), line
        self.see(room, "line", line)

    def count(self, time, room, seq, line, said):
        """Each line has one number."""
        if self.chat.lossy:
            return
        if said.seq and said.seq != seq:
            self.report(f"line {line} has number {seq} in #{room}, and for {said.numbered_by} it has {said.seq}")
            return
        if room in self.stays:
            self.chat.lives.has(self.stays[room].number, said)
        said.came = min(said.came, time)
        if not said.seq:
            said.seq = seq
            said.numbered_by = f"client {self.client}, line {self.number}"

    def knows(self, room, name, line):
        roster = self.roster.get(room, {})
        if name not in roster:
            if room not in self.partial:
                self.report(f"line {line} in #{room} comes from {name}, who is not there as far as it was told")
            roster[name] = name if records.is_fresh(name) else None

    def do_join(self, _time, room, name):
        roster = self.roster.setdefault(room, {})
        if name in roster:
            self.report(f"{name} joins #{room}, where somebody called so is already: two people have one name, or a "
                        "leave is missing")
        now = name
        while now in self.later:
            now = self.later[now]
        if name in self.chat.twice:
            self.later.pop(name, None)
            now = name
        if now != name:
            self.report(f"{name} joins #{room}, who was told to be {now or 'gone'}")
        if now:
            roster[now] = next(filter(records.is_fresh, (now, name)), None)
        self.sees_person(room, "join", name)

    def do_leave(self, _time, room, name):
        roster = self.roster.get(room, {})
        self.listed.get(room, set()).discard(name)
        # Who has come in anew is taken to leave all rooms as it goes; that of one may be told later.
        if roster.pop(name, False) is False and room not in self.partial and name not in self.chat.twice:
            self.report(f"{name} leaves #{room}, and is not there as far as it was told")
        self.sees_person(room, "leave", name)

    def sees_person(self, room, kind, name):
        stay = self.stays.get(room)
        if not (stay and stay.resuming):
            self.see(room, kind, name)

    def rooms_of(self, name):
        """The rooms in which somebody is as far as it was told; and those of them that the person has not left already. That may
        be told a moment later than what is told in another room."""
        rooms = [room for room, roster in self.roster.items() if name in roster]
        if name in self.chat.twice:  # who comes in anew is in the lobby again, too
            return rooms, rooms
        places = {room: self.chat.places.get((self.roster[room][name], name), (room,)) for room in rooms}
        return rooms, [room for room in rooms if room in places[room]]

    def do_gone(self, _time, name):
        if name in self.late:
            fresh = self.late.pop(name)
            if fresh:
                self.later[fresh] = None
            return
        known, rooms = self.rooms_of(name)
        if not known and not self.partial:
            self.report(f"{name} leaves the chat, and is not there as far as it was told")
        fresh = None
        for room in rooms:
            fresh = self.roster[room].pop(name) or fresh
            self.listed[room].discard(name)
        if fresh:
            self.later[fresh] = None
        self.sees_everywhere("gone", name, fresh, fresh)

    def note_late(self, time, taker, name):
        """Somebody takes the name of who has gone, before the reader is told of that in another room."""
        before = [holding for holding in self.chat.holders.get(name, ()) if holding[0] <= time and holding[1] != taker]
        known = [roster.pop(name) for roster in self.roster.values() if name in roster] if before and self.chat.sessions[
            max(before)[1]].ended < time else []
        if known:
            self.late[name] = next(filter(None, known), None)

    def do_nick(self, time, old, new):
        if not records.is_fresh(new):
            self.note_late(time, self.chat.owners.get(old, [None])[0], new)
        known, rooms = self.rooms_of(old)
        if not known and not self.partial:
            self.report(f"{old} is called {new} now, and is not there as far as it was told")
        fresh = next(filter(None, (self.roster[room][old] for room in rooms)), None)
        for room, roster in self.roster.items():
            if new == self.name or (new in roster and not self.was_listed(room, old, fresh, new)):
                self.report(f"{old} is called {new} now, as somebody else in #{room} is: two people have one name, or a "
                            "leave is missing")
            elif new in roster:
                roster[new] = new if records.is_fresh(new) else fresh
        for room in rooms:
            self.roster[room].pop(old)
            self.listed[room].discard(old)
            self.roster[room][new] = new if records.is_fresh(new) else fresh
        if fresh:
            self.later[fresh] = new
        self.sees_everywhere("nick", old, fresh, f"{fresh}-{new}")

    def was_listed(self, room, old, fresh, new):
        """Whether it may be the same person: in a room that the reader has entered since, it was listed under its new name
        before the reader is told of that in another room."""
        return (new in self.listed.get(room, ()) and old not in self.roster[room] and
                room in self.chat.places.get((fresh, old), (room,)))

    def sees_everywhere(self, kind, name, fresh, what):
        """It was told once of all rooms. If it shares only one with them, that is the one in whose order it stands."""
        places = self.chat.places.get((fresh, name))
        if places is None or fresh in self.chat.twice or name in self.chat.twice or self.leaves_with(fresh):
            return
        shared = [room for room in places if room in self.stays]
        if len(shared) == 1 and not self.stays[shared[0]].resuming:
            self.see(shared[0], kind, what)

    def leaves_with(self, fresh):
        """Whether both may leave as their machine was cut off: there all leave at once, in no order."""
        session = self.chat.sessions[self.key()]
        return session.is_evicted and self.chat.sessions[self.chat.owners[fresh][0]].machine == session.machine

    def do_told(self, _time, name, line):
        letter = self.chat.letters.get(line)
        if letter is None:
            self.report(f"private message {line}, which nobody has sent")
            return
        if letter.name != name:
            self.report(f"private message {line} comes from {name}, and was sent by {letter.name}")
        owner = self.chat.owners.get(letter.to)
        if owner and owner[0] != self.key():
            self.report(f"private message {line} was sent to {letter.to}, who is another one")
        if letter.arrivals:
            self.report(f"private message {line} has come before, in {letter.arrivals[0]}")
        letter.arrivals.append(f"line {self.number} of client {self.client}")
