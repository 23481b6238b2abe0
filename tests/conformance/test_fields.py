# SPDX-License-Identifier: MIT
"""RFC 9112 section 5 and RFC 9110 section 5: field lines; RFC 9110 section 7.2: Host."""

import json

import pytest

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"


def seen(exchange, *lines):
    data = b"GET /target HTTP/1.1\r\nHost: t\r\n" + b"".join(x + b"\r\n" for x in lines) + b"\r\n"
    response = exchange(data)
    assert response.status == 200, response.raw
    return json.loads(response.body)["headers"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"X-Test: v", "v"),
        (b"X-Test:v", "v"),  # 9112 5: OWS is optional
        (b"X-Test:    v", "v"),
        (b"X-Test:\tv", "v"),
        (b"X-Test: \t v \t ", "v"),  # 9112 5.1: OWS is no part of the value
        (b"x-test: v", "v"),  # 9110 5.1: names are case-insensitive
        (b"X-TEST: v", "v"),
        (b"X-Test:", ""),  # 9110 5.5: a value may be empty
        (b"X-Test: ", ""),
        (b"X-Test:  \t", ""),
        (b"X-Test: a b\tc", "a b\tc"),  # 9110 5.5: SP and HTAB within
        (b"X-Test: a: b", "a: b"),
        (b"X-Test: ::", "::"),
        (b'X-Test: "quoted, \\" string"; x=y', '"quoted, \\" string"; x=y'),
        (b"X-Test: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        (b"X-Test: gr\xc3\xbc\xc3\x9fe", "grüße"),  # 9110 5.5: obs-text is opaque data
    ],
)
def test_field_value(exchange, line, value):
    assert seen(exchange, line)["X-Test"] == value


def test_field_lines_combine(exchange):
    """RFC 9110 section 5.3: in order, joined with a comma."""
    headers = seen(exchange, b"X-Test: 1", b"X-Second: s", b"x-test: 2", b"X-TEST: 3")
    assert headers["X-Test"] == "1, 2, 3"
    assert headers["X-Second"] == "s"


def test_unknown_fields_are_ignored(exchange):
    """RFC 9110 section 5.1."""
    fields = [b"!#$%&'*+-.^_`|~09az: tchar", b"X: y", b"_: z", b"X-Unknown: w"]
    assert seen(exchange, *fields, b"X-Test: v")["X-Test"] == "v"


def test_wanted_name_as_prefix_or_suffix(exchange):
    """RFC 9110 section 5.1: the whole name counts."""
    headers = seen(exchange, b"X-Tes: a", b"X-Test2: b", b"XX-Test: c", b"X-Test-: d")
    assert "X-Test" not in headers


@pytest.mark.parametrize(
    "line",
    [
        b"X-Test : v",  # 9112 5.1: no whitespace before the colon
        b"X-Test\t: v",
        b"X-Test \t : v",
        b"Content-Length : 5",
        b"Transfer-Encoding : chunked",
        b" X-Test: v",
        b"\tX-Test: v",
        b": v",  # 9110 5.6.2: a token is not empty
        b":",
        b"X-Test",  # 9112 5: a field line has a colon
        b"X Test: v",
        b"X-T\xc3\xa9st: v",
        b"X-T\x00st: v",
        b"X-T\x7fst: v",
        b"X(Test): v",
        b"X,Test: v",
        b"X/Test: v",
        b"X;Test: v",
        b"X=Test: v",
        b"X?Test: v",
        b"X@Test: v",
        b"X[Test]: v",
        b"X\\Test: v",
        b"X{Test}: v",
        b'X"Test": v',
        b"X-Test: a\x00b",  # 9110 5.5: NUL, CR and LF are dangerous
        b"X-Test: \x00",
        b"X-Test: a\x01b",  # 9110 5.5: other CTLs are invalid as well
        b"X-Test: a\x0bb",
        b"X-Test: a\x1fb",
        b"X-Test: a\x7fb",
        b"X-Test: a\x08",
        b"X-Test: a\rb",  # 9112 2.2: bare CR
        b"X-Test: a\r",
        b"X-Test: \r",
        b"X-Test\r: a",
        b"\rX-Test: a",
        b"X-Test: a\nX-Second: b",  # 9112 2.2: bare LF
        b"X-Test: a\r\n b",  # 9112 5.2: obs-fold
        b"X-Test: a\r\n\tb",
        b"X-Test:\r\n a",
        b"X-Test: a\r\n \r\nX-Second: b",
        b"X-Unwanted: a\r\n b",
        b"X-Unwanted: a\x00",
        b"X-Unwanted: a\rb",
        b"X-Unwanted : a",
        b"X-Unwanted",
    ],
)
@pytest.mark.parametrize("position", ["first", "last"])
def test_malformed_field_line(refused, line, position):
    """Refused with 400 wherever it stands, wanted or not."""
    lines = [b"Host: t", b"Accept: */*"]
    lines.insert(0 if position == "first" else 2, line)
    refused(b"GET /target HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + NEXT, 400)


@pytest.mark.parametrize("line", [b" ", b" Host: t", b"\t", b"  X: y"])
def test_whitespace_after_the_request_line(refused, line):
    """RFC 9112 section 2.2: whitespace between the start-line and the first field."""
    refused(b"GET / HTTP/1.1\r\n" + line + b"\r\nHost: t\r\n\r\n" + NEXT, 400)


# Host


@pytest.mark.parametrize(
    "lines",
    [
        b"",  # 9112 3.2: missing
        b"Host: t\r\nHost: t\r\n",  # more than one
        b"Host: t\r\nhost: u\r\n",
        b"Host: a b\r\n",  # an invalid value
        b"Host: a/b\r\n",
        b"Host: a@b\r\n",
        b"Host: a?b\r\n",
        b"Host: a#b\r\n",
        b"Host: a\\b\r\n",
        b"Host: \xff\r\n",
        b"Host : t\r\n",
    ],
)
@pytest.mark.parametrize("target", [b"/", b"http://t/"])
def test_bad_host(refused, lines, target):
    """RFC 9112 section 3.2: 400."""
    refused(b"GET " + target + b" HTTP/1.1\r\n" + lines + b"\r\n" + NEXT, 400)


@pytest.mark.parametrize(
    "value",
    [
        b"t",
        b"t:80",
        b"192.168.4.1",
        b"192.168.4.1:8081",
        b"[::1]",
        b"[fe80::1]:80",
        b"sub.example.org.",
        b"esp_device.local",
        b"xn--bcher-kva.example",
        b"a,b;c=d!$&'()*+",  # RFC 3986 3.2.2: sub-delims are part of reg-name
        b"%41",
        b"",  # 9110 7.2: empty where the target has no authority
    ],
)
def test_good_host(exchange, value):
    response = exchange(b"GET / HTTP/1.1\r\nHost: " + value + b"\r\n\r\n")
    assert response.text == "root"


def test_host_is_not_needed_by_http_1_0(exchange):
    """RFC 9112 section 3.2 asks it of HTTP/1.1 requests only."""
    assert exchange(b"GET / HTTP/1.0\r\n\r\n", version="1.0").text == "root"


def test_host_of_the_target_wins(exchange):
    """RFC 9112 section 3.2.2: with an absolute-form target the Host field must be ignored."""
    response = exchange(b"GET http://wins/target HTTP/1.1\r\nHost: loses\r\n\r\n")
    assert response.status == 200
    assert json.loads(response.body)["headers"].get("Host") != "loses"
