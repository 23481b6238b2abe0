# SPDX-License-Identifier: MIT
"""What a board can tell of itself: uptime, memory, network and pins.

The one place where the examples meet the hardware. Where there is none, as in the simulator,
`network()` and `pins()` return None and everything else works.
"""

import gc
import time

try:
    from machine import Pin
except ImportError:
    Pin = None

try:
    from network import STA_IF, WLAN
except ImportError:
    WLAN = None

# Name on a NodeMCU, GPIO, is it an output, value at the start, what is wired to it.
# An ESP32 DevKit has its LED and its button at the same GPIO numbers.
WIRING = (
    ("D1", 5, True, 0, "LED and resistor to ground"),
    ("D2", 4, False, None, "Switch to ground"),
    ("D3", 0, False, None, "FLASH button, 0 while pressed"),
    ("D4", 2, True, 1, "Blue LED, lit at 0"),
)

_pins = None
_seconds = 0
_ticks = time.ticks_ms()


def uptime():
    """Return whole seconds since import.

    ticks_ms() wraps after some days, and the clock may be set meanwhile, so this adds up the
    differences: it stays right while it is called every few days.
    """
    global _seconds, _ticks
    passed = time.ticks_diff(time.ticks_ms(), _ticks) // 1000
    _seconds += passed
    _ticks = time.ticks_add(_ticks, passed * 1000)
    return _seconds


def memory():
    """Return the heap's free and used bytes as a dict."""
    return {"free": gc.mem_free(), "used": gc.mem_alloc()}


def network():
    """Return the station's state as a dict, or None on a board without Wi-Fi."""
    if WLAN is None:
        return None
    station = WLAN(STA_IF)
    if not station.isconnected():
        return {"connected": False}
    return {
        "connected": True,
        "ssid": station.config("ssid"),
        "rssi": station.status("rssi"),
        "ip": station.ifconfig()[0],
    }


def _setup():
    # On first use, not at import: an import must not change what a pin does.
    global _pins
    if _pins is None:
        _pins = {}
        for name, gpio, is_output, start, _ in WIRING:
            if is_output:
                _pins[name] = Pin(gpio, Pin.OUT, value=start)
            else:
                _pins[name] = Pin(gpio, Pin.IN, Pin.PULL_UP)


def pins():
    """Return a list of dicts, one for each wired pin, or None on a board without pins."""
    if Pin is None:
        return None
    _setup()
    return [
        {"name": name, "gpio": gpio, "output": out, "value": _pins[name].value(), "note": note}
        for name, gpio, out, _, note in WIRING
    ]


def write(name, value):
    """Set the output pin `name` to 0 or 1.

    Returns False, and does nothing, when there is no such output.
    """
    if Pin is None:
        return False
    for wired, _, is_output, _, _ in WIRING:
        if wired == name and is_output:
            _setup()
            _pins[name].value(value)
            return True
    return False
