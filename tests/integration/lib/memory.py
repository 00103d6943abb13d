# usage: memory.py PORT PID
#
# Logs in and changes passwords in all the ways that there are, at the server PID that asks for the
# password "sesame-file" and has a data file. Prints each place of the server's memory that has a
# "sesame" then. Exits with 2 if the memory cannot be read here.
import re
import socket
import sys
import time

PORT, PID = int(sys.argv[1]), sys.argv[2]
CHARACTER_MODE = b"\xff\xfd\x01\xff\xfd\x03"


class Client:
    def __init__(self, number):
        # From addresses of their own: wrong passwords slow an address down.
        self.socket = socket.socket()
        self.socket.settimeout(20)
        self.socket.bind(("127.0.0.%d" % number, 0))
        self.socket.connect(("127.0.0.1", PORT))
        self.wait("assword: ")

    def wait(self, text):
        got = b""
        while text.encode() not in got:
            piece = self.socket.recv(4096)
            if not piece:
                sys.exit("the server has closed behind %r" % got)
            got += piece

    def ask(self, said, answer):
        self.socket.sendall(said.encode())
        self.wait(answer)


def search():
    found = []
    with open("/proc/%s/maps" % PID) as maps, open("/proc/%s/mem" % PID, "rb", 0) as memory:
        for line in maps:
            place = re.match(r"(\w+)-(\w+) rw.. .*?(\S*)$", line)
            if not place or place[3].startswith("[v"):
                continue
            begin, end = int(place[1], 16), int(place[2], 16)
            if end - begin > 1 << 30:
                continue  # a sanitizer's
            memory.seek(begin)
            content = memory.read(end - begin)
            for match in re.finditer(rb"sesame[ -~]*", content):
                found.append("%s: %s" % (place[3] or "memory", match[0].decode()))
    return found


try:
    search()
except OSError:
    sys.exit(2)

first = Client(2)
first.ask("wrong-sesame\n", "assword: ")
first.ask("sesame-file\n", "name: ")
first.ask("Alice\n", "Welcome")
first.ask("/register sesame-one\n", "yours now")
first.ask("/password sesame-one sesame-two\n", "is changed")

# All at once, and in pieces that end anywhere.
second = Client(3)
second.socket.sendall(b"sesame-file\nAlice\nsesa")
second.wait("assword: ")
second.ask("me-two\n", "Welcome")
second.ask("/password\n", "assword: ")
second.ask("sesame-two\n", "New password: ")
second.ask("sesame-three\n", "is changed")
second.ask("\x1b[D/password sesame-three sesame-four\n", "is changed")

# At a terminal, each key by itself.
third = Client(4)
third.socket.sendall(CHARACTER_MODE)
for answer, said in (("name: ", "sesame-file\r"), ("assword: ", "Alice\r"), ("Welcome", "sesame-four\r")):
    for key in said:
        third.socket.sendall(key.encode())
        time.sleep(0.002)
    third.wait(answer)
third.ask("/password sesame-four sesame-five\r", "is changed")
third.ask("/sync 1\r", "Synced: 1")

print("\n".join(sorted(search())))
