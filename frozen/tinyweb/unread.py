# SPDX-License-Identifier: MIT
"""What a client has sent, or still sends, and nobody wants to read. A function's `slot` is one."""

from time import ticks_add, ticks_diff, ticks_ms

from _tinyweb import DRAIN_BYTES
from httpparse import Error

from micropython import const
from tinyweb import aio

# How much of what a refused client still sends is read before the close, how long in all and how
# long without a byte, in ms: closing with unread input makes TCP reset the connection and may
# destroy the answer (RFC 9112 section 9.6). Many clients read it when they have sent everything.
_LINGER_BYTES = const(8388608)
_LINGER_LONGEST = const(10000)
_LINGER_TIME = const(500)
# How long in all while another client waits for the slot, in ms.
_LINGER_IN_A_CROWD = const(1000)
# Pieces that are read before other tasks run, and their size in bytes.
_PIECES = const(16)
_PIECE = const(256)


def drain(slot):
    """Read the rest of a body that the handler did not want, to keep the connection. Coroutine.

    Returns False if that is not worth it.
    """
    parser = slot.parser
    if parser.expect and not slot.request._taken:
        return False  # The client may send it or not: nobody can tell (RFC 9110 section 10.1.1).
    if not slot.writer.keep_alive:
        return False
    slot.move("drain", slot.server.body_timeout)
    while True:
        try:
            done = parser.drain(slot.sock, DRAIN_BYTES)
        except Error:
            return False  # Malformed: nothing that follows may be taken for a request.
        if done is not None:
            return done
        yield from aio.readable(slot.sock)


def linger(slot):
    """Read and drop what a refused client still sends, within limits. Coroutine.

    It ends at once after the end of a body that is known; the caller closes the connection.
    """
    parser = slot.parser
    framed = parser.remaining != 0
    buf = bytearray(_PIECE)
    left = _LINGER_BYTES
    due = ticks_add(ticks_ms(), _LINGER_LONGEST)
    pieces = 0
    hurry = False
    while left > 0:
        try:
            n = parser.readinto(slot.sock, buf) if framed else slot.sock.readinto(buf)
        except Error:
            framed = False  # Malformed, or the client has closed: the next read tells.
            continue
        if n == 0:
            if framed and not drop(slot):  # The next request may be there already.
                framed = False
                continue
            return
        if n is None or pieces == _PIECES:
            pieces = 0
            now = ticks_ms()
            rest = ticks_diff(due, now)
            if slot.server.closing and not hurry:
                hurry = True
                rest = min(rest, _LINGER_IN_A_CROWD)
                due = ticks_add(now, rest)
            if rest <= 0:
                return
            slot.move("linger", min(rest, _LINGER_TIME))
            if n is None:
                yield from aio.readable(slot.sock)
                continue
            yield from aio.pass_on()
        pieces += 1
        left -= n


def drop(slot):
    """Read and drop what the client of `slot` has sent already: more requests, usually.

    It has been told that the last answer was the last one. Returns False if there is more than
    other tasks may wait for: linger() reads the rest.
    """
    buf = bytearray(_PIECE)
    for _ in range(_PIECES):
        if not slot.sock.readinto(buf):
            return True
    return False
