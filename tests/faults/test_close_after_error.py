# SPDX-License-Identifier: MIT
"""After an error Close the connection ends as soon as the client's Close has come."""

import time

import pytest

from support.frames import BINARY, CLOSE, PING, TEXT, close_payload, connect, frame
from support.simulator import start_server

PROGRAM = """
    import sys, tinyweb
    from tinyweb.websocket import with_websocket

    app = tinyweb.webserver(max_concurrency=3)

    @app.route("/")
    @with_websocket(max_message=100)
    async def echo(req, ws):
        async for message in ws:
            await ws.send(message)

    app.run("127.0.0.1", int(sys.argv[1]))
"""
ERRORS = {
    "opcode": (1002, frame(3, b"reserved")),
    "unmasked": (1002, frame(TEXT, b"unmasked", masked=False)),
    "utf-8": (1007, frame(TEXT, b"\xff and more")),
    "too big": (1009, frame(BINARY, bytes(200))),
}
CLOSES = {
    "echo": None,
    "empty": b"",
    "own code": close_payload(1000),
    "long": close_payload(1002, b"x" * 123),
}


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"], scope="module")
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    running = start_server(PROGRAM, folder=folder, bits=request.param)
    yield running
    running.stop()


def seconds(server, error, payload, before=b"", pause=0):
    code, data = ERRORS[error]
    ws = connect(server, "/")
    ws.sock.sendall(data)
    opcode, got = ws.message()
    assert opcode == CLOSE and got[:2] == close_payload(code)
    ws.sock.sendall(before)
    data = frame(CLOSE, got if payload is None else payload)
    if pause:
        ws.sock.sendall(data[:7])
        time.sleep(pause)
        data = data[7:]
    begin = time.monotonic()
    ws.sock.sendall(data)
    ws.expect_end()
    ws.sock.close()
    return time.monotonic() - begin


@pytest.mark.parametrize("close", CLOSES)
@pytest.mark.parametrize("error", ERRORS)
def test_end_comes_with_the_close(server, error, close):
    # The best of some: the machine may be busy.
    assert min(seconds(server, error, CLOSES[close]) for _ in range(4)) < 0.2


def test_what_was_under_way_may_come_before_it(server):
    frames = (frame(BINARY, bytes(90)) + frame(PING, b"p")) * 30
    assert min(seconds(server, "utf-8", None, frames) for _ in range(4)) < 0.2
    assert min(seconds(server, "utf-8", None, b"", 0.05) for _ in range(4)) < 0.2


def test_without_a_close_it_ends_too(server):
    ws = connect(server, "/")
    ws.sock.sendall(ERRORS["utf-8"][1])
    assert ws.message()[0] == CLOSE
    ws.send(BINARY, b"goes on")
    ws.expect_end()
