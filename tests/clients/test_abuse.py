# SPDX-License-Identifier: MIT
"""Clients that are slow, silent, gone or rude cost a slot for a moment only.

The fixture `server` checks after each test that all slots serve and no descriptor has leaked.
"""

import contextlib
import threading
import time

import pytest

from support.wire import Wire

BITS = 32
SLOTS = 4  # max_concurrency of app.py
GET = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"
STAGES = {
    "connected": b"",
    "request line": b"GET / HT",
    "after the request line": b"GET / HTTP/1.1\r\n",
    "field": b"GET / HTTP/1.1\r\nHost: t\r\nX-Fie",
    "before the last LF": b"GET / HTTP/1.1\r\nHost: t\r\n\r",
    "answered": GET,
    "handler": b"GET /slow HTTP/1.1\r\nHost: t\r\n\r\n",
    "response": b"GET /stream/5000 HTTP/1.1\r\nHost: t\r\n\r\n",
    "file": b"GET /file HTTP/1.1\r\nHost: t\r\n\r\n",
    "generator": b"GET /numbers HTTP/1.1\r\nHost: t\r\n\r\n",
    "body": b"POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
    "form": (
        b"POST /form HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\na="
    ),
    "chunk": (
        b"POST /upload HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n"
        + b"x" * 99
    ),
    "chunk size": b"POST /upload HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1",
    "expectation": (
        b"POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    ),
    "unread body": b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
    "refused": b"GET / HTTP/1.1\r\nHost : t\r\n\r\n" + b"x" * 100,
    "pipeline": GET * 20,
    "pipeline of streams": b"GET /stream/500 HTTP/1.1\r\nHost: t\r\n\r\n" * 5,
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("pause", [0, 0.02])
def test_reset_at_every_stage(server, stage, pause):
    """SO_LINGER 0: the server's next read or write fails with ECONNRESET or EPIPE."""
    peers = []
    for _ in range(3 * SLOTS):
        peer = Wire(server.host, server.port)
        peer.send(STAGES[stage])
        peers.append(peer)
        if len(peers) == SLOTS:
            time.sleep(pause)
            while peers:
                peers.pop().reset()


@pytest.mark.parametrize("stage", STAGES)
def test_close_at_every_stage(server, stage):
    """An ordinary close, with or without a response that nobody has read."""
    for number in range(3 * SLOTS):
        with Wire(server.host, server.port) as peer:
            peer.send(STAGES[stage])
            if number % 2:
                time.sleep(0.01)


@pytest.mark.parametrize("stage", STAGES)
def test_end_of_sending_at_every_stage(server, stage):
    """FIN of one side only: what was asked is answered, the rest is closed."""
    peers = []
    for _ in range(SLOTS):
        peer = Wire(server.host, server.port)
        peer.send(STAGES[stage]).end_sending()
        peers.append(peer)
    for peer in peers:
        peer.read_until_closed()
        peer.close()


@pytest.mark.parametrize("stage", [s for s in STAGES if s not in ("answered", "pipeline")])
def test_silence_at_every_stage(server, stage):
    """All slots are taken by clients that say and read nothing more; another one is served."""
    with contextlib.ExitStack() as stack:
        for _ in range(SLOTS):
            # A small window, so that the server cannot get rid of a long response.
            peer = stack.enter_context(Wire(server.host, server.port, rcvbuf=2048))
            peer.send(STAGES[stage])
        time.sleep(0.05)
        with Wire(server.host, server.port, timeout=10) as other:
            other.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            assert other.read_response().text == "<h1>index</h1>"


def trickle(server, data, piece, interval, stop):
    """Send `data` in small pieces until the server closes or the test is over."""
    with contextlib.suppress(OSError), Wire(server.host, server.port) as peer:
        for at in range(0, len(data), piece):
            if stop.wait(interval):
                return
            peer.send(data[at : at + piece])


@pytest.mark.parametrize(
    "data",
    [
        b"GET /" + b"x" * 10000,
        b"GET / HTTP/1.1\r\nHost: t\r\n" + b"X: y\r\n" * 2000,
        b"POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999,
        b"POST /upload HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\nx\r\n" * 2000,
        b"\r\n" * 5000,
    ],
    ids=["target", "fields", "body", "chunks", "empty lines"],
)
def test_slow_loris(server, data):
    """Twice as many slow senders as slots; others are served all the same."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=trickle, args=(server, data, 1, 0.1, stop))
        for _ in range(2 * SLOTS)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            with Wire(server.host, server.port, timeout=15) as other:
                other.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
                assert other.read_response().text == "<h1>index</h1>"
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("path", ["/stream/2000", "/file"])
def test_slow_reader_gets_everything(server, content, path):
    """A slow but steady reader is no silent one."""
    with Wire(server.host, server.port, rcvbuf=8192) as peer:
        peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
        size = 0
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            part = peer.sock.recv(4096)
            size += len(part)
            time.sleep(0.01)
            if not part:
                break
        while part := peer.sock.recv(65536):
            size += len(part)
    assert size > (300000 if path == "/file" else 2000 * 1024)


def test_connections_that_say_nothing(server):
    """A burst larger than the backlog."""
    peers = []
    for _ in range(25):
        with contextlib.suppress(OSError):
            peers.append(Wire(server.host, server.port, timeout=0.1))
    for peer in peers:
        peer.close()


def test_idle_browsers_do_not_lock_out_a_phone(server):
    """All slots are held by idle kept connections; a new client gets one at once."""
    with contextlib.ExitStack() as stack:
        idle = []
        for _ in range(SLOTS):
            peer = stack.enter_context(Wire(server.host, server.port))
            peer.send(GET)
            assert peer.read_response().text == "<h1>index</h1>"
            idle.append(peer)
        begin = time.monotonic()
        with Wire(server.host, server.port) as phone:
            phone.send(GET)
            assert phone.read_response().text == "<h1>index</h1>"
        assert time.monotonic() - begin < 1.2  # keep_alive=1.5 would end them after that


def test_connection_with_a_request_waiting_is_not_idle(server):
    """A kept connection whose next request has arrived already is not given up for another."""
    with contextlib.ExitStack() as stack:

        def connect():
            return stack.enter_context(Wire(server.host, server.port))

        kept = [connect() for _ in range(SLOTS - 1)]
        for peer in kept:
            peer.send(GET)
            assert peer.read_response().text == "<h1>index</h1>"
        blocking = connect()
        blocking.send(b"GET /block HTTP/1.1\r\nHost: t\r\n\r\n")
        time.sleep(0.1)
        late = [connect() for _ in range(2)]
        for peer in late + kept:
            peer.send(GET)
        for peer in kept:
            assert peer.read_response().text == "<h1>index</h1>"
        assert blocking.read_response().text == "blocked"
        for peer in late:
            assert peer.read_response().text == "<h1>index</h1>"
