# SPDX-License-Identifier: MIT
"""What a slot does when it ends a connection, and what of that the next connection sees."""

import pytest

from support.simulator import start_server
from support.wire import Wire

PROGRAM = """
    import asyncio, sys, tinyweb

    # One slot, so that each connection has that of the last one.
    app = tinyweb.webserver(1, 1, handler_timeout=0.3, keep_alive=0)
    held = None

    async def look(slot, sock):
        # Well before a slot gives up waiting for what a client may still send, which is 0.5 s.
        global held
        await asyncio.sleep_ms(100)
        held = slot.sock is sock

    @app.route("/unread", methods=["POST"], max_body_size=100000)
    async def unread(req, resp):
        asyncio.create_task(look(req._slot, req._slot.sock))
        await resp.send("unread")

    @app.route("/refused", methods=["POST"], max_body_size=10)
    async def refused(req, resp):
        asyncio.create_task(look(req._slot, req._slot.sock))
        await req.read()

    @app.route("/held")
    async def tell(req, resp):
        while held is None:
            await asyncio.sleep_ms(10)
        await resp.send(str(held))

    @app.route("/slow")
    async def slow(req, resp):
        await asyncio.sleep(60)

    app.run("127.0.0.1", int(sys.argv[1]))
"""
LENGTH = b"Content-Length: %d\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path):
    running = start_server(PROGRAM, folder=tmp_path, bits=request.param)
    yield running
    running.stop()


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        (b"/unread", 200, LENGTH % 5000 + b"x" * 5000),
        (b"/unread", 200, LENGTH % 9000 + b"x" * 9000),
        (b"/unread", 200, CHUNKED + b"1000\r\n%s\r\n" % (b"x" * 4096) * 2 + b"0\r\n\r\n"),
        (b"/refused", 413, CHUNKED + b"100\r\n%s\r\n" % (b"x" * 256) * 2 + b"0\r\n\r\n"),
    ],
)
def test_slot_is_free_when_the_body_has_come(server, path, status, body):
    """The client keeps its side open; nothing more can come of the request, so nothing is due."""
    with Wire(server.host, server.port) as wire:
        wire.send(b"POST " + path + b" HTTP/1.1\r\nHost: h\r\n" + body)
        assert wire.read_response("POST").status == status
        # Not expect_eof(): that the chunks were too many was not known when the answer left.
        assert wire.read_until_closed() == b""
    with Wire(server.host, server.port) as wire:
        wire.send(b"GET /held HTTP/1.1\r\nHost: h\r\n\r\n")
        assert wire.read_response().text == "False"


def test_time_limit_of_a_handler_ends_with_it(server):
    """503 is for the handler that was too slow, not for the next client that is."""
    with Wire(server.host, server.port) as wire:
        wire.send(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        assert wire.read_response().status == 503
    with Wire(server.host, server.port) as wire:
        wire.send(b"GET / HTTP/1.1\r\n")
        assert wire.read_response().status == 408
