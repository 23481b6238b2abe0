# SPDX-License-Identifier: MIT
"""Clients that send without a pause get their share of the server's time, and others theirs."""

import threading
import time

import pytest
import requests

from support.frames import BINARY, CONTINUATION, PING, PONG, TEXT, connect, frame
from support.wire import Wire

PROGRAM = """
    import asyncio, sys, tinyweb
    from tinyweb.websocket import with_websocket

    app = tinyweb.webserver(max_concurrency=4)
    ticks = 0

    async def tick():
        global ticks
        while True:
            ticks += 1
            await asyncio.sleep_ms(20)

    @app.route("/whole")
    @with_websocket(max_message=1000)
    async def whole(req, ws):
        async for message in ws:
            await ws.send(message)

    @app.route("/parts")
    @with_websocket
    async def parts(req, ws):
        buf = bytearray(100)
        while await ws.readinto(buf) is not None:
            pass

    @app.route("/closing")
    @with_websocket
    async def closing(req, ws):
        await ws.close()

    @app.route("/sleeping")
    @with_websocket(ping=0.3)
    async def sleeping(req, ws):
        await asyncio.sleep(3600)

    @app.route("/")
    async def index(req, resp):
        return str(ticks)

    asyncio.create_task(tick())
    app.run("127.0.0.1", int(sys.argv[1]))
"""

FRAMES = {
    "pings": frame(PING, b"p"),
    "empty pings": frame(PING),
    "pongs": frame(PONG, b"p"),
    "empty continuations": frame(CONTINUATION, b"", fin=False),
    "small continuations": frame(CONTINUATION, b"x", fin=False) * 10,
    "messages": frame(BINARY, b"message"),
    "empty messages": frame(TEXT),
    "large messages": frame(BINARY, bytes(900)),
}
SECONDS = 1


class Flood(threading.Thread):
    """Sends `data` again and again, and drops what comes back, until stop()."""

    def __init__(self, sock, data):
        super().__init__(daemon=True)
        self.sock = sock
        self.data = data * (60000 // len(data))
        self.going = True
        self.sent = 0
        self.reader = threading.Thread(target=self.read, daemon=True)

    def run(self):
        self.sock.settimeout(0.2)
        self.reader.start()
        while self.going:
            try:
                self.sent += self.sock.send(self.data)
            except TimeoutError:
                pass
            except OSError:
                break

    def read(self):
        while self.going:
            try:
                if not self.sock.recv(1 << 16):
                    break
            except TimeoutError:
                pass
            except OSError:
                break

    def stop(self):
        self.going = False
        self.join()
        self.reader.join()
        self.sock.close()


def others_are_served(server, flood):
    """Another client gets answers meanwhile, and tasks of the application run.

    Within SECONDS, with half of a processor, and a slow one: six answers and ticks, far more than
    none.
    """
    flood.start()
    try:
        time.sleep(0.2)
        answers = []
        begin = time.monotonic()
        while len(answers) < 6 or answers[-1] - answers[0] < 6:
            assert time.monotonic() - begin < SECONDS, answers
            answers.append(int(requests.get(server.url, timeout=5).text))
    finally:
        flood.stop()


@pytest.mark.parametrize("path", ["/whole", "/parts", "/closing", "/sleeping"])
@pytest.mark.parametrize("kind", FRAMES)
def test_frames_without_a_pause(server, kind, path):
    ws = connect(server, path)
    if "continuations" in kind:
        ws.send(TEXT, b"", fin=False)
    others_are_served(server, Flood(ws.sock, FRAMES[kind]))


@pytest.mark.parametrize("path", [b"/", b"/nothing"])
def test_requests_without_a_pause(server, path):
    with Wire(server.host, server.port) as wire:
        request = b"GET " + path + b" HTTP/1.1\r\nHost: h\r\n\r\n"
        others_are_served(server, Flood(wire.sock, request))


def test_a_small_share_is_complete(server):
    """What exceeds the share is dealt with all the same."""
    ws = connect(server, "/whole")
    ws.sock.sendall(frame(PING, b"p") * 100 + frame(TEXT, b"end"))
    for _ in range(100):
        assert ws.frame() == (PONG, b"p", True)
    ws.expect(TEXT, b"end")
    ws.sock.sendall(
        frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"x", fin=False) * 500 + frame(0, b"y")
    )
    ws.expect(TEXT, b"x" * 500 + b"y")


def test_pings_of_a_client_that_nobody_reads(server):
    ws = connect(server, "/sleeping")
    ws.sock.sendall(frame(PING, b"p") * 100)
    for _ in range(100):
        assert ws.frame() in ((PONG, b"p", True), (PING, b"", True))
