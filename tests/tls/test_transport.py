# SPDX-License-Identifier: MIT
"""The socket below a TLS connection, which is closed once and knows when the handshake is over."""

import pytest

# Only the 64-bit simulator has TLS.
SETUP = """
import httpparse, io
from _tinyweb import aio, transport

class Peer(io.IOBase):
    # Takes `most` bytes at a time.
    most, taken, closed, seen = 1000, 0, 0, []
    def write(self, buf):
        n = min(self.most, len(buf))
        self.taken += n
        self.seen.append(t.handshaking)
        return n
    def readinto(self, buf):
        return None
    def ioctl(self, request, argument):
        self.closed += request == 4
        return 0

def tried(f, *args, **keywords):
    try:
        print(f(*args, **keywords))
    except Exception as exc:
        print(type(exc).__name__, exc)

def send(record):
    # What print() writes is all that it is asked to.
    print(record, end="", file=t)

def record(kind, size):
    return chr(kind) + "\\x03\\x03\\0" + chr(size) + "x" * size

peer = Peer()
t = transport(peer)
"""


def answer(run_mpy, code):
    return run_mpy(SETUP + code).stdout.splitlines()


def test_after_its_end(run_mpy):
    """Nothing reaches the socket that was closed: its number may be another connection's."""
    lines = answer(
        run_mpy,
        """
t.close()
t.close()
tried(send, "x")
tried(httpparse.Request().feed, t)
tried(aio.ready, t)
print(peer.closed, peer.taken, t.handshaking)
""",
    )
    assert lines == [*["OSError [Errno 9] EBADF"] * 2, "True", "1 0 False"]


def test_attributes_are_only_told(run_mpy):
    lines = answer(run_mpy, 'tried(setattr, t, "handshaking", False); print(t.handshaking)')
    assert lines == ["AttributeError 'transport' object has no attribute 'handshaking'", "True"]


@pytest.mark.parametrize("most", [1, 3, 7, 1000])
def test_the_handshake_ends_with_the_first_record_that_is_encrypted(run_mpy, most):
    """However few bytes the client takes at a time, all of it has to be out."""
    lines = answer(
        run_mpy,
        f"""
peer.most = {most}
send("\\x16\\x03")         # never begun like that, and no record
send(record(22, 40))
send(record(20, 1))
peer.seen.clear()
send(record(22, 32))
print(set(peer.seen), t.handshaking)
send(record(23, 32))
print(t.handshaking)
""",
    )
    assert lines == ["{True} False", "False"]
