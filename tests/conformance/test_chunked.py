# SPDX-License-Identifier: MIT
"""RFC 9112 section 7.1: the chunked coding, in requests and in responses."""

import random

import pytest

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"


def chunked(body, path=b"/echo", fields=b""):
    return (
        b"POST "
        + path
        + b" HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
        + fields
        + b"\r\n"
        + body
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"0\r\n\r\n", b""),
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world"),
        (b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),  # 7.1: 1*HEXDIG, either case
        (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"0000000A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"5\r\nhello\r\n000\r\n\r\n", b"hello"),
        (b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),  # data that looks like an end
        (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
        (b"4\r\n\x00\xff\x80\n\r\n0\r\n\r\n", b"\x00\xff\x80\n"),
        (b"5;ext\r\nhello\r\n0\r\n\r\n", b"hello"),  # 7.1.1: extensions are ignored
        (b"5;ext=value\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"5;a=b;c=d\r\nhello\r\n0;end\r\n\r\n", b"hello"),
        (b'5;a="quoted; \\" text"\r\nhello\r\n0\r\n\r\n', b"hello"),
        (b"5 ; a = b\r\nhello\r\n0\r\n\r\n", b"hello"),  # 7.1.1: BWS
        (b"5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n", b"hello"),  # 7.1.2: a trailer section
        (b"5\r\nhello\r\n0\r\nA: 1\r\nB: 2\r\nC:\r\n\r\n", b"hello"),
        (b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n", b"hello"),  # no framing by trailers
        (b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", b"hello"),
    ],
)
def test_chunked_body(wire, body, expected):
    """The body is right, and the next request begins right behind it."""
    peer = wire()
    peer.send(chunked(body) + LAST)
    response = peer.read_response("POST")
    assert (response.status, response.body) == (200, expected)
    assert peer.read_response().text == "root"
    peer.expect_eof()


@pytest.mark.parametrize("seed", range(6))
def test_chunked_body_of_many_sizes(exchange, seed):
    rng = random.Random(seed)
    body = rng.randbytes(rng.randrange(100, 60000))
    coded, at = b"", 0
    while at < len(body):
        size = min(rng.choice([1, 7, 500, 512, 513, 4096, 20000]), len(body) - at)
        coded += b"%x\r\n" % size + body[at : at + size] + b"\r\n"
        at += size
    response = exchange(chunked(coded + b"0\r\n\r\n"), "POST")
    assert (response.status, response.body) == (200, body)


@pytest.mark.parametrize(
    "body",
    [
        b"\r\nhello\r\n0\r\n\r\n",  # 7.1: chunk-size is 1*HEXDIG
        b"g\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5h\r\nhello\r\n0\r\n\r\n",
        b"5.\r\nhello\r\n0\r\n\r\n",
        b"5,5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"\t5\r\nhello\r\n0\r\n\r\n",
        b"5 5\r\nhello\r\n0\r\n\r\n",
        b"5_0\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",  # 7.1: CRLF, not LF
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello\r\n0\n\n",
        b"5\rhello\r\n0\r\n\r\n",
        b"5\r\rhello\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",  # chunk-data is followed by CRLF
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"4\r\nhello\r\n0\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\r\n0\r\n\r\n",
        b"5\r\nhello\r\n\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",  # 7.1.1: no LF in an extension
        b"5;a\rb\r\nhello\r\n0\r\n\r\n",
        b"5;a\x00b\r\nhello\r\n0\r\n\r\n",
        b"5\x00\r\nhello\r\n0\r\n\r\n",
        b"5\x0b;a\r\nhello\r\n0\r\n\r\n",
        b"5 a\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX : y\r\n\r\n",  # 7.1.2: trailers are field lines
        b"5\r\nhello\r\n0\r\n X: y\r\n\r\n",
        b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: a\x00\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n",
        b"100000000\r\nhello\r\n0\r\n\r\n",  # 7.1: large sizes must not overflow: 2**32
        b"100000005\r\nhello\r\n0\r\n\r\n",
        b"10000000000000000\r\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        b"FFFFFFFF\r\nhello\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        b"80000000\r\nhello\r\n0\r\n\r\n",
        b"f" * 300 + b"\r\nhello\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("path", [b"/echo", b"/unread", b"/nowhere"])
def test_malformed_chunks(wire, path, body):
    """Nothing behind a malformed body is taken as a request, read by the handler or drained."""
    peer = wire()
    if peer.try_send(chunked(body, path) + NEXT + LAST):
        peer.end_sending()
    data = peer.read_until_closed()
    if path == b"/echo":
        # The first response may have begun before the error; it is an error here because the
        # handler answers last.
        assert data == b"" or data.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))
    assert data.count(b"HTTP/1.1 ") <= 1, data
    assert b"root" not in data


@pytest.mark.parametrize("size", [50, 100])
def test_within_max_body_size(exchange, size):
    body = b"".join(b"a\r\n0123456789\r\n" for _ in range(size // 10)) + b"0\r\n\r\n"
    response = exchange(chunked(body, b"/limited"), "POST")
    assert (response.status, response.text) == (200, str(size))


@pytest.mark.parametrize("count", [11, 12, 500, 5000])
def test_over_max_body_size(wire, count):
    """RFC 9110 section 15.5.14: 413; the rest of the body is read away or it ends."""
    peer = wire()
    peer.try_send(chunked(b"a\r\n0123456789\r\n" * count + b"0\r\n\r\n", b"/limited") + LAST)
    response = peer.read_response("POST")
    assert response.status == 413
    if response.persists:
        assert peer.read_response().text == "root"
    peer.expect_eof()


def test_one_chunk_over_max_body_size(wire):
    """413 does not wait for the end of a large chunk."""
    peer = wire()
    peer.send(chunked(b"fffff\r\n" + b"x" * 200, b"/limited"))
    assert peer.read_response("POST").status == 413


@pytest.mark.parametrize("path", [b"/echo", b"/unread"])
def test_endless_extension(wire, path):
    """RFC 9112 section 7.1.1: the total length of chunk extensions ought to be limited."""
    peer = wire()
    peer.send(chunked(b"1;", path))
    for _ in range(500):  # more than the kernel's buffers hold
        if not peer.try_send(b"x" * 65536):
            break
    else:
        raise AssertionError("32 MB of one chunk extension were taken")
    data = peer.read_until_closed()
    assert data.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("path", [b"/echo", b"/unread"])
def test_endless_trailers(wire, path):
    """RFC 9112 section 7.1.2 with RFC 9110 section 5.4: trailers are limited like fields."""
    peer = wire()
    peer.send(chunked(b"0\r\n", path))
    for _ in range(500):
        if not peer.try_send(b"X: yyyyyyyy\r\n" * 5000):
            break
    else:
        raise AssertionError("2 500 000 trailer fields were taken")


def test_many_tiny_chunks_with_extensions(exchange):
    """A flood of overhead is limited too, or harmless: 500 chunks of one byte are a body."""
    body = b"1;e\r\nx\r\n" * 500 + b"0\r\n\r\n"
    response = exchange(chunked(body), "POST")
    assert (response.status, response.body) == (200, b"x" * 500)


def test_form_in_chunks(exchange):
    response = exchange(
        chunked(
            b"3\r\na=%\r\n4\r\n41&b\r\n2\r\n=2\r\n0\r\n\r\n",
            b"/form",
            b"Content-Type: application/x-www-form-urlencoded\r\n",
        ),
        "POST",
    )
    assert response.text == '{"a": "A", "b": "2"}'


# Responses


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_stream_is_chunked_to_http_1_1(wire, count):
    """RFC 9112 section 7.1: a body of unknown length on a connection that persists."""
    peer = wire()
    peer.send(f"GET /stream/{count} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
    response = peer.read_response()
    assert response.text == "".join(f"line {i:06d}\n" for i in range(count))
    if count == 5000:
        assert response.framing == "chunked"
    assert response.persists
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    assert peer.read_response().text == "root"


@pytest.mark.parametrize("keep", [b"", b"Connection: keep-alive\r\n"])
def test_stream_is_delimited_by_close_to_http_1_0(exchange, keep):
    """RFC 9112 section 6.1: no transfer coding unless the request is HTTP/1.1 or later."""
    response = exchange(b"GET /stream/5000 HTTP/1.0\r\n" + keep + b"\r\n", version="1.0")
    assert response.text == "".join(f"line {i:06d}\n" for i in range(5000))
    assert response.framing == "close"


def test_stream_with_connection_close(exchange):
    """RFC 9112 section 9.6: chunked framing still tells whether the body is whole."""
    response = exchange(b"GET /stream/5000 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    assert len(response.body) == 5000 * 12
    assert not response.persists


def test_te_field_of_the_request_is_no_reason_to_fail(exchange):
    """RFC 9110 section 10.1.4: TE: trailers, gzip;q=0.5 from a client."""
    response = exchange(
        b"GET /stream/3 HTTP/1.1\r\nHost: t\r\nTE: trailers, gzip;q=0.5\r\nConnection: TE\r\n\r\n"
    )
    assert response.status == 200
