# SPDX-License-Identifier: MIT
"""The base class of decorators for handlers."""

from tinyweb import routes


class Wrapper:
    """A handler around the handler `f`, a function, coroutine or Wrapper.

    A subclass calls `self.f(req, resp, *parameters)` from its `__call__`. Functions have no
    attributes in MicroPython, so a decorator that needs request fields is an object: registration
    adds its `save_headers` to those of the route.

    needs: in the place of NEEDS.

    NEEDS: names (str) of the request fields that the subclass reads.
    SAME_ARGUMENTS: whether `f` gets as many arguments as its caller gives; False where a subclass
        adds some, so that registration does not count them.
    """

    NEEDS = ()
    SAME_ARGUMENTS = True

    def __init__(self, f, needs=None):
        if f is routes.registered:
            routes.around = self
        self.f = f
        self.save_headers = tuple(needs or self.NEEDS) + tuple(getattr(f, "save_headers", ()))
