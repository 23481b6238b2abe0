# SPDX-License-Identifier: MIT
"""How often a client may try: a limit for attempts to log in, in bounded memory."""

from time import ticks_diff, ticks_ms

from tinyweb.server import host


class Limiter:
    """Counts attempts by the client's address.

    attempts: how many may fail in a row within `period` seconds.
    peers: addresses that are counted each for itself; all others share one count. So nobody gets
        further attempts by coming from many addresses.
    """

    def __init__(self, attempts=5, period=60, peers=8):
        self.attempts = attempts
        self.period = int(period * 1000)
        self.peers = peers
        self._counts = {}  # address, None for all others -> [attempts, ticks_ms() of the first]

    def attempt(self, peer):
        """Count an attempt, before it is known whether it fails.

        peer: the client's address, as request.peer. Returns 0, or the seconds that the client has
        to wait first.
        """
        now = ticks_ms()
        counts = self._counts
        for key in list(counts):
            if not 0 <= ticks_diff(now, counts[key][1]) < self.period:
                del counts[key]
        key = host(peer)
        if key not in counts and len(counts) - (None in counts) >= self.peers:
            key = None
        count = counts.get(key)
        if count is None:
            counts[key] = [1, now]
        elif count[0] >= self.attempts:
            return (self.period - ticks_diff(now, count[1]) + 999) // 1000
        else:
            count[0] += 1
        return 0

    def succeeded(self, peer):
        """Forget the attempts of `peer`, a client that has logged in."""
        self._counts.pop(host(peer), None)
