# SPDX-License-Identifier: MIT
"""The tests of this folder on a board behind a serial port: --device=PORT."""

import subprocess
import sys

import pytest
from board import emulator

from support.simulator import TOP

pytestmark = pytest.mark.usefixtures("emulated")


@pytest.mark.timeout(300)
def test_served_programs_on_a_board_behind_a_serial_port():
    """The emulated board is one, if the tests know no more of it than its port."""
    tests = ("test_serial.py::test_heap_is_the_chips", "test_network.py::test_get")
    with emulator.Emulator() as board:
        host, port = board.address()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            + [f"--device={board.port}", f"--address={host}:{port}"]
            + [TOP / "tests" / "board" / name for name in tests],
            capture_output=True,
            text=True,
            cwd=TOP,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
