# SPDX-License-Identifier: MIT
"""Blocks of the docs that need a board or its network, on the emulated one."""

import re

import pytest

from support.simulator import TOP

JOIN = 'print(wifi.join("<ssid>", "<password>", timeout=20, hostname="lamp"))'


def block(page, line):
    """The block of Python in a page that has this line."""
    path = TOP / page if page == "README.md" else TOP / "docs" / page
    text = path.read_text(encoding="utf-8")
    (found,) = [
        b for b in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if f"{line}\n" in b
    ]
    return found


@pytest.fixture(autouse=True)
def only_emulated(emulated):
    """Any network can be joined there, and its address is known."""


def test_readme_at_the_prompt(board):
    text = block("README.md", ">>> from tinyweb import wifi")
    *typed, last = re.findall(r"^>>> (.*)", text, re.M)
    said = [board.terminal.execute(line, timeout=60) for line in typed]
    # The address is the network's.
    assert said == ["", "'10.0.2.15'\r\n".replace("\r", ""), ""]
    assert last == "hello.run()"
    board.terminal.send(last + "\r")
    assert "Hello, world!" in board.get("/").text
    board.terminal.interrupt()


def test_join(board):
    printed, error = board.terminal.raw(block("names.md", JOIN), timeout=60)
    assert (printed, error) == ("10.0.2.15\n", "")


def test_prompt_and_server(board):
    board.terminal.paste(block("tasks.md", "background.start()"))
    assert board.get("/").text == "Hello"
    assert board.terminal.execute("6 * 7").strip() == "42"


def test_instructions(board):
    printed, error = board.terminal.raw(block("emulator.md", "import machine"), timeout=60)
    assert error == ""
    assert int(printed) > 0


def test_first_boot(board):
    program = block("first-boot.md", "device.connect(app)").replace("port=80", "port=8081")
    board.terminal.start_raw(program)
    board.terminal.read_until("Ctrl-C stops it", 60)
    assert board.get("/").status_code == 200
    board.terminal.interrupt()
    assert "ImportError" not in board.terminal.transcript
