"""wire: what a server sends, as events; the same for plain clients and for programs.

An event is a tuple, (KIND, FIELD...):

    line ROOM NAME SEQ TEXT, told NAME TEXT, join ROOM NAME, leave ROOM NAME, gone NAME, nick OLD NEW
    welcome NAMES MORE     a plain client has come in, or has done so anew; for a program it is as the next one
    in ROOM NAMES MORE     one is in the room, it is the current one, and these are there, and MORE others
    out ROOM               one has left it, and CURRENT is current now
    current ROOM
    synced TOKEN
    reply OK CODE          the answer to a command of a program
    unsent                 what one has said is given up, as the link to other machines is down, or may be; and
    undone                 the same of a plain client's command that is not /msg
    nobody NAME            a plain client's /msg is for somebody who is not there
    refused TEXT           what a plain client is told that is none of the above

ROOM is None where a plain line does not tell it: the current one.
"""

import json
import re

PROMPT = "Enter your name: "
NOTICES = (
    (re.compile(r"\*\*\* (\S+) has joined the chat \*\*\*"), lambda name: ("join", "lobby", name)),
    (re.compile(r"\*\*\* (\S+) has joined #(\S+) \*\*\*"), lambda name, room: ("join", room, name)),
    (re.compile(r"\*\*\* (\S+) has left the chat \*\*\*"), lambda name: ("gone", name)),
    (re.compile(r"\*\*\* (\S+) has left #(\S+) \*\*\*"), lambda name, room: ("leave", room, name)),
    (re.compile(r"\*\*\* (\S+) is now known as (\S+) \*\*\*"), lambda old, new: ("nick", old, new)),
    (re.compile(r"\*\*\* Synced: (\S+) \*\*\*"), lambda token: ("synced", token)),
    (re.compile(r"\*\*\* You have left #(\S+)\. You are in #(\S+)\. \*\*\*"),
     lambda room, current: ("out", room, current)),
    (re.compile(r"\*\*\* Welcome, .* Here now: (.*)\. \*\*\*"), lambda names: ("welcome", *members(names))),
    (re.compile(r"\*\*\* You are in #(\S+)\. .*Here now: (.*)\. \*\*\*"),
     lambda room, names: ("in", room, *members(names))),
    (re.compile(r"\[private\] (\S+): (.*)"), lambda name, text: ("told", name, text)),
    (re.compile(r"\*\*\* There is no one here called (\S+)\. \*\*\*"), lambda name: ("nobody", name)),
)
LINE = re.compile(r"(?:#(\S+) )?(\S+): (.*)")
UNSENT = "Not sent: the link to the other machines is down."
UNSURE = "The link to the other machines is down. Whether your lines were sent is not known."
UNTOLD = ("*** The link to the other machines is down. Nothing was sent. ***",
          "*** The link to the other machines is down. Whether your message arrives is not known. ***")
UNDONE = re.compile(r"\*\*\* The link to the other machines is down\. (?!What you say waits).*")
LEFT = re.compile(r"You have left #(\S+)\. You are in #(\S+)\.")


def members(names):
    """The names of a list as people read it, and how many are not named."""
    if names == "nobody else":
        return [], 0
    names, _, more = names.partition(" and ")
    return names.split(", "), int(more.split()[0]) if more else 0


def of_plain(text):
    while text.startswith(PROMPT):
        text = text[len(PROMPT):]
    notice = text
    if text.startswith("#"):
        notice = text.partition(" ")[2]
    for form, event in NOTICES:
        match = form.fullmatch(notice)
        if match:
            return event(*match.groups())
    if notice in (f"*** {UNSENT} ***", f"*** {UNSURE} ***", *UNTOLD):
        return ("unsent",)
    if UNDONE.fullmatch(notice):
        return ("undone",)
    match = LINE.fullmatch(text)
    if match and not notice.startswith("*"):
        room, name, said = match.groups()
        return ("line", room, name, 0, said)
    return ("refused", text)


def of_program(text):
    if not text.startswith("{"):
        return ("refused", text)
    thing = json.loads(text)
    kind = thing["type"]
    if kind == "say":
        return ("line", thing["room"], thing["from"], thing["seq"], thing["text"])
    if kind == "welcome":
        return ("in", thing["room"], thing["members"], thing["here"] - 1 - len(thing["members"]))
    if kind == "reply" and thing["text"] in (UNSENT, UNSURE):
        return ("unsent",)
    if kind == "reply":
        left = LEFT.fullmatch(thing["text"])
        return ("out", *left.groups()) if left else ("reply", thing["ok"], thing["code"])
    if kind == "leave" and "room" not in thing:
        return ("gone", thing["name"])
    fields = {"tell": ("told", "from", "text"), "join": ("join", "room", "name"), "leave": ("leave", "room", "name"),
              "nick": ("nick", "from", "name"), "sync": ("synced", "token")}.get(kind)
    if fields is None:
        return ("refused", text)
    return (fields[0], *(thing[field] for field in fields[1:]))
