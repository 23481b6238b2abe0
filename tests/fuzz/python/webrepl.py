# SPDX-License-Identifier: MIT
"""Clients of WebREPL that mask nothing: two bytes of how their frames are cut, one of their kind.

0: what comes. 1: what a client sends that has logged in, without the frames: of each message a
byte of its kind, one of its length, and the message. 2: commands of 82 bytes: of each its kind,
one of NAMES or a name's length and the name, the size of a file, and the file.
"""

import asyncio
import os
import sys
from errno import ECONNRESET

from harness import Cutter, run
from tinyweb import aio
from tinyweb.device import webrepl

ROOT = "webrepl/"
PASSWORD = b"12345678\r"
NAMES = ("a.txt", "sub/b", "device.json")
END = -1


class Frames:
    """The frames that write; nothing is written."""

    write = None


class Stream:
    """What comes, with a pause after each piece where there are several."""

    def __init__(self, data, sizes):
        self.pieces = Cutter(data, sizes)
        self.waits = False

    def _pauses(self):
        self.waits = bool(self.pieces.sizes) and not self.waits
        return self.waits

    def read(self, n):
        return None if self._pauses() else self.pieces.take(n)

    def readinto(self, buf):
        if self._pauses():
            return None
        part = self.pieces.take(len(buf))
        buf[: len(part)] = part
        return len(part)


def reference(data):
    """The messages of `data`, (whether text, payload), read in one go; the last may be cut off."""
    found = []
    at = 0
    while at + 1 < len(data) and data[at] in (0x81, 0x82) and data[at + 1] <= 126:
        text, n = data[at] == 0x81, data[at + 1]
        at += 2
        if n == 126:
            if at + 2 > len(data):
                break
            n = data[at] << 8 | data[at + 1]
            at += 2
        found.append((text, data[at : at + n], at + n <= len(data)))
        at += n
    return found


def messages(data, sizes, room):
    """As reference(), with Unmasked; each message is read in parts of at most `room` bytes."""
    frames = webrepl.Unmasked(Frames)
    stream = Stream(data, sizes)
    buf = bytearray(room)
    found = []
    text = payload = None
    while True:
        got = frames.read(stream, False if payload is None else buf)
        if got is None:
            continue
        if got == END:
            if payload is not None:
                found.append((text, payload, False))
            return found
        if payload is None:
            assert got == 0
            text, payload = frames.text, b""
            continue
        assert frames.text == text and 0 <= got <= room
        payload += buf[:got]
        if not got:
            found.append((text, payload, True))
            payload = None


def check_frames(data, sizes):
    found = reference(data)
    assert messages(data, b"", 512) == found
    assert messages(data, sizes, 1 + sizes[0] % 64) == found


class Socket:
    """The WebSocket of a client, as webrepl reads and writes it."""

    def __init__(self, data, sizes):
        self._frames = webrepl.Unmasked(Frames)
        self._stream = Stream(data, sizes)
        self.sent = []
        self.aborted = False

    @property
    def text(self):
        return self._frames.text

    async def readinto(self, buf):
        while True:
            n = self._frames.read(self._stream, buf)
            if n is not None:
                return None if n == END else n

    async def send(self, data):
        self.sent.append(data if isinstance(data, str) else bytes(data))

    def abort(self):
        self.aborted = True


class Request:
    """What is asked of the request."""

    peer = "10.0.0.2"


class Limiter:
    """Lets everybody try."""

    def attempt(self, peer):
        return False

    def succeeded(self, peer):
        pass


class Device:
    """A device with the password 12345678."""

    root = ROOT
    path = ROOT + "device.json"
    limiter = Limiter()

    async def users(self, user, password):
        return user == "" and password == "12345678"


def put(path, content):
    with open(ROOT + path, "wb") as file:
        file.write(content)


def clear(folder):
    for entry in os.ilistdir(folder):
        path = folder + entry[0]
        if entry[1] == 0x4000:
            clear(path + "/")
            os.rmdir(path)
        else:
            os.remove(path)


def files(folder):
    found = {}
    for entry in os.ilistdir(folder):
        path = folder + entry[0]
        if entry[1] == 0x4000:
            found[path] = None
            found.update(files(path + "/"))
        else:
            with open(path, "rb") as file:
                found[path] = file.read()
    return found


def frame(first, payload):
    n = len(payload)
    return bytes((first, n) if n < 126 else (first, 126, n >> 8, n & 255)) + payload


def typed(data):
    """The frames of messages: kind, length, payload."""
    out = frame(0x81, PASSWORD)
    at = 0
    while at + 1 < len(data):
        n = data[at + 1]
        out += frame(0x81 if data[at] & 1 else 0x82, data[at + 2 : at + 2 + n])
        at += 2 + n
    return out


def answers(kind, n, content, found):
    """What a command for one of NAMES is answered with; (answers, frames that it takes)."""
    path = ROOT + NAMES[n]
    if kind == 1 and n == 2:
        return [b"WB\x99\x01"], b""
    if kind == 1:
        found[path] = content
        return [b"WB\0\0"] * 2, frame(0x82, content) if content else b""
    if kind == 2 and path not in found:
        return [b"WB\x94\x01"], b""
    if kind == 2:
        parts = [found[path], b""] if found[path] else [b""]
        told = [len(part).to_bytes(2, "little") + part for part in parts]
        return [b"WB\0\0"] + told + [b"WB\0\0"], frame(0x82, b"\0") * len(parts)
    return [bytes(sys.implementation.version[:3])], b""


def commands(data):
    """The frames of commands, their answers and the files then; None where nobody knows them."""
    out = frame(0x81, PASSWORD)
    told = []
    found = {ROOT + "a.txt": b"old", ROOT + "sub": None, ROOT + "device.json": b"{}"}
    known = True
    at = 0
    while at + 2 < len(data):
        kind, n = 1 + data[at] % 3, data[at + 1]
        if n < len(NAMES):
            name = NAMES[n].encode()
        else:
            name = data[at + 2 : at + 2 + n % 65]
            at += len(name)
        size = data[at + 2] if at + 2 < len(data) else 0
        content = data[at + 3 : at + 3 + size] if kind == 1 else b""
        at += 3 + len(content)
        command = b"WA" + bytes((kind, 0)) + bytes(8) + len(content).to_bytes(4, "little")
        command += len(name).to_bytes(2, "little") + name + bytes(64 - len(name))
        out += frame(0x82, command)
        if n < len(NAMES):
            more, taken = answers(kind, n, content, found)
            told += more
            out += taken
        else:
            known = False
            out += frame(0x82, content) if content else b""
    return out, (told, found) if known else None


async def talk(data, sizes):
    """(what is sent to the client, the files afterwards)."""
    socket = Socket(data, sizes)
    try:
        await webrepl._talk(Request, socket, Device())
    except OSError as exc:
        # In the middle of a file.
        assert exc.errno == ECONNRESET, exc
    assert socket.aborted
    # What is typed is answered once for each part of it.
    return [part for part in socket.sent if not isinstance(part, str) or "no prompt" not in part]


def ask(data, sizes):
    clear(ROOT)
    put("a.txt", b"old")
    os.mkdir(ROOT + "sub")
    put("device.json", b"{}")
    try:
        sent = asyncio.run(talk(data, sizes))
    finally:
        aio.loop_left()
    return sent, files(ROOT)


def check_talk(data, sizes, expected):
    sent, found = ask(data, b"")
    assert (sent, found) == ask(data, sizes)
    assert sent[0] == "Password: "
    for part in sent[1:]:
        if isinstance(part, str):
            assert part in ("\r\nAccess denied\r\n", "\r\nWebREPL connected\r\n>>> ")
    # Settings are no file, nothing temporary stays but what has such a name from the client.
    assert found[ROOT + "device.json"] == b"{}"
    left = [path[len(ROOT) :].encode() for path in found if path.endswith(".part")]
    assert all(name in data for name in left), found
    if expected is not None:
        assert (sent[2:], found) == expected, (sent, found, expected)


try:
    os.mkdir(ROOT[:-1])
except OSError:
    pass  # It is there.


def check(data):
    if len(data) < 4:
        return
    sizes, kind, data = data[:2], data[2] % 3, data[3:]
    if kind == 0:
        check_frames(data, sizes)
        check_talk(data, sizes, None)
    elif kind == 1:
        data = typed(data)
        check_frames(data, sizes)
        check_talk(data, sizes, None)
    else:
        data, expected = commands(data)
        check_talk(data, sizes, expected)


run(check)
