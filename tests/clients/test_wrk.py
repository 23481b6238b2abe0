# SPDX-License-Identifier: MIT
"""wrk at 1, 3, 10 and 100 connections: no wrong answer, and nothing is lost afterwards."""

import re
import shutil
import subprocess

import pytest

BITS = 64
pytestmark = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")

SLOTS = 4  # max_concurrency of app.py


@pytest.mark.parametrize("close", [False, True], ids=["keep-alive", "close"])
@pytest.mark.parametrize("connections", [1, 3, 10, 100])
def test_wrk(server, connections, close):
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", "1s", "--timeout", "5s"]
    if close:
        command += ["-H", "Connection: close"]
    done = subprocess.run(
        [*command, server.url + "/"], capture_output=True, text=True, check=True, timeout=30
    )
    report = done.stdout
    assert int(re.search(r"(\d+) requests in", report)[1]) > 50, report
    assert "Non-2xx" not in report, report
    # With more connections than slots idle ones are given up for those that wait; a client
    # that sends at this very moment sees a reset. With enough slots nothing of this happens.
    if connections <= SLOTS:
        assert "Socket errors" not in report, report
