# SPDX-License-Identifier: MIT
"""The less common methods of a response, and what a slot answers when something has failed.

Their classes are in cmodules/tinyweb.
"""

from httpparse import reason

from micropython import const

# The route's members that hold what CORS allows; see tinyweb.server.
_CORS_ORIGINS = const(5)
_CORS_HEADERS = const(6)
_CORS_METHODS = const(7)

# Time, in ms, for the answer to a request that has taken too long.
_LAST_TIME = const(1000)
# Seconds after which a client may repeat what the server was too busy or too small for just now.
_RETRY_AFTER = const(10)


def send_rest(response, payload, at):
    """Send `payload` from the offset `at` on, as the client takes it. Coroutine."""
    response._unawaited = None
    slot = response._slot
    while at is not None:
        yield from slot.wait_to_send()
        at = response._writer.write(slot.sock, payload, at)
    slot.deadline = slot.limit


def send_next(response, payload):
    """Send `payload` behind what was not awaited. Coroutine."""
    yield from response.send(payload)


def after(first, then):
    """Run `first`, which was not awaited, before `then`. Coroutine."""
    yield from first
    yield from then


def flush_rest(response):
    """Send what is left in the buffer, as the client takes it. Coroutine."""
    response._unawaited = None
    slot = response._slot
    while True:
        yield from slot.wait_to_send()
        if response._writer.flush(slot.sock) is not None:
            break
    slot.deadline = slot.limit


def add_access_control_headers(response):
    """Add the header fields that let scripts of other origins use the answer (CORS)."""
    route = response._request.route
    if not isinstance(route[_CORS_ORIGINS], str):
        return  # tinyweb.cors adds what is right for the client.
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = route[_CORS_ORIGINS]
    headers["Access-Control-Allow-Methods"] = route[_CORS_METHODS]
    headers["Access-Control-Allow-Headers"] = route[_CORS_HEADERS]


async def redirect(response, location, msg=None):
    """Redirect the client to `location` with 302 Found (RFC 9110 section 15.4.3)."""
    response._unawaited = None
    response.code = 302
    response.headers["Location"] = location
    response._start("text/plain; charset=utf-8" if msg else None)
    if msg:
        await response.send(msg)


async def error(response, code, msg=None):
    """Answer with the error status `code`; `msg` (str) replaces the reason phrase as text.

    Replaces what the handler has collected so far; raises RuntimeError if that has left.
    """
    response._unawaited = None
    writer = response._writer
    if writer.sent:
        raise RuntimeError("response already sent")
    writer.reset()
    allow = response.headers.get("Allow")
    response.headers = {} if allow is None else {"Allow": allow}
    if code == 503:
        response.headers["Retry-After"] = _RETRY_AFTER
    response.code = code
    # Nothing has asked for the time where the request was not understood.
    response._date = response._slot.server.date()
    if response._slot.server.group is not None:
        from tinyweb import errors

        code = await errors.answered(response, code, msg)
        if code is None:
            return
    response._start("text/plain; charset=utf-8")
    await response.send(msg or reason(code))


# What slots use


def finish(slot):
    """Send the rest of the response, as the client takes it. Coroutine."""
    while slot.writer.finish(slot.sock) is None:
        yield from slot.wait_to_send()
    slot.deadline = None


def error_of(slot, exc, code):
    """Answer with the status `code` of the exception `exc`. Coroutine.

    Returns False if a response is under way, which can only be cut off.
    """
    writer = slot.writer
    if code == 0 and writer.started:
        return True  # The answer to HEAD is complete; see modtinyweb_parts.c.
    if not isinstance(code, int) or not 200 <= code <= 599:
        return (yield from slot._failed(exc))
    if writer.sent:
        return False
    yield from slot.response.error(code)
    return True


def failed(slot, exc):
    """Log what a handler has raised, answer 500, and with debug show it. Coroutine.

    Want of memory passes: it is answered with 503 (RFC 9110 section 15.6.4). Returns what
    error_of() does.
    """
    server = slot.server
    if server.group is not None:
        from tinyweb import errors

        if (yield from errors.failed(slot.response, exc)):
            return True
    slot._log(exc, slot.request)
    if slot.writer.sent:
        return False
    text = None
    if server.debug:
        from tinyweb.debug import traceback_text

        text = traceback_text(exc)
    yield from slot.response.error(503 if isinstance(exc, MemoryError) else 500, text)
    return True


def give_up(slot, code):
    """Answer a request whose time is over with the status `code`, in a short time. Coroutine."""
    if slot.writer.sent or slot.parser.idle:
        return  # What has begun can only be cut off; who has not asked gets no answer.
    slot.response._keep_alive = False
    slot.last(_LAST_TIME)
    yield from slot.response.error(code)
    yield from finish(slot)
    # Closing with unread input would make TCP reset the connection, and might destroy the answer.
    slot._drop()
    slot._access()
