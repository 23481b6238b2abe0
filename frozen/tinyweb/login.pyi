# SPDX-License-Identifier: MIT
"""Login by a form, remembered in the session."""

from collections.abc import Callable
from typing import Any

from _tinyweb import request

from tinyweb.limit import Limiter
from tinyweb.sessions import Sessions

class Login:
    """Who is logged in; an instance is the decorator for handlers that need a user.

    sessions: the application's tinyweb.sessions.Sessions.
    check: a dict {user: tinyweb.passwords.hash_password()'s result}, or a function or coroutine
        check(user, password) that returns whether they are right; what it returns instead of True
        gets `req.user`, and has to be JSON.
    url: where the form is. A GET without a user is sent there, and comes back after the login.
    limiter: a tinyweb.limit.Limiter; by default five failed attempts a minute for each client.
    """

    def __init__(
        self,
        sessions: Sessions,
        check: Any,
        *,
        url: str = "/login",
        limiter: Limiter | None = None,
    ) -> None: ...
    def __call__(self, f: Callable[..., Any]) -> Any:
        """The handler `f` with req.user and req.session; others are sent to the form."""
    def form(self, f: Callable[..., Any]) -> Any:
        """Decorator for the page with the form, for GET and POST.

        `f` shows a form that sends the fields `user` and `password` to where it came from, the
        query string included; `req.failed` tells whether they were wrong just now. When they are
        right, the client is sent to the page that it came from.
        """
    def logout(self, f: Callable[..., Any]) -> Any:
        """Decorator for the handler of POST that ends the session; `f` says where to go next."""
    def user(self, req: request) -> Any:
        """The user of the session of `req`, None where nobody is logged in."""
