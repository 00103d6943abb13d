#!/usr/bin/env python3
"""A chat server on asyncio, written the obvious way, for comparison with partyline.

It keeps the dialog of docs/PROTOCOL.md: the prompt, names, joining, talking and leaving. A
coroutine serves each client, and one task sends a message to each recipient, so that a slow one
does not delay the others. It has none of the limits of a real server: a stalled reader blocks the
next author, and a flood is buffered without limit.
"""

import asyncio
import resource
import sys

IDLE_TIMEOUT_S = 300
MAX_LINE_BYTES = 4096
NAME_FAILURES = 5


class Client:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.name = None

    async def send(self, text):
        try:
            self.writer.write(text)
            await self.writer.drain()
        except ConnectionError:
            pass  # its own coroutine finds out and says goodbye

    async def line(self):
        """The next line without its end and surrounding blanks, or None at the end."""
        raw = await asyncio.wait_for(self.reader.readline(), IDLE_TIMEOUT_S)
        if not raw:
            return None
        return raw.decode("utf-8", "replace").strip()


class Room:
    def __init__(self):
        self.members = {}

    async def publish(self, text, author):
        data = text.encode()
        tasks = [
            asyncio.create_task(member.send(data))
            for member in self.members.values()
            if member is not author
        ]
        if tasks:
            await asyncio.gather(*tasks)

    async def enter(self, client, name):
        others = ", ".join(member.name for member in self.members.values())
        here = f" Here now: {others}." if others else ""
        client.name = name
        self.members[name.lower()] = client
        await client.send(
            f"*** Welcome, {name}. Type /help for commands.{here} ***\n".encode()
        )
        await self.publish(f"*** {name} has joined the chat ***\n", client)

    async def leave(self, client):
        if client.name is None:
            return
        del self.members[client.name.lower()]
        await self.publish(f"*** {client.name} has left the chat ***\n", client)


def fault_of(name, room):
    if not 1 <= len(name) <= 32:
        return "A name has 1 to 32 characters."
    if name[0] in "/#@*" or not name.isprintable() or " " in name:
        return "A name has no blanks or invisible characters, and begins with none of / # @ *."
    if name.lower() in room.members:
        return "That name is taken."
    return None


async def log_in(client, room):
    for _ in range(NAME_FAILURES):
        await client.send(b"Enter your name: ")
        name = await client.line()
        if name is None:
            return False
        fault = fault_of(name, room)
        if fault is None:
            await room.enter(client, name)
            return True
        await client.send(f"*** {fault} ***\n".encode())
    return False


async def converse(client, room):
    while True:
        text = await client.line()
        if text is None:
            return
        if text == "/quit":
            await client.send(b"*** Goodbye. ***\n")
            return
        if text:
            await room.publish(f"{client.name}: {text}\n", client)


async def serve(room, reader, writer):
    client = Client(reader, writer)
    try:
        if await log_in(client, room):
            await converse(client, room)
    except asyncio.TimeoutError:
        await client.send(b"Disconnected: idle timeout.\n")
    except (ConnectionError, ValueError):
        pass
    finally:
        await room.leave(client)
        writer.close()


async def main():
    room = Room()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = await asyncio.start_server(
        lambda reader, writer: serve(room, reader, writer),
        "127.0.0.1",
        port,
        limit=MAX_LINE_BYTES,
        backlog=4096,
    )
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
