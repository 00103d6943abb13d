"""records: what each client of a chat has seen and done, as text: one file for each client, one event a line.

A file is called client-N, where N is the client's number. A line is

    TIME KIND [FIELD...]

with one blank between two fields. TIME is in microseconds, of a monotonic clock that all clients of the run share; it
is taken before what is sent is sent, and after what is received is received. Lines are in the order in which they
happened. Rooms stand without their #. A NAME is fresh, which nobody else ever takes and nobody takes twice, or one of the
contested ones, which begin with x. An ID stands for one line that was said, and begins with CLIENT.SESSION, those of
its author.

What the client does and is answered:

    come NAME MODE MACHINE   it has come in; MODE is plain or program; MACHINE stands for the server, of several that are one
                             chat. A new session begins
    in ROOM NAMES            it is in the room from here on; NAMES are the others, with a comma between two, - if there is
                             nobody, and with +N at the end if N others are not named. A room that it has left it enters
                             again only under another name
    out ROOM                 it has left the room, as it was answered
    asks KIND                it asks for something in which it may be in another room, or have another name, afterwards
    answered                 it is answered, and what it asked has come to pass or not, as the records before tell
    name NAME                it has another name from here on
    refused NAME             it cannot have the name
    say ROOM ID              it says a line
    tell NAME ID             it sends a private message to NAME, a fresh name
    syncing N                it sends /sync N: what it said in this session before is acknowledged
    synced N                 by this
    unsent                   what it has said and is not acknowledged may have been given up
    untold ID                a private message of its own was not sent
    level                    from here on, what was acknowledged before on any machine has come to all
    resume ROOM SEQ          it asks for all that followed SEQ, the last line that it has of an earlier session, before it has
                             said anything in this one
    resumed ROOM             all that has come; between both, what does not follow line by line is to come again
    not-resumed ROOM         that is not kept any more, so it begins here
    anew NAME                its machine may have been cut off, so that NAME has left, and comes in again
    end HOW                  quit; or cut: the connection is lost, and what came last may be, too (what it has
                             said since the last /sync that was answered is not acknowledged); or stayed: the run is over,
                             everybody has been quiet, and has synced twice

What comes to it, in the order of its arrival:

    line ROOM NAME SEQ ID    NAME says the line ID in the room; SEQ is 0 for who is not told it
    join ROOM NAME           somebody has joined the room
    leave ROOM NAME          somebody has left the room
    gone NAME                somebody has left the chat
    nick OLD NEW             somebody else has another name
    told NAME ID             NAME sends it a private message

While an answer to anything but /sync is outstanding, the client sends nothing else, so `say` has a definite room and name.
"""

import os

CONTESTED = "x"


def is_fresh(name):
    return not name.startswith(CONTESTED)


def session_of(line):
    """Whose line it is: CLIENT.SESSION."""
    return line.rpartition(".")[0]


def files_of(folder):
    """The clients' numbers and files, in the order of the numbers."""
    names = [name for name in os.listdir(folder) if name.startswith("client-")]
    return sorted((int(name[len("client-"):]), os.path.join(folder, name)) for name in names)


def read(path):
    """Yields the number of each line and its fields, the time as a number."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            time, *fields = line.split()
            yield number, int(time), fields


class Writer:
    def __init__(self, folder, client):
        self.file = open(os.path.join(folder, f"client-{client}"), "w", encoding="utf-8")

    def write(self, time, *fields):
        self.file.write(f"{time} {' '.join(map(str, fields))}\n")

    def close(self):
        self.file.close()
