# SPDX-License-Identifier: MIT
"""The base class of decorators for handlers."""


class Wrapper:
    """A handler around the handler `f`, a function, coroutine or Wrapper.

    A subclass calls `self.f(req, resp, *parameters)` from its `__call__`. Functions have no
    attributes in MicroPython, so a decorator that needs request fields is an object: registration
    adds its `save_headers` to those of the route.

    NEEDS: names (str) of the request fields that the subclass reads.
    """

    NEEDS = ()

    def __init__(self, f):
        self.f = f
        self.save_headers = tuple(self.NEEDS) + tuple(getattr(f, "save_headers", ()))
