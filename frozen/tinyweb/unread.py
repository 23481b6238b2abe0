# SPDX-License-Identifier: MIT
"""What a client has sent, or still sends, and nobody wants to read. A function's `slot` is one."""

from _tinyweb import DRAIN_BYTES
from httpparse import Error

from micropython import const
from tinyweb import aio

# How long, in ms, and how much of what a refused client still sends is read before the close:
# closing with unread input makes TCP reset the connection and may destroy the answer.
_LINGER_TIME = const(500)
_LINGER_BYTES = const(16384)


def drain(slot):
    """Read the rest of a body that the handler did not want, to keep the connection. Coroutine.

    Returns False if that is not worth it.
    """
    parser = slot.parser
    if parser.expect and not slot.request._taken:
        return False  # The client may send it or not: nobody can tell (RFC 9110 section 10.1.1).
    if not slot.writer.keep_alive:
        return False
    while True:
        try:
            done = parser.drain(slot.sock, DRAIN_BYTES)
        except Error:
            return False  # Malformed: nothing that follows may be taken for a request.
        if done is not None:
            return done
        slot.within(slot.server.body_timeout)
        yield from aio.readable(slot.sock)


def linger(slot):
    """Read and drop for a moment what a refused client still sends. Coroutine.

    It ends at once after the end of a body that is known; the caller closes the connection.
    """
    parser = slot.parser
    framed = parser.remaining != 0
    buf = bytearray(128)
    left = _LINGER_BYTES
    slot.deadline = None
    waited = False
    while left > 0:
        try:
            n = parser.readinto(slot.sock, buf) if framed else slot.sock.readinto(buf)
        except Error:
            framed = False  # Malformed, or the client has closed: the next read tells.
            continue
        if n is None:
            if not waited:
                waited = True
                slot.within(_LINGER_TIME)
            yield from aio.readable(slot.sock)
        elif n == 0:
            return
        else:
            left -= n
