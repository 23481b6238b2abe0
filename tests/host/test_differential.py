# SPDX-License-Identifier: MIT
"""The core against a reference in Python, on valid, cut and mutated input.

HYPOTHESIS_EXAMPLES makes the search as long as one likes.
"""

import os

import pytest
from host import core, reference, strategies
from hypothesis import HealthCheck, event, given, settings

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "250"))
PREFIX_EXAMPLES = max(10, EXAMPLES // 10)
options = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


def outcome(transcript):
    return transcript.splitlines()[-1]


@settings(max_examples=EXAMPLES, **options)
@given(data=strategies.inputs, limits=strategies.limits, steps=strategies.steps)
def test_the_core_agrees_with_the_reference_however_input_is_cut(harnesses, data, limits, steps):
    wanted = reference.transcript(data, **limits)
    event(outcome(wanted))
    for harness in harnesses:
        for cuts in (b"", steps, b"\0"):
            assert harness.request(data, steps=cuts, **limits) == wanted


@settings(max_examples=EXAMPLES // 2, **options)
@given(data=strategies.valid, limits=strategies.limits)
def test_valid_messages_are_understood(harnesses, data, limits):
    limits = {**limits, "size": 512, "max_head": 16384, "max_fields": 100}
    for harness in harnesses:
        assert outcome(harness.request(data, **limits)) == "more idle"


@settings(max_examples=PREFIX_EXAMPLES, **options)
@given(data=strategies.valid, limits=strategies.limits)
def test_every_prefix(harnesses, data, limits):
    for end in range(min(len(data), 200)):
        wanted = reference.transcript(data[:end], **limits)
        assert harnesses[end % 2].request(data[:end], **limits) == wanted


HOST = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
# Input that is certain to have each outcome, with the limits that it needs.
OUTCOMES = [
    ("more idle", b"", {}),
    ("more idle", GET + HOST + b"\r\n", {}),
    ("more idle", b"\r", {}),
    ("more idle", b"\r\n", {}),
    ("more", b"G", {}),
    ("more", POST + b"Content-Length: 2\r\n\r\n1", {}),
    ("400 bad empty line", b"\r\r\n", {}),
    ("400 bad empty line", b"\r\n" * 50, {"max_head": 99}),
    ("400 bad method", b"G(T / HTTP/1.1\r\n", {}),
    ("400 bad method", b" / HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET /#a HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET  HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET * HTTP/1.1\r\n", {}),
    ("400 bad request target", b"OPTIONS *a HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET a HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET http:a HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET http:/a HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET http:///a HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET http://a@b/ HTTP/1.1\r\n", {}),
    ("400 bad request target", b"GET http://[]/ HTTP/1.1\r\n", {}),
    ("400 bad HTTP version", b"GET / HTTP/1.\r\n", {}),
    ("400 bad HTTP version", b"GET / HTTP/1.x\r\n", {}),
    ("400 bad HTTP version", b"GET / HTTP/x.1\r\n", {}),
    ("400 bad HTTP version", b"GET / HTTP/1,1\r\n", {}),
    ("400 bad HTTP version", b"GET / http/1.1\r\n", {}),
    ("400 bad HTTP version", b"GET / HTTP/1.1 \r\n", {}),
    ("400 bare CR or LF", b"GET / HTTP/1.1\r\r", {}),
    ("400 bare CR or LF", GET + b"A: b\r\r\n", {}),
    ("400 bare CR or LF", GET + HOST + b"\r\r\n", {}),
    ("400 bad field name", GET + b"A B: c\r\n", {}),
    ("400 bad field name", GET + b": c\r\n", {}),
    ("400 line folding", GET + b"A: b\r\n c\r\n", {}),
    ("400 bad field value", GET + b"A: b\nC: d\r\n", {}),
    ("400 bad Host", GET + b"Host: []\r\n\r\n", {}),
    ("400 bad Host", GET + b"\r\n", {}),
    ("400 bad Host", GET + HOST + HOST + b"\r\n", {}),
    ("400 bad Content-Length", POST + b"Content-Length: 1,1\r\n\r\n", {}),
    ("400 bad Content-Length", POST + b"Content-Length:\r\n\r\n", {}),
    ("400 bad Content-Length", POST + b"Content-Length: 1\r\n" * 2 + b"\r\n", {}),
    ("400 bad Transfer-Encoding", POST + b"Transfer-Encoding: gzip\r\n\r\n", {}),
    ("400 bad Transfer-Encoding", POST + b"Transfer-Encoding:\r\n\r\n", {}),
    ("400 bad Transfer-Encoding", POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n", {}),
    ("400 bad Transfer-Encoding", POST + b"Content-Length: 0\r\n" + CHUNKED[len(POST) :], {}),
    ("400 bad Transfer-Encoding", CHUNKED.replace(b"1.1", b"1.0"), {}),
    ("400 bad chunk", CHUNKED + b"g\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1g\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1\r\rxx\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1\r\nxyz\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1\r\nx\r\r", {}),
    ("400 bad chunk", CHUNKED + b"1 x\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1;\x01\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1;\x7f\r\n", {}),
    ("400 bad chunk", CHUNKED + b"1;" + b"e" * 200 + b"\r\n", {"max_head": 200}),
    ("400 bad chunk", CHUNKED + b"1" + b" " * 201 + b"\r\n", {"max_head": 200}),
    ("400 bad chunk", CHUNKED + b"0" * 17, {}),
    ("400 bad chunk", CHUNKED + b"80000000\r\n", {}),
    ("413 content too large", POST + b"Content-Length: 2147483648\r\n\r\n", {}),
    ("413 content too large", POST + b"Content-Length: 99999999999\r\n\r\n", {}),
    ("414 request line too long", b"GET /" + b"a" * 200, {"size": 128}),
    ("414 request line too long", b"GET /" + b"a" * 200, {"max_head": 100}),
    ("417 unknown expectation", POST + b"Expect: 100-continue, x\r\n\r\n", {}),
    ("431 field too large", GET + b"Cookie: " + b"a" * 600, {"mode": 2}),
    ("431 field too large", GET + b"n" * 600, {}),
    ("431 field too large", GET + b"n" * 256 + b":\r\n", {"mode": 2}),
    ("431 head too large", GET + b"A: " + b"a" * 200, {"max_head": 100}),
    ("431 head too large", CHUNKED + b"0\r\nA: " + b"a" * 200, {"max_head": 100}),
    ("431 too many fields", GET + b"A: b\r\nC: d\r\n", {"max_fields": 1}),
    ("501 method too long", b"A" * 17 + b" / HTTP/1.1\r\n", {}),
    ("501 CONNECT not supported", b"CONNECT a:80 HTTP/1.1\r\n", {}),
    ("501 unknown transfer coding", POST + b"Transfer-Encoding: x, chunked\r\n\r\n", {}),
    ("505 HTTP version not supported", b"GET / HTTP/2.0\r\n", {}),
]


OUTCOMES += [
    ("400 bad HTTP version", b"GET / " + version + b"\r\n", {})
    for version in (b"XTTP/1.1", b"HXTP/1.1", b"HTXP/1.1", b"HTTX/1.1", b"HTTP-1.1", b"HTTP/1.:")
]
# Chunk extensions (RFC 9112 section 7.1.1): each byte that ends one state of them, or is none.
EXTENSIONS = {
    b"": [b";a", b" ;a", b"\t; a", b";a=b", b";a \t=\t b", b";a=b;c;d=e", b";a ;b", b';a="b" ;c']
    + [b';a=""', b';a="b;=c"', b';a="\\"\\\\b"', b';a="\x80\t"', b";a=b ;c"],
    b"bad chunk": [
        b" ",
        b";",
        b"; ",
        b";;a",
        b";=b",
        b';"a"',
        b";a=",
        b";a=;b",
        b";a= ;b",
        b";a b",
    ]
    + [b";a ", b";a=b c", b";a=b ", b";a=b=c", b";a=b =c", b';a=b"c"', b';a="b', b';a="b"c']
    + [b';a="b"=c', b';a="b""c"', b';a="b" ', b';a="b\x00"', b';a="b\\\x7f"', b";a\xff"]
    + [b';a"b"', b';a "b"', b';a="b" "c"', b";a=b/"],
}
OUTCOMES += [
    (f"400 {error.decode()}" if error else "more idle", CHUNKED + chunks, {})
    for error, extensions in EXTENSIONS.items()
    for chunks in (b"1%s\r\nz\r\n0%s\r\n\r\n" % (x, x) for x in extensions)
]
# Of these the whole transcript counts.
OUTCOMES += [
    ("more idle", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", {}),
    ("more idle", b"GET http://a HTTP/1.1\r\n" + HOST + b"\r\n", {"mode": 2}),
    ("more idle", b"GET http://a?b HTTP/1.1\r\n" + HOST + b"\r\n", {}),
    ("more idle", b'GET /!a""b!"?!c HTTP/1.1\r\n' + HOST + b"\r\n", {}),
    ("more idle", GET + b"Host: [::1]:80\r\n\r\n", {}),
    ("more idle", GET + HOST + b"Connection: a,Close\t, keep-alive ,\tupgrade,x\r\n\r\n", {}),
    ("more idle", GET + HOST + b"Connection: 100-continue, \t\r\n\r\n", {}),
    ("more idle", b"GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", {}),
    ("more idle", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {}),
    ("more idle", POST + b"Content-Length: 300\r\n\r\n" + b"b" * 300, {"size": 64}),
    (
        "more idle",
        POST + b"Content-Length: 300\r\n\r\n" + b"b" * 300,
        {"size": 64, "body_size": 0},
    ),
    ("more idle", CHUNKED + b"c8\r\n" + b"z" * 200 + b"\r\n0\r\n\r\n", {"size": 64}),
    ("more idle", CHUNKED + b"1\t ;\te=v\r\nz\r\n0 ;x\r\nA: b\r\nHost: x y\r\n\r\n", {}),
    ("more", CHUNKED + b"0\r\nA: b", {}),
    ("400 bad request target", b"GET http/a HTTP/1.1\r\n", {}),
    ("400 bad Host", GET + b"Host: [::1\r\n\r\n", {}),
    ("417 unknown expectation", POST + b"Expect: x, 100-continue\r\n\r\n", {}),
]


@pytest.mark.parametrize(("wanted", "data", "limits"), OUTCOMES)
def test_outcomes(harnesses, wanted, data, limits):
    limits = {"size": 512, "max_head": 16384, "max_fields": 100, **limits}
    transcript = reference.transcript(data, **limits)
    assert outcome(transcript) == ("error " if wanted[0] in "45" else "") + wanted
    for harness in harnesses:
        for steps in (b"", b"\0", b"\2\5\1"):
            assert harness.request(data, steps=steps, **limits) == transcript


# Where one byte, in the place of @, is anything.
PLACES = [
    b"A@B / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /@ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://a@:1/ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/@.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.@\r\n" + HOST + b"\r\n",
    GET + b"Host: a@b\r\n\r\n",
    GET + b"Host: a:1@2\r\n\r\n",
    GET + b"Host: [:@]\r\n\r\n",
    GET + HOST + b"a@b: c\r\n\r\n",
    GET + HOST + b"A: b@c\r\n\r\n",
    GET + HOST + b"Connection: close@\r\n\r\n",
    POST + b"Content-Length: 1@\r\n\r\n" + b"x" * 20,
    POST + b"Expect: 100-continue@\r\n\r\n",
    POST + b"Transfer-Encoding: chunked@\r\n\r\n0\r\n\r\n",
    CHUNKED + b"0@\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n",
    CHUNKED + b"1;a@=b\r\nx\r\n0\r\n\r\n",
    CHUNKED + b'1;a="@"\r\nx\r\n0\r\n\r\n',
    CHUNKED + b'1;a="\\@"\r\nx\r\n0\r\n\r\n',
    CHUNKED + b"0\r\nA: b@c\r\n\r\n",
]


@pytest.mark.parametrize("place", PLACES)
def test_every_byte_in_every_place(harnesses, place):
    limits = {"size": 512, "max_head": 16384, "max_fields": 100, "mode": 2}
    for byte in range(256):
        data = place.replace(b"@", bytes([byte]))
        wanted = reference.transcript(data, **limits)
        for harness in harnesses:
            assert harness.request(data, **limits) == wanted


# Numbers at the bounds of what fits, and of how many digits there may be.
LENGTHS = [b"214748364%d" % digit for digit in range(6, 10)] + [b"2147483639", b"2147483650"]
LENGTHS += [b"2233720368", b"4294967295", b"4294967296", b"0" * 20 + b"2", b"99", b"089"]
CHUNK_SIZES = [b"7ffffff0", b"7fffffff", b"80000000", b"fffffff", b"8000000", b"7ffffff"]
CHUNK_SIZES += [b"0" * 15 + b"2", b"0" * 16 + b"2", b"0" * 16, b"0" * 17, b"0" * 14 + b"2"]


@pytest.mark.parametrize("number", [*LENGTHS, *CHUNK_SIZES])
def test_numbers_at_the_bounds(harnesses, number):
    limits = {"size": 512, "max_head": 16384, "max_fields": 100}
    for data in (
        POST + b"Content-Length: " + number + b"\r\n\r\nxyz",
        CHUNKED + number + b"\r\nxy\r\n0\r\n\r\n",
    ):
        wanted = reference.transcript(data, **limits)
        for harness in harnesses:
            assert harness.request(data, **limits) == wanted


@pytest.mark.parametrize("max_head", range(1, 90))
def test_every_limit_of_the_head(harnesses, max_head):
    data = CHUNKED + b"1;a=bcd\r\nx\r\n0;e\r\nA: b\r\n\r\n"
    for size in (32, 64, 512):
        limits = {"size": size, "max_head": max_head, "max_fields": 100, "mode": 2}
        wanted = reference.transcript(data, **limits)
        for harness in harnesses:
            assert harness.request(data, **limits) == wanted


def test_every_outcome_has_its_input():
    texts = {wanted.split(" ", 1)[1] for wanted, *_ in OUTCOMES if wanted[0] in "45"}
    assert texts == core.error_texts("head.c", "framing.c", "body.c")
