# SPDX-License-Identifier: MIT
"""HTTP authentication (RFC 9110 section 11): the schemes Basic (RFC 7617) and Bearer (RFC 6750).

Digest has a module of its own, tinyweb.digest. A scheme is an object that makes decorators:

    admin = basic_auth({"admin": "pbkdf2-sha256$..."})

    @app.route("/settings")
    @admin
    async def settings(req, resp): ...
"""

from collections.abc import Callable
from typing import Any

from _tinyweb import request

from tinyweb.limit import Limiter

class Scheme:
    """The base of all schemes. An instance is a decorator: `scheme(f)` is the guarded handler.

    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.

    A subclass has
    NAME: the auth-scheme (RFC 9110 section 11.1), lower case, bytes.
    check(req, credentials): coroutine; returns the user or None. `credentials` are what follows
        the scheme's name, bytes.
    challenge(req): the value of WWW-Authenticate.
    """

    NAME: bytes
    def __init__(self, realm: str, limiter: Limiter | None) -> None: ...
    def __call__(self, f: Callable[..., Any]) -> Any: ...
    async def authenticate(self, req: request) -> Any:
        """The user that the Authorization field of `req` stands for, or None. Coroutine.

        The field has to be kept by the route, as the decorator has it kept.
        """

class basic_auth(Scheme):
    """Basic (RFC 7617): user and password with each request, as good as in plain text.

    check: a dict {user: tinyweb.passwords.hash_password()'s result}, or a function or coroutine
        check(user, password), both str, that returns whether they are right; what it returns
        instead of True gets `req.user`.
    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.
    """

    def __init__(
        self, check: Any, realm: str = "device", limiter: Limiter | None = None
    ) -> None: ...
    async def check(self, req: request, credentials: bytes) -> Any:
        """The user whom the `credentials` (bytes) of `req` belong to, or None. Coroutine."""
    def challenge(self, req: request) -> str:
        """The value of WWW-Authenticate (str) in the answer to `req`."""

class bearer_auth(Scheme):
    """Bearer (RFC 6750): whoever has the token may.

    check: a dict {token: user}, both str, or a function or coroutine check(token) that returns
        whether it is right; what it returns instead of True gets `req.user`.
    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.
    """

    def __init__(
        self, check: Any, realm: str = "device", limiter: Limiter | None = None
    ) -> None: ...
    async def check(self, req: request, credentials: bytes) -> Any:
        """The user whom the `credentials` (bytes) of `req` belong to, or None. Coroutine."""
    def challenge(self, req: request) -> str:
        """The value of WWW-Authenticate (str) in the answer to `req`."""
