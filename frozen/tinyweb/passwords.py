# SPDX-License-Identifier: MIT
"""Passwords as they are stored: salted, and slow to guess (PBKDF2-HMAC-SHA256, RFC 8018)."""

import os
from asyncio import sleep_ms

from micropython import const
from tinyweb import sign

# A chip takes most of a second for these.
_ITERATIONS = const(1000)
# Iterations between which other tasks may run.
_TURN = const(20)
_SALT_SIZE = const(12)
_PREFIX = "pbkdf2-sha256"


def _derive(password, salt, iterations):
    # PBKDF2 (RFC 8018 section 5.2) of one block: a generator that yields now and then, to let
    # others run, and returns 32 bytes.
    blocks = sign.pads(password.encode())
    u = sign.mac(blocks, salt + b"\0\0\0\1")
    result = int.from_bytes(u, "big")
    for i in range(1, iterations):
        if i % _TURN == 0:
            yield i
        u = sign.mac(blocks, u)
        result ^= int.from_bytes(u, "big")
    return result.to_bytes(32, "big")


def hash_password(password, iterations=_ITERATIONS):
    """What is stored for `password` (str): 'pbkdf2-sha256$iterations$salt$hash'.

    iterations: how slow it is to guess; each login takes that time, too.
    """
    salt = os.urandom(_SALT_SIZE)
    key = None
    derive = _derive(password, salt, iterations)
    while key is None:
        try:
            next(derive)
        except StopIteration as exc:
            key = exc.value
    return "$".join(
        (_PREFIX, str(iterations), sign.encode(salt).decode(), sign.encode(key).decode())
    )


def parse(stored):
    """(iterations, salt, hash) of what hash_password() returned; ValueError for anything else."""
    parts = stored.split("$")
    if len(parts) != 4 or parts[0] != _PREFIX:
        raise ValueError("not made by hash_password()")
    return int(parts[1]), sign.decode(parts[2].encode()), sign.decode(parts[3].encode())


def check_password(password, stored):
    """Whether `password` (str) is the one `stored` was made of. Coroutine."""
    iterations, salt, key = parse(stored)
    derive = _derive(password, salt, iterations)
    while True:
        try:
            next(derive)
        except StopIteration as exc:
            return sign.equal(exc.value, key)
        yield from sleep_ms(0)


class Users:
    """A check function for the users of a dict {name: hash_password()'s result}.

    Raises ValueError for a password that is stored as it is. A password that was right is
    remembered, as a fingerprint that holds until the next start, so that not each request takes
    the time of PBKDF2.
    """

    def __init__(self, users):
        for stored in users.values():
            parse(stored)
        self.users = users
        self._known = {}
        self._pads = sign.pads(os.urandom(32))

    def __contains__(self, name):
        return name in self.users

    def __call__(self, name, password):
        """Whether the user has this password. Coroutine."""
        stored = self.users.get(name)
        print_ = sign.mac(self._pads, "{}\0{}\0{}".format(name, stored, password).encode())
        if stored and self._known.get(name) == print_:
            return True
        # What takes no time would tell that there is no such user.
        right = False
        for any_stored in (stored,) if stored else self.users.values():
            right = yield from check_password(password, any_stored)
            break
        if not right or not stored:
            return False
        self._known[name] = print_
        return True
