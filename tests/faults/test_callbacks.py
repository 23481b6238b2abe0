# SPDX-License-Identifier: MIT
"""An exception in each callback of the application: the slot that met it serves again."""

import httpx
import pytest

from support.wire import Wire

SLOTS = 2
PROGRAM = """
    import asyncio, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)
    fault = None

    class Odd:
        def get(self, data, kind):
            if kind == "raise":
                raise ValueError("resource")
            if kind == "type":
                return {}, "status"
            if kind == "middle":
                return self.parts()

        def parts(self):
            yield "first"
            raise ValueError("generator")

    class FailingClose:
        # The slot's socket: everything is passed on, but close() fails when it is done.
        def __init__(self, sock):
            self.sock = sock

        def close(self):
            self.sock.close()
            raise OSError(5)

    @app.route("/ok")
    async def ok(req, resp):
        await resp.send("served")

    @app.route("/close")
    async def close(req, resp):
        slot = [s for s in app.slots if s.request is req][0]
        real = slot._close
        def failing():
            del slot._close
            slot.sock = FailingClose(slot.sock)
            real()
        slot._close = failing
        resp.add_header("Connection", "close")
        await resp.send("served")

    @app.route("/<kind>")
    async def bad(req, resp, kind):
        if kind == "raise":
            raise ValueError("handler")
        if kind == "cancelled":
            raise asyncio.CancelledError
        if kind == "plain":
            raise OSError(28)
        if kind == "middle":
            await resp.send("x" * 3000)
            raise ValueError("middle")
        if kind == "access":
            app.access_log = access
        if kind == "log":
            app.log_error = log
            raise ValueError("handler")
        await resp.send("served")

    def access(req, status, size):
        app.access_log = None
        raise ValueError("access_log")

    def log(exc, req):
        raise ValueError("log_error")

    app.add_resource(Odd, "/odd/<kind>")
    app.run("127.0.0.1", int(sys.argv[1]))
"""


def every_slot_serves(server):
    """As many connections as there are slots, all open at once."""
    wires = [Wire(server.host, server.port, timeout=5) for _ in range(SLOTS)]
    try:
        for wire in wires:
            wire.send(b"GET /ok HTTP/1.1\r\nHost: h\r\n\r\n")
            assert wire.read_response().body == b"served"
    finally:
        for wire in wires:
            wire.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/raise", 500),
        ("/cancelled", 500),
        ("/plain", 500),
        ("/middle", None),
        ("/access", 200),
        ("/log", None),
        ("/close", 200),
        ("/odd/raise", 500),
        ("/odd/type", 500),
        ("/odd/middle", None),
    ],
)
def test_slot_survives(serve, path, status):
    server = serve(PROGRAM)
    # More often than there are slots: one that is lost each time would be missed.
    for _ in range(SLOTS + 1):
        with Wire(server.host, server.port, timeout=5) as wire:
            wire.send(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
            answer = wire.read_until_closed()
            if status is not None:
                assert answer.startswith(b"HTTP/1.1 %d " % status), server.log()
            assert not answer.endswith(b"0\r\n\r\n"), "a response that broke off looks complete"
        assert httpx.get(server.url + "/ok", timeout=5).text == "served"
    every_slot_serves(server)
