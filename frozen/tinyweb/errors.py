# SPDX-License-Identifier: MIT
"""Error handlers of the application: see webserver.errorhandler in tinyweb.application."""

from tinyweb import aio
from tinyweb.server import HTTPException
from tinyweb.values import answer


def answered(response, code, msg):
    """Let the application answer with the status `code`. Coroutine.

    Returns None if it has, or the status that a plain answer shall have. `msg` is what the caller
    has to say itself, or None.
    """
    route = response._request.route
    if route is not None and route.hooks is not None and response._hook is None:
        # The handler was not reached, but the answer is one of its URL.
        from tinyweb.hooks import leave

        response._hook = leave
    if msg is not None or response._failing:
        return code
    exc = HTTPException(code)
    for errors in _errors(response):
        f = _of_class(errors, exc, HTTPException)
        for key, handler in errors:
            if key == code:
                f = handler
        if f is not None:
            return (yield from _call(response, f, exc, code))
    return code


def failed(response, exc):
    """Let the application answer for the exception `exc` of a handler. Coroutine.

    Returns whether there was a handler for it.
    """
    if response._writer.sent or response._failing:
        return False
    for errors in _errors(response):
        f = _of_class(errors, exc, Exception)
        if f is not None:
            response._unawaited = None
            response._writer.reset()
            response.headers = {}
            response.code = 500
            code = yield from _call(response, f, exc, 500)
            if code is not None:
                yield from response.error(code)
            return True
    return False


def _errors(response):
    # The tables of error handlers, the innermost first. Errors that were found before the route
    # was, or in the request's framing, have the server's only.
    route = response._request.route
    group = response._slot.server.group
    groups = (group,) if route is None or route.hooks is None else route.hooks.groups
    return [group.errors for group in reversed(groups)]


def _of_class(errors, exc, base):
    # The handler for the most derived class of `exc` that has one, among those below `base`.
    found = f = None
    for key, handler in errors:
        if not isinstance(key, int) and isinstance(exc, key) and issubclass(key, base):
            if found is None or issubclass(key, found):
                found = key
                f = handler
    return f


def _call(response, f, exc, code):
    # None, or the status for a plain answer if `f` fails itself.
    request = response._request
    response._failing = True
    try:
        value = f(request, response, exc)
        if type(value) is aio.generator:
            value = yield from value
        if request.route is None and isinstance(value, tuple):
            # A request that could not be read: the status and the connection's end are ours.
            value = value[0]
        if value is not None:
            yield from answer(response, value)
        elif not response._writer.started:
            response._start()
        return None
    except HTTPException as error:
        if error.code == 0 and response._writer.started:
            return None  # The answer to HEAD is complete.
        if response._writer.sent:
            raise
        code = error.code
        if not isinstance(code, int) or not 200 <= code <= 599:
            code = 500
    except Exception as error:
        if response._writer.sent:
            raise
        response._slot._log(error, request)
        if request.route is not None:
            code = 500
    # A plain answer, without what the handler has left.
    response._unawaited = None
    response._writer.reset()
    response.headers = {}
    response.code = code
    return code
