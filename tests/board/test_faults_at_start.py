# SPDX-License-Identifier: MIT
"""Calls of lwIP fail on the emulated board while a server, a responder or a client starts.

Who starts it gets an exception. What was made before is given back, and the next try succeeds.
"""

import http.client
import socket
import urllib.parse

import pytest
from board.calls import A2, Calls, Plan
from board.emulator import Emulator, build
from board.lwip_memory import pool_number, taken
from board.terminal import OPEN_SECONDS, Terminal

from support.served import served

pytestmark = [pytest.mark.usefixtures("emulated"), pytest.mark.timeout(600)]

PORT = 8081
# lwIP's errors (err.h).
ERR_MEM, ERR_RTE, ERR_USE = -1, -4, -8
PROGRAM = """\
import asyncio, gc, socket
import tinyweb
from tinyweb import background, mdns
from tinyweb.device import fetch

app = tinyweb.webserver(max_concurrency=2)


@app.route("/")
def index(request, response):
    return "hello"


responder = mdns.Responder("lamp", "10.0.2.15")


async def client(url):
    answer = await fetch.get(url)
    try:
        return await answer.read(100)
    finally:
        await answer.close()


background.start()
"""
# What starts: how, by the prompt; how it is stopped; which calls fail, and with what.
STARTS = {
    "server": (
        f"app.run('0.0.0.0', {PORT}, loop_forever=False)",
        "app.shutdown()",
        {
            "tcp_new": 0,
            "tcp_bind": ERR_USE,
            "tcp_listen_with_backlog_and_err": 0,
            "memp_malloc": 0,
        },
    ),
    "responder": (
        "responder.start()",
        "responder.stop()",
        {"udp_new": 0, "udp_bind": ERR_USE, "igmp_joingroup": ERR_MEM, "memp_malloc": 0},
    ),
    "client": (
        "print(asyncio.run(client({url!r})))",
        "",
        {"tcp_new": 0, "tcp_connect": ERR_RTE, "memp_malloc": 0, "pbuf_alloc": 0},
    ),
}


class Board:
    """A board with PROGRAM at its prompt. url: of a file that the client fetches."""

    def __init__(self, board, terminal, url):
        self.calls = board.watch
        self._address = board.address(PORT)
        self._terminal = terminal
        self._url = url
        self._timers = self.calls.while_it_stands(pool_number, build(), "SYS_TIMEOUT")

    def fail(self, name, result, skip):
        """From now on the call of `name` after `skip` others fails; returns the Plan."""
        plan = Plan(name, result, skip, 1)
        if name == "memp_malloc":
            # lwIP has as many timers as it starts: that pool is never empty.
            plan.only = lambda registers: registers[A2] != self._timers
        self.calls.watch(plan)
        return plan

    def run(self, code):
        """(what the board has printed, its exception as text)."""
        return self._terminal.raw(code.format(url=self._url) + "\n", timeout=60)

    def answers(self):
        """What a client gets from the server; None if it gets nothing."""
        with socket.create_connection(self._address, timeout=20) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            try:
                answer = http.client.HTTPResponse(sock)
                answer.begin()
                return answer.read()
            except (OSError, http.client.HTTPException):
                return None

    def held(self):
        """Elements of lwIP's pools that are taken."""
        held = self.calls.while_it_stands(taken, build())
        # A connection that has ended keeps its control block for two minutes, or until another
        # one needs it; timers and datagrams come and go.
        return {name: held[name] for name in ("UDP_PCB", "TCP_PCB_LISTEN", "TCP_SEG")}


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    (folder / "file").write_text("fetched")
    with (
        served(folder) as url,
        Emulator(forward=(PORT,), debugger=Calls) as emulated,
        Terminal(emulated.port) as terminal,
    ):
        terminal.interrupt(10 + OPEN_SECONDS)
        port = urllib.parse.urlsplit(url).port
        found = Board(emulated, terminal, f"http://10.0.2.2:{port}/file")
        assert found.run(PROGRAM)[1] == ""
        yield found


@pytest.mark.parametrize("what", STARTS)
def test_calls_that_fail_at_a_start(board, what):
    start, stop, failures = STARTS[what]
    failed = 0
    for name, result in failures.items():
        skip = 0
        while True:
            before = board.held()
            plan = board.fail(name, result, skip)
            printed, error = board.run(start)
            board.calls.watch()
            if not plan.callers:
                break
            failed += 1
            where = f"{name}, call {skip + 1} by {plan.callers}"
            print(where, repr(error[-120:]))
            if error:
                assert "OSError" in error or "MemoryError" in error, (where, error)
                assert board.held() == before, where
                printed, error = board.run(start)
            assert error == "", (where, error)
            if what == "client":
                assert "fetched" in printed, where
            if what == "server":
                assert board.answers() == b"hello", where
            assert board.run(stop) == ("", ""), where
            skip += 1
        assert skip > 0, f"{name} is not called"
        assert error == ""
        assert board.run(stop) == ("", "")
        if what == "server":
            assert board.answers() is None
    assert failed >= len(failures)
