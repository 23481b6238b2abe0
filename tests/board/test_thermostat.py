# SPDX-License-Identifier: MIT
"""examples.thermostat on the board; THERMOSTAT_RUNS fresh starts, by `make soak-application`."""

import os

import pytest
from thermostat.visitor import Visitor

RUNS = int(os.environ.get("THERMOSTAT_RUNS", "1"))
START = "import examples.thermostat as thermostat\nprint('ready')\nthermostat.run()\n"


@pytest.mark.timeout(60 + 60 * RUNS)
def test_everything_answers_from_a_fresh_start(board):
    for _ in range(RUNS):
        board.terminal.soft_reset()
        board.terminal.start_raw(START)
        board.terminal.read_until("ready")
        assert board.get("/login").status_code == 200
        with Visitor(Server(board)) as visitor:
            visitor.use_all()
        board.terminal.read_for(0.2)
        assert "Error" not in board.terminal.transcript, board.terminal.transcript
        board.terminal.interrupt(10)


class Server:
    """What a Visitor needs to know of a board."""

    def __init__(self, board):
        self.host, self.port = board.address()
        self.url = board.url()
