# SPDX-License-Identifier: MIT
"""HTTP Digest authentication (RFC 7616) with SHA-256 and qop=auth.

The password does not travel, and what does is worth nothing for another request. MD5 is not
offered.
"""

from typing import Any

from _tinyweb import request

from tinyweb.auth import Scheme
from tinyweb.limit import Limiter

def digest_password(user: str, realm: str, password: str) -> str:
    """What is stored for a user: the hash of `user`, `realm` and `password`, all str, as str.

    It is H(A1) of section 3.4.2: who knows it can log in to this realm, so keep it secret.
    """

class digest_auth(Scheme):
    """Digest: passwords that are stored as digest_password() makes them.

    users: a dict {user: digest_password()'s result}, or a function or coroutine users(user) that
        returns it, None for no such user.
    realm: what users are asked for the password of, str.
    limiter: a tinyweb.limit.Limiter of failed attempts, or None.
    nonce_life: seconds that a nonce can be used; clients get a new one without asking the user.
    nonces: how many nonces are remembered. With more clients at a time each gets new ones more
        often.
    """

    def __init__(
        self,
        users: Any,
        realm: str = "device",
        limiter: Limiter | None = None,
        *,
        nonce_life: int = 300,
        nonces: int = 8,
    ) -> None: ...
    def challenge(self, req: request) -> str:
        """The value of WWW-Authenticate (str) in the answer to `req`."""
    async def check(self, req: request, credentials: bytes) -> Any:
        """The user whom the `credentials` (bytes) of `req` belong to, or None. Coroutine."""
