# SPDX-License-Identifier: MIT
"""The opening handshake (RFC 6455 section 4.2)."""

import pathlib

import httpx
import pytest

from support import frames
from support.frames import Peer
from support.simulator import start_server

APPS = pathlib.Path(__file__).parent / "apps"


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """apps/ends.py, once for all; it takes no part in what is tested here."""
    server = start_server(APPS / "ends.py", folder=tmp_path_factory.mktemp("ends"), args=(20,))
    yield server
    assert server.process.poll() is None, server.log()
    server.stop()


@pytest.fixture(autouse=True)
def free(ends):
    """No slot is taken by an earlier test's connection."""
    frames.wait_for(lambda: httpx.get(ends.url, trust_env=False).text == "0")


@pytest.fixture
def ask(ends):
    """``ask(path, **fields)``: the answer to a handshake: (status, fields, body)."""
    peers = []

    def start(path="/small", fields=(), **replaced):
        peers.append(Peer(ends))
        peers[-1].request(path, fields, **replaced)
        return peers[-1].answer()

    yield start
    for peer in peers:
        peer.sock.close()


def test_a_page_is_told_to_upgrade(ends):
    with httpx.Client(base_url=ends.url, trust_env=False) as client:
        answer = client.get("/small")
        assert answer.status_code == 426
        assert answer.headers["Upgrade"] == "websocket"
        assert "upgrade" in answer.headers["Connection"].lower()
        # The connection is still good for requests.
        assert client.get("/").text == "0"


@pytest.mark.parametrize(
    "fields",
    [
        {"Upgrade": None},
        {"Upgrade": "h2c"},
        {"Connection": None},
        {"Connection": "keep-alive"},
        {"version": "1.0"},
        {"method": "POST"},
    ],
    ids=str,
)
def test_what_is_no_handshake(ask, fields):
    status, got, _ = ask(**fields)
    assert (status, got["upgrade"]) == (426, "websocket")


@pytest.mark.parametrize(
    "fields",
    [
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "upgrade,keep-alive"},
        {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
    ],
    ids=str,
)
def test_other_spellings(ends, connect, fields):
    ws = connect(ends, "/small", **fields)
    ws.send(frames.TEXT, b"hello")
    ws.expect(frames.TEXT, b"hello")
    ws.close()


@pytest.mark.parametrize("version", [None, "8", "12", "14", "13, 8", "x"])
def test_other_versions(ask, version):
    status, got, _ = ask(Sec_WebSocket_Version=version)
    assert (status, got["sec-websocket-version"]) == (426, "13")
    assert "sec-websocket-accept" not in got


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZQ==AAAA",
        "dGhlIHNhbXBsZSBub25jZQ=A",
        "dGhlIHNhbXBs*SBub25jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
    ],
)
def test_bad_keys(ask, key):
    assert ask(Sec_WebSocket_Key=key)[0] == 400


def test_nothing_may_follow_before_the_answer(ends):
    """Section 4.1: the client must wait. What follows might be meant for another server."""
    with Peer(ends) as peer:
        data = frames.frame(frames.TEXT, b"early")
        peer.request("/small", behind=data)
        assert peer.answer()[0] == 400


def test_bytes_that_are_no_text(ends):
    fields = b"Origin: \xff\xfe\r\nSec-WebSocket-Protocol: \xff\r\n"
    with Peer(ends) as peer:
        peer.sock.sendall(
            b"GET /protocol HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            + fields
            + b"Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: " + frames.KEY + b"\r\n\r\n"
        )
        assert peer.answer()[0] == 403


def test_a_body_is_refused(ask):
    assert ask(Content_Length="5")[0] == 400


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, None),
        ("a", "a"),
        ("x, a", "a"),
        ("a, b", "a"),
        ("b,a", "b"),
        ("x", None),
        ("", None),
    ],
)
def test_subprotocol(ends, connect, offered, chosen):
    ws = connect(ends, "/protocol", Sec_WebSocket_Protocol=offered)
    assert ws.fields.get("sec-websocket-protocol") == chosen
    ws.expect(frames.TEXT, str(chosen).encode())


@pytest.mark.parametrize(
    ("path", "origin", "status"),
    [
        ("/small", None, 101),
        ("/small", "http://device.example", 101),
        ("/small", "http://evil.example", 403),
        ("/small", "null", 403),
        ("/small", "http://device.example:8080", 403),
        ("/origins", None, 101),
        ("/origins", "https://app.example", 101),
        ("/origins", "http://app.example", 403),
        ("/origins", "http://device.example", 403),
        ("/anywhere", "http://evil.example", 101),
    ],
)
def test_origins(ask, path, origin, status):
    assert ask(path, Origin=origin)[0] == status


def test_one_slot_is_left_for_requests(ends, connect):
    """apps/ends.py has 4 slots; idle WebSockets are not given up."""
    peers = [connect(ends, "/small") for _ in range(3)]
    with Peer(ends) as peer:
        peer.request("/small")
        status, got, _ = peer.answer()
        assert status == 503 and got["retry-after"].isdigit()
    for _ in range(5):
        assert httpx.get(ends.url, trust_env=False).text == "3"
    for peer in peers:
        peer.send(frames.TEXT, b"still here")
        peer.expect(frames.TEXT, b"still here")
        peer.close()
    frames.wait_for(lambda: httpx.get(ends.url, trust_env=False).text == "0")
    connect(ends, "/small").close()


def test_max_websockets(ends, connect):
    connect(ends, "/origins")
    with Peer(ends) as peer:
        peer.request("/origins")
        assert peer.answer()[0] == 503
    connect(ends, "/small")
