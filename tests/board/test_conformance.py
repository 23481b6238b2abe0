# SPDX-License-Identifier: MIT
"""tests/conformance against the board: the same cases, over its own TCP/IP stack.

One in four of them, always the same ones; with --all-cases all of them.
"""

import pytest
from conformance.conftest import PROGRAM, App, exchange, refused, wire  # noqa: F401
from conformance.test_chunked import *  # noqa: F403
from conformance.test_connection import *  # noqa: F403
from conformance.test_cuts import *  # noqa: F403
from conformance.test_fields import *  # noqa: F403
from conformance.test_framing import *  # noqa: F403
from conformance.test_limits import *  # noqa: F403
from conformance.test_request_line import *  # noqa: F403
from conformance.test_semantics import *  # noqa: F403

from support.wire import Wire

START = "import sys\nsys.argv[:] = ['', '8081']\n"


class BoardApp(App):
    """The server of conformance/app.py on the board."""

    def __init__(self, board):
        self._board = board
        self.server = self
        self.restart()

    def connect(self, **options):
        return Wire(*self._board.address(), **options)

    def restart(self):
        terminal = self._board.open()
        terminal.soft_reset()
        # The board's clients come from outside, and its heap is good for three at once.
        program = PROGRAM.read_text(encoding="utf-8")
        program = program.replace("127.0.0.1", "0.0.0.0").replace("max_concurrency=10", "")
        # lwIP refuses the end of a connection as long as data before it waits for accept(), and
        # QEMU's user-mode network sends it again only after a second and a half.
        program = program.replace("request_timeout=1,", "request_timeout=3,")
        terminal.start_raw(START + program)
        self._board.get("/")

    def log(self):
        return self._board.terminal.transcript[-4000:]


@pytest.fixture(scope="module")
def app(running_board):
    """Takes the place of the fixture in conformance/conftest.py."""
    yield BoardApp(running_board)
    running_board.terminal.interrupt()
