# SPDX-License-Identifier: MIT
"""Runs asyncio's tasks while the prompt waits for input, or while a program works.

    app.run(host='0.0.0.0', loop_forever=False)
    background.start()

A timer lets the event loop make a turn every few milliseconds. While a program runs the loop
itself, with asyncio.run() or app.run(), the tasks are served there.
"""

from asyncio import core, sleep_ms
from time import ticks_diff

import _background
from machine import Timer

_timer = None


async def _pass():
    # All tasks that are ready now come before this one.
    await sleep_ms(0)


def _is_due():
    head = core._task_queue.peek()
    return head is not None and ticks_diff(head.ph_key, core.ticks()) <= 0


def _turn(_):
    if core.cur_task is not None:
        return  # The loop runs already.
    # A KeyboardInterrupt is meant for the program, not for a task that happens to run.
    _background.defer(True)
    try:
        if not _is_due():
            # Without a task that is due, looking at the sockets costs no memory.
            core._io_queue.wait_io_event(0)
            if not _is_due():
                return
        core.run_until_complete(core.create_task(_pass()))
    finally:
        core.cur_task = None
        _background.defer(False)


def start(period=5):
    """Let the event loop make a turn every `period` milliseconds from now on."""
    global _timer
    stop()
    _timer = Timer(-1, mode=Timer.PERIODIC, period=period, callback=_turn)


def stop():
    """Leave the tasks where they are."""
    global _timer
    if _timer is not None:
        _timer.deinit()
        _timer = None
