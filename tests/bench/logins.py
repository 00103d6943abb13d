#!/usr/bin/env python3
"""Logs in to a partyline with --data, again and again, from many addresses at once, until it is ended: with the right
passwords of as many accounts, which it registers first, or with wrong ones of one account.

Usage: logins.py PORT ADDRESSES right|wrong; ADDRESSES from 1 to 2500, of 127.1.0.0/16.
"""

import selectors
import socket
import sys

PASSWORD = "open sesame"
PROMPT = b"Password: "
IN = b"*** Welcome, "
REGISTERED = b" is yours now. ***"
READ_BYTES = 65536


class Visitor:
    """A connection from one address, and a new one when that has ended."""

    def __init__(self, selector, port, number, name, password):
        self.selector = selector
        self.port = port
        self.source = f"127.1.{number // 250}.{1 + number % 250}"
        self.name = name
        self.password = password
        self.connect()

    def connect(self):
        self.socket = socket.socket()
        self.socket.bind((self.source, 0))
        self.socket.connect(("127.0.0.1", self.port))
        self.socket.sendall(f"{self.name}\n".encode())
        self.text = b""
        self.selector.register(self.socket, selectors.EVENT_READ, self)

    def end(self):
        self.selector.unregister(self.socket)
        self.socket.close()

    def read(self):
        try:
            got = self.socket.recv(READ_BYTES)
        except ConnectionError:
            got = b""
        self.text += got
        if not got or IN in self.text:
            self.end()
            self.connect()
        elif self.text.endswith(PROMPT):
            self.text = b""
            self.socket.sendall(f"{self.password}\n{self.name}\n".encode())


def register(port, name):
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(f"{name}\n/register {PASSWORD}\n".encode())
        text = b""
        while REGISTERED not in text:
            got = client.recv(READ_BYTES)
            if not got:
                sys.exit(f"{name} cannot be registered: {text!r}")
            text += got


def main():
    port, addresses, right = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "right"
    names = [f"Anna{i}" for i in range(addresses if right else 1)]
    for name in names:
        register(port, name)
    selector = selectors.DefaultSelector()
    for i in range(addresses):
        Visitor(selector, port, i, names[i % len(names)], PASSWORD if right else "let me in")
    while True:
        for key, _ in selector.select():
            key.data.read()


main()
