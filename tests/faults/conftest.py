# SPDX-License-Identifier: MIT
"""The server of a module's PROGRAM."""

import pytest

from support.simulator import start_server


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path):
    """It serves PROGRAM of the test's module, and still runs when the test has ended."""
    running = start_server(request.module.PROGRAM, folder=tmp_path, bits=request.param)
    yield running
    assert running.process.poll() is None, running.log()
    running.stop()
