# SPDX-License-Identifier: MIT
"""The base class of what lets requests pass, or not, before their handler runs."""

from tinyweb import aio
from tinyweb.wrapper import Wrapper


def call(f, *args):
    """Call a function or coroutine. Coroutine; returns what it returns."""
    result = f(*args)
    if type(result) is aio.generator:
        result = yield from result
    return result


class Guard:
    """What a request has to pass before its handler runs, such as a log-in.

    `guard(f)` is the guarded handler `f`, and so `@guard` goes below `@app.route(...)`. As a hook,
    in `before=guard` or `app.before_request(guard)`, it guards resources and whole applications.

    NEEDS: names (str) of the request fields that the subclass reads.
    """

    NEEDS = ()

    @property
    def save_headers(self):
        """NEEDS, for those who register the guard."""
        return self.NEEDS

    def __call__(self, f, resp=None):
        """The guarded handler `f`; as a hook, what admit() returns.

        f: the handler; the request for a hook.
        resp: None; the response for a hook.
        """
        if resp is None:
            return _Guarded(f, self)
        return self.admit(f, resp)

    def admit(self, req, resp):
        """Let a request pass, by returning None, or answer it. A function or coroutine.

        req, resp: the request and its response.
        """
        raise NotImplementedError


class _Guarded(Wrapper):
    def __init__(self, f, guard):
        super().__init__(f, guard.NEEDS)
        self.guard = guard

    def __call__(self, req, resp, *parameters):
        refusal = self.guard.admit(req, resp)
        if refusal is None:
            return self.f(req, resp, *parameters)
        if type(refusal) is aio.generator:
            return self._wait(refusal, req, resp, parameters)
        return refusal

    def _wait(self, refusal, req, resp, parameters):
        refusal = yield from refusal
        if refusal is not None or resp._writer.started:
            return refusal
        return (yield from call(self.f, req, resp, *parameters))
