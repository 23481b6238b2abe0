# SPDX-License-Identifier: MIT
"""An emulated board that runs its main.py at the start and serves the device's pages."""

import contextlib
import time

import requests
from board import emulator
from board.terminal import OPEN_SECONDS, Terminal

PASSWORD = "passw0rd"


class Board:
    """A running board: its pages on port 80, and its prompt."""

    def __init__(self, board, terminal):
        self.url = board.urls[80]
        self.terminal = terminal
        self.session = requests.Session()
        self.session.auth = ("", PASSWORD)

    def prompt(self):
        self.terminal.interrupt(10 + OPEN_SECONDS)

    def run(self, code):
        printed, error = self.terminal.raw(code, timeout=60)
        assert error == ""
        return printed

    def start_with(self, main):
        """Restart with this main.py."""
        self.run(f"with open('main.py', 'w') as f: f.write({main!r})\n")
        self.terminal.send("import machine\r")
        self.terminal.send("machine.reset()\r")

    def get(self, path, **options):
        """The answer, once there is one."""
        return self.until_answered("GET", path, **options)

    def until_answered(self, method, path, **options):
        end = time.monotonic() + 30
        while True:
            try:
                return self.session.request(
                    method, self.url + path, timeout=10, allow_redirects=False, **options
                )
            except requests.RequestException:
                assert time.monotonic() < end, self.terminal.transcript
                time.sleep(0.3)

    def state(self):
        return self.get("/device/api/state").json()

    def restart(self, how=""):
        """Over the network; wait until it is up again."""
        before = self.state()["uptime"]
        url = self.url + "/device/api/restart" + how
        assert self.session.post(url, timeout=20).status_code == 202
        end = time.monotonic() + 40
        time.sleep(1)
        while self.state()["uptime"] > before + 1:
            assert time.monotonic() < end
            time.sleep(0.3)


@contextlib.contextmanager
def booted(*options, password=PASSWORD):
    """A board at its prompt, whose device has this password; options: those of the emulator."""
    with (
        emulator.Emulator(*options, forward=(80,)) as board,
        Terminal(board.port) as terminal,
    ):
        it = Board(board, terminal)
        it.prompt()
        if password:
            it.run(f"from tinyweb import device\ndevice.set_password({password!r})\n")
        yield it
