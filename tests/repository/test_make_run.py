# SPDX-License-Identifier: MIT
"""`make run`, as somebody types it who sees the project for the first time."""

import os
import signal
import socket
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
    assert "EADDRINUSE" in done.stdout
    assert "make run PORT=" in done.stdout
    # What is not true must not be said first.
    assert "The demo is at" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_make_emulate_says_when_the_port_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            ["make", "emulate", f"PORT={port}"],
            cwd=TOP,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert done.returncode != 0
    assert f"Cannot use port {port} of 127.0.0.1: Address already in use." in done.stderr
    assert "PORT=" in done.stderr
    assert "http://" not in done.stdout


@pytest.mark.parametrize("port", ["80000", "65536", "abc", "0", "-1", "8081x", "1 2", "080"])
@pytest.mark.parametrize("target", ["run", "emulate"])
def test_port_that_is_none(target, port):
    """Before anything is built."""
    if target == "run":
        command = ["ci/run-demo"]
        env = {**os.environ, "PORT": port}
    else:
        command = ["ci/emulate", port]
        env = None
    done = subprocess.run(command, cwd=TOP, env=env, capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"PORT is a number from 1 to 65535, not '{port}': for instance PORT=8081\n"
    )


def test_make_hands_the_port_on():
    for target in ("run", "emulate"):
        done = subprocess.run(
            ["make", target, "PORT=80000"], cwd=TOP, capture_output=True, text=True, timeout=20
        )
        assert done.returncode != 0
        assert "PORT is a number from 1 to 65535, not '80000'" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["APP=nowhere.py"]])
def test_make_start_says_what_app_is(arguments):
    done = subprocess.run(
        ["make", "start", *arguments], cwd=TOP, capture_output=True, text=True, timeout=20
    )
    assert done.returncode != 0
    assert "APP is the file of a program, not" in done.stderr


def test_make_start_runs_a_program_in_its_folder(tmp_path):
    (tmp_path / "own.py").write_text("import os\nprint(os.getcwd())\n")
    program = tmp_path / "a program.py"
    program.write_text("import own\n")
    done = subprocess.run(
        ["make", "-s", "start", f"APP={program}"],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path}\n"
