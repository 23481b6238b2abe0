# SPDX-License-Identifier: MIT
"""What a server says, once for each limit, when a request is refused because of it."""

from _tinyweb import heap
from httpparse import Error

from micropython import const
from tinyweb import HTTPException
from tinyweb.memory import say_once

# Bits of what was said already, beside that of tinyweb.memory.
_STREAMS = const(2)
_MEMORY = const(4)
_BUFFER = const(8)
_HEAD = const(16)
_BODY = const(32)
_UPLOAD = const(64)
_HANDLER = const(128)

_LINE = "the request line"
_FIELDS = "the header fields that the route keeps"


def tell(slot, exc, code):
    """Log which limit a request in `slot` has passed, and where that limit is set.

    exc: what ended the request: HTTPException, with the limit's name and value behind the code
        where it is an upload's; httpparse.Error; or None if its handler took too long.
    code: the status of the answer, 413, 414, 431 or 503.
    """
    server = slot.server
    request = slot.request
    if code == 503:
        bit = _HANDLER
        text = "handler_timeout is {} s; webserver(handler_timeout=...) sets it".format(
            server.handler_timeout / 1000
        )
    elif code != 413:
        if code == 414:
            what = _LINE
        elif "field too" in str(exc):
            what = _FIELDS
        else:
            return say_once(server, _HEAD, HTTPException(code, str(exc) + "; the limit is fixed"))
        bit = _BUFFER
        text = "buffer_size is {} bytes, too few for {}; webserver(buffer_size=...) sets it"
        text = text.format(server.buffer_size, what)
    elif len(exc.args) > 2:
        bit = _UPLOAD
        text = "{} is {}; the handler sets it".format(exc.args[1], exc.args[2])
    elif isinstance(exc, Error):
        return None  # A form within a body that is not too large: no limit of a route's.
    elif request._max_body_size is not None:
        if slot.parser.remaining + request._taken <= request._max_body_size:
            return None  # The handler has refused it for a reason of its own.
        bit = _BODY
        text = "max_body_size is {} bytes; @app.route(..., max_body_size=...) sets it".format(
            request._max_body_size
        )
    else:
        return None
    if request.method:
        text += ", in the answer to {} {}".format(request.method.decode(), request.path.decode())
    say_once(server, bit, HTTPException(code, text))


def refuse_stream(server, others, most):
    """Log that `others` streams are open, and no more are allowed (`most`, None for the slots)."""
    if most is None:
        reason = "one of {} slots is left to requests".format(server.max_concurrency)
    else:
        reason = "max_streams or max_websockets is {}".format(most)
    text = "no connection for another stream: {} are open, {}".format(others, reason)
    say_once(server, _STREAMS, MemoryError(text))


def refuse_memory(server, size):
    """Log that a slot is free, but not the `size` bytes that a stream needs beside it."""
    free, largest = heap()
    text = "no memory for a stream: needs {} bytes, free {}, largest piece {}"
    say_once(server, _MEMORY, MemoryError(text.format(size, free, largest)))
