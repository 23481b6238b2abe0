# SPDX-License-Identifier: MIT
"""A client that goes out of reach while the board sends to it: the others are served."""

import pathlib
import socket
import time

import requests

PROGRAM = pathlib.Path(__file__).parent / "programs" / "lost.py"
# MicroPython's send() tries for ten seconds to hand lwIP what it has no room for.
BLOCKED = 8


def test_events_for_a_client_that_is_lost_stop_nobody(emulated, board):
    terminal = board.terminal
    terminal.soft_reset()
    terminal.start_raw(PROGRAM.read_text(encoding="utf-8"))
    terminal.read_until("ready")
    board.get("/")
    with socket.create_connection(board.address(), timeout=10) as lost:
        lost.sendall(b"GET /events HTTP/1.1\r\nHost: board\r\n\r\n")
        data = b""
        while b"first" not in data:
            data += lost.recv(1000)
        # Long enough for what lwIP keeps to fill up with small events.
        time.sleep(1)
        begin = time.monotonic()
        answer = requests.get(board.url() + "/", timeout=30)
        assert time.monotonic() - begin < BLOCKED
        assert int(answer.text) < 1000 * BLOCKED
    terminal.interrupt()
