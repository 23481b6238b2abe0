# SPDX-License-Identifier: MIT
"""Calls of lwIP and of the flash fail on the emulated board, one at a time and in bursts.

Afterwards the server serves, its slots, its memory and lwIP's are back, and no file is half.
BOARD_FAULTS=all, by `make board-faults`, lets more calls fail, in each kind of request.
"""

import dataclasses
import http.client
import json
import os
import pathlib
import socket
import time

import pytest
from board.calls import A2, Calls, Plan
from board.emulator import build
from board.gdb import symbols
from board.lwip_memory import pool_number, taken
from board.served import BoardServer

from support import sntp

pytestmark = [pytest.mark.usefixtures("emulated"), pytest.mark.timeout(7200)]

PROGRAM = pathlib.Path(__file__).parent / "programs" / "faulty.py"
ALL = os.environ.get("BOARD_FAULTS") == "all"

# lwIP's errors (err.h), and that of the flash's driver.
ERR_MEM, ERR_RTE, ERR_IF = -1, -4, -12
EIO = -5

# What a client asks for, by the Client's methods: what sends, and what reads and writes files.
SENDS = ("page", "put", "clock", "events")
STORES = ("put", "settings")
# A function of the board's program: what it returns where it fails, and with which requests.
FAILURES = {
    "tcp_write": (ERR_MEM, SENDS),
    "tcp_output": (ERR_MEM, SENDS),
    "tcp_close": (ERR_MEM, SENDS),
    "pbuf_alloc": (0, SENDS),
    "memp_malloc": (0, SENDS),
    "mem_malloc": (0, SENDS),
    "udp_new": (0, ("clock",)),
    "udp_sendto": (ERR_RTE, ("clock",)),
    "etharp_output": (ERR_MEM, SENDS),
    "link_output": (ERR_IF, SENDS),
    "ip4_route": (0, SENDS),
    "flash_read": (EIO, ("read", *STORES)),
    "flash_program": (EIO, STORES),
    "flash_erase_sector": (EIO, STORES),
}
# How many calls fail, one after the other: some, and all.
BURSTS = (3, 10_000)

PAGE = b"hello " * 20
OLD = bytes(range(250)) * 20
NEW = bytes(range(250, 0, -1)) * 24
CUT = (AssertionError, OSError, http.client.HTTPException)
# Within how many seconds the server has to serve again: what it gives a client for the head of a
# request, for a body and for an answer, one after the other. See faulty.py.
AGAIN = 9


class Client:
    """host, port: the board's. clock: the port of a time server of this computer."""

    def __init__(self, host, port, clock):
        self.address = host, port
        self.time_server = clock
        self.patience = AGAIN

    def ask(self, method, path, body=None):
        """The answer's status and body; an exception of CUT where there is none."""
        with socket.create_connection(self.address, timeout=self.patience) as sock:
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            head = f"{method} {path} HTTP/1.1\r\nHost: board\r\nConnection: close\r\n{length}\r\n"
            sock.sendall(head.encode() + (body or b""))
            answer = http.client.HTTPResponse(sock, method=method)
            answer.begin()
            data = answer.read()
            assert sock.recv(1) == b""
            return answer.status, data

    def page(self):
        assert self.ask("GET", "/") == (200, PAGE)

    def read(self):
        assert self.ask("GET", "/file/still.bin") == (200, OLD)

    def put(self, data=NEW):
        assert self.ask("PUT", "/file/data.bin", data) == (200, b"stored")

    def settings(self, value="n"):
        assert self.ask("POST", f"/settings/{value}") == (200, b"changed")

    def clock(self):
        assert self.ask("POST", f"/clock/{self.time_server}") == (200, b"set")

    def events(self):
        status, body = self.ask("GET", "/events")
        assert (status, body.count(b"data: ")) == (200, 5)

    def check(self):
        """Each file is whole: as it was, or as it was to be."""
        assert self.ask("GET", "/file/data.bin") in ((200, OLD), (200, NEW))
        assert self.ask("GET", "/settings") in ((200, b"o" * 200), (200, b"n" * 200))
        self.read()

    def reset(self):
        self.put(OLD)
        self.settings("o")

    def heap(self):
        """Free bytes, of some samples the most: the collector is conservative."""
        states = [json.loads(self.ask("GET", "/state")[1]) for _ in range(4)]
        assert all(state["slots"] - state["free"] <= 1 for state in states), states
        return max(state["heap"] for state in states)


@dataclasses.dataclass
class Campaign:
    """Lets calls fail on a board. faults: how many; longest: in seconds, until it served again."""

    server: BoardServer
    client: Client
    faults: int = 0
    longest: float = 0

    def __post_init__(self):
        self.calls = self.server.board.watch
        self.timers = self.calls.while_it_stands(pool_number, build(), "SYS_TIMEOUT")

    def run(self, name, act, skip, fail):
        """Lets calls of `name` fail while the client asks; returns how many calls there were."""
        plan = Plan(name, FAILURES[name][0], skip, fail)
        if name == "memp_malloc":
            # lwIP has as many timers as it starts: that pool is never empty.
            plan.only = lambda registers: registers[A2] != self.timers
        self.calls.watch(plan)
        said = None
        begin = time.monotonic()
        # The board's clock stands at each call, for as long as this computer needs.
        self.client.patience = 60
        try:
            getattr(self.client, act)()
        except CUT as exc:
            said = repr(exc)[:200]
        self.client.patience = AGAIN
        self.calls.watch()
        took = time.monotonic() - begin
        if ALL:
            print(
                f"{name}, {act}, {skip} + {fail} of {plan.count}: {took:.1f} s, {said}", flush=True
            )
        if fail == 0:
            assert said is None, said
        self.faults += len(plan.callers)
        if plan.callers:
            self.again(
                f"{len(plan.callers)} of {name} from {skip} in {act}, {plan.callers[:3]}: {said}"
            )
        return plan.count

    def again(self, what):
        """Waits until the server serves again, and looks at what it has."""
        begin = time.monotonic()
        tried = []
        for act in (self.client.check, self.client.reset, self.client.page):
            while True:
                try:
                    act()
                    break
                except CUT as exc:
                    tried.append(repr(exc)[:200])
                assert time.monotonic() - begin < AGAIN, (what, tried, self.server.log()[-3000:])
        self.longest = max(self.longest, time.monotonic() - begin)

    def held(self):
        """What is free in the heap, and taken of lwIP's memory when no client is connected."""
        heap = self.client.heap()
        for _ in range(100):
            held = self.calls.while_it_stands(taken, build())
            if held["TCP_SEG"] == held["PBUF_POOL"] == 0:
                break
            time.sleep(0.1)
        # A connection that has ended keeps its control block for two minutes, or until another
        # one needs it.
        del held["TCP_PCB"]
        return heap, held


def started(folder):
    """A board that runs PROGRAM, with the file that this serves; its calls can be made to fail."""
    beside = folder / "beside"
    beside.mkdir()
    (beside / "still.bin").write_bytes(OLD)
    return BoardServer(PROGRAM, folder=folder, cwd=beside, debugger=Calls)


@pytest.fixture(scope="module")
def campaign(emulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    with sntp.server(lambda request: sntp.answer(request, 1_900_000_000)) as clock:
        server = started(folder)
        client = Client(server.host, server.port, clock)
        client.reset()
        for act in (*SENDS, *STORES, "read"):
            getattr(client, act)()
        yield Campaign(server, client)
        server.stop()


def picks(count):
    """Which of `count` calls fail: some, from the first one on."""
    some = 6 if ALL else 2
    return range(0, count, max(1, -(-count // some)))


@pytest.mark.parametrize("name", FAILURES)
def test_calls_that_fail(campaign, name):
    assert name in symbols(build())
    before = campaign.held()
    faults = campaign.faults
    acts = FAILURES[name][1]
    if not ALL:
        acts = (acts[list(FAILURES).index(name) % len(acts)],)
    for act in acts:
        count = campaign.run(name, act, 0, 0)
        for skip in picks(count):
            campaign.run(name, act, skip, 1)
        for burst in BURSTS if ALL and count else ():
            campaign.run(name, act, count // 4, burst)
    after = campaign.held()
    failed = campaign.faults - faults
    print(
        f"\n{name}: {failed} calls failed; it served again after {campaign.longest:.1f} s at most"
    )
    assert campaign.faults > faults
    assert after[1] == before[1]
    # Within one object: the larger ones that serving makes are coroutines of 64 to 96 bytes.
    assert after[0] >= before[0] - 96
