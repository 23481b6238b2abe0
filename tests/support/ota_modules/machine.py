# SPDX-License-Identifier: MIT
"""A model of machine: reset() ends the process with the status 77; the test boots again."""

import asyncio
import os

PWRON_RESET = 1


def reset():
    raise SystemExit(77)


def reset_cause():
    return PWRON_RESET


def unique_id():
    return os.getenv("DEVICE", "device").encode()


class Timer:
    # Its callback comes where the loop is: a program that blocks it would see none.
    ONE_SHOT = 0

    def __init__(self, number):
        if number not in (0, 2):
            raise ValueError("invalid Timer number")
        self._task = None

    def init(self, *, mode, period, callback):
        self._task = asyncio.create_task(self._run(period, callback))

    async def _run(self, period, callback):
        # A minute passes in a tenth of a second.
        await asyncio.sleep_ms(period // 600)
        callback(self)

    def deinit(self):
        if self._task is not None:
            self._task.cancel()
            self._task = None
