# SPDX-License-Identifier: MIT
"""The emulated board's clock turns while its server serves: ticks, and what lwIP has.

The board starts with what its clock shows shortly before. Differences of ticks turn after 2**29
ms, ticks after 2**30, what lwIP calculates with after 2**31 and 2**32. BOARD_FAULTS=all, by
`make board-faults`, tries each; the test the last one, at which ticks turn too.
"""

import functools
import http.client
import os
import pathlib
import socket
import subprocess
import time

import pytest
from board.calls import Calls, Plan
from board.emulator import TOP, Emulator, build
from board.gdb import symbols

pytestmark = [pytest.mark.usefixtures("emulated"), pytest.mark.timeout(300)]

PROGRAM = pathlib.Path(__file__).parent / "programs" / "turns.py"
PORT = 8081
# Of the struct `clock` in clock.c: where its microseconds and its milliseconds are.
US, MS = 8, 20
TICKS = 1 << 30
TURNS = (29, 30, 31, 32) if os.environ.get("BOARD_FAULTS") == "all" else (32,)
# The server's times, and what a loaded machine adds.
TIMES = 2 + 3


def set_clock(ms, gdb, registers):
    """Before the board has looked at its clock."""
    clock = symbols(build())["clock"]
    gdb.write(clock + US, (ms * 1000).to_bytes(8, "little"))
    gdb.write(clock + MS, (ms % (1 << 32)).to_bytes(4, "little"))


def ask(address, path):
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def first_ticks(board):
    until = time.monotonic() + 60
    while True:
        try:
            return int(ask(board.address(PORT), "/ticks")[1])
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < until
            time.sleep(0.1)


def opened(board, request):
    sock = socket.create_connection(board.address(PORT), timeout=20)
    sock.sendall(request)
    return sock


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: board\r\n\r\n".encode()


def has_turned(ticks, bits):
    return (ticks - (1 << bits)) % TICKS < TICKS // 4


def serve_beyond(board, bits):
    """Uses the server until some seconds after the turn; False where it came too late for that."""
    if has_turned(first_ticks(board), bits):
        return False
    with opened(board, request("/events")) as events:
        turned = None
        while turned is None or time.monotonic() < turned + TIMES:
            begin = time.monotonic()
            # These are under way when the clock turns, sooner or later.
            with opened(board, b"GET / HT") as head, opened(board, request("/late")) as late:
                status, said = ask(board.address(PORT), "/sleep")
                assert status == 200
                assert head.recv(100).startswith(b"HTTP/1.1 408")
                assert late.recv(100).startswith(b"HTTP/1.1 503")
            assert time.monotonic() - begin < TIMES
            if turned is None and has_turned(int(said), bits):
                turned = time.monotonic()
            # An event each half second, all this time.
            took = time.monotonic() - begin
            assert events.recv(100000).count(b"data: ") >= took
    return True


@pytest.mark.parametrize("bits", TURNS)
def test_clock_turns_while_the_server_serves(bits, tmp_path):
    flash = tmp_path / "flash.img"
    subprocess.run([TOP / "ci" / "make-flash", flash, f"{PROGRAM}:main.py"], check=True)
    # How long the board takes to start depends on the machine.
    for lead in (8000, 20000, 60000):
        start = functools.partial(set_clock, (1 << bits) - lead)
        debugger = functools.partial(Calls, plans=[Plan("flash_init", seen=start)])
        with Emulator("--flash", flash, paused=True, debugger=debugger) as board:
            board.start()
            if serve_beyond(board, bits):
                return
    raise AssertionError("the server started after the turn")
