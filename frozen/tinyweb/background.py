# SPDX-License-Identifier: MIT
"""Runs asyncio's tasks while the prompt waits for input, or while a program works.

    app.run(host="0.0.0.0", loop_forever=False)
    background.start()

A timer lets the event loop make a turn every few milliseconds. While a program runs the loop
itself, with asyncio.run() or app.run(), the tasks are served there. Ctrl-C interrupts the program,
and no task. docs/tasks.md tells what this costs.
"""

import sys

from tinyweb import aio, server  # noqa: F401 - the server puts asyncio's loop in order

# The last of the timers that an ESP32 has in hardware: some have four, some two. MicroPython 1.26
# has no other there, and later ones have others whose periods are multiples of 10 ms.
_LAST = (3, 1)

# The aio.turns that are made, or None.
_turns = None


def start(period=5):
    """Let the event loop make a turn again and again from now on.

    period: milliseconds (int) from one turn to the next, as far as the program allows.

    Raises ImportError where there is no machine.Timer, as in the simulator.
    """
    global _turns
    timer = _timer()
    stop()
    turns = aio.turns(timer, period)
    turns.start()
    _turns = turns


def stop():
    """Leave the tasks where they are, until start() or until a program runs the event loop."""
    global _turns
    if _turns is not None:
        _turns.stop()
        _turns = None


def is_on():
    """Whether start() was called, and not stop()."""
    return _turns is not None


def _timer():
    from machine import Timer

    if sys.platform != "esp32":
        return Timer(-1)
    for number in _LAST:
        try:
            return Timer(number)
        except ValueError:
            pass
    raise ValueError("no timer")
