# SPDX-License-Identifier: MIT
"""Each allocation fails in turn while the server ends a connection whose time is over.

The slot comes back, the watchdog goes on, and the next client is served.
"""

import concurrent.futures
import os
import time

import pytest

from support import faults as support
from support.frames import connect
from support.simulator import start_server
from support.wire import Wire

SLOTS = 3
# Servers that share the work, which is to wait for timeouts.
SERVERS = 6
PROGRAM = """
    import asyncio, sys, tinyweb
    from tinyweb.broadcast import Broadcast
    from tinyweb.websocket import with_websocket

    app = tinyweb.webserver(max_concurrency=3, request_timeout=0.2, body_timeout=0.2,
        send_timeout=0.2, handler_timeout=0.2, keep_alive=0.2)
    room = Broadcast()
    large = bytes(16000000)  # more than the kernel takes

    @app.route("/")
    async def index(req, resp):
        await resp.send(str([s.guest is not None for s in app.slots].count(True) + len(room)))

    @app.route("/slow")
    async def slow(req, resp):
        try:
            await asyncio.sleep(3600)
        finally:
            bytearray(10)

    @app.route("/stubborn")
    async def stubborn(req, resp):
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass

    @app.route("/body", methods=["POST"])
    async def body(req, resp):
        await req.read()

    @app.route("/endless")
    async def endless(req, resp):
        return ("x" * 1000 for _ in range(1000000))

    @app.route("/silent")
    @with_websocket(ping=0.1)
    async def silent(req, ws):
        room.add(ws)
        async for message in ws:
            pass

    @app.route("/asleep")
    @with_websocket(ping=0.1)
    async def asleep(req, ws):
        room.add(ws)
        await asyncio.sleep(3600)

    @app.route("/full")
    @with_websocket
    async def full(req, ws):
        room.add(ws)
        await ws.send(large)

    app.run("127.0.0.1", int(sys.argv[1]))
"""
GET = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
KEPT = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
# What is sent, or the path of a WebSocket.
KINDS = {
    "head": b"GET / HTTP/1.1\r\n",
    "body": b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n",
    "idle": KEPT,
    "handler": b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n",
    "stubborn": b"GET /stubborn HTTP/1.1\r\nHost: h\r\n\r\n",
    "answer": b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n",
    "silent": "/silent",
    "asleep": "/asleep",
    "full": "/full",
}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    return support.link(64, tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def servers(simulator, tmp_path_factory):
    found = []
    for _ in range(SERVERS):
        folder = tmp_path_factory.mktemp("server")
        faults = support.Faults(folder)
        server = start_server(
            PROGRAM, folder=folder, simulator=simulator, heap="32m", env=faults.environment
        )
        found.append((server, faults, descriptors(server)))
    yield found
    for server, *_ in found:
        server.stop()


def is_served(server):
    """Every slot serves, and nothing has remained of the connections that were taken over."""
    deadline = time.monotonic() + 15
    while True:
        answers = []
        wires = [Wire(server.host, server.port, timeout=10) for _ in range(SLOTS)]
        try:
            for wire in wires:
                wire.send(GET)
            answers = [wire.read_response().text for wire in wires]
        except (OSError, AssertionError):
            pass
        finally:
            for wire in wires:
                wire.close()
        if answers == ["0"] * SLOTS:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def opened(server, what):
    """A connection of that kind. Its first time may be over at once on a busy machine."""
    deadline = time.monotonic() + 15
    while True:
        try:
            if isinstance(what, str):
                return connect(server, what).sock
            return Wire(server.host, server.port, rcvbuf=4096).send(what).sock
        except (EOFError, OSError, AssertionError):
            assert time.monotonic() < deadline
            assert is_served(server)


def fail_once(server, faults, idle, what, skip):
    """The connection ends while allocation `skip` from its beginning fails; whether that came.

    idle: descriptors of the server without clients; those of is_served() are open for a moment.
    """
    sock = opened(server, what)
    try:
        if what is KEPT:
            sock.recv(1000)
        else:
            time.sleep(0.03)  # All it needs at its beginning it has.
        faults.plan(skip)
        deadline = time.monotonic() + 15
        while descriptors(server) != idle:
            assert time.monotonic() < deadline, (skip, server.log()[-2000:])
            time.sleep(0.01)
        failed = faults.end()
    finally:
        faults.end()
        sock.close()
    assert server.process.poll() is None, (skip, server.log()[-2000:])
    assert is_served(server), (skip, server.log()[-2000:])
    return failed


@pytest.mark.parametrize("kind", KINDS)
def test_each_allocation_at_the_end_fails(servers, kind):
    def work(i):
        server, faults, idle = servers[i]
        assert is_served(server)
        skip = i
        while fail_once(server, faults, idle, KINDS[kind], skip):
            skip += SERVERS
        return skip

    with concurrent.futures.ThreadPoolExecutor(SERVERS) as pool:
        list(pool.map(work, range(SERVERS)))
