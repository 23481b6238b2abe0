# SPDX-License-Identifier: MIT
"""RFC 9112 section 9: persistence, pipelining and the end of connections."""

import time

import pytest

ROOT = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.mark.parametrize(
    ("version", "connection", "persists"),
    [
        ("1.1", None, True),  # 9.3
        ("1.1", "keep-alive", True),
        ("1.1", "close", False),
        ("1.1", "Close", False),
        ("1.1", "CLOSE", False),
        ("1.1", "close, keep-alive", False),  # close wins
        ("1.1", "keep-alive, close", False),
        ("1.1", "TE, close", False),
        ("1.1", "close,", False),
        ("1.1", ",close", False),
        ("1.1", " ,, close\t,", False),
        ("1.1", "x-close", True),
        ("1.1", "closed", True),
        ("1.1", "clos", True),
        ("1.1", "close-not", True),
        ("1.1", "upgrade", True),
        ("1.1", "TE", True),
        ("1.1", "", True),
        ("1.0", None, False),
        ("1.0", "close", False),
        ("1.0", "keep-alive", True),
        ("1.0", "Keep-Alive", True),
        ("1.0", "keep-alive, close", False),
        ("1.0", "x, keep-alive", True),
        ("1.0", "keep-alive-x", False),
    ],
)
def test_persistence(wire, version, connection, persists):
    """RFC 9112 section 9.3; options are case-insensitive and come as a list (9110 7.6.1)."""
    peer = wire()
    field = "" if connection is None else f"Connection: {connection}\r\n"
    peer.send(f"GET /fixed HTTP/{version}\r\nHost: t\r\n{field}\r\n".encode())
    response = peer.read_response(version=version)
    assert response.text == "fixed"
    assert response.persists is persists
    if persists:
        peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        assert peer.read_response().text == "root"
    peer.expect_eof()


def test_connection_in_several_lines(wire):
    """RFC 9110 section 5.3 applies to Connection as well."""
    peer = wire()
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: TE\r\nConnection: close\r\n\r\n")
    assert not peer.read_response().persists
    peer.expect_eof()


def test_close_is_announced(wire):
    """RFC 9112 section 9.6: the last response of a connection carries close."""
    peer = wire()
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    assert "close" in peer.read_response().tokens("Connection")
    peer.expect_eof()


@pytest.mark.parametrize("path", ["/unread", "/half-read", "/nowhere", "/fail"])
@pytest.mark.parametrize("size", [4000, 5000, 100000])
def test_close_for_an_unread_body_is_announced(wire, path, size):
    """RFC 9112 section 9.6: who does not read the body to keep the connection says close."""
    peer = wire()
    peer.send(f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: {size}\r\n\r\n".encode())
    peer.send(b"x" * 100)
    response = peer.read_response("POST")
    if response.persists:
        assert size == 4000
        peer.send(b"x" * (size - 100) + b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        assert peer.read_response().text == "root"
    else:
        peer.try_send(b"x" * (size - 100))
    peer.end_sending()
    peer.expect_eof()


@pytest.mark.parametrize("path", ["/nowhere", "/fail"])
def test_close_for_an_error_before_the_end_of_a_chunked_body_is_announced(wire, path):
    """How much is left nobody can tell, so whether the connection stays is not left open."""
    peer = wire()
    peer.send(f"POST {path} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    peer.send(b"5\r\nhello\r\n")
    response = peer.read_response("POST")
    assert response.status >= 400
    assert not response.persists
    peer.try_send(b"0\r\n\r\n")
    peer.end_sending()
    peer.expect_eof()


@pytest.mark.parametrize("framing", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_close_for_a_body_that_may_never_come_is_announced(wire, framing):
    """RFC 9110 section 10.1.1: after a final answer to Expect the client need not send it."""
    peer = wire()
    peer.send(
        f"POST /unread HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n{framing}\r\n\r\n".encode()
    )
    response = peer.read_response("POST")
    assert response.text == "unread"
    assert not response.persists
    peer.end_sending()
    peer.expect_eof()


def test_requests_after_close_are_not_processed(wire):
    """RFC 9112 section 9.6: no further request is taken after one with close."""
    peer = wire()
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n" + NEXT)
    assert peer.read_response().text == "root"
    peer.expect_eof()


def test_http_1_0_keep_alive_is_announced(wire):
    """RFC 9112 section 9.3 and appendix C.2.2: else the client would wait for the end."""
    peer = wire()
    peer.send(b"GET /fixed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert "keep-alive" in peer.read_response(version="1.0").tokens("Connection")


def test_many_requests_on_one_connection(wire):
    peer = wire()
    for number in range(200):
        peer.send(b"GET /any/%d HTTP/1.1\r\nHost: t\r\n\r\n" % number)
        assert peer.read_response().text == str(number)


@pytest.mark.parametrize("count", [2, 3, 10, 100])
def test_pipeline(wire, count):
    """RFC 9112 section 9.3.2: responses in the order of the requests."""
    peer = wire()
    peer.send(b"".join(b"GET /any/%d HTTP/1.1\r\nHost: t\r\n\r\n" % i for i in range(count)))
    for number in range(count):
        assert peer.read_response().text == str(number)
    peer.expect_silence()


def test_pipeline_with_a_slow_handler(wire):
    peer = wire()
    names = [b"1", b"2", b"3"]
    peer.send(
        b"".join(
            b"GET /slow/%s HTTP/1.1\r\nHost: t\r\n\r\nGET /any/%s HTTP/1.1\r\nHost: t\r\n\r\n"
            % (n, n)
            for n in names
        )
    )
    for name in names:
        assert peer.read_response().text == "slow " + name.decode()
        assert peer.read_response().text == name.decode()


def test_pipeline_of_bodies(wire):
    """RFC 9112 section 9.3.2: each body ends where its framing says."""
    peer = wire()
    post = b"POST /echo HTTP/1.1\r\nHost: t\r\n"
    peer.send(
        post
        + b"Content-Length: 35\r\n\r\n"
        + NEXT
        + post
        + b"Transfer-Encoding: chunked\r\n\r\n23\r\n"
        + NEXT
        + b"\r\n0\r\n\r\n"
        + post
        + b"Content-Length: 0\r\n\r\n"
        + b"HEAD / HTTP/1.1\r\nHost: t\r\n\r\n"
        + post
        + b"Content-Length: 3\r\n\r\nend"
        + ROOT
    )
    assert peer.read_response("POST").body == NEXT
    assert peer.read_response("POST").body == NEXT
    assert peer.read_response("POST").body == b""
    assert peer.read_response("HEAD").body == b""
    assert peer.read_response("POST").body == b"end"
    assert peer.read_response().text == "root"
    peer.expect_silence()


def test_pipeline_with_errors_in_between(wire):
    """404 and 405 leave the framing intact: the connection may go on."""
    peer = wire()
    peer.send(
        b"GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n"
        b"DELETE / HTTP/1.1\r\nHost: t\r\n\r\n"
        b"GET /fail HTTP/1.1\r\nHost: t\r\n\r\n" + ROOT
    )
    for status in (404, 405, 500, 200):
        response = peer.read_response()
        assert response.status == status
        if not response.persists:
            peer.expect_eof()
            assert status == 500, "an error that leaves the framing intact need not close"
            break


def test_pipeline_ends_at_a_bad_request(refused, wire):
    """RFC 9112 section 9.3.2 with 9.6: nothing behind a refused request is taken."""
    peer = wire()
    peer.send(ROOT + ROOT + b"GET / HTTP/1.1\r\nBad Header\r\n\r\n" + NEXT + ROOT)
    assert peer.read_response().text == "root"
    assert peer.read_response().text == "root"
    assert peer.read_response().status == 400
    peer.expect_eof()


def test_empty_line_after_a_body(wire):
    """RFC 9112 section 2.2: old clients send a CRLF after the body of a POST."""
    peer = wire()
    peer.send(b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nok\r\n" + ROOT)
    assert peer.read_response("POST").text == "ok"
    assert peer.read_response().text == "root"


def test_half_close_after_the_request(wire):
    """A client may end its side and still be answered (RFC 9112 section 9.6)."""
    for data, expected in (
        (ROOT, ["root"]),
        (ROOT + ROOT, ["root", "root"]),
        (b"GET /slow/x HTTP/1.1\r\nHost: t\r\n\r\n", ["slow x"]),
        (b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nok", ["ok"]),
    ):
        peer = wire()
        peer.send(data).end_sending()
        for text in expected:
            assert peer.read_response().text == text
        assert peer.read_until_closed() == b""


@pytest.mark.parametrize("data", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHos", b"GET", ROOT + b"GE"])
def test_end_of_input(wire, data):
    """RFC 9112 section 8: an incomplete head is no request; the server closes in time."""
    peer = wire()
    peer.send(data).end_sending()
    if data.startswith(ROOT):
        assert peer.read_response().text == "root"
    rest = peer.read_until_closed()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 400 ")


def test_idle_connection_is_closed_without_a_response(wire):
    """RFC 9112 section 9.5: nothing was asked, so nothing is answered (or 408, 9110 15.5.9)."""
    peer = wire()
    peer.send(ROOT)
    assert peer.read_response().text == "root"
    begin = time.monotonic()
    rest = peer.read_until_closed()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - begin > 0.3, "a kept connection was given up at once"


def test_incomplete_head_times_out(wire):
    """RFC 9110 section 15.5.9: 408, and the connection is closed."""
    peer = wire()
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\n")
    response = peer.read_response()
    assert response.status == 408
    peer.expect_eof()


def test_idle_connections_give_way_to_a_new_client(wire):
    """More clients than slots: idle kept connections are given up first."""
    idle = []
    for _ in range(10):
        peer = wire()
        peer.send(ROOT)
        assert peer.read_response().text == "root"
        idle.append(peer)
    late = wire(timeout=5)
    begin = time.monotonic()
    late.send(ROOT)
    assert late.read_response().text == "root"
    assert time.monotonic() - begin < 3


def test_upgrade_is_ignored(exchange):
    """RFC 9110 section 7.8: a server may ignore an Upgrade that it does not support."""
    response = exchange(
        b"GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    )
    assert (response.status, response.text) == (200, "root")


def test_pieces_of_any_size(wire):
    """The stream has no message borders: three requests in pieces of 7 bytes."""
    peer = wire()
    data = ROOT * 3
    for at in range(0, len(data), 7):
        peer.send(data[at : at + 7])
        time.sleep(0.0005)
    for _ in range(3):
        assert peer.read_response().text == "root"
