# SPDX-License-Identifier: MIT
"""Runs main.py at the start, or the program of the setting `main`: no error in it costs the cable.

If it raises, the device serves its pages alone, with the traceback. If the device starts three
times in a row with a program that neither lasts a minute nor ends, the fourth start is without it:
the safe mode.
"""

import io
import os
import sys

import _tinyweb
from _tinyweb import program

from micropython import const

# What a program, or the folder of one, is continued with to the file that is run.
_ENDS = ("", "/main.py", "/main.mpy")
_KIND = const(0xF000)
_FILE = const(0x8000)
# How many starts in a row may come to nothing, and how long a program has to last, in ms.
_STARTS = const(3)
_LASTS = const(60000)
# Bytes of a traceback that are kept.
_LONGEST = const(512)

# The ESP8266's last word of the memory that outlasts resets, which rtc.memory() uses for more than
# 488 bytes only. A mark tells a count from what the memory has after power was off.
_WORD = const(0x600013FC)
_MARK = const(0x7E57A5)
# The ESP32's timers; tinyweb.background has others.
_TIMERS = (-1, 2, 0)

SAFE = (
    "Safe mode: {} was left out, since the device was restarted three times before it had\n"
    "run for a minute. It is run again at the next start.\n"
)
RESET = "Factory reset: the settings are removed, since the pin {} was held.\n"
MISSING = "There is no program {}, which the setting main names.\n"

# The program of this start: what the setting says, and the file of it that is run, str or None.
main = "main.py"
running = None
# Why it has ended, a traceback, str or None; and whether it was left out.
failure = None
safe = False

_timer = None


def starts(count=None):
    """How many starts in a row have come to nothing, int; `count` sets that.

    In what outlasts a reset: a word of RTC memory on the ESP8266, else the ESP32's NVS.
    """
    if sys.platform == "esp32":
        from esp32 import NVS

        nvs = NVS("tinyweb")
        try:
            kept = nvs.get_i32("starts")
        except OSError:
            kept = 0
        if count is not None and count != kept:
            nvs.set_i32("starts", count)
            nvs.commit()
        return kept
    from machine import mem32

    word = mem32[_WORD]
    if count is not None:
        mem32[_WORD] = _MARK << 8 | count
    return word & 0xFF if word >> 8 & 0xFFFFFF == _MARK else 0


def leave_out():
    """Leave main.py out at the next start."""
    starts(_STARTS)


def run():
    """Run main.py, or what the setting says. The frozen main.py calls it.

    Without one, a device that knows a network serves its pages.
    """
    global failure, main, running, safe
    _look_at_pin()
    chosen = _chosen()
    if chosen is None:
        path = found(main)
        if path is None:
            _watch_update()
            if "networks" in _values():
                serve()
            return
    else:
        main = chosen
        path = chosen and found("/" + chosen)
        if not path:
            if chosen:
                failure = MISSING.format(chosen)
                print(failure, end="")
            _watch_update()
            serve()
            return
    if _is_counted():
        count = starts()
        if count >= _STARTS:
            starts(0)
            safe = True
            print(SAFE.format(main), end="")
            _watch_update()
            serve()
            return
        starts(count + 1)
        _watch()
    running = path
    try:
        if "/" in path:
            # What it imports is beside it.
            sys.path.insert(0, path[: path.rfind("/")])
        program(path)()
    except Exception as exc:
        _fail(exc)
    except BaseException:
        # Ctrl-C, or sys.exit(): a person is there, or it was meant so.
        settle()
        raise
    if failure is None:
        if not _is_serving():
            settle()
        return
    settle()
    serve()


def found(path):
    """The file that the program `path`, str, begins with; None where there is none.

    path: a file, or a folder with a main.py or main.mpy.
    """
    for end in _ENDS:
        try:
            if os.stat(path + end)[0] & _KIND == _FILE:
                return path + end
        except OSError:
            pass
    return None


def _look_at_pin():
    # A factory reset, where the board names a pin for it.
    pin = getattr(_tinyweb, "RESET_PIN", None)
    if pin is None or not _is_counted():
        return
    from tinyweb import device
    from tinyweb.device import reset_pin

    if reset_pin.is_held(pin, _tinyweb.RESET_WINDOW):
        device.factory_reset()
        print(RESET.format(pin), end="")


def _chosen():
    # The setting `main`, None where it is not set.
    from tinyweb.device import settings

    try:
        path = settings.read().get("main")
    except (OSError, ValueError):
        return None
    if path and not found("/" + path):
        from tinyweb.device import unpack

        unpack.restore("/" + path)
    return path


def _is_counted():
    # A program that sleeps most of the time starts again and again. A computer can be reached.
    import machine

    try:
        return machine.reset_cause() != machine.DEEPSLEEP_RESET
    except AttributeError:
        return False


def _watch(ms=_LASTS):
    global _timer
    _timer = once(_TIMERS, ms, settle)


def once(numbers, ms, callback):
    """A machine.Timer that calls `callback` in `ms`; None where the chip has none of `numbers`."""
    from machine import Timer

    for number in numbers:
        try:
            timer = Timer(number)
            timer.init(mode=Timer.ONE_SHOT, period=ms, callback=callback)
            return timer
        except ValueError:
            pass  # The chip has no such timer.
    return None


def settle(_=None):
    """The program has lasted, or ended: this start counts no more."""
    global _timer
    if _timer is not None:
        _timer.deinit()
        _timer = None
        starts(0)
    _watch_update()


def _watch_update():
    # A new image goes back to the old one if its pages do not answer.
    if sys.platform == "esp32":
        from tinyweb.device import update

        update.watch()


def _fail(exc):
    global failure
    sys.print_exception(exc)
    told = io.StringIO()
    sys.print_exception(exc, told)
    failure = told.getvalue()[-_LONGEST:]


def _is_serving():
    from tinyweb import device

    app = device.application()
    return app is not None and app._listener is not None


def _values():
    # The settings; {} where they say that nothing is served, or cannot be read.
    from tinyweb.device import settings

    try:
        values = settings.read()
    except (OSError, ValueError):
        return {}
    return values if values.get("enabled", True) else {}


def serve():
    """Serve the device's pages alone, beside the prompt where that can be.

    If it has a password, or knows a network: then they say that it has none. Otherwise Ctrl-C
    gives the prompt.
    """
    from tinyweb import device, webserver

    values = _values()
    if "password" not in values and "networks" not in values:
        return
    if _is_serving():
        device.application().shutdown()
    app = webserver()
    device.enable(app)
    if "networks" in values:
        device.connect(app)
    if safe:
        device.note(SAFE.format(main))
    try:
        from tinyweb import background
    except ImportError:
        background = None
    app.run(port=80, loop_forever=background is None)
    if background is not None:
        background.start()
