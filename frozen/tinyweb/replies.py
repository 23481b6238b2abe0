# SPDX-License-Identifier: MIT
"""What a slot answers when something has failed."""


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
    if code == 413 or code == 414 or code == 431:
        tell_limit(slot, exc, code)
    yield from slot.response.error(code)
    return True


def tell_limit(slot, exc, code):
    """Log which limit has been passed: see tinyweb.refusals, which an image may leave out."""
    try:
        from tinyweb import refusals
    except ImportError:
        return
    refusals.tell(slot, exc, code)


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
