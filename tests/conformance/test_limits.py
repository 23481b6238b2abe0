# SPDX-License-Identifier: MIT
"""Limits: 413, 414, 431, 408; each where RFC 9110 section 15 puts it."""

import time

import pytest

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.mark.parametrize("size", [100, 200, 300])
def test_target_within_the_limit(exchange, size):
    """RFC 9112 section 3 asks for 8000 octets where that is possible; a chip has less."""
    response = exchange(b"GET /target?" + b"q" * size + b" HTTP/1.1\r\nHost: t\r\n\r\n")
    assert response.status == 200


@pytest.mark.parametrize("size", [9000, 70000, 1000000])
def test_target_too_long(refused, size):
    """RFC 9110 section 15.5.15 and RFC 9112 section 3: 414."""
    refused(b"GET /" + b"q" * size + b" HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT, 414)


def test_target_without_end(wire):
    """RFC 9112 section 3: 414 does not wait for the end of the line."""
    peer = wire()
    peer.try_send(b"GET /" + b"q" * 20000)
    assert peer.read_response().status == 414
    peer.expect_eof()


@pytest.mark.parametrize("name", [b"X-Test", b"X-Unwanted"])
@pytest.mark.parametrize("size", [10, 100, 300])
def test_field_within_the_limit(exchange, name, size):
    data = b"GET /target HTTP/1.1\r\nHost: t\r\n" + name + b": " + b"v" * size + b"\r\n\r\n"
    assert exchange(data).status == 200


def test_unwanted_field_larger_than_the_buffer(exchange):
    """A browser's cookies pass through a small buffer when the route does not want them."""
    data = b"GET / HTTP/1.1\r\nHost: t\r\nCookie: " + b"c" * 4000 + b"\r\n\r\n"
    assert exchange(data).text == "root"


def test_head_of_a_browser(exchange):
    """Some 1.5 kB of fields, of which none is wanted."""
    fields = [
        b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
        b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        b"Accept-Encoding: gzip, deflate, br, zstd",
        b"Accept-Language: en-GB,en;q=0.9,de;q=0.8",
        b'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"',
        b"Cookie: " + b"; ".join(b"name%d=%s" % (i, b"v" * 40) for i in range(20)),
    ]
    data = b"GET / HTTP/1.1\r\nHost: t\r\n" + b"\r\n".join(fields) + b"\r\n\r\n"
    assert exchange(data).text == "root"


@pytest.mark.parametrize(
    "fields",
    [
        b"X-Unwanted: " + b"v" * 70000 + b"\r\n",
        b"X-Test: " + b"v" * 70000 + b"\r\n",
        b"N" * 70000 + b": v\r\n",
        b"X: y\r\n" * 20000,
        b"".join(b"X-%d: y\r\n" % i for i in range(5000)),
    ],
)
def test_fields_too_large(refused, fields):
    """RFC 6585 section 5 and RFC 9110 section 5.4: 431."""
    refused(b"GET /target HTTP/1.1\r\nHost: t\r\n" + fields + b"\r\n" + NEXT, 431)


def test_field_without_end(wire):
    """431 does not wait for the end of the line."""
    peer = wire()
    peer.try_send(b"GET / HTTP/1.1\r\nHost: t\r\nX-Endless: " + b"x" * 70000)
    assert peer.read_response().status == 431
    peer.expect_eof()


def test_wanted_field_that_does_not_fit(refused):
    """A field that the application asked for is never dropped silently: 431."""
    refused(b"GET /target HTTP/1.1\r\nHost: t\r\nX-Test: " + b"v" * 6000 + b"\r\n\r\n" + NEXT, 431)


@pytest.mark.parametrize("size", [101, 5000, 2000000])
def test_body_too_large(refused, size):
    """RFC 9110 section 15.5.14: 413; the connection is closed, for the body is not read."""
    head = b"POST /limited HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % size
    body = NEXT * (size // len(NEXT) + 1)
    refused(head + body[:size] + NEXT, 413, "POST")


def test_body_of_exactly_the_limit(exchange):
    response = exchange(
        b"POST /limited HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n" + b"x" * 100, "POST"
    )
    assert (response.status, response.text) == (200, "100")


@pytest.mark.parametrize(
    "data",
    [
        b"G",
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\n\r",
    ],
)
def test_head_timeout(wire, data):
    """RFC 9110 section 15.5.9: 408 for a head that stays incomplete."""
    peer = wire()
    peer.send(data)
    assert peer.read_response().status == 408
    peer.expect_eof()


@pytest.mark.parametrize("path", [b"/echo", b"/form"])
def test_body_timeout(wire, path):
    """RFC 9110 section 15.5.9: 408 for a body that stays incomplete."""
    peer = wire()
    peer.send(b"POST " + path + b" HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n")
    peer.send(b"Content-Length: 10\r\n\r\n{")
    assert peer.read_response("POST").status == 408
    peer.expect_eof()


def test_silent_connection_is_closed(wire):
    """Nothing was sent: there is no request to answer (RFC 9112 section 9.5)."""
    begin = time.monotonic()
    peer = wire()
    rest = peer.read_until_closed()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - begin < 8
