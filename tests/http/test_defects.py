# SPDX-License-Identifier: MIT
"""Defects of the original server that must not come back: one section each."""

import json
import time

import httpx
import pytest

from support.wire import Wire

APP = "defects.py"
TEXT = "grüße, привет, 你好 🙂"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def alive(client):
    """Whether the server answers.

    The client's kept connection may be given up for others just when it is used (RFC 9112
    section 9.5), so this is a new one.
    """
    return httpx.get(client.base_url, timeout=20, trust_env=False).text == "alive"


def exchange(wire, data, method="GET"):
    with wire() as peer:
        peer.send(data)
        return peer.read_response(method)


# Percent-decoding made one character of each byte.


@pytest.mark.parametrize("text", ["ü", "Привет", "你好", "🙂", "é+&=%"])
def test_percent_decoding_is_utf8(client, text):
    assert client.post("/form", data={"t": text, text: "key"}).json() == {"t": text, text: "key"}
    assert client.post("/echo", data={"t": text}).json() == {"data": {"t": text}}


def test_percent_decoding_of_the_path_is_utf8(client):
    assert client.get("/any/Привет 你好").text == "Привет 你好"


# Content-Length counted characters.


@pytest.mark.parametrize("path", ["/text", "/string", "/error"])
def test_content_length_counts_bytes(wire, path):
    with wire() as peer:
        peer.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        response = peer.read_response(version="1.0")
        peer.expect_eof()
    assert TEXT in response.text
    if response.get("Content-Length") is not None:
        assert int(response.get("Content-Length")) == len(response.body)


# The reason phrase was "MSG".


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/", b"HTTP/1.1 200 OK\r\n"),
        ("/error", b"HTTP/1.1 400 Bad Request\r\n"),
        ("/os-error", b"HTTP/1.1 500 Internal Server Error\r\n"),
    ],
)
def test_reason_phrase(wire, path, line):
    with wire() as peer:
        peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert peer.read_response().raw.startswith(line)


# Header names were matched by case.


@pytest.mark.parametrize("capitals", [str.lower, str.upper, str.title, str.swapcase])
def test_header_names_match_in_any_case(wire, capitals):
    head = (
        f"POST /form HTTP/1.1\r\n{capitals('Host')}: t\r\n{capitals('Content-Length')}: 3\r\n"
        f"{capitals('Content-Type')}: application/x-www-form-urlencoded\r\n\r\na=1"
    )
    assert json.loads(exchange(wire, head.encode(), "POST").body) == {"a": "1"}


# These ended in 500.


@pytest.mark.parametrize("content", [b"a=%", b"a=%z", b"a=%zz", b"%=%", b"a=%ff%fe", b"a=%c3%28"])
@pytest.mark.parametrize("path", ["/form", "/echo"])
def test_bad_escape_in_a_form(client, path, content):
    assert client.post(path, content=content, headers=FORM).status_code == 200


@pytest.mark.parametrize("target", ["/any/%", "/any/%z", "/any/%zz", "/any/%ff%fe", "/query?%zz"])
def test_bad_escape_in_the_target(wire, target):
    response = exchange(wire, f"GET {target} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
    assert response.status in (200, 400)


@pytest.mark.parametrize("length", ["ten", "1e3", "0x1", "-5", "١"])
@pytest.mark.parametrize("path", ["/form", "/echo", "/"])
def test_non_numeric_content_length(wire, path, length):
    head = f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\n\r\n"
    assert exchange(wire, head.encode(), "POST").status == 400


@pytest.mark.parametrize("content", [b"[]", b"[1]", b"1", b'"s"', b"true", b"null"])
@pytest.mark.parametrize("path", ["/form", "/echo"])
def test_json_that_is_no_object(client, path, content):
    assert client.post(path, content=content, headers=JSON).status_code in (200, 400)


@pytest.mark.parametrize("content_type", ["text/plain", "x", "a/b; c", "multipart/form-data", ";"])
@pytest.mark.parametrize("path", ["/form", "/echo"])
def test_unknown_body_type(client, path, content_type):
    response = client.post(path, content=b"data", headers={"Content-Type": content_type})
    assert response.status_code in (200, 400, 415)


@pytest.mark.parametrize("path", ["/nowhere", "/"])
def test_options_on_a_catchall(client, path):
    assert client.options(path).status_code in (200, 204)


# A second response was sent after the head had gone out.


@pytest.mark.parametrize("path", ["/raise-late", "/http-exception-late"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_no_second_head(wire, path, version):
    with wire() as peer:
        peer.send(f"GET {path} HTTP/{version}\r\nHost: t\r\n\r\n".encode())
        data = peer.read_until_closed()
    assert data.startswith(b"HTTP/1.1 200 OK\r\n") or data.startswith(b"HTTP/1.0 200 OK\r\n")
    assert data.count(b"HTTP/1.") == 1


# There was no limit on header lines.


def test_header_lines_are_limited(wire):
    with wire() as peer:
        peer.try_send(b"GET / HTTP/1.1\r\nHost: t\r\n")
        for _ in range(500):  # more than the kernel's buffers hold
            if not peer.try_send(b"X-Filler: nothing\r\n" * 3500):
                break
        else:
            raise AssertionError("1 750 000 header lines were taken")


def test_header_size_is_limited(wire):
    with wire() as peer:
        peer.try_send(b"GET / HTTP/1.1\r\nHost: t\r\nX-Endless: ")
        for _ in range(500):
            if not peer.try_send(b"x" * 65536):
                break
        else:
            raise AssertionError("32 MB of one field were taken")


def test_request_line_is_limited(wire):
    with wire() as peer:
        peer.try_send(b"GET /")
        for _ in range(500):
            if not peer.try_send(b"x" * 65536):
                break
        else:
            raise AssertionError("32 MB of target were taken")


# A body without timeout held a slot for ever.


@pytest.mark.parametrize("path", ["/form", "/echo", "/"])
def test_silent_bodies_give_their_slots_back(wire, client, path):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        "Content-Length: 10\r\n\r\n"
    )
    peers = [wire() for _ in range(6)]  # twice the slots
    for peer in peers:
        peer.send(head.encode())
    assert alive(client)
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("data", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: t\r\n", b"\r\n"])
def test_silent_heads_give_their_slots_back(wire, client, data):
    peers = [wire() for _ in range(6)]
    for peer in peers:
        peer.send(data)
    assert alive(client)
    for peer in peers:
        peer.close()


# A handler without timeout held a slot for ever: handlers may wait as long as they like unless
# the application sets a limit, but a handler's own exceptions of every kind end in a response.


@pytest.mark.parametrize("path", ["/os-error", "/timeout", "/cancelled"])
def test_failing_handlers_give_their_slots_back(wire, client, path):
    for _ in range(6):
        with wire() as peer:
            peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
            data = peer.sock.recv(1000)
            if path != "/cancelled":
                assert data.startswith(b"HTTP/1.1 500 ")
    assert alive(client)


# A client that resets the connection, so that close() fails, leaked a slot.


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: t\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\n\r\nGET / HTTP/1.1\r\n",
        b"POST /form HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\na=",
        b"GET /raise-late HTTP/1.1\r\nHost: t\r\n\r\n",
    ],
)
def test_resets_give_their_slots_back(wire, client, data):
    for pause in (0, 0, 0, 0.01, 0.01, 0.01):
        peer = wire()
        peer.send(data)
        time.sleep(pause)
        peer.reset()
    assert alive(client)


# An accept error ended the server; more of this in tests/faults.


def test_accept_errors_do_not_end_the_server(serve, request):
    """EMFILE on accept: the process may open only a few descriptors more than it has."""
    import resource

    server = serve(request.path.parent / "apps" / APP)
    pid = server.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    # The lowest free descriptor number is where accept() has to fail.
    import os

    used = {int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}
    limit = next(n for n in range(1024) if n not in used) + 1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, hard))
    peers = [Wire(server.host, server.port) for _ in range(5)]
    for peer in peers:
        peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    time.sleep(0.5)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    for peer in peers:
        assert peer.read_response().text == "alive"
        peer.close()
    assert server.process.poll() is None
