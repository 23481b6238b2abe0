# SPDX-License-Identifier: MIT
"""Connections that end in every way, and those that only one side uses."""

import socket
import struct

import httpx
import pytest

from support import frames
from support.frames import BINARY, CLOSE, PING, PONG, TEXT, close_payload, wait_for


def guests(server):
    return httpx.get(server.url, trust_env=False, timeout=20).text


def test_limit_of_a_message(ends, connect):
    ws = connect(ends, "/small")
    ws.send(TEXT, b"x" * 100)
    ws.expect(TEXT, b"x" * 100)
    ws.sock.sendall(frames.frame(TEXT, b"x" * 101)[:8])
    ws.expect_close(1009)


def test_limit_of_a_message_in_fragments(ends, connect):
    ws = connect(ends, "/small")
    ws.send(TEXT, b"x" * 60, fin=False)
    ws.send(0, b"x" * 40, fin=False)
    ws.send(0, b"", fin=False)
    ws.send(0, b"x", fin=False)
    ws.expect_close(1009)


def test_pings_of_the_server(ends, connect):
    """They go on as long as they are answered."""
    ws = connect(ends, "/small")
    for _ in range(2):
        assert ws.frame() == (PING, b"", True)
        ws.send(PONG)
    ws.send(TEXT, b"still here")
    ws.expect(TEXT, b"still here")


@pytest.mark.parametrize("path", ["/small", "/idle"])
def test_a_silent_client_is_given_up(hasty, connect, path):
    """A half-open peer: it is there for TCP, and answers nothing."""
    ws = connect(hasty, path)
    assert ws.frame() == (PING, b"", True)
    ws.expect_end()
    wait_for(lambda: guests(hasty) == "0")
    if path == "/idle":
        wait_for(lambda: "idle ended True 1006" in hasty.log())


def test_a_client_that_answers_pings_keeps_a_handler_that_does_not_read(ends, connect):
    ws = connect(ends, "/idle")
    for _ in range(2):
        assert ws.frame() == (PING, b"", True)
        ws.send(PONG)
    ws.send(PING, b"x")
    opcode, payload, _ = ws.frame()
    while opcode == PING:
        ws.send(PONG)
        opcode, payload, _ = ws.frame()
    assert (opcode, payload) == (PONG, b"x")
    ws.send(CLOSE, close_payload(4000))
    while opcode != CLOSE:
        opcode, payload, _ = ws.frame()
    assert payload == close_payload(4000)
    wait_for(lambda: "idle ended True 4000" in ends.log())


def test_a_handler_that_never_reads_notices_the_close(ends, connect):
    ws = connect(ends, "/ticks")
    for i in range(3):
        ws.expect(TEXT, str(i).encode())
    ws.send(CLOSE, close_payload(1001))
    while (got := ws.frame())[0] != CLOSE:
        pass
    assert got[1] == close_payload(1001)
    ws.expect_end()
    wait_for(lambda: "ticks ended True 1001" in ends.log())
    assert "Traceback" not in ends.log()


def test_a_client_that_reads_nothing_is_closed(hasty, connect):
    ws = connect(hasty, "/flood", rcvbuf=4096)
    wait_for(lambda: "flood ended True" in hasty.log())
    wait_for(lambda: guests(hasty) == "0")
    assert "Traceback" not in hasty.log()
    ws.sock.close()


@pytest.mark.parametrize("code", [1000, 1001, 4999])
def test_close_by_the_server(ends, connect, code):
    ws = connect(ends, f"/close/{code}")
    ws.send(TEXT, b"this is not read any more")
    opcode, payload = ws.message()
    assert (opcode, payload) == (CLOSE, close_payload(code, b"bye"))
    ws.send(CLOSE, payload)
    ws.expect_end()
    wait_for(lambda: f"close ended {code}" in ends.log())


def test_close_that_is_not_answered(hasty, connect):
    ws = connect(hasty, "/close/1000")
    assert ws.message()[0] == CLOSE
    ws.expect_end()
    wait_for(lambda: "close ended 1006" in hasty.log())


def test_a_handler_that_fails(ends, connect):
    ws = connect(ends, "/fails")
    opcode, payload = ws.message()
    assert (opcode, payload) == (CLOSE, close_payload(1011))
    ws.send(CLOSE, payload)
    ws.expect_end()
    assert "ValueError: on purpose" in ends.log()


def test_a_reader_that_is_cancelled(ends, connect):
    """asyncio.wait_for() ends a receive(), also in the middle of a message."""
    ws = connect(ends, "/timed")
    ws.expect(TEXT, b"nothing")
    data = frames.frame(TEXT, b"a message")
    ws.sock.sendall(data[:9])
    ws.expect(TEXT, b"nothing")
    ws.sock.sendall(data[9:])
    while (got := ws.message()) == (TEXT, b"nothing"):
        pass
    assert got == (TEXT, b"a message")


def stages():
    """What a client has sent when it goes."""
    text = frames.frame(TEXT, b"hello")
    yield "nothing", b""
    for n in (1, 2, 5, 6, 8):
        yield f"{n} bytes", text[:n]
    yield "a frame", text
    yield "a fragment", frames.frame(TEXT, b"hello", fin=False)
    yield "a fragment and a ping", frames.frame(TEXT, b"x", fin=False) + frames.frame(PING, b"x")
    yield "half a ping", frames.frame(PING, b"hello")[:8]
    yield "half a close", frames.frame(CLOSE, close_payload(1000))[:7]
    yield "a close", frames.frame(CLOSE, close_payload(1000))
    yield "a bad frame", b"\xff" * 20


STAGES = dict(stages())


@pytest.mark.parametrize("way", ["reset", "end", "half-close"])
def test_abrupt_disconnects(ends, connect, way):
    """At every stage the slot is free again, and other connections are not touched."""
    other = connect(ends, "/anywhere")
    for data in STAGES.values():
        # A handler that does not read cannot see that a client will send no more.
        for path in ("/small", "/timed", "/small" if way == "half-close" else "/ticks"):
            ws = connect(ends, path)
            ws.sock.sendall(data)
            if way == "reset":
                ws.abort()
            elif way == "end":
                ws.sock.close()
            else:
                ws.sock.shutdown(socket.SHUT_WR)
        wait_for(lambda: guests(ends) == "1")
    for at in (10, 60, 150):
        peer = frames.Peer(ends)
        peer.sock.sendall(
            b"GET /small HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: " + frames.KEY + b"\r\n\r\n"[:at]
        )
        peer.abort()
    other.send(TEXT, b"hello")
    other.expect(TEXT, b"hello")
    other.close()
    assert "Traceback" not in ends.log()


def test_a_stopping_server_says_goodbye(ends, connect):
    peers = [connect(ends, "/small"), connect(ends, "/idle")]
    httpx.get(ends.url + "/stop", trust_env=False)
    for ws in peers:
        while (got := ws.frame())[0] == PING:
            ws.send(PONG)
        assert got == (CLOSE, struct.pack(">H", 1001), True)
        ws.send(CLOSE, got[1])
        ws.expect_end()
    assert ends.process.wait(20) == 0


def test_a_thousand_small_messages_without_a_pause(ends, connect):
    """Other clients are served meanwhile."""
    ws = connect(ends, "/small")
    ws.sock.sendall(b"".join(frames.frame(BINARY, b"%d" % i) for i in range(1000)))
    assert guests(ends) == "1"
    for i in range(1000):
        ws.expect(BINARY, b"%d" % i)
    ws.close()
