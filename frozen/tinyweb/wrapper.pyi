# SPDX-License-Identifier: MIT
"""The base class of decorators for handlers."""

from collections.abc import Callable, Sequence
from typing import Any

class Wrapper:
    """A handler around the handler `f`, a function, coroutine or Wrapper.

    A subclass calls `self.f(req, resp, *parameters)` from its `__call__`. Functions have no
    attributes in MicroPython, so a decorator that needs request fields is an object: registration
    adds its `save_headers` to those of the route.

    NEEDS: names (str) of the request fields that the subclass reads.
    """

    NEEDS: Sequence[str]
    f: Callable[..., Any]
    save_headers: tuple[str, ...]
    def __init__(self, f: Callable[..., Any]) -> None: ...
