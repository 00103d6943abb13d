"""forged: records of a small chat in which all is right, and the same with one thing wrong each, which the checker must find."""

import tempfile

import records


class Play:
    """A chat that is as it should be, and writes the records of its clients. Client 1 is plain, the others are programs. They
    are at two machines."""

    def __init__(self):
        self.events = []  # (CLIENT, TEXT); the time of each is its index
        self.rooms = {}   # clients by room
        self.names = {}
        self.sessions = {}
        self.said = {}
        self.seqs = {}
        self.syncs = 0

    def note(self, client, *fields):
        self.events.append((client, " ".join(map(str, fields))))

    def others(self, client):
        return sorted({other for members in self.rooms.values() if client in members for other in members} - {client})

    def come(self, client):
        self.sessions[client] = self.sessions.get(client, 0) + 1
        self.names[client] = f"c{client}s{self.sessions[client]}n0"
        self.said[client] = 0
        self.note(client, "come", self.names[client], "plain" if client == 1 else "program", client % 2)
        self.enter(client, "lobby")

    def enter(self, client, room):
        members = self.rooms.setdefault(room, [])
        if room != "lobby":
            self.note(client, "asks", "join")
        self.note(client, "in", room, ",".join(self.names[other] for other in members) or "-")
        for other in members:
            self.note(other, "join", room, self.names[client])
        members.append(client)
        if room != "lobby":
            self.note(client, "answered")

    def leave(self, client, room, behind=None):
        """A reader may be told of it late. Returns a function that tells it."""
        name = self.names[client]
        self.rooms[room].remove(client)
        self.note(client, "out", room)
        for other in self.rooms[room]:
            if other != behind:
                self.note(other, "leave", room, name)
        return lambda: self.note(behind, "leave", room, name)

    def go(self, client, how):
        self.note(client, "end", how)
        for other in self.others(client):
            self.note(other, "gone", self.names[client])
        for members in self.rooms.values():
            if client in members:
                members.remove(client)

    def rename(self, client, name):
        old, self.names[client] = self.names[client], name
        self.note(client, "name", name)
        for other in self.others(client):
            self.note(other, "nick", old, name)

    def say(self, client, room, behind=None):
        """A reader may be behind, and not be sent it before it is cut off."""
        line = self.next_line(client)
        self.seqs[room] = self.seqs.get(room, 0) + 1
        self.note(client, "say", room, line)
        for other in self.rooms[room]:
            if other not in (client, behind):
                self.hear(other, room, client, self.seqs[room], line)

    def next_line(self, client):
        self.said[client] += 1
        return f"{client}.{self.sessions[client]}.{self.said[client]}"

    def hear(self, reader, room, author, seq, line):
        self.note(reader, "line", room, self.names[author], 0 if reader == 1 else seq, line)

    def tell(self, client, other):
        line = self.next_line(client)
        self.note(client, "tell", self.names[other], line)
        self.note(other, "told", self.names[client], line)

    def give_up(self, client, room, other):
        """It says a line and sends a private message, and neither is sent."""
        self.note(client, "say", room, self.next_line(client))
        self.note(client, "unsent")
        line = self.next_line(client)
        self.note(client, "tell", self.names[other], line)
        self.note(client, "untold", line)

    def sync(self, client):
        self.syncs += 1
        self.note(client, "syncing", self.syncs)
        self.note(client, "synced", self.syncs)

    def end(self):
        for client in sorted(self.rooms["lobby"]):
            self.note(client, "level")
        for _ in range(2):
            for client in sorted(self.rooms["lobby"]):
                self.sync(client)
        for client in sorted(self.rooms["lobby"]):
            self.note(client, "end", "stayed")


def intact():
    """Clients 1 to 4 in the lobby, 1 to 3 in #ops; 4 goes and comes back, 5 goes, 3 is cut off and resumes; the machine of 6 and
    8 dies, before 8 is told what was acknowledged at another one."""
    play = Play()
    for client in (1, 2, 3, 4, 5, 6, 8):
        play.come(client)
    for client in (1, 2, 3):
        play.enter(client, "ops")
    for client in (1, 2, 3, 4):
        play.say(client, "lobby")
    for client in (1, 2, 3, 1):
        play.say(client, "ops")
    play.tell(2, 3)
    play.rename(4, "x1")
    play.say(4, "lobby")
    play.sync(2)
    play.sync(3)
    play.enter(6, "ops")
    tell = play.leave(6, "ops", behind=2)
    play.rename(6, "c6s1n1")
    tell()
    play.go(5, "quit")
    play.say(1, "lobby")
    play.rename(4, "c4s1n1")
    play.rename(2, "x1")
    play.leave(1, "ops")
    play.say(2, "ops")
    play.rename(4, "x6")
    play.go(4, "quit")
    play.rename(6, "x6")
    play.rename(6, "c6s1n2")
    play.go(3, "cut")
    play.say(1, "lobby")
    play.say(2, "lobby")
    play.sync(1)
    play.say(1, "lobby", behind=8)
    play.sync(1)
    play.sync(8)
    play.go(8, "cut")
    play.go(6, "cut")
    play.sync(2)
    play.give_up(2, "lobby", 1)
    play.sync(2)
    play.come(4)
    play.come(3)
    resume(play)
    for client in (1, 2, 3, 4):
        play.say(client, "lobby")
    make_anew(play)
    play.end()
    return play.events


def make_anew(play):
    """All leave a room, and others come into one of that name, of which the numbers begin anew."""
    for members in ((2, 4), (1, 3)):
        play.seqs["den"] = 0
        for client in members:
            play.enter(client, "den")
        for client in members:
            play.say(client, "den")
        for client in members:
            play.leave(client, "den")


def resume(play):
    """Client 3 has number 6 of the lobby, and was away when 7 to 9 were said; 5 was its own."""
    play.note(3, "resume", "lobby", 6)
    play.note(3, "line", "lobby", "c1s1n0", 7, "1.1.5")
    play.note(3, "line", "lobby", "x1", 8, "2.1.5")
    play.note(3, "line", "lobby", "c1s1n0", 9, "1.1.6")
    play.note(3, "resumed", "lobby")


class Forger:
    """Changes records; each change must meet what it is for."""

    def __init__(self):
        self.events = intact()

    def find(self, client, start, nth=0):
        found = [i for i, (who, text) in enumerate(self.events) if who == client and text.startswith(start)]
        return found[nth]

    def drop(self, client, start, nth=0):
        del self.events[self.find(client, start, nth)]

    def double(self, client, start):
        at = self.find(client, start)
        self.events.insert(at, self.events[at])

    def swap(self, client, start, other):
        first, second = self.find(client, start), self.find(client, other)
        self.events[first], self.events[second] = self.events[second], self.events[first]

    def change(self, client, start, old, new, nth=0):
        at = self.find(client, start, nth)
        assert old in self.events[at][1]
        self.events[at] = (client, self.events[at][1].replace(old, new))

    def add(self, client, behind, text, nth=0):
        self.events.insert(self.find(client, behind, nth) + 1, (client, text))

    def shift(self, client, room, by):
        """All lines of the room have other numbers for one client."""
        for at, (who, text) in enumerate(self.events):
            fields = text.split()
            if who == client and fields[:2] == ["line", room]:
                fields[3] = str(int(fields[3]) + by)
                self.events[at] = (who, " ".join(fields))

    def write(self, folder):
        writers = {client: records.Writer(folder, client) for client in {client for client, _ in self.events}}
        for time, (client, text) in enumerate(self.events):
            writers[client].write(time, text)
        for writer in writers.values():
            writer.close()


def circle(forger):
    """Three readers without numbers, of whom each has two of three lines, and no two contradict each other."""
    for client in (2, 3, 4):
        for at, (who, text) in enumerate(forger.events):
            fields = text.split()
            if who == client and fields[0] == "line":
                fields[3] = "0"
                forger.events[at] = (who, " ".join(fields))
    forger.events = [(who, text) for who, text in forger.events if not text.startswith(("resume", "resumed"))]
    for reader, first, second in ((1, "5.1.1", "5.1.2"), (2, "5.1.2", "5.1.3"), (4, "5.1.3", "5.1.1")):
        at = forger.find(reader, "gone c5s1n0")
        forger.events[at:at] = [(reader, f"line lobby c5s1n0 0 {line}") for line in (first, second)]
    at = forger.find(5, "end")
    forger.events[at:at] = [(5, f"say lobby 5.1.{i}") for i in (1, 2, 3)]


def come_back(forger, gone, name):
    """Somebody who has gone is back with its machine, and is gone again."""
    for client in (1, 2):
        at = forger.find(client, gone) + 1
        forger.events[at:at] = [(client, f"join lobby {name}"), (client, f"gone {name}")]


def come_anew(forger, is_anew):
    """Client 8 comes in anew, leaves the lobby, and goes; the latter two are told to client 1 in the other order."""
    if is_anew:
        forger.add(8, "come", "anew c8s1n0")
    forger.add(1, "gone c8", "leave lobby c8s1n0")


def two_truths(forger):
    """Client 4 comes into the room as it was when others have been told of the one that it is now."""
    own = [event for event in forger.events if event[0] == 4 and (" den" in event[1] or event[1] == "asks join")]
    forger.events = [event for event in forger.events if event not in own]
    at = forger.find(3, "line den") + 1
    forger.events[at:at] = own


# What is wrong, the change, and words of the violation that must be found; None: it is right.
FORGED = (
    ("two readers have two lines in another order", lambda f: f.swap(1, "line lobby c2", "line lobby c3"), "no one order"),
    ("three readers have a circle", circle, "no one order"),
    ("a line and a join are in another order", lambda f: f.swap(2, "join ops c3", "line ops c1s1n0"), "no one order"),
    ("a line is lost", lambda f: f.drop(2, "line lobby c3"), "is lost"),
    ("a join is lost", lambda f: f.drop(1, "join ops c3"), "join c3s1n0 in #ops is lost"),
    ("a leave of a room is lost", lambda f: f.drop(2, "leave ops c1"), "not told that c1s1n0 has left #ops"),
    ("a line is lost without numbers", lambda f: f.drop(1, "line ops c3"), "is lost"),
    ("the last line is lost", lambda f: f.drop(1, "line lobby c4", -1), "is not with client 1"),
    ("a resumed line is lost", lambda f: f.drop(3, "line lobby x1 8"), "is not with client 3"),
    ("a line is doubled", lambda f: f.double(1, "line lobby c2"), "comes twice"),
    ("a join is doubled", lambda f: f.double(1, "join ops c2"), "comes twice"),
    ("a line is invented", lambda f: f.add(1, "line lobby c2", "line lobby c2s1n0 0 2.1.99"), "nobody has said"),
    ("a line comes back to its author", lambda f: f.add(1, "say lobby", "line lobby c1s1n0 0 1.1.1"), "its own line"),
    ("a line is in the wrong room", lambda f: f.change(2, "line ops c3", "ops", "lobby"), "was said in #ops"),
    ("a line has another name", lambda f: f.change(2, "line lobby c3", "c3s1n0", "c4s1n0"), "was said by c3s1n0"),
    ("a line has two numbers", lambda f: f.change(2, "line lobby c4s1n0 4", " 4 ", " 9 "), "and for client"),
    ("two lines have one number", lambda f: [f.change(client, "line lobby c4s1n0 4", " 4 ", " 3 ") for client in (2, 3)],
     "which line"),
    ("a number goes back", lambda f: [f.change(client, "line ops c1s1n0 4", " 4 ", " 1 ") for client in (2, 3)],
     "which line"),
    ("numbers are left out", lambda f: [f.change(client, "line lobby", f" {seq} ", f" {seq + 40} ", -1)
                                        for client, seq in ((2, 13), (3, 13), (4, 12))], "stand for nothing"),
    ("somebody is not told a leave", lambda f: f.drop(1, "gone c5"), "not told that c5s1n0 has left"),
    ("somebody is not told a join", lambda f: f.drop(1, "join lobby c4s2"), "as far as it was told"),
    ("a join is told behind the leave", lambda f: f.add(1, "gone c5", "join ops c5s1n0"), "who was told to be gone"),
    ("a leave comes twice", lambda f: f.double(1, "gone c5"), "as far as it was told"),
    ("a line comes behind its author's leave", lambda f: f.swap(1, "line lobby x1 0 4.1.2", "gone c5"), "no one order"),
    ("two people have one name", lambda f: f.drop(1, "nick x1 c4s1n1"), "two people have one name"),
    ("one has the name of somebody else", lambda f: f.add(1, "line lobby x1 0 4", "name x1"), "two people have one name"),
    ("a name is not free", lambda f: f.add(1, "line lobby c4s2", "refused x7"), "which nobody has"),
    ("a private message is lost", lambda f: f.drop(3, "told"), "is not with c3s1n0"),
    ("a private message is doubled", lambda f: f.double(3, "told"), "has come before"),
    ("a private message goes to another one", lambda f: f.add(1, "line ops c2", "told c2s1n0 2.1.3"), "another one"),
    ("a line of another machine does not come", lambda f: f.drop(1, "line lobby c4", -1), "is not with client 1"),
    ("a line of one's own machine does not come", lambda f: f.change(8, "come", "program 0", "program 1"), "is not with client 8"),
    ("a leave of a room is never told, and a new name is", lambda f: f.drop(2, "leave ops c6"), "that c6s1n0 has left #ops"),
    ("those of a machine that dies leave in two orders", lambda f: f.swap(1, "gone c6", "gone c8"), "no one order"),
    ("one leaves late as a machine dies", lambda f: f.swap(1, "gone c6", "join lobby c4s2"), "no one order"),
    ("two machines have one name", lambda f: [f.add(client, "come", "name x9") for client in (2, 3)], "has the name x9"),
    ("a private message comes that was not sent", lambda f: f.add(1, "gone c8", "told x1 2.1.7"), "as its author was told"),
    ("a name is taken before its holder's leave is told", lambda f: f.swap(1, "gone x6", "nick c6s1n1 x6"), None),
    ("a name is taken, and its holder's leave is never told", lambda f: f.drop(1, "gone x6"), "not told that x6 has left"),
    ("one comes in anew before its machine notices that it is cut off", lambda f: come_back(f, "gone c3", "c3s1n0"), None),
    ("the same of one who has quit", lambda f: come_back(f, "gone c5", "c5s1n0"), "who was told to be gone"),
    ("who comes in anew leaves a room, and that is told late", lambda f: come_anew(f, True), None),
    ("who does not comes to leave it twice", lambda f: come_anew(f, False), "c8s1n0 leaves #lobby"),
    ("a private message does not reach who comes in anew", lambda f: [f.add(3, "come", "anew c3s1n0"), f.drop(3, "told")], None),
    ("a room has two truths at once", two_truths, "two truths"),
    ("a number of a room that is made anew comes twice", lambda f: f.change(2, "line den", " 2 ", " 1 "), "which line"),
    ("/sync is answered twice", lambda f: f.double(2, "synced"), "answered already"),
)


# The same where the engine may have lost what was acknowledged. Nothing is wrong where there are no words.
LOSSY = (
    ("a line is lost", lambda f: f.drop(2, "line lobby c3"), None),
    ("a reader has other numbers", lambda f: f.shift(2, "lobby", 2), None),
    ("two readers have two lines in another order", lambda f: f.swap(1, "line lobby c2", "line lobby c3"), None),
    ("a private message is lost", lambda f: f.drop(3, "told"), None),
    ("numbers are others after a break", lambda f: [
        f.change(3, "line lobby", f" {seq} ", f" {seq - 6} ", nth) for nth, seq in ((-1, 13), (-2, 11), (-3, 10))], None),
    ("a line is doubled", lambda f: f.double(1, "line lobby c2"), "comes twice"),
    ("a line is invented", lambda f: f.add(1, "line lobby c2", "line lobby c2s1n0 0 2.1.99"), "nobody has said"),
    ("a line has another name", lambda f: f.change(2, "line lobby c3", "c3s1n0", "c4s1n0"), "was said by c3s1n0"),
    ("a number goes back", lambda f: f.change(2, "line ops c1s1n0 4", " 4 ", " 1 "), "behind number"),
    ("somebody is not told a leave", lambda f: f.drop(1, "gone c5"), "not told that c5s1n0 has left"),
    ("two people have one name", lambda f: f.drop(1, "nick x1 c4s1n1"), "two people have one name"),
    ("a name is not free", lambda f: f.add(1, "line lobby c4s2", "refused x7"), "which nobody has"),
    ("a private message comes that was not sent", lambda f: f.add(1, "gone c8", "told x1 2.1.7"), "as its author was told"),
)


def is_judged(examine, what, change, words, lossy):
    """Whether that is found; or nothing is, without words."""
    forger = Forger()
    change(forger)
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        forger.write(folder)
        examine(folder, reports.append, lossy)
    if (not reports) if words is None else any(words in text for text in reports):
        return True
    print(f"{what}: {'found what is not there' if words is None else 'not found'}{', with --lossy' if lossy else ''}")
    for text in reports:
        print(f"  {text}")
    return False


def check(examine):
    """Returns how many were not found, or were found where nothing is wrong."""
    cases = [(*case, False) for case in (("nothing", lambda f: None, None),) + FORGED]
    cases += [(*case, True) for case in (("nothing", lambda f: None, None),) + LOSSY]
    faults = sum(not is_judged(examine, *case) for case in cases)
    print(f"{len(cases)} cases were forged, {faults} of them wrongly judged")
    return min(faults, 1)
