# SPDX-License-Identifier: MIT
"""asyncio in a browser: the port's event loop, which JavaScript runs, with streams.

The port's own package knows tasks and timers only. Here a step of the loop also looks which
streams are ready, by the queue that tinyweb puts in the place of `core._io_queue`, as it does on
a chip.
"""

import _page

from . import core
from .core import (
    CancelledError,
    Loop,
    Task,
    TaskQueue,
    ThenableEvent,
    TimeoutError,
    create_task,
    current_task,
    get_event_loop,
    new_event_loop,
)
from .event import Event
from .funcs import gather, wait_for, wait_for_ms
from .lock import Lock

__version__ = (3, 0, 0)


class IOQueue:
    """What is there until tinyweb's queue takes its place: nothing waits for a stream."""

    map = {}

    def wait_io_event(self, dt):
        """Wait for a stream for `dt` ms: there is none."""


core.IOQueue = IOQueue
core._io_queue = IOQueue()


def sleep_ms(t, _wait=core.sleep_ms):
    """Sleep for `t` ms, and for 1 at least: the browser runs between the steps of the loop."""
    return _wait(max(1, t))


def sleep(t):
    """Sleep for `t` seconds."""
    return sleep_ms(int(t * 1000))


def step(_run=core._run_iter):
    """Run the tasks that are ready, and look which streams are. JavaScript calls it."""
    core._io_queue.wait_io_event(0)
    _run()
    # What is ready now has to be told, as nothing else asks for a next step.
    core._io_queue.wait_io_event(0)


def run(aw):
    """Start `aw`, a coroutine, and return: the page runs the loop for as long as it is open."""
    return core.create_task(aw)


def _run_forever():
    pass


def _stop():
    pass


core.sleep = sleep
core.sleep_ms = sleep_ms
core.run = run
core.Loop.run_forever = _run_forever
core.Loop.run_until_complete = run
core.Loop.stop = _stop
# JavaScript's timers would call the port's own function, without the look at streams.
core._schedule_run_iter = _page.schedule
new_event_loop()
