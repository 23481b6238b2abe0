# SPDX-License-Identifier: MIT
"""How the message is framed, decided from its head: RFC 9112 sections 6 and 9.3."""

import httpparse
from drip import Drip, equal, raises, run


def parse(data, version, names=None, target=b"/"):
    p = httpparse.Request(128)
    stream = Drip(b"POST " + target + b" HTTP/1." + version + b"\r\n" + data + b"\r\n", 9, False)
    equal(p.feed(stream), httpparse.REQUEST_LINE)
    p.keep(names)
    equal(p.feed(stream), httpparse.HEAD)
    return p


def head(data, version=b"1", names=None, target=b"/"):
    """Parses a head that has a Host and the given lines."""
    return parse(b"Host: a\r\n" + data, version, names, target)


def status(data, version=b"1"):
    error = raises(httpparse.Error, head, data, version)
    return error.status, str(error)


def test_no_body():
    p = head(b"")
    equal((p.content_length, p.chunked, p.remaining, p.expect), (None, False, 0, False))


def test_content_length():
    for value, n in (
        (b"0", 0),
        (b"5", 5),
        (b"007", 7),
        (b" 12 \t", 12),
        (b"2147483647", 2147483647),
    ):
        for version in (b"0", b"1"):
            p = head(b"content-LENGTH:" + value + b"\r\n", version)
            equal((p.content_length, p.chunked, p.remaining), (n, False, n))


def test_content_length_that_is_refused():
    for value in (
        b"",
        b"-1",
        b"+1",
        b"1.0",
        b"0x1",
        b"1 2",
        b"5,5",
        b"5, 5",
        b"a",
        b"1\t1",
        b"\xb2",
    ):
        equal(status(b"Content-Length: " + value + b"\r\n"), (400, "bad Content-Length"))
    equal(status(b"Content-Length: 5\r\nContent-Length: 5\r\n"), (400, "bad Content-Length"))
    equal(status(b"Content-Length: 5\r\nContent-Length: 6\r\n"), (400, "bad Content-Length"))
    for value in (b"2147483648", b"4294967295", b"4294967296", b"9" * 40, b"4294967301"):
        equal(status(b"Content-Length: " + value + b"\r\n"), (413, "content too large"))
    equal(status(b"Content-Length: 99999999999x\r\n"), (400, "bad Content-Length"))


def test_chunked():
    for value in (b"chunked", b"Chunked", b" CHUNKED ", b",chunked", b"chunked,", b", ,chunked ,"):
        p = head(b"Transfer-Encoding: " + value + b"\r\n")
        equal((p.content_length, p.chunked, p.remaining), (None, True, -1))


def test_transfer_encoding_that_is_refused():
    bad = (400, "bad Transfer-Encoding")
    for value in (
        b"",
        b",",
        b"gzip",
        b"identity",
        b"chunked, gzip",
        b"chunked, chunked",
        b"chunked;x=y",
        b"xchunked",
        b"chunkedx",
        b"chunked\xa0",
        b"chunk ed",
        b'x;y=", chunked"',
        b"\tchunke",
    ):
        equal(status(b"Transfer-Encoding: " + value + b"\r\n"), bad)
    equal(status(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), bad)
    equal(status(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"), bad)
    other = (501, "unknown transfer coding")
    equal(status(b"Transfer-Encoding: gzip, chunked\r\n"), other)
    equal(status(b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), other)
    equal(status(b"Transfer-Encoding: gzip;q=1 , chunked\r\n"), other)


def test_conflicts_are_refused():
    bad = (400, "bad Transfer-Encoding")
    equal(status(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), bad)
    equal(status(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), bad)
    equal(status(b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), bad)
    equal(status(b"Content-Length: 0\r\nTransfer-Encoding:\r\n"), bad)
    equal(status(b"Transfer-Encoding: chunked\r\n", b"0"), bad)
    equal(status(b"Transfer-Encoding: gzip, chunked\r\n", b"0"), bad)


def test_persistence():
    for value, in_10, in_11 in (
        (None, False, True),
        (b"", False, True),
        (b"close", False, False),
        (b"Close", False, False),
        (b"keep-alive", True, True),
        (b"Keep-Alive", True, True),
        (b"x, keep-alive , y", True, True),
        (b"keep-alive, close", False, False),
        (b"x,close", False, False),
        (b"closed", False, True),
        (b"clos e", False, True),
        (b"keep-alive close", False, True),
        (b"upgrade", False, True),
    ):
        line = b"" if value is None else b"Connection: " + value + b"\r\n"
        equal(head(line, b"0").keep_alive, in_10)
        equal(head(line, b"1").keep_alive, in_11)
        equal(head(line, b"7").keep_alive, in_11)
    p = head(b"Connection: keep-alive\r\nConnection: close\r\n")
    equal(p.keep_alive, False)


def test_upgrade():
    equal(head(b"").upgrade, False)
    equal(head(b"Upgrade: websocket\r\n").upgrade, False)
    equal(head(b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n").upgrade, True)


def test_expectations():
    equal(head(b"Expect: 100-continue\r\n").expect, True)
    equal(head(b"EXPECT: 100-Continue\r\n").expect, True)
    equal(head(b"Expect:\r\n").expect, False)
    # RFC 9110 section 10.1.1
    equal(head(b"Expect: 100-continue\r\n", b"0").expect, False)
    for value in (
        b"100-continued",
        b"x",
        b"100-continue, x",
        b"x, 100-continue",
        b"100-continue;x",
    ):
        equal(status(b"Expect: " + value + b"\r\n"), (417, "unknown expectation"))


def test_host_is_required_and_unique():
    bad = (400, "bad Host")
    for data, version in (
        (b"", b"1"),
        (b"X: 1\r\n", b"5"),
        (b"Host: a\r\nHost: a\r\n", b"1"),
        (b"Host: a\r\nhost: b\r\n", b"0"),
    ):
        error = raises(httpparse.Error, parse, data, version)
        equal((error.status, str(error)), bad)
    equal(parse(b"", b"0").version, 10)


def test_host_values():
    for value in (
        b"",
        b"a",
        b"a.b:80",
        b"a:",
        b"A-Z.a_b~c!$&'()*+;=%41",
        b"127.0.0.1:8081",
        b"[::1]",
        b"[::ffff:1.2.3.4]:80",
        b":80",
    ):
        equal(parse(b"Host: " + value + b"\r\n", b"1", (b"Host",)).headers(), {b"Host": value})
    for value in (
        b"a b",
        b"a/b",
        b"u@a",
        b"a?b",
        b"a#b",
        b"a:80:80",
        b"a:x",
        b"a:8 0",
        b"[::1",
        b"[::1]a",
        b"[g]",
        b"[]",
        b"[]:80",
        b"[::1]]",
        b"a[::1]",
        b"\xc3\xa4",
        b"a\\b",
        b'"a"',
        b"<a>",
        b"a\tb",
    ):
        for version in (b"0", b"1"):
            error = raises(httpparse.Error, parse, b"Host: " + value + b"\r\n", version)
            equal((error.status, str(error)), (400, "bad Host"))


def test_the_targets_authority_stands_for_host():
    target = b"http://x.y:80/a"
    equal(head(b"", b"1", (b"host", b"A"), target).headers(), {b"host": b"x.y:80"})
    equal(head(b"A: 1\r\n", b"1", True, target).headers(), {b"Host": b"x.y:80", b"A": b"1"})
    equal(head(b"A: 1\r\n", b"1", (b"A",), target).headers(), {b"A": b"1"})
    equal(head(b"", b"1", None, target).headers(), {})
    # Host is looked at all the same
    for lines in (b"", b"Host: a\r\nHost: a\r\n", b"Host: a b\r\n"):
        error = raises(httpparse.Error, parse, lines, b"1", None, target)
        equal(str(error), "bad Host")


def test_framing_fields_are_kept_when_wanted():
    names = (b"Content-Length", b"Connection", b"Expect")
    p = head(b"Content-Length: 5\r\nConnection: close\r\nExpect: 100-continue\r\n", b"1", names)
    equal(
        p.headers(),
        {b"Content-Length": b"5", b"Connection": b"close", b"Expect": b"100-continue"},
    )
    p = head(b"Transfer-Encoding: chunked\r\n", b"1", (b"transfer-encoding",))
    equal(p.headers(), {b"transfer-encoding": b"chunked"})


def test_framing_fields_have_to_fit():
    p = httpparse.Request(64)
    stream = Drip(b"GET / HTTP/1.0\r\nConnection: " + b"a," * 99 + b"close\r\n\r\n", 99, False)
    p.feed(stream)
    equal(raises(httpparse.Error, p.feed, stream).status, 431)


def test_names_that_look_alike_are_other_fields():
    for line in (
        b"Content-Lengt: x",
        b"Content-Lengtj: x",
        b"Content_Length: x",
        b"Xontent-Length: x",
        b"Transfer-Encodinh: x",
        b"Hosu: a b",
        b"Expecu: x",
        b"Contents-Length: x",
    ):
        p = head(line + b"\r\n")
        equal((p.content_length, p.chunked, p.expect), (None, False, False))


run(globals())
