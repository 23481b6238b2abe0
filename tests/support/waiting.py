# SPDX-License-Identifier: MIT
"""Waiting for what comes by itself."""

import time


def eventually(condition, seconds=60):
    """Ask condition() until it is true, and return what it is; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found
