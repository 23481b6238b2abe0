# SPDX-License-Identifier: MIT
"""The tests of this folder and of tests/device on a board behind a serial port: --device=PORT."""

import subprocess
import sys

import pytest
from board import emulator

from support.simulator import TOP

pytestmark = pytest.mark.usefixtures("emulated")


@pytest.mark.timeout(300)
def test_served_programs_on_a_board_behind_a_serial_port():
    """The emulated board is one, if the tests know no more of it than its port."""
    tests = (
        "board/test_serial.py::test_heap_is_the_chips",
        "board/test_network.py::test_get",
        "device/test_3_pages.py::test_hello_world",
    )
    with emulator.Emulator() as board:
        host, port = board.address()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            + [f"--device={board.port}", f"--address={host}:{port}"]
            + [TOP / "tests" / name for name in tests],
            capture_output=True,
            text=True,
            cwd=TOP,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_address_that_is_none_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--address=8443=localhost", "--collect-only", __file__],
        capture_output=True,
        text=True,
        cwd=TOP,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "8443=localhost is not [PORT=]HOST:PORT" in done.stderr
