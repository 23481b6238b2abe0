# SPDX-License-Identifier: MIT
"""Percent-encoding, query strings, urlencoded forms, reason phrases."""

import httpparse
from drip import equal, raises, run


def test_unquote():
    for data, wanted in (
        (b"", b""),
        (b"abc", b"abc"),
        (b"a%20b", b"a b"),
        (b"%41%5a%7A", b"AZz"),
        (b"a+b", b"a+b"),
        (b"%2B%25", b"+%"),
        (b"%00%ff", b"\x00\xff"),
        ("%C3%A4\xe4", b"\xc3\xa4\xc3\xa4"),
        (bytearray(b"%20"), b" "),
        (memoryview(b"x%20")[1:], b" "),
    ):
        equal(httpparse.unquote(data), wanted)
    equal(httpparse.unquote(b"a+b%2B", True), b"a b+")
    equal(httpparse.unquote(b"a+b", plus=True), b"a b")
    equal(httpparse.unquote(b"a+b", plus=False), b"a+b")


def test_bad_escapes_stay():
    for data in (b"%", b"%%", b"a%", b"%2", b"%zz", b"%2z", b"%z2", b"% 2", b"%%2", b"100%"):
        equal(httpparse.unquote(data), data)
        equal(httpparse.unquote_str(data), data.decode())
    equal(httpparse.unquote(b"%%41%4%42"), b"%A%4B")


def test_decoding_is_done_once():
    equal(httpparse.unquote(b"%2541"), b"%41")


def test_the_input_is_left_alone():
    data = bytearray(b"%41%42")
    httpparse.unquote(data)
    httpparse.unquote_str(data)
    equal(data, bytearray(b"%41%42"))


def test_unquote_str():
    equal(httpparse.unquote_str(b"caf%C3%A9+%E2%82%AC"), "caf\xe9+\u20ac")
    equal(httpparse.unquote_str("caf%C3%A9+", True), "caf\xe9 ")
    equal(httpparse.unquote_str(b"%F0%9F%98%80"), "\U0001f600")
    equal(httpparse.unquote_str(b""), "")


def test_bytes_that_are_not_utf_8_are_replaced_one_by_one():
    r = "\ufffd"
    for data, wanted in (
        (b"%ff", r),
        (b"a%80b", "a" + r + "b"),
        (b"%c3", r),
        (b"%c3%c3%a4", r + "\xe4"),
        (b"%c3a", r + "a"),
        (b"%c0%af", r * 2),  # overlong "/"
        (b"%c1%bf", r * 2),
        (b"%e0%80%af", r * 3),
        (b"%e0%9f%bf", r * 3),
        (b"%e0%a0%80", "\u0800"),
        (b"%ed%9f%bf", "\ud7ff"),
        (b"%ed%a0%80", r * 3),  # a surrogate
        (b"%ed%bf%bf", r * 3),
        (b"%ee%80%80", "\ue000"),
        (b"%ef%bf%bf", "\uffff"),
        (b"%e2%82", r * 2),
        (b"%e2%82x", r * 2 + "x"),
        (b"%e2%c3%a4", r + "\xe4"),
        (b"%f0%8f%bf%bf", r * 4),
        (b"%f0%90%80%80", "\U00010000"),
        (b"%f4%8f%bf%bf", "\U0010ffff"),
        (b"%f4%90%80%80", r * 4),
        (b"%f5%80%80%80", r * 4),
        (b"%f0%9f%98", r * 3),
        (b"%f0%9f%98x", r * 3 + "x"),
        (b"\xff\xfe", r * 2),
    ):
        got = httpparse.unquote_str(data)
        equal(got, wanted)
        equal(got.encode().decode(), wanted)


def test_quote():
    equal(httpparse.quote(b""), "")
    equal(httpparse.quote("a b/\xe4?&=+%"), "a%20b/%C3%A4%3F%26%3D%2B%25")
    equal(httpparse.quote(b"/a/", b""), "%2Fa%2F")
    equal(httpparse.quote(b"a:b", ":"), "a:b")
    equal(httpparse.quote(b"AZaz09-._~"), "AZaz09-._~")
    equal(httpparse.quote(b"\x00\x7f\x80\xff@[`{", b"\xff\x80"), "%00%7F%80%FF%40%5B%60%7B")
    every = bytes(range(256))
    equal(httpparse.unquote(httpparse.quote(every)), every)


def test_parse_qs():
    for data, wanted in (
        (b"", {}),
        (b"a=1", {"a": "1"}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        ("a=\xe4", {"a": "\xe4"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a", {"a": ""}),
        (b"a=", {"a": ""}),
        (b"=1", {"": "1"}),
        (b"=", {"": ""}),
        (b"&&a=1&&", {"a": "1"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a+b=c+d%2B", {"a b": "c d+"}),
        (b"a%3Db=c%26d", {"a=b": "c&d"}),
        (b"a;b=1;2", {"a;b": "1;2"}),
        (b"a=%zz&b=%ff&c=%", {"a": "%zz", "b": "\ufffd", "c": "%"}),
        (bytearray(b"a=1"), {"a": "1"}),
    ):
        equal(httpparse.parse_qs(data), wanted)


def test_parse_qsl():
    equal(httpparse.parse_qsl(b""), [])
    equal(
        httpparse.parse_qsl(b"b=1&a=2&b=3+4&c"),
        [("b", "1"), ("a", "2"), ("b", "3 4"), ("c", "")],
    )


def test_wrong_types():
    for function in (
        httpparse.unquote,
        httpparse.unquote_str,
        httpparse.quote,
        httpparse.parse_qs,
        httpparse.parse_qsl,
    ):
        raises(TypeError, function, None)
        raises(TypeError, function, 1)
    raises(TypeError, httpparse.quote, b"", 1)


def test_reason():
    for status, text in (
        (100, "Continue"),
        (200, "OK"),
        (308, "Permanent Redirect"),
        (407, "Proxy Authentication Required"),
        (412, "Precondition Failed"),
        (413, "Content Too Large"),
        (415, "Unsupported Media Type"),
        (428, "Precondition Required"),
        (431, "Request Header Fields Too Large"),
        (451, "Unavailable For Legal Reasons"),
        (504, "Gateway Timeout"),
        (505, "HTTP Version Not Supported"),
        (199, "Informational"),
        (299, "Successful"),
        (399, "Redirection"),
        (499, "Client Error"),
        (599, "Server Error"),
        (600, ""),
        (99, ""),
        (1, ""),
        (0, ""),
        (-1, ""),
        (100000, ""),
    ):
        equal(httpparse.reason(status), text)


run(globals())
