# SPDX-License-Identifier: MIT
"""A WebSocket that several tasks send on, and control frames while a long message leaves."""

import pytest

from support import frames
from support.frames import CLOSE, PING, PONG, TEXT, close_payload, wait_for
from support.simulator import start_server

PROGRAM = """
import asyncio
import sys
import tinyweb
from tinyweb.websocket import with_websocket

app = tinyweb.webserver()


@app.route("/parts")
@with_websocket
async def parts(req, ws):
    async def other():
        await ws.send("between")

    await ws.send("one ", more=True)
    task = asyncio.create_task(other())
    for part in ("two ", "three"):
        await asyncio.sleep_ms(20)
        await ws.send(part, more=part != "three")
    await task


@app.route("/long")
@with_websocket
async def long(req, ws):
    async def send():
        await ws.send("x" * 3000000)

    task = asyncio.create_task(send())
    await asyncio.sleep_ms(10)
    print("begun")
    try:
        print("received", await ws.receive())
        await task
    finally:
        print("ended", ws.closed)


app.run(sys.argv[2], int(sys.argv[1]))
"""


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def app(request, tmp_path_factory):
    heap = "8000k"  # For the long message.
    folder = tmp_path_factory.mktemp("app")
    server = start_server(PROGRAM, folder=folder, bits=request.param, heap=heap)
    yield server
    server.stop()


def answer_close(peer):
    """The closing handshake, which the server begins."""
    peer.expect(CLOSE, close_payload(1000))
    peer.send(CLOSE, close_payload(1000))
    peer.expect_end()


def test_message_of_another_task_waits_for_the_last_part(app):
    peer = frames.connect(app, "/parts")
    peer.expect(TEXT, b"one two three")
    peer.expect(TEXT, b"between")
    answer_close(peer)


def long_message(app):
    """A client in the middle of one, which it does not read."""
    begun = app.log().count("begun")
    peer = frames.connect(app, "/long", rcvbuf=4096)
    wait_for(lambda: app.log().count("begun") > begun)
    return peer


def test_ping_while_a_message_is_on_its_way(app):
    """It is answered behind that message, as frames of others cannot come within one."""
    peer = long_message(app)
    peer.send(PING, b"are you there?")
    peer.send(TEXT, b"heard")
    wait_for(lambda: "received heard" in app.log())
    peer.expect(TEXT, b"x" * 3000000)
    peer.expect(PONG, b"are you there?")
    answer_close(peer)


def test_close_while_a_message_is_on_its_way(app):
    """What has begun is sent, then the Close frame: once, though a ping has waited as well."""
    ended = app.log().count("ended")
    peer = long_message(app)
    peer.send(PING, b"first")
    peer.send(CLOSE, close_payload(1000))
    wait_for(lambda: "received None" in app.log())
    peer.expect(TEXT, b"x" * 3000000)
    peer.expect_close(1000)
    wait_for(lambda: app.log().count("ended") > ended)
