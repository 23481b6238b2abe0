# SPDX-License-Identifier: MIT
"""The request line: RFC 9112 sections 2.2 and 3."""

import httpparse
from drip import Drip, equal, raises, run


def line(data, size=512, step=1000):
    """Parses up to the request line and returns what it says."""
    p = httpparse.Request(size)
    stream = Drip(data, step, block=False)
    equal(p.feed(stream), httpparse.REQUEST_LINE)
    return p.method, p.path, p.query_string, p.version


def feed_twice(p, stream):
    return p.feed(stream), p.feed(stream)


def status(data, size=512):
    """The status code and text that the request is refused with, however it is cut."""
    results = set()
    for step in (1, 2, 7, 1000):
        p = httpparse.Request(size)
        stream = Drip(data, step, block=False)
        error = raises(httpparse.Error, feed_twice, p, stream)
        # The parser does not go on behind an error
        equal(raises(httpparse.Error, p.feed, stream).status, error.status)
        results.add((error.status, str(error)))
    equal(len(results), 1)
    return results.pop()


def test_origin_form():
    equal(line(b"GET / HTTP/1.1\r\n"), (b"GET", b"/", b"", 11))
    equal(line(b"POST /a/b.c?x=1&y HTTP/1.0\r\n"), (b"POST", b"/a/b.c", b"x=1&y", 10))
    equal(line(b"GET /a?b?c HTTP/1.1\r\n"), (b"GET", b"/a", b"b?c", 11))
    equal(line(b"GET /? HTTP/1.1\r\n"), (b"GET", b"/", b"", 11))
    equal(line(b"GET //a HTTP/1.1\r\n"), (b"GET", b"//a", b"", 11))
    equal(line(b'GET /%zz!"$[]{}|\\^`~ HTTP/1.1\r\n')[1], b'/%zz!"$[]{}|\\^`~')


def test_absolute_form():
    equal(line(b"GET http://a HTTP/1.1\r\n"), (b"GET", b"/", b"", 11))
    equal(line(b"GET http://a/ HTTP/1.1\r\n"), (b"GET", b"/", b"", 11))
    equal(line(b"GET http://a?x HTTP/1.1\r\n"), (b"GET", b"/", b"x", 11))
    equal(line(b"GET HTTPS://a.b:80/c?d HTTP/1.1\r\n"), (b"GET", b"/c", b"d", 11))
    equal(line(b"GET http://[::1]:8081/ HTTP/1.1\r\n"), (b"GET", b"/", b"", 11))


def test_asterisk_form():
    equal(line(b"OPTIONS * HTTP/1.1\r\n"), (b"OPTIONS", b"*", b"", 11))
    for data in (b"GET *", b"PROPFIN *", b"OPTIONS **", b"OPTIONS *?a"):
        equal(status(data + b" HTTP/1.1\r\n"), (400, "bad request target"))


def test_authority_form():
    equal(status(b"CONNECT a:80 HTTP/1.1\r\n"), (501, "CONNECT not supported"))
    equal(status(b"CONNECT / HTTP/1.1\r\n"), (501, "CONNECT not supported"))
    equal(status(b"GET a:80 HTTP/1.1\r\n"), (400, "bad request target"))


def test_other_targets_are_refused():
    for target in (
        b"a",
        b"?a",
        b"/a#b",
        b"/#",
        b"/\x7f",
        b"/\x80",
        b"/\xff",
        b"/\x00",
        b"/a\tb",
        b"ftp://a/",
        b"http:/a",
        b"http:a",
        b"http//a",
        b"http://",
        b"http:///a",
        b"http://?a",
        b"http://u@a/",
        b"http://a:b/",
        b"http://[::1/",
        b"http://[::1]x/",
        b"http://a b/",
    ):
        got = status(b"GET " + target + b" HTTP/1.1\r\n")
        # With a space in it, something else stands where the version should
        wanted = "bad HTTP version" if b" " in target else "bad request target"
        equal(got, (400, wanted))
    equal(status(b"GET  / HTTP/1.1\r\n"), (400, "bad request target"))


def test_known_methods_are_constants():
    for method in (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"):
        p = httpparse.Request()
        equal(p.feed(Drip(method + b" / HTTP/1.1\r\n", 1000)), None)
        equal(p.feed(Drip(method + b" / HTTP/1.1\r\n", 1000, False)), httpparse.REQUEST_LINE)
        equal(p.method, method)
        assert p.method is p.method


def test_unknown_methods_are_given():
    equal(line(b"PROPFIND / HTTP/1.1\r\n")[0], b"PROPFIND")
    equal(line(b"get / HTTP/1.1\r\n")[0], b"get")
    equal(line(b"!#$%&'*+-.^_`|~9 / HTTP/1.1\r\n")[0], b"!#$%&'*+-.^_`|~9")


def test_methods_that_are_refused():
    equal(status(b"A" * 17 + b" / HTTP/1.1\r\n"), (501, "method too long"))
    for method in (b"", b"\x16\x03\x01", b"G(T", b"G\x00T", b"G\x80T", b"GET\t"):
        equal(status(method + b" / HTTP/1.1\r\n"), (400, "bad method"))


def test_versions():
    equal(line(b"GET / HTTP/1.0\r\n")[3], 10)
    equal(line(b"GET / HTTP/1.1\r\n")[3], 11)
    equal(line(b"GET / HTTP/1.2\r\n")[3], 11)
    equal(line(b"GET / HTTP/1.9\r\n")[3], 11)
    for version in (b"HTTP/0.9", b"HTTP/2.0", b"HTTP/3.1", b"HTTP/9.9"):
        equal(status(b"GET / " + version + b"\r\n"), (505, "HTTP version not supported"))
    for version in (
        b"http/1.1",
        b"HTTP/1",
        b"HTTP/1.",
        b"HTTP/11",
        b"HTTP/1,1",
        b"HTTP/1.10",
        b"HTTP/01.1",
        b"HTTP/a.1",
        b"HTTP/1.a",
        b"HTTP 1.1",
        b"HTTPS/1.",
        b"XTTP/1.1",
        b"",
        b" HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1\t",
    ):
        equal(status(b"GET / " + version + b"\r\n"), (400, "bad HTTP version"))
    # HTTP/0.9's request line had no version
    equal(status(b"GET /\r\n"), (400, "bad request target"))


def test_line_ends():
    equal(status(b"GET / HTTP/1.1\n"), (400, "bad HTTP version"))
    equal(status(b"GET / HTTP/1.1\r\r\n"), (400, "bare CR or LF"))
    equal(status(b"GET / HTTP/1.1\rX"), (400, "bare CR or LF"))


def test_empty_lines_before_are_ignored():
    equal(line(b"\r\n\r\nGET / HTTP/1.1\r\n")[0], b"GET")
    equal(line(b"\r\n" * 400 + b"GET / HTTP/1.1\r\n", step=3)[0], b"GET")
    equal(status(b"\nGET / HTTP/1.1\r\n"), (400, "bad method"))
    equal(status(b"\r\r\nGET / HTTP/1.1\r\n"), (400, "bad empty line"))
    equal(status(b"\r\n" * 10000), (400, "bad empty line"))


def test_a_line_that_does_not_fit():
    for size in (64, 100, 512):
        room = size - len(b"GET  HTTP/1.1\r\n")
        target = b"/" + b"a" * (room - 1)
        equal(line(b"GET " + target + b" HTTP/1.1\r\n", size)[1], target)
        # Empty lines before it take no room
        equal(line(b"\r\n" * 9 + b"GET " + target + b" HTTP/1.1\r\n", size, 11)[1], target)
        equal(status(b"GET a" + target + b" HTTP/1.1\r\n", size), (414, "request line too long"))
    equal(status(b"GET /" + b"a" * 9999, 512), (414, "request line too long"))
    equal(status(b"GET / " + b"a" * 9999, 512), (414, "request line too long"))


def test_any_cut_gives_the_same():
    data = b"\r\nDELETE http://user.example:99/some/path%20x?and=query HTTP/1.1\r\n"
    for step in range(1, len(data) + 1):
        equal(line(data, 128, step), (b"DELETE", b"/some/path%20x", b"and=query", 11))


def test_attributes_end_with_the_head():
    p = httpparse.Request()
    equal((p.method, p.path, p.query_string), (None, None, None))
    stream = Drip(b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", 1000, False)
    p.feed(stream)
    p.keep((b"Host",))
    equal((p.method, p.path, p.query_string), (b"GET", b"/a", b"b"))
    equal(p.feed(stream), httpparse.HEAD)
    equal((p.method, p.path, p.query_string, p.version), (None, None, None, 11))


run(globals())
