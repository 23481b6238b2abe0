# SPDX-License-Identifier: MIT
"""The body of a request: what request.read(), readinto() and read_parse_form_data() do.

They are coroutines: for MicroPython a generator is one, and a `def` with a bare yield says plainly
where the task waits.
"""

from time import ticks_add, ticks_ms

from micropython import const
from tinyweb import aio
from tinyweb.server import HTTPException

# Bytes of a body that earn the client another body_timeout.
_PROGRESS = const(512)
# Bytes of a chunked body that read(n) takes at most: n may be far more than what comes.
_PIECE = const(1024)


def readinto(request, buf):
    """Read body bytes into `buf`, a bytearray or writable memoryview. Coroutine.

    Returns their number, 0 at the end of the body. Raises HTTPException(413) beyond
    the route's max_body_size (RFC 9110 section 15.5.14), httpparse.Error on a malformed
    chunk or a body that is cut off (RFC 9112 sections 7.1 and 8).
    """
    slot = request._slot
    parser = slot.parser
    if parser.remaining == 0:
        return 0  # Perhaps there was no body at all, and nothing to count.
    if not request._taken and parser.expect:
        yield from _send_continue(request)
    n = parser.readinto(slot.sock, buf)
    if n is None:
        # A client that sends a byte now and then does not get more time for each.
        if request._due is None or request._taken - request._marked >= _PROGRESS:
            request._marked = request._taken
            request._due = ticks_add(ticks_ms(), slot.server.body_timeout)
        late = slot.late
        slot.late = 408
        slot.deadline = request._due
        while n is None:
            yield from aio.readable(slot.sock)
            # A task may have waited for longer than the request took.
            n = request._parser.readinto(slot.sock, buf)
        slot.deadline = slot.limit
        slot.late = late
    request._taken += n
    if request._taken > request._max_body_size:
        slot.response._keep_alive = False
        raise HTTPException(413)
    return n


def _send_continue(request):
    # 100 Continue, before the body is read (RFC 9110 section 10.1.1).
    slot = request._slot
    while request._slot.writer.interim(slot.sock, 100) is None:
        yield from slot.wait_to_send()
    slot.deadline = slot.limit


def read(request, n=-1):
    """Read up to `n` bytes of the body, or all of it. Coroutine; b'' is the body's end.

    Raises what readinto() does. All of it is a bytearray, so that it needs no second copy.
    """
    left = request._slot.parser.remaining
    if left == 0 or n == 0:
        return b""
    if n < 0:
        return (yield from _read_all(request, left))
    buf = bytearray(min(n, left if left > 0 else _PIECE))
    n = yield from readinto(request, buf)
    return bytes(memoryview(buf)[:n])


def _read_all(request, limit):
    # A body of known size, `limit` if that is not negative, costs one buffer of that size.
    known = limit > 0
    if not known:
        limit = request._max_body_size + 1  # as much as can come before it is too much
    buf = bytearray(limit if known else min(limit, 256))
    used = 0
    while True:
        if used == len(buf):
            if known:
                return buf
            buf.extend(bytes(min(len(buf), limit - used)))
        n = yield from readinto(request, memoryview(buf)[used:])
        if not n:
            return buf if used == len(buf) else buf[:used]
        used += n


def read_rest_of_form(request, buf, used):
    """Parse a form of len(buf) bytes, of which `used` are in `buf` already. Coroutine."""
    from httpparse import parse_qs

    while used < len(buf):
        n = yield from readinto(request, memoryview(buf)[used:])
        if not n:
            break
        used += n
    return parse_qs(buf)


def read_parse_form_data(request):
    """Read the body and parse it by its Content-Type. Coroutine; returns a dict or list.

    application/x-www-form-urlencoded gives {str: str} and application/json its object or array; no
    body gives {}. Raises HTTPException: 400 for JSON that is malformed or neither of these, 413
    for a body larger than the route's max_body_size, 415 for another type.
    """
    if request._slot.parser.remaining == 0:
        return {}
    from tinyweb import forms

    return (yield from forms.read_form(request))
