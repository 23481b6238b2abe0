# SPDX-License-Identifier: MIT
"""What memory is left, and what a server says where it is too short."""

import gc

from _tinyweb import heap

from micropython import const

# What was said already, a bit each.
_SLOT = const(1)
_STREAMS = const(2)
_MEMORY = const(4)


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


def _say(server, bit, text):
    # Once: what is short stays so for a while.
    if not server._refused & bit:
        server._refused |= bit
        server.log_error(MemoryError(text), None)


def refuse_slot(server, size, piece):
    """Log that there is no memory for another slot: `size` bytes in all, `piece` in one."""
    free, largest = heap()
    _say(
        server,
        _SLOT,
        "no memory for slot {} of {}: needs {} bytes in one piece, largest {};"
        " {} in all, free {}".format(
            len(server.slots) + 1, server.max_concurrency, piece, largest, size, free
        ),
    )


def refuse_stream(server, others, most):
    """Log that `others` streams are open, and no more are allowed (`most`, None for the slots)."""
    if most is None:
        reason = "one of {} slots is left to requests".format(server.max_concurrency)
    else:
        reason = "max_streams or max_websockets is {}".format(most)
    _say(
        server,
        _STREAMS,
        "no connection for another stream: {} are open, {}".format(others, reason),
    )


def refuse_memory(server, size):
    """Log that a slot is free, but not the `size` bytes that a stream needs beside it."""
    free, largest = heap()
    _say(
        server,
        _MEMORY,
        "no memory for a stream: needs {} bytes, free {}, largest piece {}".format(
            size, free, largest
        ),
    )
