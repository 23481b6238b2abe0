# SPDX-License-Identifier: MIT
"""RFC 9112 section 3: the request line and its targets; section 2.3: versions."""

import json

import pytest

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.mark.parametrize(
    ("line", "path", "query"),
    [
        # 9112 3.2.1 origin-form
        ("GET /target HTTP/1.1", "/target", ""),
        ("GET /target? HTTP/1.1", "/target", ""),
        ("GET /target?a=b&c=d HTTP/1.1", "/target", "a=b&c=d"),
        ("GET /target?a?b/c:d@e HTTP/1.1", "/target", "a?b/c:d@e"),
        ("GET /target?%20%00%ff HTTP/1.1", "/target", "%20%00%ff"),
        ("GET /target?'\"<>\\^`{|} HTTP/1.1", "/target", "'\"<>\\^`{|}"),
        # 9112 3.2.2 absolute-form; the scheme is case-insensitive (9110 4.2.3)
        ("GET http://t/target HTTP/1.1", "/target", ""),
        ("GET http://t:80/target?x=1 HTTP/1.1", "/target", "x=1"),
        ("GET HTTP://t/target HTTP/1.1", "/target", ""),
        ("GET https://t/target HTTP/1.1", "/target", ""),
        ("GET http://other.example/target HTTP/1.1", "/target", ""),
        ("GET http://[::1]:8080/target HTTP/1.1", "/target", ""),
    ],
)
def test_target(exchange, line, path, query):
    response = exchange(line.encode() + b"\r\nHost: t\r\n\r\n")
    assert response.status == 200
    seen = json.loads(response.body)
    assert (seen["path"], seen["query"]) == (path, query)


@pytest.mark.parametrize("target", [b"http://t", b"http://t/", b"http://t?x=1"])
def test_absolute_form_with_empty_path(exchange, target):
    """RFC 9112 section 3.2.2 with RFC 3986 section 6.2.3: an empty path is /."""
    response = exchange(b"GET " + target + b" HTTP/1.1\r\nHost: t\r\n\r\n")
    assert (response.status, response.text) == (200, "root")


def test_asterisk_form(exchange):
    """RFC 9112 section 3.2.4 and RFC 9110 section 9.3.7: OPTIONS * is for the server itself."""
    response = exchange(b"OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n", "OPTIONS")
    assert response.status in (200, 204)
    assert response.body == b""


def test_asterisk_form_over_absolute_form(exchange):
    """RFC 9112 section 3.2.4: OPTIONS http://t is what a proxy makes of OPTIONS *."""
    response = exchange(b"OPTIONS http://t HTTP/1.1\r\nHost: t\r\n\r\n", "OPTIONS")
    assert response.status in (200, 204)


@pytest.mark.parametrize("method", [b"GET", b"POST", b"PUT"])
def test_asterisk_form_is_for_options_only(refused, method):
    """RFC 9112 section 3.2.4."""
    refused(method + b" * HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT, 400, method.decode())


def test_authority_form(refused):
    """RFC 9112 section 3.2.3: only for CONNECT, which an origin server does not do."""
    refused(b"CONNECT t:80 HTTP/1.1\r\nHost: t:80\r\n\r\n" + NEXT, {400, 405, 501}, "CONNECT")


@pytest.mark.parametrize("lines", [1, 2])
def test_empty_lines_before_the_request_line(exchange, lines):
    """RFC 9112 section 2.2: at least one empty line is ignored."""
    response = exchange(b"\r\n" * lines + b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    assert response.text == "root"


@pytest.mark.parametrize("lines", [10000, 100000])
def test_empty_lines_without_end(refused, lines):
    """RFC 9112 section 2.2: what is no HTTP message is answered with 400."""
    refused(b"\r\n" * lines, 400)


@pytest.mark.parametrize(
    "line",
    [
        b"GET  / HTTP/1.1",  # 9112 3: single SP
        b"GET /  HTTP/1.1",
        b" GET / HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b"GET\t/ HTTP/1.1",
        b"GET /\tHTTP/1.1",
        b"GET\x0b/ HTTP/1.1",
        b"GET / HTTP/1.1\t",
        b"GET /",  # 9112 3: HTTP-version is not optional
        b"GET",
        b"GET / ",
        b"/ HTTP/1.1",
        b"",
        b"GET / HTTP/1.1 extra",
        b"GET /a b HTTP/1.1",  # 9112 3.2: no whitespace in the target
        b"GET /a\tb HTTP/1.1",
        b"GET  HTTP/1.1",
        b"GET HTTP/1.1",
        b"G@T / HTTP/1.1",  # 9110 9.1: method is a token
        b"G(T / HTTP/1.1",
        b"GET: / HTTP/1.1",
        b"\xc7ET / HTTP/1.1",
        b"G\x00T / HTTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /\x01 HTTP/1.1",
        b"GET /\x7f HTTP/1.1",
        b"GET /\xff HTTP/1.1",  # RFC 3986 2: a URI is US-ASCII
        b"GET /\xd0\x9f HTTP/1.1",
        b"GET /#fragment HTTP/1.1",  # 9112 3.2.1: no fragment in origin-form
        b"GET target HTTP/1.1",
        b"GET ?x HTTP/1.1",
        b"GET ../ HTTP/1.1",
        b"GET http:/t/ HTTP/1.1",
        b"GET http:// HTTP/1.1",
        b"GET http:///target HTTP/1.1",
        b"GET ftp://t/ HTTP/1.1",
        b"GET http://user@t/ HTTP/1.1",  # 9110 4.2.4: userinfo is an error
        b"GET t:80 HTTP/1.1",  # 9112 3.2.3: authority-form without CONNECT
        b"GET / http/1.1",  # 9112 2.3: HTTP-name is case-sensitive
        b"GET / Http/1.1",
        b"GET / HTTP/1",
        b"GET / HTTP/1.",
        b"GET / HTTP/.1",
        b"GET / HTTP/11",
        b"GET / HTTP/1.10",
        b"GET / HTTP/01.1",
        b"GET / HTTP/1.1a",
        b"GET / HTTP/1,1",
        b"GET / HTTP /1.1",
        b"GET / HTTP/ 1.1",
        b"GET / HTTP/a.b",
        b"GET / HTTP/-1.1",
        b"GET / HTTQ/1.1",
        b"GET / HTTPS/1.1",
        b"GET / XHTTP/1.1",
        b"GET / ICY",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",  # a TLS ClientHello
        b"\x00",
    ],
)
def test_malformed_line(refused, line):
    """RFC 9112 section 3: refused with 400, and what follows is not taken as a request."""
    if line == b"":
        line = b"\r\n" * 3 + b":"
    refused(line + b"\r\nHost: t\r\n\r\n" + NEXT, 400)


@pytest.mark.parametrize(
    "version", [b"HTTP/0.9", b"HTTP/2.0", b"HTTP/3.0", b"HTTP/9.9", b"HTTP/0.0"]
)
def test_version_not_supported(refused, version):
    """RFC 9110 section 15.6.6: another major version."""
    refused(b"GET / " + version + b"\r\nHost: t\r\n\r\n" + NEXT, 505)


def test_http2_preface(refused):
    """RFC 9113 section 3.4: the preface of HTTP/2 with prior knowledge is no HTTP/1.1."""
    refused(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 501, 505}, "PRI")


@pytest.mark.parametrize("version", [b"HTTP/1.2", b"HTTP/1.9"])
def test_higher_minor_version(exchange, version):
    """RFC 9110 section 2.5: processed as the highest minor version that is supported."""
    response = exchange(b"GET / " + version + b"\r\nHost: t\r\n\r\n")
    assert (response.status, response.version) == (200, "1.1")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\nHost: t\n\n",
        b"GET / HTTP/1.1\nHost: t\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: t\n\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\n\n",
        b"GET / HTTP/1.1\r\nHost: t\n\n",
        b"\nGET / HTTP/1.1\r\nHost: t\r\n\r\n",
    ],
)
def test_bare_lf(refused, data):
    """RFC 9112 section 2.2: a lone LF MAY end a line; this server does not take it."""
    refused(data + NEXT, 400)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\rHost: t\r\n\r\n",
        b"GET / HTTP/1.1\r\rHost: t\r\n\r\n",
        b"GET /\r HTTP/1.1\r\nHost: t\r\n\r\n",
        b"GET\r / HTTP/1.1\r\nHost: t\r\n\r\n",
        b"GET / HTTP/1.1\r\r\nHost: t\r\n\r\n",
        b"\rGET / HTTP/1.1\r\nHost: t\r\n\r\n",
        b"\r\rGET / HTTP/1.1\r\nHost: t\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: t\r\n\rX",
        b"GET / HTTP/1.1\r\nHost: t\r\n\r\r\n\r\n",
    ],
)
def test_bare_cr(refused, data):
    """RFC 9112 section 2.2: a bare CR is invalid anywhere in a request line or field line."""
    refused(data + NEXT, 400)


@pytest.mark.parametrize(
    ("method", "statuses"),
    [
        ("BREW", {405, 501}),
        ("get", {405, 501}),  # 9110 9.1: methods are case-sensitive
        ("Get", {405, 501}),
        ("M-SEARCH", {405, 501}),
        ("!#$%&'*+-.^_`|~", {405, 501}),
        ("TRACE", {405, 501}),
        ("DELETE", {405}),
    ],
)
def test_method_unknown_or_not_allowed(exchange, method, statuses):
    """RFC 9110 section 9.1: 501 for an unknown method, 405 for one that is not allowed."""
    response = exchange(f"{method} / HTTP/1.1\r\nHost: t\r\n\r\n".encode(), method)
    assert response.status in statuses
    if response.status == 405:
        assert {"get", "head"} <= set(response.tokens("Allow"))


def test_method_too_long(refused):
    """RFC 9112 section 3: longer than any method that the server implements: 501."""
    refused(b"A" * 200 + b" / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT, {400, 501})
