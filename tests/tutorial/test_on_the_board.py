# SPDX-License-Identifier: MIT
"""The tutorial's commands for a board, on the emulated one, up to the thermostat on the wall."""

import subprocess
import sys
import time

import httpx
import pytest
from board.emulator import Emulator
from board.terminal import OPEN_SECONDS, Terminal
from tutorial import steps

USER, PASSWORD = "ada", "a long sentence is best"


@pytest.fixture(scope="module")
def board():
    with Emulator(forward=(8081, 80)) as emulated:
        yield emulated


@pytest.fixture(scope="module")
def client(board):
    """For the device at port 80; connections fail as long as nobody listens."""
    with httpx.Client(base_url=board.urls[80], timeout=60, trust_env=False) as session:
        yield session


def mpremote(board, line, folder):
    """Run a command of the tutorial, which leaves it to mpremote to find the port."""
    words = line.split()
    assert words[0] == "mpremote"
    command = [sys.executable, "-m", "mpremote", "connect", board.port, *words[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def type_at_the_prompt(board):
    """What login.md says in words: stop the program, then run add_user."""
    with Terminal(board.port) as terminal:
        terminal.interrupt(60 + OPEN_SECONDS)
        terminal.send("import add_user\r")
        terminal.read_until("User: ", 60)
        terminal.send(USER + "\r")
        terminal.read_until("Password: ", 60)
        terminal.send(PASSWORD + "\r")
        terminal.read_until("Saved in users.json", 60)


def wait_for(client, path, seconds=120):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return client.get(path)
        except httpx.TransportError:
            # The board starts, and QEMU ends connections until it listens.
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.2)


@pytest.mark.timeout(600)
def test_up_to_the_wall(board, client, tmp_path):
    """All commands that copy, in their order, with the files as they are by then."""
    pages = steps.pages()
    for page in pages[pages.index("first-page") :]:
        for block in steps.blocks(page):
            if block.file and not block.is_alternative:
                steps.save(block, tmp_path)
            elif steps.BOARD in block.where and block.language == "sh":
                for line in block.text.splitlines():
                    if line.startswith("mpremote cp"):
                        mpremote(board, line, tmp_path)
                    if line == "mpremote cp add_user.py :":
                        type_at_the_prompt(board)
    page = wait_for(client, "/login")
    assert page.status_code == 200 and "Log in" in page.text
    form = {"user": USER, "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 303
    page = client.get("/")
    assert page.status_code == 200 and f"Log {USER} out" in page.text
    with client.stream("GET", "/values") as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        assert '"history"' in next(lines)
        assert '"temperature"' in next(lines)
        assert client.post("/target", data={"target": "21"}).status_code == 302
    assert client.get("/static/chart.js").status_code == 200
