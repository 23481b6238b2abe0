# SPDX-License-Identifier: MIT
"""What memory is left, and what a server says where it is too short."""

import gc

from _tinyweb import heap

from micropython import const

# What was said already, a bit each; the others are of tinyweb.refusals.
_SLOT = const(1)


def memory(server):
    """The method memory() of `server`."""
    gc.collect()
    free, largest = heap()
    return {
        "free": free,
        "largest": largest,
        "slots": len(server.slots),
        "max_concurrency": server.max_concurrency,
    }


def say_once(server, bit, exc):
    """Log `exc`, an exception, unless `bit` was logged before: what is short stays so."""
    if not server._refused & bit:
        server._refused |= bit
        server.log_error(exc, None)


def refuse_slot(server, size, piece):
    """Log that there is no memory for another slot: `size` bytes in all, `piece` in one."""
    free, largest = heap()
    say_once(
        server,
        _SLOT,
        MemoryError(
            "no memory for slot {} of {}: needs {} bytes in one piece, largest {};"
            " {} in all, free {}".format(
                len(server.slots) + 1, server.max_concurrency, piece, largest, size, free
            )
        ),
    )
