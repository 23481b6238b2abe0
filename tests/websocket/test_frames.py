# SPDX-License-Identifier: MIT
"""class frames, called by hand: what it refuses, and messages that are read in several ways."""

import pytest

from support.simulator import SIMULATOR_MODULES, search_path

SETUP = """
from calls import tried
import errno, io
from _tinyweb import frames

class Client(io.IOBase):
    # Sends `data`, and then nothing for now.
    def __init__(self, data):
        self.data = data
    def readinto(self, buf):
        n = min(len(buf), len(self.data))
        buf[:n] = self.data[:n]
        self.data = self.data[n:]
        return n or None

def frame(first, payload, length=None):
    # A client's frame, masked with zeros.
    n = len(payload) if length is None else length
    head = bytes([first, 0x80 | n]) if n < 126 else bytes([first, 0xff]) + n.to_bytes(8, "big")
    return head + bytes(4) + payload
"""


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def answer(request, run_mpy):
    def run(code):
        return run_mpy(
            SETUP + code, bits=request.param, env=search_path(SIMULATOR_MODULES)
        ).stdout.splitlines()

    return run


def test_limits_of_messages(answer):
    lines = answer("tried(frames, 0x40000000); tried(frames, -1); frames(0x3fffffff)")
    assert lines == ["ValueError limit out of range"] * 2


def test_a_message_that_there_is_no_memory_for(answer):
    """1009 is Message Too Big (RFC 6455 section 7.4.1), whatever the application allows."""
    lines = answer("print(frames(0x3fffffff).read(Client(frame(0x82, b'x', 0x30000000))))")
    assert lines == ["-1009"]


def test_a_message_is_read_in_one_way(answer):
    """What has begun in parts is not gone on with as a whole, and the other way round."""
    lines = answer("""
f, buf = frames(100), bytearray(3)
client = Client(frame(0x82, b"hello"))
tried(f.read, client, bytearray(0))
tried(f.read, client, buf)
tried(f.read, client)
tried(f.read, client, buf)
print(buf)
f = frames(100)
client = Client(frame(0x82, b"hello")[:-2])
tried(f.read, client)
tried(f.read, client, buf)
client.data = b"lo"
tried(f.read, client)
""")
    refused = "ValueError no buffer, or message begun"
    assert lines[:4] == [refused, "3", "ValueError message begun", "2"]
    assert lines[4:] == ["bytearray(b'lol')", "None", refused, "b'hello'"]


def test_parts_of_a_message_that_come_late_or_are_no_text(answer):
    """1007 is what is no UTF-8: RFC 6455 section 8.1."""
    lines = answer("""
f, buf = frames(100), bytearray(9)
client = Client(frame(0x81, b"hello")[:6])
tried(f.read, client, buf)
client.data = b"he"
tried(f.read, client, buf)
tried(frames(100).read, Client(frame(0x81, b"he\\xff")), buf)
""")
    assert lines == ["None", "2", "-1007"]


def test_keys_that_are_none(answer):
    """16 bytes in base64 end with two characters for none (RFC 6455 section 4.1)."""
    lines = answer("""
for key in b"A" * 24, b"A" * 23 + b"=", b"A" * 22 + b"=A", b"A" * 22 + b"==", b"A" * 21 + b"===":
    print(frames.accept(key) is not None)
""")
    assert lines == ["False", "False", "False", "True", "False"]
