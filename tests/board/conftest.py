# SPDX-License-Identifier: MIT
"""Fixtures for tests on a board: the emulated one, or the one on --device=PORT."""

import dataclasses
import re
import time

import pytest
import requests
from board import emulator
from board.selection import deselect
from board.terminal import OPEN_SECONDS, Terminal

# What of tests/conformance a board with the chip's heap, this TCP/IP stack or a clock
# that nobody has set cannot do, and needs not.
ELSEWHERE = re.compile(
    r"test_chunked_body_of_many_sizes"  # the body does not fit into the heap
    r"|test_content_length\[(5|7)0+\]"
    r"|test_content_length_overflow\[10{300,}\]"  # nor this field into the buffer
    r"|test_idle_connections_give_way_to_a_new_client"  # more connections than lwIP has
    r"|test_date_where_a_clock_is_set"
)

# Programs that serve the device's URLs, and this one while the prompt waits
PASSWORD = "passw0rd"
START = """
import gc, tinyweb
from tinyweb import background, device

app = tinyweb.webserver()

@app.route("/")
def index(req, resp):
    return "mine"

device.enable(app)
"""
BESIDE = START + "app.run(loop_forever=False)\nbackground.start()\n"

# What a board's address is, at the prompt.
ASK = "import network; network.WLAN(network.STA_IF).ifconfig()[0]"


def pytest_collection_modifyitems(config, items):
    """Leaves out what is not for a board, and most of the rest unless all is asked for."""

    def is_elsewhere(item):
        if item.path.name != "test_conformance.py":
            return None
        return bool(ELSEWHERE.match(item.name))

    deselect(config, items, is_elsewhere)


@dataclasses.dataclass
class Board:
    """A running board: its serial port, an open terminal on it, and its addresses."""

    port: str
    emulated: emulator.Emulator | None
    terminal: Terminal | None = None
    ip: str | None = None
    forwarded: dict[int, tuple[str, int]] = dataclasses.field(default_factory=dict)

    def open(self):
        """Opens the terminal if it is closed, and interrupts whatever runs."""
        if self.terminal is None:
            self.terminal = Terminal(self.port)
        self.terminal.interrupt(10 + OPEN_SECONDS)
        if self.emulated is None and not self.forwarded and self.ip is None:
            # Now: later a program that serves has the terminal.
            self.ip = self.terminal.execute(ASK).strip().strip("'")
            assert re.fullmatch(r"[1-9]\d*(\.\d+){3}", self.ip), (
                f"the board is in no network ({self.ip}): let its boot.py join one"
            )
        return self.terminal

    def close(self):
        """Leaves the serial port to somebody else, such as mpremote."""
        if self.terminal is not None:
            self.terminal.__exit__()
            self.terminal = None

    def address(self, port=8081):
        """(host, port) that this computer reaches the board's port at."""
        if self.emulated is not None:
            return self.emulated.address(port)
        return self.forwarded.get(port) or (self.ip, port)

    def url(self, port=8081):
        return "http://{}:{}".format(*self.address(port))

    def get(self, path="/", port=8081, timeout=10, **options):
        """GETs a page of a server that may still be starting."""
        url = self.url(port) + path
        deadline = time.monotonic() + timeout
        while True:
            try:
                return requests.get(url, timeout=timeout, **options)
            except requests.ConnectionError:
                # Until the board listens, QEMU takes a connection and resets it.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


@pytest.fixture(scope="session")
def device(request):
    """The real board's serial port, or None."""
    return request.config.getoption("--device")


@pytest.fixture(scope="session")
def emulated(device):
    """Skips a test that only makes sense on the emulated board."""
    if device is not None:
        pytest.skip("needs the emulated board")


@pytest.fixture(scope="module")
def running_board(device, request):
    """The board for the tests of one module."""
    if device is not None:
        board = Board(device, None, forwarded=dict(request.config.getoption("--address")))
        yield board
        board.close()
        return
    with emulator.Emulator() as booted:
        board = Board(booted.port, booted)
        yield board
        board.close()


@pytest.fixture
def board(running_board):
    """The board at an empty prompt, freshly soft-reset."""
    running_board.open().soft_reset()
    return running_board


@pytest.fixture
def terminal(board):
    """The board's terminal."""
    return board.terminal


@pytest.fixture
def esp8266(terminal):
    """Skips what holds for the ESP8266 alone."""
    if "esp8266" not in terminal.execute("import sys; sys.platform"):
        pytest.skip("a figure of the ESP8266")


@pytest.fixture(scope="module")
def password(running_board):
    """Sets the device's password, once: that takes the board some seconds."""
    terminal = running_board.open()
    terminal.soft_reset()
    terminal.execute("from tinyweb import device", 30)
    terminal.execute(f"device.set_password({PASSWORD!r})", 60)
    yield PASSWORD
    terminal = running_board.open()
    terminal.execute("import os; os.remove('device.json')")


@pytest.fixture
def served(password, board):
    """The board, which serves the device's pages while its prompt waits."""
    board.terminal.paste(BESIDE)
    assert board.get("/").text == "mine"
    return board
