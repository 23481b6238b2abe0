# SPDX-License-Identifier: MIT
"""The only module that uses what asyncio does not document.

Why at all: `StreamReader` and `wait_for` allocate a generator, a list and often a task for every
wait. A server that has 38 KiB of heap and a slot per connection needs none of them: it tries the
socket first, and only when that would block it queues its own task and yields. All of asyncio that
this takes is named in tests/simulator/test_aio.py, which
holds MicroPython to it.

Every function that queues the current task must be followed by a bare `yield` in the generator
that calls it.
"""

from asyncio import core

CancelledError = core.CancelledError


def readable(stream):
    """Queue the current task until `stream` can be read; the caller yields next."""
    core._io_queue.queue_read(stream)


def writable(stream):
    """Queue the current task until `stream` can be written; the caller yields next."""
    core._io_queue.queue_write(stream)


def pass_on():
    """Queue the current task behind those that are ready; the caller yields next."""
    core._task_queue.push(core.cur_task)


def park():
    """Take the current task out of every queue until arm(), wake() or cancel(); then yield."""
    # cancel() asks the queue that `data` names to remove the task; this one does nothing then.
    core.cur_task.data = core._io_queue


def wake(task):
    """Make a parked task ready to run."""
    core._task_queue.push(task)


def arm(task, stream):
    """Let a parked `task` wait until `stream` can be read, without running it first.

    After an exception (MemoryError) the caller must call resume() with its own task.
    """
    current = core.cur_task
    core.cur_task = task
    core._io_queue.queue_read(stream)
    core.cur_task = current


def resume(task):
    """Tell asyncio that `task` is the one that runs, after arm() has failed."""
    core.cur_task = task


def disarm(task):
    """Park a task that waits for a stream. False if it is ready to run, or waits for else."""
    if task.data is not core._io_queue:
        return False
    core._io_queue.remove(task)
    return True


def cancel(task):
    """Cancel `task` unless it is the one that runs now; True if it was cancelled."""
    if task is core.cur_task:
        return False
    return task.cancel()


def loop_left():
    """Tell asyncio that its loop was left by an exception, which it does not notice itself.

    KeyboardInterrupt leaves `cur_task` set, and a task that is "current" cannot be cancelled.
    """
    core.cur_task = None
