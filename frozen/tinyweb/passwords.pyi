# SPDX-License-Identifier: MIT
"""Passwords as they are stored: salted, and slow to guess (PBKDF2-HMAC-SHA256, RFC 8018)."""

from typing import Any

def hash_password(password: str, iterations: int = ...) -> str:
    """What is stored for `password` (str): 'pbkdf2-sha256$iterations$salt$hash'.

    iterations: how slow it is to guess; each login takes that time, too.
    """

async def check_password(password: str, stored: str) -> bool:
    """Whether `password` (str) is the one `stored` was made of. Coroutine."""

class Users:
    """A check function for the users of a dict {name: hash_password()'s result}.

    Raises ValueError for a password that is stored as it is. A password that was right is
    remembered, as a fingerprint that holds until the next start, so that not each request takes
    the time of PBKDF2.
    """

    def __init__(self, users: Any) -> None: ...
    async def __call__(self, name: str, password: str) -> Any:
        """Whether the user has this password. Coroutine."""
