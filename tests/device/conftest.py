# SPDX-License-Identifier: MIT
"""Acceptance of a board with an image, from erasing its flash to serving for a while.

    pytest tests/device --device PORT [--flash IMAGE] [--soak N]
        [--ssid NAME --password TEXT | --address [PORT=]HOST:PORT...]

Without --device the emulated board stands in, and what needs a chip is skipped. Tests run
in the order of their files: flash, prompt, network, pages. Of a test that fails, all that
came over the serial port is kept in build/device-logs/.
"""

import http.client
import pathlib

import pytest
from board import emulator
from board.terminal import CTRL_C, OPEN_SECONDS, PROMPT, Terminal

from firmware import TOP

LOGS = TOP / "build" / "device-logs"
# Joining a network and getting an address.
JOIN_SECONDS = 30
PORT = 8081


def pytest_addoption(parser):
    group = parser.getgroup("device", "tests/device")
    group.addoption("--flash", metavar="IMAGE", help="erase the board and flash this image first")
    group.addoption("--ssid", help="Wi-Fi network that the board joins")
    group.addoption("--password", default="", help="the network's password")
    group.addoption("--soak", type=int, default=100, metavar="N", help="requests of the soak test")


class Board:
    """A board at a serial port: ``terminal`` is its prompt, ``address()`` where it serves."""

    def __init__(self, port, emulated=None, forwarded=()):
        self.port = port
        self.emulated = emulated
        self.forwarded = dict(forwarded)
        self.terminal = None
        self._ip = None

    def open(self):
        """An empty prompt, whatever ran before."""
        if self.terminal is None:
            self.terminal = Terminal(self.port)
        self.terminal.interrupt(10 + OPEN_SECONDS)
        return self.terminal

    def close(self):
        if self.terminal is not None:
            self.terminal.serial.close()
            self.terminal = None

    def address(self, port=PORT):
        """(host, port) at which this computer reaches that port of the board."""
        if self.emulated is not None:
            return self.emulated.address(port)
        return self.forwarded.get(port) or (self._ip, port)

    def join(self, ssid, password):
        """Join a Wi-Fi network as the README shows it, and return the board's address."""
        terminal = self.terminal
        terminal.execute("import network")
        terminal.execute("sta_if = network.WLAN(network.STA_IF)")
        terminal.execute("sta_if.active(True)")
        if ssid is not None:
            terminal.execute(f"sta_if.connect({ssid!r}, {password!r})")
        wait = (
            "import time\n"
            f"end = time.ticks_add(time.ticks_ms(), {JOIN_SECONDS * 1000})\n"
            "while not sta_if.isconnected() and time.ticks_diff(end, time.ticks_ms()) > 0:\n"
            "    time.sleep_ms(200)\n"
            "print(sta_if.status(), sta_if.ifconfig()[0])"
        )
        status, ip = terminal.paste(wait, JOIN_SECONDS + 10).split()
        assert ip != "0.0.0.0", f"not connected, status {status}"
        self._ip = ip
        return ip

    def start(self, program):
        """Run a program that serves, and wait until the board accepts connections."""
        self.terminal.start_paste(program)
        for _ in range(50):
            printed = self.terminal.read_for(0.2)
            if printed.endswith(PROMPT):
                raise AssertionError(f"the program ended:\n{printed}")
            try:
                self.get("/", timeout=5)
                return
            except OSError:
                continue
        raise AssertionError("the board does not accept connections")

    def stop(self):
        """Ctrl-C until there is a prompt; returns what was printed."""
        self.terminal.send(CTRL_C)
        return self.terminal.read_until(PROMPT)

    def request(self, method, path, body=None, headers=None, timeout=20):
        """(status, headers, body) of a request to the board."""
        host, port = self.address()
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except http.client.HTTPException as error:
            # A port that QEMU forwards accepts before the guest listens.
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)


@pytest.fixture(scope="session")
def device(request):
    """The real board's serial port, or None."""
    return request.config.getoption("--device", default=None)


@pytest.fixture(scope="session")
def real(device):
    """Skips what needs a chip."""
    if device is None:
        pytest.skip("needs a board: --device=PORT")
    return device


@pytest.fixture(scope="session")
def any_board(device, request):
    """The board, or the emulated one."""
    if device is not None:
        board = Board(device, forwarded=request.config.getoption("--address"))
        yield board
        board.close()
        return
    with emulator.Emulator(forward=(PORT,)) as booted:
        board = Board(booted.port, booted)
        yield board
        board.close()


@pytest.fixture
def board(any_board, request):
    """The board at an empty prompt."""
    any_board.open()
    start = len(any_board.terminal.transcript)
    yield any_board
    report = getattr(request.node, "_device_report", None)
    if report is not None and report.failed:
        LOGS.mkdir(parents=True, exist_ok=True)
        name = pathlib.Path(request.node.name.replace("/", "-")).name
        any_board.terminal.read_for(0.5)
        text = any_board.terminal.transcript[start:]
        (LOGS / f"{name}.log").write_text(text, encoding="utf-8")
    any_board.open()


@pytest.fixture(scope="session")
def _joined():
    return []


@pytest.fixture
def online(board, device, request, _joined):
    """The board in a network that this computer reaches it by."""
    ssid = request.config.getoption("--ssid", default=None)
    if device is not None and ssid is None and not board.forwarded:
        pytest.skip("needs a Wi-Fi network: --ssid=NAME --password=TEXT")
    if not _joined and (ssid is not None or not board.forwarded):
        board.join(ssid, request.config.getoption("--password", default=""))
        _joined.append(True)
    return board


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item._device_report = report
