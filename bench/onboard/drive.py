# SPDX-License-Identifier: MIT
"""Serves requests from memory on the emulated board and prints what they cost.

Each function prints lines that bench.board reads.
"""

import asyncio
import gc

import machine
from measure import Connection, mark, marks

from micropython import const

# The phases of a request. A measure.Connection begins the first two, when it is found readable
# and when it is read, and ends the last one when it is closed.
PARSE = const(2)
ROUTE = const(3)
HANDLER = const(4)
SEND = const(5)
_CALIBRATION = const(6)

_ROOM = const(6144)
# Longer than a request takes; the CPU sleeps meanwhile.
_PAUSE_MS = const(10000)


async def _answered(serve, connection):
    # Interrupts are off until the server waits for the next request.
    state = machine.disable_irq()
    serve(connection)
    await asyncio.sleep_ms(_PAUSE_MS)
    machine.enable_irq(state)
    if not connection.closed:
        raise RuntimeError


async def _serve(serve, request, warm_up, rounds, collector):
    room = bytearray(_ROOM)
    for i in range(warm_up + rounds):
        connection = Connection(request, room)
        if not collector:
            gc.collect()
            gc.disable()
        marks()
        before = gc.mem_alloc()
        await _answered(serve, connection)
        heap = gc.mem_alloc() - before
        gc.enable()
        if i >= warm_up:
            if collector:
                print("round", sum(part[1] for part in marks()))
            else:
                print("phases", heap, *marks())
    print("answer", bytes(memoryview(room)[: connection.length]))


def served(serve, request, warm_up, rounds, collector=False):
    """Phases and heap of a request to `serve`, a function that takes a connection.

    warm_up, rounds: requests that are not printed, and that are. collector: whether memory
    is collected as always, which is then part of the cost; else not before the answer is out.
    """
    asyncio.run(_serve(serve, request, warm_up, rounds, collector))


def calibrate():
    """What a mark costs."""
    state = machine.disable_irq()
    for _ in range(2):
        marks()
        mark(_CALIBRATION)
        mark(_CALIBRATION)
        mark(_CALIBRATION)
    machine.enable_irq(state)
    print("marks", *marks())


def collection():
    """What collecting memory costs."""
    state = machine.disable_irq()
    for _ in range(3):
        marks()
        mark(_CALIBRATION)
        gc.collect()
        mark(_CALIBRATION)
    machine.enable_irq(state)
    print("collection", *marks())


def parsed(parse, request):
    """Instructions and heap of parse(connection)."""
    state = machine.disable_irq()
    # The first turns serve what an interrupt has left to do.
    for _ in range(3):
        connection = Connection(request, bytearray(1))
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        marks()
        mark(_CALIBRATION)
        result = parse(connection)
        mark(_CALIBRATION)
        heap = gc.mem_alloc() - before
        gc.enable()
    machine.enable_irq(state)
    print("phases", heap, *marks())
    print("answer", result)
