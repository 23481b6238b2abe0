# SPDX-License-Identifier: MIT
"""tinyweb.sse with httpx as client, and tinyweb.broadcast with clients of both kinds."""

import pathlib
import socket

import httpx
import pytest

from support import frames
from support.frames import CLOSE, TEXT, wait_for
from support.simulator import start_server

APP = pathlib.Path(__file__).parent / "apps" / "events.py"


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def app(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sse")
    server = start_server(APP, folder=folder, bits=request.param, heap="16m")
    yield server
    assert server.process.poll() is None, server.log()
    server.stop()


@pytest.fixture
def client(app):
    with httpx.Client(base_url=app.url, timeout=20, trust_env=False) as session:
        yield session
    wait_for(lambda: httpx.get(app.url, trust_env=False).text == "0")


@pytest.fixture
def raw(app):
    """``raw(path)``: a connection that has sent a request for an event stream."""
    socks = []

    def start(path, rcvbuf=None):
        sock = socket.socket()
        if rcvbuf is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        sock.settimeout(20)
        sock.connect((app.host, app.port))
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        socks.append(sock)
        return sock

    yield start
    for sock in socks:
        sock.close()


def parse(text):
    """The events as a browser dispatches them (section 9.2.6): [(type, data)], last id, retry."""
    events, last, retry = [], "", None
    kind, data = "", None
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line:
            if data is not None:
                events.append((kind or "message", data))
            kind, data = "", None
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data = value if data is None else data + "\n" + value
            elif name == "event":
                kind = value
            elif name == "id":
                last = value
            elif name == "retry":
                retry = int(value)
    return events, last, retry


def content_to_the_end(sock):
    """What the chunks of an answer have (RFC 9112 section 7.1), until its connection ends."""
    parts = []
    while data := sock.recv(1000000):
        parts.append(data)
    data = b"".join(parts).partition(b"\r\n\r\n")[2]
    content = []
    at = size = 0
    while not content or size:
        end = data.index(b"\r\n", at)
        size = int(data[at:end], 16)
        content.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    assert at == len(data)
    return b"".join(content)


def test_every_kind_of_event(client):
    answer = client.get("/kinds")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    events, last, retry = parse(answer.content.decode())
    assert events == [
        ("message", "first"),
        ("talk", "two\nlines\nor\nmore"),
        ("state", '{"value": [1, null]}'),
        ("message", "ä€"),
        ("message", ""),
        *[("message", "refused")] * 3,
    ]
    assert (last, retry) == ("last", 2500)


@pytest.mark.parametrize(("value", "told"), [(None, "None"), ("7", "7"), (b"\xff", "None")])
def test_last_event_id(client, value, told):
    headers = {} if value is None else {"Last-Event-ID": value}
    events, _, _ = parse(client.get("/resume", headers=headers).text)
    assert events == [("message", told)]


def test_head(client):
    answer = client.head("/slow/x")
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.content == b""


def test_events_leave_at_once_and_comments_follow(client):
    with client.stream("GET", "/slow/you") as answer:
        lines = answer.iter_lines()
        assert [next(lines), next(lines)] == ["data: hello you", ""]
        assert [next(lines), next(lines), next(lines)] == [":", "", ":"]


@pytest.mark.parametrize("way", ["end", "half-close"])
def test_a_client_that_has_gone_is_noticed(app, client, raw, way):
    ended = app.log().count("slow ended True")
    sock = raw("/slow/you")
    received = b""
    while b"hello you" not in received:
        received += sock.recv(1000)
    if way == "end":
        sock.close()
    else:
        sock.shutdown(socket.SHUT_WR)
    wait_for(lambda: app.log().count("slow ended True") > ended)
    wait_for(lambda: client.get("/").text == "0")


def test_a_client_that_reads_nothing(app, client, raw):
    ended = app.log().count("flood ended True")
    raw("/flood", rcvbuf=4096)
    wait_for(lambda: app.log().count("flood ended True") > ended)
    wait_for(lambda: client.get("/").text == "0")


def test_a_handler_that_fails(app, client):
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/fails")
    assert "ValueError: on purpose" in app.log()


def test_events_of_several_tasks_wait_for_each_other(app, client, raw):
    told = app.log().count("pair is on its way")
    sock = raw("/pair", rcvbuf=4096)
    wait_for(lambda: app.log().count("pair is on its way") > told)
    events, _, _ = parse(content_to_the_end(sock).decode())
    assert events == [
        ("message", text) for text in ("x" * 4000000, "y" * 100000, "sent", "offered")
    ]


def test_a_comment_is_not_put_into_an_event(app, client, raw):
    begun = app.log().count("begun True")
    sock = raw("/begun", rcvbuf=4096)
    wait_for(lambda: app.log().count("begun True") > begun)
    assert content_to_the_end(sock) == b"data: " + b"x" * 4000000 + b"\n\n"


def test_another_error_than_the_end_of_the_stream_is_logged(app, client):
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/no-file")
    wait_for(lambda: "OSError: [Errno 2] ENOENT" in app.log())


def test_one_slot_is_left_for_requests(app, client, raw):
    socks = [raw("/slow/x") for _ in range(4)]
    for sock in socks:
        assert b" 200 " in sock.recv(1000)
    for _ in range(2):
        answer = client.get("/slow/x")
        # WHATWG HTML section 9.2.2: after any other status a browser does not come again.
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert parse(answer.text) == ([], "", 3000)
    assert client.get("/").text == "4"
    said = "no connection for another stream: 4 are open, one of 5 slots is left to requests"
    assert app.log().count(said) == 1, app.log()


# Groups


@pytest.mark.parametrize("kind", ["closing", "dropping"])
def test_two_clients_and_a_stream(app, client, raw, kind):
    a, b = (frames.connect(app, f"/chat/{kind}") for _ in range(2))
    with client.stream("GET", f"/group/{kind}") as answer:
        lines = (line for line in answer.iter_lines() if line not in ("", ":"))
        assert next(lines) == "data: welcome"
        wait_for(lambda: client.get(f"/size/{kind}").text == "3")
        for i in range(100):
            (a, b)[i % 2].send(TEXT, b"message %d" % i)
            for ws in (a, b):
                ws.expect(TEXT, b"message %d" % i)
            assert next(lines) == f"data: message {i}"
    a.close()
    b.abort()
    wait_for(lambda: client.get(f"/size/{kind}").text == "0")


@pytest.mark.parametrize("kind", ["closing", "dropping"])
def test_a_slow_client_holds_up_nobody(app, client, kind):
    """It is closed, or loses messages; the others get each of them."""
    a, b = (frames.connect(app, f"/chat/{kind}") for _ in range(2))
    slow = frames.connect(app, f"/chat/{kind}", rcvbuf=4096)
    wait_for(lambda: client.get(f"/size/{kind}").text == "3")
    for i in range(3000):
        text = b"%04d" % i + b"x" * 1996
        a.send(TEXT, text)
        a.expect(TEXT, text)
        b.expect(TEXT, text)
        if i > 500 and kind == "closing" and client.get(f"/size/{kind}").text == "2":
            break
    else:
        assert kind == "dropping"
    got = []
    if kind == "dropping":
        a.send(TEXT, b"the end")
    try:
        while not got or got[-1] != b"the end":
            opcode, payload = slow.message()
            if opcode == CLOSE:
                break
            got.append(payload)
    except EOFError:
        pass
    assert 0 < len(got) < i
    numbers = [int(text[:4]) for text in got if text != b"the end"]
    assert numbers == sorted(set(numbers))
    for ws in (a, b, slow):
        ws.sock.close()


def test_a_client_that_was_reset_leaves_its_group(app, client):
    """Nobody reads from it: that it has gone is known when something is sent."""
    ended = app.log().count("deaf ended")
    ws = frames.connect(app, "/deaf")
    assert client.get("/tell").text == "1"
    ws.expect(TEXT, b"told")
    ws.abort()
    assert client.get("/tell").text == "0"
    wait_for(lambda: app.log().count("deaf ended") > ended)


def test_what_a_client_cannot_be_sent_is_the_senders_mistake(app, client):
    ws = frames.connect(app, "/deaf")
    wait_for(lambda: client.get("/size/closing").text == "1")
    assert client.get("/tell-nonsense").text == "refused"
    assert client.get("/tell").text == "1"
    ws.expect(TEXT, b"told")
    ws.abort()
    assert client.get("/tell").text == "0"


def test_a_client_for_which_a_mistake_waits_is_closed(app, client):
    """Nobody else can be told of it, and messages behind it would never leave."""
    ws = frames.connect(app, "/deaf", rcvbuf=4096)
    wait_for(lambda: client.get("/size/closing").text == "1")
    client.get("/tell-large")
    assert client.get("/tell-nonsense").text == "waits"
    opcode, payload = ws.message()
    assert (opcode, len(payload)) == (TEXT, 4000000)
    ws.expect_end()
    wait_for(lambda: client.get("/size/closing").text == "0")
    assert "TypeError" in app.log()


def test_a_client_whose_event_has_no_memory_is_closed(app, client, raw):
    raw("/group/closing")
    wait_for(lambda: client.get("/size/closing").text == "1")
    assert client.get("/tell-much").text == "0"


def test_a_stopping_server_ends_streams(tmp_path):
    server = start_server(APP, folder=tmp_path, heap="16m")
    with httpx.stream("GET", server.url + "/slow/x", trust_env=False, timeout=20) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: hello x"
        httpx.get(server.url + "/stop", trust_env=False)
        try:
            assert all(line in ("", ":") for line in lines)
        except httpx.RemoteProtocolError:
            pass  # Cut off: so a client knows that it may connect again.
    assert server.process.wait(20) == 0
