"""lives: rooms that are made anew. A room that all have left is another one when somebody comes into it again: its numbers
begin anew. Only the lobby is never left by all, as it is there whoever is in it.

Nobody tells a client which life of a room it is in. Stays are of one life if one of them has a line of the other, or both have
one; so those of one life are together, or have told each other nothing. Lives follow each other: whoever asks to come into a
room when somebody has been told a line of its new life does not come into the one before.
"""

from array import array

LOBBY = "lobby"


class Lives:
    def __init__(self):
        self.other = array("l")  # of each stay: one of the same life, or itself
        self.asked = array("q")  # and when it was asked for

    def add(self, asked):
        self.other.append(len(self.other))
        self.asked.append(asked)

    def of(self, stay):
        """A number that all stays have that are known to be of one life."""
        while self.other[stay] != stay:
            self.other[stay] = stay = self.other[self.other[stay]]
        return stay

    def are_one(self, first, second):
        self.other[self.of(first)] = self.of(second)

    def has(self, stay, line):
        """Somebody was told the line in this stay, or has said it."""
        if line.stay is None:
            line.stay = stay
        else:
            self.are_one(stay, line.stay)


class Life:
    """The numbers of one."""

    def __init__(self):
        self.lines = {}
        self.began = float("inf")  # when somebody was first told a line,
        self.asked = -1            # and when somebody last asked to come in

    def overlaps(self, other):
        return min(self.lines) <= max(other.lines) and min(other.lines) <= max(self.lines)


def sort(chat):
    """Sorts all lines that have a number by the life of their room. Each number is that of one line in it."""
    lives = {}
    for name, line in chat.lines.items():
        if not line.seq:
            continue
        key = None if line.room == LOBBY else chat.lives.of(line.stay)
        life = lives.setdefault((line.room, key), Life())
        other = life.lines.setdefault(line.seq, name)
        if other != name:
            chat.report(f"line {name} has number {line.seq} in #{line.room} for {line.numbered_by}, which line {other} has for "
                        f"{chat.lines[other].numbered_by}")
        life.began = min(life.began, line.came)
    for stay in chat.stays:
        life = lives.get((stay.room, chat.lives.of(stay.number)))
        if life:
            life.asked = max(life.asked, chat.lives.asked[stay.number])
    check_truths(chat, lives)
    chat.by_seq = {key: life.lines for key, life in lives.items()}


def check_truths(chat, lives):
    rooms = {}
    for (room, _), life in lives.items():
        rooms.setdefault(room, []).append(life)
    for room, found in rooms.items():
        found.sort(key=lambda life: life.began)
        for i, life in enumerate(found):
            for later in found[i + 1:]:
                if life.asked > later.began and life.overlaps(later):
                    chat.report(f"#{room} has two truths: somebody came into it at {life.asked} or later, and was told other "
                                f"lines with the numbers {min(later.lines)} to {max(later.lines)} than others, who were told them "
                                f"from {later.began} on")
