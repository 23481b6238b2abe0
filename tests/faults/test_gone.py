# SPDX-License-Identifier: MIT
"""Clients that reset their connection are no failure of the handler that answers them."""

import time

import pytest

from support.simulator import start_server
from support.wire import Wire

PROGRAM = """
    import asyncio, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=3, debug=sys.argv[3] == "debug")
    ended = 0

    async def forever(step):
        global ended
        try:
            while True:
                await step()
                await asyncio.sleep_ms(1)
        finally:
            ended += 1

    @app.route("/send/<size>")
    async def send(req, resp, size):
        payload = "x" * int(size)
        await forever(lambda: resp.send(payload))

    @app.route("/flush")
    async def flush(req, resp):
        async def step():
            await resp.send("x")
            await resp.flush()
        await forever(step)

    @app.route("/read", methods=["POST"], max_body_size=1000000)
    async def read(req, resp):
        await forever(lambda: req.read(100))

    @app.route("/own", methods=["POST"], max_body_size=1000000)
    async def own(req, resp):
        # The client has gone, and the handler fails by itself.
        try:
            await forever(lambda: req.read(100))
        except Exception:
            pass
        raise ValueError("the handler's own")

    @app.route("/ended")
    async def count(req, resp):
        await resp.send(str(ended))

    app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(scope="module", params=["", "debug"])
def server(request, tmp_path_factory):
    running = start_server(PROGRAM, folder=tmp_path_factory.mktemp("app"), args=(request.param,))
    yield running
    running.stop()


def ended(server):
    with Wire(server.host, server.port) as wire:
        wire.send(b"GET /ended HTTP/1.1\r\nHost: h\r\n\r\n")
        return int(wire.read_response().text)


def vanish(server, data):
    """Send `data`, reset when the server has answered or is likely to read; wait for its end."""
    before = len(server.log())
    count = ended(server)
    with Wire(server.host, server.port) as wire:
        wire.send(data)
        if data.startswith(b"GET"):
            wire.sock.recv(1)
        else:
            time.sleep(0.05)
        wire.reset()
    deadline = time.monotonic() + 20
    while ended(server) == count:
        assert time.monotonic() < deadline, "the handler goes on"
        time.sleep(0.02)
    return server.log()[before:]


POST = b" HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nsome"


@pytest.mark.parametrize("path", [b"/send/10", b"/send/3000", b"/send/100000", b"/flush"])
def test_reset_while_sending(server, path):
    for _ in range(4):
        assert vanish(server, b"GET " + path + b" HTTP/1.1\r\nHost: h\r\n\r\n") == ""


def test_reset_while_reading(server):
    for _ in range(4):
        assert vanish(server, b"POST /read" + POST) == ""


def test_own_exception_is_logged(server):
    """A handler that fails by itself while its client goes is told of as always."""
    assert "the handler's own" in vanish(server, b"POST /own" + POST)
