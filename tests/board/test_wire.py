# SPDX-License-Identifier: MIT
"""The network loses, doubles and delays frames, goes, and comes back with another address.

QEMU's frames go over a Wire, which a seed decides about. Every answer that comes is the right one,
and the server serves again within its times: those of programs/wire.py. BOARD_FAULTS=all, by
`make board-faults`, uses more kinds of bad networks, each for a minute.
"""

import http.client
import json
import os
import pathlib
import socket
import struct
import time

import pytest
from board.emulator import Emulator
from board.terminal import OPEN_SECONDS, Terminal
from board.wire import Wire, is_offer, tcp_ports, with_offered_address, with_window

pytestmark = [pytest.mark.usefixtures("emulated"), pytest.mark.timeout(7200)]

PROGRAM = pathlib.Path(__file__).parent / "programs" / "wire.py"
ALL = os.environ.get("BOARD_FAULTS") == "all"
# How long a bad network is used, at least for one request of each kind.
SECONDS = 60 if ALL else 0
PORT = 8081
SLOTS = 3
OTHER_ADDRESS = "10.0.2.16"
OTHER = f"{OTHER_ADDRESS}:{PORT}"
PAGE = b"hello " * 20
LONG = bytes(range(250)) * 40
SENT = bytes(range(251)) * 20
CUT = (AssertionError, OSError, http.client.HTTPException)
# Within how many seconds the server serves again, and each slot is free: what it gives a client
# for a head, a body and an answer, one after the other.
AGAIN = 9
# How long TCP may take to send again what was lost, on the other side too: QEMU's.
PATIENCE = 60


def ask(address, method="GET", path="/", body=None, timeout=PATIENCE):
    """The answer's status and body."""
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Wired:
    """A board that serves wire.py over a Wire."""

    def __init__(self, wire, board, terminal):
        self.wire = wire
        self.board = board
        self.terminal = terminal
        self.longest = 0
        self.address = board.address(PORT)
        terminal.interrupt(10 + OPEN_SECONDS)
        terminal.start_paste(PROGRAM.read_text(encoding="utf-8"))
        terminal.read_until("ready", timeout=30)

    def again(self):
        """Seconds until it serves again, and until all its slots are free, as text."""
        begin = time.monotonic()
        served = None
        while True:
            try:
                if served is None:
                    assert ask(self.address, timeout=AGAIN) == (200, PAGE)
                    served = time.monotonic() - begin
                # One of them answers this.
                free = json.loads(ask(self.address, path="/state", timeout=AGAIN)[1])["free"]
                if free == SLOTS - 1:
                    return f"{served:.1f} s, with all slots after {time.monotonic() - begin:.1f} s"
            except CUT as exc:
                free = exc
            assert time.monotonic() - begin < AGAIN, (served, free)
            time.sleep(0.1)


@pytest.fixture(scope="module")
def wired(emulated):
    with Wire(seed=15) as wire:
        forward = (PORT, OTHER)
        with Emulator(*wire.option, forward=forward) as board, Terminal(board.port) as terminal:
            yield Wired(wire, board, terminal)


@pytest.fixture
def wire(wired):
    wired.wire.quiet()
    wired.again()
    yield wired.wire
    wired.wire.quiet()


BAD = {
    "loss-5": {"loss": 0.05},
    "loss-20": {"loss": 0.2},
    "double-20": {"double": 0.2},
    "late-20": {"late": 0.2},
    "delay": {"delay": 0.15},
    "all-5": {"loss": 0.05, "double": 0.05, "late": 0.05, "delay": 0.01},
    "all-20": {"loss": 0.2, "double": 0.2, "late": 0.2, "delay": 0.01},
}


@pytest.mark.parametrize("kind", BAD if ALL else ["all-5"])
def test_bad_network(wired, wire, kind):
    requests = (
        ("GET", "/", None, PAGE),
        ("GET", "/long/10000", None, LONG),
        ("POST", "/sum", SENT, str(sum(SENT)).encode()),
    )
    for name, value in BAD[kind].items():
        setattr(wire, name, value)
    carried, lost = wire.carried, wire.lost
    right = late = cut = 0
    until = time.monotonic() + SECONDS
    while time.monotonic() < until or right == 0:
        for method, path, body, wanted in requests:
            try:
                status, data = ask(wired.address, method, path, body)
            except (OSError, http.client.HTTPException):
                # The client was too slow, or the answer: the server has closed the connection.
                cut += 1
                continue
            if status == 408:
                late += 1
            else:
                assert (status, data) == (200, wanted)
                right += 1
    frames = f"{wire.carried - carried} frames carried, {wire.lost - lost} lost"
    wire.quiet()
    print(
        f"\n{kind}: {right} right, {late} late, {cut} cut; {frames}; again after {wired.again()}"
    )


@pytest.mark.parametrize("seconds", [1, 6])
def test_wire_is_cut_and_comes_back(wired, wire, seconds):
    """For less than the time of an answer it goes on; for longer its connection has ended."""
    with socket.create_connection(wired.address, timeout=PATIENCE) as sock:
        sock.sendall(b"GET /long/60000 HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n")
        data = sock.recv(500)
        wire.up = False
        time.sleep(seconds)
        wire.up = True
        wired.again()
        try:
            while piece := sock.recv(5000):
                data += piece
        except ConnectionError:
            assert seconds > 3
    assert data.endswith(b"\r\n0\r\n\r\n") == (seconds < 3)


# Where the clients stand that vanish.
EACH = ["idle", "body", "answer"]


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


BEGINNINGS = {
    "idle": b"GET / HTTP/1.1\r\nHost: board\r\n\r\n",
    "head": b"GET / HTTP/1.1\r\nHo",
    "body": b"POST /sum HTTP/1.1\r\nHost: board\r\nContent-Length: 5000\r\n\r\nabc",
    "answer": b"GET /long/60000 HTTP/1.1\r\nHost: board\r\n\r\n",
}


def of_ports(socks):
    """A function of a frame: whether it is of these clients, whose ports QEMU keeps."""
    ports = {sock.getsockname()[1] for sock in socks}
    return lambda frame: not ports.isdisjoint(tcp_ports(frame) or ())


def clients(wired):
    """As many as there are slots, connected."""
    return [socket.create_connection(wired.address, timeout=PATIENCE) for _ in range(SLOTS)]


@pytest.mark.parametrize("where", [*([[one] * SLOTS for one in BEGINNINGS] if ALL else ()), EACH])
def test_clients_that_vanish(wired, wire, where):
    """As many as there are slots, without a FIN: nothing of them comes, nothing comes to them."""
    gone = clients(wired)
    for sock, beginning in zip(gone, where, strict=True):
        sock.sendall(BEGINNINGS[beginning])
    for sock, beginning in zip(gone, where, strict=True):
        if beginning in ("idle", "answer"):
            assert sock.recv(100).startswith(b"HTTP/1.1 200")
    time.sleep(0.3)
    theirs = of_ports(gone)
    wire.change = lambda frame, to_board: None if theirs(frame) else frame
    for sock in gone:
        reset(sock)
    print(f"\nvanished, {', '.join(where)}: served again after {wired.again()}")


def test_peers_with_a_zero_window(wired, wire):
    """As many as there are slots take nothing of their answers, as they say themselves."""
    stalled = clients(wired)
    theirs = of_ports(stalled)
    wire.change = lambda frame, to_board: (
        with_window(frame, 0) if to_board and theirs(frame) else frame
    )
    for sock in stalled:
        sock.sendall(BEGINNINGS["answer"])
    print(f"\nzero window: served again after {wired.again()}")
    for sock in stalled:
        # All that came is what the window allowed before it was closed.
        assert len(sock.recv(70000)) < 3000
        reset(sock)


def test_another_address(wired, wire):
    """The board's network goes, and comes back with another address."""
    with socket.create_connection(wired.address, timeout=PATIENCE) as kept:
        kept.sendall(BEGINNINGS["idle"])
        assert kept.recv(100).startswith(b"HTTP/1.1 200")
        wired.terminal.execute("import _radio; _radio.hear('home', 0)")
        other = socket.inet_aton(OTHER_ADDRESS)
        wire.change = lambda frame, to_board: (
            with_offered_address(frame, other) if is_offer(frame) else frame
        )
        wired.terminal.execute("_radio.hear('home', -50)")
        with pytest.raises(OSError):
            ask(wired.address, timeout=1)
        wired.address = wired.board.address(OTHER)
        print(f"\nanother address: served again after {wired.again()}")
