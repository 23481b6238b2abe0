# SPDX-License-Identifier: MIT
"""A pin that is held at ground at the start removes the settings, where the board names one.

The board's mpconfigboard.h does: docs/boards.md. tinyweb.device.start asks.
"""

from time import sleep_ms, ticks_diff, ticks_ms

import machine

from micropython import const

# How long it has to be held, and between two looks, in ms.
_HOLD = const(5000)
_PAUSE = const(20)


def is_held(number, window):
    """Whether the pin `number`, int, is held at ground for 5 s.

    window: how long the beginning of that is waited for, in ms. Returns as soon as it is known.
    """
    pin = machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP)
    return not _stays(pin, 1, window) and _stays(pin, 0, _HOLD)


def _stays(pin, level, ms):
    # Whether the pin has this level for so long.
    begin = ticks_ms()
    while pin.value() == level:
        if ticks_diff(ticks_ms(), begin) >= ms:
            return True
        sleep_ms(_PAUSE)
    return False
