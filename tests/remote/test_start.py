# SPDX-License-Identifier: MIT
"""tinyweb.device.start on other chips than the emulated board's, which tests/board has."""

import pytest

from support.simulator import search_path

# The ESP32's memory that outlasts resets, and timers of which the chip has some.
ESP32 = """\
class NVS:
    committed = {}

    def __init__(self, name):
        self._kept = NVS.committed.setdefault(name, {})
        self._new = {}

    def get_i32(self, key):
        if key not in self._kept:
            raise OSError(-0x1102)
        return self._kept[key]

    def set_i32(self, key, value):
        print("set", key, value)
        self._new[key] = value

    def commit(self):
        self._kept.update(self._new)
"""
MACHINE = """\
class Timer:
    ONE_SHOT = 0
    numbers = ()

    def __init__(self, number):
        if number not in Timer.numbers:
            raise ValueError("invalid Timer number")
        self.number = number

    def init(self, mode, period, callback):
        print("timer", self.number, period)
"""


@pytest.fixture
def run(run_mpy, tmp_path):
    """``run(program)``: the lines that it prints, with the models of esp32 and machine."""
    (tmp_path / "esp32.py").write_text(ESP32)
    (tmp_path / "machine.py").write_text(MACHINE)

    def lines(program):
        env = search_path(tmp_path)
        program = "import machine\nfrom tinyweb.device import start\n" + program
        return run_mpy(program, env=env, patched=True, cwd=tmp_path).stdout.splitlines()

    return lines


def test_starts_are_counted_in_nvs(run):
    """Which wears out: what it has already is not written again."""
    printed = run("""
class sys:
    platform = "esp32"

start.sys = sys
print(start.starts())
for count in (0, 1, 1, 0):
    print(start.starts(count))
start.leave_out()
print(start.starts())
""")
    assert printed == [
        "0",
        "0",
        "set starts 1",
        "0",
        "1",
        "set starts 0",
        "1",
        "set starts 3",
        "3",
    ]


def test_timers_that_a_chip_lacks(run):
    printed = run("""
for machine.Timer.numbers in ((-1, 0), (0, 1), (1, 3)):
    timer = start.once((-1, 2, 0), 500, print)
    print(timer and timer.number)
""")
    assert printed == ["timer -1 500", "-1", "timer 0 500", "0", "None"]


def test_chip_that_does_not_say_why_it_started(run, tmp_path):
    """No start is counted then: a program that fails is run each time."""
    (tmp_path / "main.py").write_text("print('main')\n")
    assert run("for _ in range(5): start.run()\nprint(start.safe)") == ["main"] * 5 + ["False"]
