# SPDX-License-Identifier: MIT
"""Every cut of a valid request: the answer does not depend on how the bytes arrive.

RFC 9112 section 2.2 describes a stream of octets; TCP may cut it anywhere.
"""

import json
import time

import pytest

REQUESTS = {
    "get": (
        b"GET /target?a=1 HTTP/1.1\r\nHost: example.local:8081\r\nAccept: */*\r\n"
        b"Cookie: a=1\r\nX-Test: \t one \r\nx-test:two\r\nX-Unwanted: x\r\n\r\n",
        {
            "method": "GET",
            "path": "/target",
            "query": "a=1",
            "headers": {
                "Host": "example.local:8081",
                "Accept": "*/*",
                "Cookie": "a=1",
                "X-Test": "one, two",
            },
        },
    ),
    "absolute": (
        b"\r\nGET http://t/target HTTP/1.1\r\nHost: t\r\nConnection: keep-alive\r\n\r\n",
        {
            "method": "GET",
            "path": "/target",
            "query": "",
            "headers": {"Host": "t", "Connection": "keep-alive"},
        },
    ),
}
BODIES = {
    "length": b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 17\r\n\r\n0\r\n\r\nGET / HTTP/1",
    "chunked": (
        b"POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'5;ext="a;b"\r\n0\r\n\r\n\r\nc\r\nGET / HTTP/1\r\n0\r\nTrailer: x\r\n\r\n'
    ),
}
PAUSE = 0.002


def send_in_two(peer, data, cut):
    peer.send(data[:cut])
    time.sleep(PAUSE)
    peer.send(data[cut:])


@pytest.mark.parametrize("name", REQUESTS)
def test_every_cut_of_a_head(wire, name):
    data, expected = REQUESTS[name]
    peer = wire()
    for cut in range(1, len(data)):
        send_in_two(peer, data, cut)
        response = peer.read_response()
        assert response.status == 200, f"cut at {cut}: {data[:cut]!r}"
        assert json.loads(response.body) == expected, f"cut at {cut}: {data[:cut]!r}"


@pytest.mark.parametrize("name", BODIES)
def test_every_cut_of_a_body(wire, name):
    data = BODIES[name]
    peer = wire()
    for cut in range(1, len(data)):
        send_in_two(peer, data, cut)
        response = peer.read_response("POST")
        assert (response.status, response.body) == (200, b"0\r\n\r\nGET / HTTP/1"), cut


@pytest.mark.parametrize("name", [*REQUESTS, *BODIES])
def test_byte_by_byte(wire, name):
    data = REQUESTS[name][0] if name in REQUESTS else BODIES[name]
    peer = wire()
    for at in range(len(data)):
        peer.send(data[at : at + 1])
        time.sleep(0.001)
    response = peer.read_response()
    assert response.status == 200
    if name in REQUESTS:
        assert json.loads(response.body) == REQUESTS[name][1]
    else:
        assert response.body == b"0\r\n\r\nGET / HTTP/1"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost : t\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: t\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nHost: t\r\nX: a\rb\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ],
)
def test_refused_byte_by_byte(wire, data, status):
    """A malformed message is refused as well when it comes a byte at a time."""
    peer = wire()
    for at in range(len(data)):
        if not peer.try_send(data[at : at + 1]):
            break
        time.sleep(0.001)
    response = peer.read_response()
    assert response.status == status
    peer.expect_eof()


def test_two_requests_cut_anywhere(wire):
    """A pipeline whose second request is cut at each byte."""
    data = b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"
    peer = wire()
    for cut in range(1, len(data)):
        send_in_two(peer, data + data, len(data) + cut)
        assert peer.read_response("POST").text == "abc"
        assert peer.read_response("POST").text == "abc"
