# SPDX-License-Identifier: MIT
from support.simulator import search_path

"""tinyweb.background where there is no timer; what it does on a board is in tests/board."""

PROGRAM = """
from tinyweb import background

try:
    background.start()
except ImportError as exc:
    print(exc)
print(background.is_on())
background.stop()
"""


def test_simulator_has_no_timer(run_mpy):
    printed = run_mpy(PROGRAM).stdout.splitlines()
    assert "Timer" in printed[0]
    assert printed[1:] == ["False"]


MACHINE = """\
class Timer:
    # Of an ESP32 that has some of these in hardware
    numbers = ()

    def __init__(self, number):
        if number not in Timer.numbers:
            raise ValueError("invalid Timer number")
        self.number = number
"""

TIMERS = """
import machine
from tinyweb import background

class sys:
    platform = "esp32"

background.sys = sys
for machine.Timer.numbers in ((0, 1, 2, 3), (0, 1), ()):
    try:
        print(background._timer().number)
    except ValueError as exc:
        print(exc)
sys.platform = "esp8266"
machine.Timer.numbers = (-1, 0)
print(background._timer().number)
"""


def test_timer_of_each_chip(run_mpy, tmp_path):
    """The last in hardware of an ESP32: some have four, some two. Others need no number."""
    (tmp_path / "machine.py").write_text(MACHINE)
    env = search_path(tmp_path)
    printed = run_mpy(TIMERS, env=env, patched=True).stdout.splitlines()
    assert printed == ["3", "1", "no timer", "-1"]
