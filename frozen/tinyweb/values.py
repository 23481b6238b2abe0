# SPDX-License-Identifier: MIT
"""What a handler returns becomes the answer: str, bytes, dict, list, tuple, parts of a body.

Imported when a handler first returns something.
"""

from _tinyweb import dumps

from micropython import const
from tinyweb import aio

# From this size on, in bytes, the length of a body is said in advance.
_LARGE = const(512)


def redirect(location, code=302):
    """What a handler returns to send the client to `location` (str), RFC 9110 section 15.4.

    code: the status.
    """
    return "", code, {"Location": location}


def answer(response, value):
    """Answer with `value`, which a handler has returned. Coroutine.

    value: str or bytes-like, sent as HTML; dict or list, sent as JSON; an iterable, generator or
        coroutine, plain or async, whose parts are str or bytes-like; or a tuple of one of these or
        None, and a status (int), a dict of headers, or both in this order.

    Where the handler has started the response already, what it returns is the rest of the body.
    Raises TypeError for another value, RuntimeError for a status or headers that come too late.
    """
    started = response._writer.started
    if isinstance(value, tuple):
        if started:
            raise RuntimeError("response already started")
        value = _unpack(response, value)
    kind = "text/html; charset=utf-8"
    if isinstance(value, (dict, list)):
        value = dumps(value)
        kind = "application/json"
    if value is None:
        response._start()
    elif isinstance(value, (str, bytes, bytearray, memoryview)):
        if not started:
            size = len(memoryview(value))
            if size >= _LARGE:
                response.headers["Content-Length"] = size
            response._start(kind)
        yield from response.send(value)
    elif isinstance(value, aio.generator):
        # The slot's task takes what it yields for parts, but for None, with which it waits.
        value = yield from value
        if value is not None:
            yield from answer(response, value)
    elif hasattr(value, "__aiter__"):
        yield from _collect(value)
    elif hasattr(value, "__next__") or hasattr(value, "__iter__"):
        # Among them the coroutine of a response's method that was done at once.
        for part in value:
            yield _part(part)
    else:
        text = "a handler returns str, bytes, dict, list, a tuple, parts of a body or None, not {}"
        raise TypeError(text.format(type(value).__name__))


async def _collect(parts):
    async for part in parts:
        yield _part(part)


def _part(part):
    if part is None:
        raise TypeError("a part of a body is str or bytes")
    return part


def _unpack(response, value):
    # The body of a tuple. Its status and headers go to the response.
    if len(value) == 2:
        body, status = value
        headers = {}
        if isinstance(status, dict):
            headers = status
            status = response.code
    elif len(value) == 3:
        body, status, headers = value
    else:
        raise TypeError("a handler returns (body, status, headers)")
    if not isinstance(status, int) or not isinstance(headers, dict):
        raise TypeError("a status is an int, headers are a dict")
    response.code = status
    response.headers.update(headers)
    return body
