# SPDX-License-Identifier: MIT
# Numbers, strings and what clients send, for random calls.
import random

_bits = random.getrandbits


def below(n):
    return _bits(20) % n


def one(items):
    return items[_bits(20) % len(items)]


INTS = (
    0,
    1,
    -1,
    2,
    3,
    7,
    16,
    63,
    64,
    65,
    127,
    128,
    160,
    200,
    255,
    256,
    257,
    404,
    500,
    512,
    599,
    1000,
    1024,
)
INTS += (
    4095,
    4096,
    4097,
    32767,
    32768,
    32769,
    65535,
    65536,
    2**24,
    2**29 - 1,
    2**29,
    2**30 - 1,
    2**30,
)
INTS += (2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64, 10**30)
INTS += (-2, -128, -4096, -(2**30), -(2**31), -(2**31) - 1, -(2**63), -(10**30))
FLOATS = (0.0, -0.0, 1.5, 1e300, float("inf"), float("-inf"), float("nan"))
BYTES = (
    b"",
    b"/",
    b"GET",
    b"HEAD",
    b"POST",
    b"PUT",
    b"a=1&b=%20+2&c",
    b"\0",
    b"\xff\xfe",
    b"text/html",
)
BYTES += (
    b"multipart/form-data; boundary=b",
    b"application/x-www-form-urlencoded",
    b"identity",
    b"gzip, br;q=0",
)
BYTES += (
    b'"a"',
    b'W/"a", "b"',
    b"*",
    b"a=1; b=2",
    b"/files/a.txt",
    b"/item/5",
    b"%2e%2e/%00",
    b"x" * 600,
)
BYTES += (
    b"dGhlIHNhbXBsZSBub25jZQ==",
    b"12345678901234567890",
    b"a\r\nb",
    b"bytes=0-5",
    b"y" * 5000,
)
NAMES = (
    "Host",
    "Content-Type",
    "X-One",
    "cookie",
    "Set-Cookie",
    "Content-Length",
    "a",
    "",
    "x" * 300,
    "bad name",
)
NAMES += (b"Host", b"Content-Type", b"Content-Encoding", b"Range", b"X-One", b"Transfer-Encoding")
STATES = (
    "free",
    "turn",
    "first",
    "head",
    "handler",
    "body",
    "answer",
    "guest",
    "drain",
    "linger",
    "idle",
)
STATES += ("expired", "ended", "none")
PATHS = (
    "",
    "a.txt",
    "a.html",
    "b",
    "folder/",
    "folder",
    "..",
    ".hidden",
    "x" * 505,
    "a.txt.gz",
    "\xe4.css",
    "a/b/c",
)

HEADS = (
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /item/5?a=1 HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nX-One: 2\r\n"
    b"Cookie: a=1\r\nCookie: b=2\r\n\r\n",
    b"HEAD /files/a.txt HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, br\r\n"
    b"If-None-Match: *\r\n\r\n",
    b"GET /files/a.txt HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nRange: bytes=0-1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 7\r\n\r\na=1&b=2",
    b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + b"z" * 3000,
    b"POST /rest HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Encoding: gzip\r\n\r\n5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX-One: t\r\n\r\n",
    b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n[1,2,3,4]",
    b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X-Many: 1\r\n" * 120 + b"\r\n",
    b"GET /" + b"p" * 2000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    b"no request at all\n",
)
FRAMES = (
    b"\x81\x85\0\0\0\0hello",
    b"\x01\x83abcd\x12\x12\x12\x80\x82abcdab",
    b"\x89\x80\0\0\0\0",
    b"\x8a\x84abcdabcd",
    b"\x88\x82\0\0\0\0\x03\xe8",
    b"\x82\xfe\x02\x00abcd" + b"f" * 512,
    b"\x82\xff\0\0\0\0\x3f\xff\xff\xffabcd" + b"f" * 100,
    b"\x81\x05hello",
    b"\x00\x80\0\0\0\0",
)
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n'
    b"Content-Type: text/plain\r\n\r\n" + b"d" * 700 + b"\r\n--",
    b"--b--\r\n",
    b"a=1&b=%41&c=" + b"v" * 400,
    b"&&=&%zz",
)
