# SPDX-License-Identifier: MIT
"""How often a client may try: a limit for attempts to log in, in bounded memory."""

from typing import Any

class Limiter:
    """Counts attempts by the client's address.

    attempts: how many may fail in a row within `period` seconds.
    peers: addresses that are counted each for itself; all others share one count. So nobody gets
        further attempts by coming from many addresses.
    """

    def __init__(self, attempts: int = 5, period: float = 60, peers: int = 8) -> None: ...
    def attempt(self, peer: Any) -> int:
        """Count an attempt, before it is known whether it fails.

        peer: the client's address, as request.peer. Returns 0, or the seconds that the client has
        to wait first.
        """
    def succeeded(self, peer: Any) -> None:
        """Forget the attempts of `peer`, a client that has logged in."""
