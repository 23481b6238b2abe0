# SPDX-License-Identifier: MIT
"""`make run`, as somebody types it who sees the project for the first time."""

import os
import signal
import subprocess
import time

import httpx
import pytest

from support.simulator import TOP, free_port, listens


@pytest.mark.parametrize("bits", [64, 32])
def test_make_run_serves_the_demo_until_ctrl_c(bits, tmp_path):
    port = free_port()
    output = tmp_path / "output"
    with open(output, "wb") as stream:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"BITS={bits}"],
            cwd=TOP,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 100
        while not listens(port) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert listens(port), output.read_text()
        page = httpx.get(f"http://127.0.0.1:{port}/", timeout=10)
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        said = output.read_text()
        assert f"http://127.0.0.1:{port}" in said
        assert "Ctrl-C" in said
    finally:
        # What the terminal does with Ctrl-C: all of its foreground processes get it.
        os.killpg(process.pid, signal.SIGINT)
        process.wait(10)
    assert not listens(port)
    assert "Traceback" not in output.read_text()


def test_make_run_says_when_the_port_is_taken(serve):
    taken = serve("""
        import socket, sys, time
        listener = socket.socket()
        listener.bind(socket.getaddrinfo(sys.argv[2], int(sys.argv[1]))[0][-1])
        listener.listen(1)
        time.sleep(100)
    """)
    done = subprocess.run(
        ["make", "run", f"PORT={taken.port}"], cwd=TOP, capture_output=True, text=True, timeout=100
    )
    assert done.returncode != 0
    assert f"127.0.0.1:{taken.port}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
