# SPDX-License-Identifier: MIT
"""Field lines: RFC 9112 section 5, and which of them are kept."""

import httpparse
from drip import Drip, equal, raises, run


def head(data, names, size=512, step=1000, **limits):
    """Parses a head with the given field lines and returns what is kept."""
    p = httpparse.Request(size, **limits)
    stream = Drip(b"GET / HTTP/1.0\r\n" + data, step, block=False)
    equal(p.feed(stream), httpparse.REQUEST_LINE)
    p.keep(names)
    equal(p.feed(stream), httpparse.HEAD)
    return p.headers()


def status(data, names=True, size=512, **limits):
    results = set()
    for step in (1, 2, 7, 1000):
        error = raises(httpparse.Error, head, data, names, size, step, **limits)
        results.add((error.status, str(error)))
    equal(len(results), 1)
    return results.pop()


def test_wanted_fields_are_kept():
    data = b"Host: a\r\nX-One: 1\r\nx-two:2\r\nX-THREE: \t 3 4 \t \r\nX-Four:\r\n\r\n"
    equal(head(data, (b"X-ONE",)), {b"X-ONE": b"1"})
    equal(head(data, ["x-one", b"X-Two"]), {"x-one": b"1", b"X-Two": b"2"})
    equal(head(data, (b"X-Three", b"X-Four", b"X")), {b"X-Three": b"3 4", b"X-Four": b""})
    equal(head(data, (b"host",)), {b"host": b"a"})


def test_the_key_is_the_applications_own_object():
    name = b"x-" + b"one"
    (key,) = head(b"X-One: 1\r\n\r\n", [name])
    assert key is name


def test_nothing_is_kept_unless_asked():
    equal(head(b"Host: a\r\nX: 1\r\n\r\n", None), {})
    equal(head(b"Host: a\r\nX: 1\r\n\r\n", ()), {})
    equal(head(b"\r\n", (b"X",)), {})


def test_everything_is_kept_as_the_client_wrote_it():
    equal(
        head(b"Host: a\r\nx-One: 1\r\nX-two:2\r\n\r\n", True),
        {b"Host": b"a", b"x-One": b"1", b"X-two": b"2"},
    )


def test_several_fields_of_one_name_are_joined():
    data = b"A: 1\r\nCookie: x=1\r\nB: 2\r\na: 3\r\nA:\r\ncookie: y=2\r\nA: 4\r\n\r\n"
    equal(head(data, (b"a",)), {b"a": b"1, 3, , 4"})
    equal(head(data, (b"COOKIE",)), {b"COOKIE": b"x=1; y=2"})
    equal(head(b"A: 1\r\nA: 2\r\n\r\n", True), {b"A": b"1, 2"})


def test_names_match_whatever_their_capitals_and_nothing_else():
    equal(head(b"x^y: 1\r\n\r\n", (b"X~Y",)), {})
    equal(head(b"x-y: 1\r\n\r\n", (b"X\rY", b"X-YZ", b"X-")), {})
    equal(head(b"AZaz09!: 1\r\n\r\n", (b"azAZ09!",)), {b"azAZ09!": b"1"})


def test_values_may_hold_tabs_and_bytes_beyond_ascii():
    value = b"\xff\x80 \t\xc3\xa4" + bytes(range(0x21, 0x7F))
    for step in (1, 5, 1000):
        equal(head(b"X: " + value + b"\r\n\r\n", (b"X",), step=step), {b"X": value})


def test_names_that_are_refused():
    for name in (b"", b"X ", b"X\t", b"X Y", b"X(", b"X\x00", b"X\x80", b"X\x7f", b"X\r"):
        equal(status(name + b": 1\r\n\r\n"), (400, "bad field name"))
    equal(status(b"X\r\n\r\n"), (400, "bad field name"))
    equal(status(b"\nX: 1\r\n\r\n"), (400, "bad field name"))
    equal(status(b"X: 1\r\n\n"), (400, "bad field name"))


def test_line_folding_is_refused():
    equal(status(b" X: 1\r\n\r\n"), (400, "line folding"))
    equal(status(b"X: 1\r\n 2\r\n\r\n"), (400, "line folding"))
    equal(status(b"X: 1\r\n\t2\r\n\r\n"), (400, "line folding"))
    equal(status(b"X:\r\n 2\r\n\r\n"), (400, "line folding"))


def test_values_that_are_refused():
    for c in list(range(9)) + list(range(10, 13)) + list(range(14, 32)) + [127]:
        for data in (b"X: %s\r\n\r\n", b"X: abcdefgh%sabc\r\n\r\n", b"X: a\x80%s\r\n\r\n"):
            for names in (True, None):
                equal(status(data % bytes([c]), names), (400, "bad field value"))


def test_line_ends():
    equal(status(b"X: 1\r\r\n\r\n"), (400, "bare CR or LF"))
    equal(status(b"X: 1\r2\r\n\r\n"), (400, "bare CR or LF"))
    equal(status(b"X: 1\n\r\n"), (400, "bad field value"))
    equal(status(b"X: 1\r\n\r\r\n"), (400, "bare CR or LF"))
    equal(status(b"X: 1\r\n\rX"), (400, "bare CR or LF"))


def test_a_head_far_larger_than_the_buffer_passes():
    data = b"".join(b"X-%d: %s\r\n" % (i, b"v" * 700) for i in range(20)) + b"K: v\r\n\r\n"
    for step in (1, 63, 64, 1000):
        equal(head(data, (b"K",), 64, step), {b"K": b"v"})


def test_a_wanted_field_has_to_fit():
    # The line with its end has to fit beside what is kept already
    for size in (64, 512):
        line = b"Key: " + b"v" * (size - 7) + b"\r\n"
        equal(head(line + b"\r\n", (b"key",), size, 3), {b"key": b"v" * (size - 7)})
        equal(status(b"X: y\r\n" + b" " + line, None, size)[0], 400)
        line = b"Key: " + b"v" * (size - 6) + b"\r\n"
        equal(status(line + b"\r\n", (b"KEY",), size), (431, "field too large"))
        equal(status(b"X: y\r\n" + line + b"\r\n", True, size), (431, "field too large"))
        equal(head(line + b"\r\n", (b"K",), size), {})
    equal(status(b"A: %s\r\nA: %s\r\n\r\n" % (b"b" * 40, b"b" * 40), True, 64)[0], 431)


def test_a_name_has_to_fit():
    equal(head(b"n" * 62 + b":1\r\n\r\n", None, 64), {})
    equal(status(b"n" * 64 + b":1\r\n\r\n", None, 64), (431, "field too large"))
    equal(status(b"n" * 256 + b":1\r\n\r\n", True, 512), (431, "field too large"))
    equal(head(b"n" * 255 + b":1\r\n\r\n", True, 512), {b"n" * 255: b"1"})


def test_one_letter_names_and_no_space():
    equal(head(b"A:b\r\nC:d\r\nE:\r\n\r\n", True, step=1), {b"A": b"b", b"C": b"d", b"E": b""})
    equal(head(b"A:b\r\nC:d\r\nE:\r\n\r\n", (b"e", b"c", b"a"), step=1)[b"a"], b"b")


def test_limit_on_the_number_of_fields():
    lines = b"A: b\r\n" * 7
    equal(head(lines + b"\r\n", (b"a",), max_fields=7), {b"a": b", ".join([b"b"] * 7)})
    equal(status(lines + b"\r\n", max_fields=6), (431, "too many fields"))
    equal(status(lines + b"\r\n", max_fields=0), (431, "too many fields"))
    equal(head(b"\r\n", None, max_fields=0), {})


def test_limit_on_the_heads_size():
    data = b"A: b\r\nC: " + b"d" * 300 + b"\r\n\r\n"
    size = len(b"GET / HTTP/1.0\r\n" + data)
    for step in (1, 7, 1000):
        equal(head(data, None, 64, step, max_head=size), {})
    for limit in (16, 17, 20, 50, size - 2, size - 1):
        equal(status(data, None, 64, max_head=limit), (431, "head too large"))
    equal(status(data, None, 64, max_head=15), (414, "request line too long"))
    # What comes behind the head does not count
    equal(head(data + b"x" * 200, None, 512, max_head=size), {})


def test_an_error_in_front_of_the_limit_counts_and_one_behind_it_does_not():
    equal(status(b"A\x00", None, max_head=18)[0], 400)
    equal(status(b"AB\x00", None, max_head=18)[0], 431)


def test_headers_may_be_asked_for_again():
    p = httpparse.Request()
    stream = Drip(b"GET / HTTP/1.0\r\nX: 1\r\n\r\n", 1000, False)
    p.feed(stream)
    p.keep((b"X",))
    equal(p.headers(), {})
    equal(p.feed(stream), httpparse.HEAD)
    equal(p.feed(stream), httpparse.HEAD)
    equal(p.headers(), {b"X": b"1"})
    equal(p.headers(), {b"X": b"1"})
    equal(p.readinto(stream, bytearray(1)), 0)
    equal(p.headers(), {})


def test_what_keep_takes():
    p = httpparse.Request()
    raises(TypeError, p.keep, 1)
    raises(TypeError, p.keep, (1,))
    raises(ValueError, p.keep, [b"x"] * 255)
    p.keep([b"x"] * 254)
    p.keep(None)
    p.keep(())
    p.keep(True)


def test_a_list_of_names_may_change_meanwhile():
    p = httpparse.Request()
    stream = Drip(b"GET / HTTP/1.0\r\nX: 1\r\nY: 2\r\n\r\n", 30, False)
    p.feed(stream)
    names = [b"X", b"Y"]
    p.keep(names)
    p.feed(stream)
    names.pop()
    equal(p.headers(), {b"X": b"1", b"Y": b"2"})


def test_most_names():
    names = tuple(b"x%d" % i for i in range(254))
    data = b"".join(b"X%d: %d\r\n" % (i, i) for i in (0, 100, 252, 253, 254, 255)) + b"\r\n"
    equal(head(data, names), {b"x0": b"0", b"x100": b"100", b"x252": b"252", b"x253": b"253"})


run(globals())
