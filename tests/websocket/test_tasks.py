# SPDX-License-Identifier: MIT
"""Several tasks on one WebSocket, messages in parts, and what happens while one is on its way."""

import errno
import pathlib

import pytest

from support.frames import BINARY, CLOSE, PING, PONG, TEXT, close_payload, frame, wait_for
from support.simulator import start_server

APP = pathlib.Path(__file__).parent / "apps" / "tasks.py"
BITS = pytest.mark.parametrize("bits", [64, 32], ids=["64-bit", "32-bit"])


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def app(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tasks")
    server = start_server(APP, folder=folder, bits=request.param, heap="8m")
    yield server
    assert server.process.poll() is None, server.log()
    server.stop()


def test_one_task_reads_at_a_time(app, connect):
    """Also when it lets others run first, for the last message has come without a wait.

    close() does not wait for the answer where another task reads: that sees the end.
    """
    ws = connect(app, "/two-readers")
    ws.sock.sendall(frame(TEXT, b"1") + frame(TEXT, b"2"))
    ws.expect(TEXT, b"is being read")
    assert ws.message() == (CLOSE, close_payload(4000))
    ws.send(CLOSE, close_payload(4000))
    ws.expect_end()
    wait_for(lambda: "two readers: None True 4000" in app.log())


@pytest.mark.parametrize("first", ["read", "send"])
def test_a_message_in_parts_is_not_mixed_with_others(app, connect, first):
    ws = connect(app, f"/parts/{first}")
    if first == "read":
        ws.send(TEXT, b"go")
    for text in (b"abc", b"sent", b"offered"):
        ws.expect(TEXT, text)
    assert ws.message() == (CLOSE, close_payload(1000))


def on_its_way(app, ws):
    """Lets the server begin a message that this side does not take yet."""
    begun = app.log().count("large is on its way")
    ws.send(TEXT, b"go")
    wait_for(lambda: app.log().count("large is on its way") > begun)


def expect_large(ws):
    opcode, payload = ws.message()
    assert (opcode, len(payload)) == (BINARY, 4000000)


def test_messages_wait_for_one_that_is_on_its_way(app, connect):
    """The last ping is answered before they leave (RFC 6455 section 5.5.3)."""
    ws = connect(app, "/large/wait", rcvbuf=4096)
    on_its_way(app, ws)
    ws.send(PING, b"1")
    ws.send(PING, b"2")
    ws.send(TEXT, b"a message")
    wait_for(lambda: "large read a message" in app.log())
    expect_large(ws)
    assert ws.frame() == (PONG, b"2", True)
    ws.expect(TEXT, b"sent")
    ws.expect(TEXT, b"offered")
    ws.close()
    wait_for(lambda: "large ended ['sent', 'sent', 'sent'] None 1000" in app.log())


def test_a_close_during_a_message_is_answered_behind_it(app, connect):
    """Whatever waits then is not sent any more, nor is a pong."""
    ws = connect(app, "/large/wait", rcvbuf=4096)
    on_its_way(app, ws)
    ws.send(PING, b"1")
    ws.send(CLOSE, close_payload(4003))
    ws.send(PING, b"too late")
    expect_large(ws)
    assert ws.frame() == (CLOSE, close_payload(4003), True)
    ws.expect_end()
    ended = ["sent", errno.ECONNRESET, errno.ECONNRESET]
    wait_for(lambda: f"large ended {ended} None 4003" in app.log())


def test_the_server_closes_behind_a_message(app, connect):
    """A ping does not take the place of the Close frame that waits."""
    ws = connect(app, "/large/close", rcvbuf=4096)
    on_its_way(app, ws)
    ws.send(PING, b"1")
    ws.send(TEXT, b"behind the ping")
    wait_for(lambda: "large read behind the ping" in app.log())
    expect_large(ws)
    assert ws.frame() == (CLOSE, close_payload(4001), True)
    ws.send(CLOSE, close_payload(4001))
    ws.expect_end()
    ended = ["sent", errno.ECONNRESET, errno.ECONNRESET, "sent"]
    wait_for(lambda: f"large ended {ended} None 4001" in app.log())


def test_codes_and_reasons_that_cannot_be_sent(app, connect):
    ws = connect(app, "/reasons")
    for _ in range(4):
        ws.expect(TEXT, b"code or reason")
    payload = close_payload(4999, b"x" * 123)
    assert ws.message() == (CLOSE, payload)
    ws.send(CLOSE, payload)
    ws.expect_end()


def test_a_handler_that_sends_after_the_end(app, connect):
    """It gets OSError; what else it raises is logged."""
    ws = connect(app, "/late")
    ws.close()
    wait_for(lambda: f"late: {errno.ECONNRESET} 1000" in app.log())
    wait_for(lambda: "ValueError: late" in app.log())


@pytest.mark.parametrize("then", ["catch", "raise"])
def test_nothing_follows_a_close_frame(app, connect, then):
    """RFC 6455 section 5.5.1. The client has its time to answer, and gives the code of the end."""
    ws = connect(app, "/closing")
    ws.send(TEXT, then.encode())
    assert ws.frame() == (CLOSE, close_payload(4004), True)
    ws.send(CLOSE, close_payload(4004))
    ws.expect_end()
    if then == "catch":
        wait_for(lambda: f"closing ended {[errno.ECONNRESET] * 3} 4004" in app.log())
    assert "GET /closing" not in app.log(), app.log()


@BITS
@pytest.mark.parametrize("state", ["closing", "closed"])
def test_the_server_stops_after_a_close(tmp_path, connect, bits, state):
    """No second Close frame follows."""
    server = start_server(APP, folder=tmp_path, bits=bits, heap="8m")
    ws = connect(server, f"/stop/{state}")
    if state == "closed":
        ws.close()
    else:
        while (got := ws.message())[0] == PING:
            pass
        assert got == (CLOSE, close_payload(4002))
        ws.send(CLOSE, got[1])
        ws.expect_end()
    assert server.process.wait(20) == 0, server.log()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 70000])
def test_messages_of_any_size_part_by_part(large, connect, size):
    """/pieces has a buffer of 512 bytes, and sends on what it has read."""
    ws = connect(large, "/pieces")
    payload = bytes(i % 251 for i in range(size))
    for _ in range(2):
        ws.send(BINARY, payload)
        ws.expect(BINARY, payload)
    ws.close()


def test_text_is_told_from_bytes_at_the_first_part(large, connect):
    ws = connect(large, "/pieces")
    ws.send(TEXT, b"text")
    assert ws.message() == (CLOSE, close_payload(1003))


def test_which_close_frames_a_broken_connection_may_end_with(run_mpy):
    """Masked ones without a payload, or with a code that a client may send."""
    done = run_mpy("""
        from tinyweb.websocket import _ends_with_close as ends

        def close(code, size=2, behind=b""):
            payload = (code.to_bytes(2, "big") + b"why" * 41)[:size]
            return b"\\x88" + bytes((0x80 | len(payload),)) + bytes(4) + payload + behind

        print([ends(b"noise" + close(code)) for code in (999, 1000, 4999, 5000)])
        print([ends(b"noise" + close(1000, size)) for size in (0, 1, 2, 3, 125)])
        print(ends(close(1000, 2, b"x")), ends(close(1000)[:-1]), ends(b""), ends(bytes(131)))
        print(ends(b"\\x88\\x82\\x0f\\xff\\0\\0" + bytes((3 ^ 15, 0xe8 ^ 255))))
    """)
    assert done.stdout.split("\n") == [
        "[False, True, True, False]",
        "[True, False, True, True, True]",
        "False False False False",
        "True",
        "",
    ]
