# SPDX-License-Identifier: MIT
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
