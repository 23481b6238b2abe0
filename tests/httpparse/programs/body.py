# SPDX-License-Identifier: MIT
"""Message bodies: RFC 9112 sections 6.2 and 7.1."""

import httpparse
from drip import Drip, equal, raises, run

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
LENGTH = HEAD + b"Content-Length: %d\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
STEPS = (1, 2, 3, 7, 50, 64, 1000, 100000)


def parser(data, step, block=False, size=64, **limits):
    """A parser and its stream, with the head parsed."""
    p = httpparse.Request(size, **limits)
    stream = Drip(data, step, block)
    wanted = [httpparse.REQUEST_LINE, httpparse.HEAD]
    while wanted:
        event = p.feed(stream)
        if event is not None:
            equal(event, wanted.pop(0))
    return p, stream


def read(p, stream, size=10):
    """The rest of the body."""
    buf = bytearray(size)
    data = b""
    while True:
        n = p.readinto(stream, buf)
        if n == 0:
            equal(p.remaining, 0)
            equal(p.readinto(stream, buf), 0)
            return data
        if n is not None:
            data += bytes(buf[:n])


def status(body, step=1000, **limits):
    p, stream = parser(CHUNKED + body, step, **limits)
    error = raises(httpparse.Error, read, p, stream)
    # The parser does not go on behind an error
    equal(raises(httpparse.Error, read, p, stream).status, error.status)
    equal(raises(httpparse.Error, p.drain, stream, 100).status, error.status)
    return error.status, str(error)


def test_content_length():
    body = bytes(range(256)) * 5
    for step in STEPS:
        for size in (1, 10, 5000):
            p, stream = parser(LENGTH % len(body) + body + b"GET", step, size == 10)
            equal(p.remaining, len(body))
            equal(read(p, stream, size), body)


def test_never_a_byte_beyond_the_body_is_read():
    for step in STEPS:
        p, stream = parser(LENGTH % 300 + b"x" * 1000, step)
        buffered = p.buffered
        assert stream.at <= 64 + 64
        equal(read(p, stream, 1000), b"x" * 300)
        if buffered < 300:
            equal(stream.at, len(LENGTH % 300) + 300)
            equal(p.buffered, 0)


def test_the_buffer_is_filled_no_further_than_asked():
    p, stream = parser(LENGTH % 20 + b"abcdefghijklmnopqrst", 1000, size=512)
    buf = bytearray(b"." * 10)
    equal(p.readinto(stream, memoryview(buf)[2:], 4), 4)
    equal(buf, bytearray(b"..abcd...."))
    equal(p.remaining, 16)
    equal(p.readinto(stream, buf, -1), 10)
    equal(p.readinto(stream, buf, 100), 6)
    equal(bytes(buf), b"opqrstklmn")
    raises(TypeError, p.readinto, stream, b"read-only")


def test_an_empty_buffer_is_refused():
    p, stream = parser(LENGTH % 20 + b"a" * 20, 1000)
    raises(ValueError, p.readinto, stream, bytearray(0))
    raises(ValueError, p.readinto, stream, bytearray(5), 0)
    equal(read(p, stream), b"a" * 20)


def test_chunks():
    coded = b'5\r\nhello\r\n1;a=b\r\n \r\n00A \t;x;y="z"\r\n0123456789\r\n0;last\r\n\r\n'
    for step in STEPS:
        for size in (1, 7, 1000):
            p, stream = parser(CHUNKED + coded + b"GET", step, size == 7)
            equal(p.remaining, -1)
            equal(read(p, stream, size), b"hello 0123456789")


def test_a_large_chunk_goes_past_the_buffer():
    body = bytes(range(256)) * 20
    for step in STEPS:
        p, stream = parser(CHUNKED + b"1400\r\n" + body + b"\r\n0\r\n\r\n", step)
        equal(read(p, stream, 999), body)


def test_small_chunks_cost_few_reads():
    coded = b"1\r\nx\r\n" * 300 + b"0\r\n\r\n"
    p, stream = parser(CHUNKED + coded, 100000, size=512)
    before = stream.asked
    equal(read(p, stream, 512), b"x" * 300)
    assert stream.asked - before < 10


def test_an_empty_chunked_body():
    for step in STEPS:
        p, stream = parser(CHUNKED + b"0\r\n\r\n", step)
        equal(read(p, stream), b"")
        p, stream = parser(CHUNKED + b"000\r\n\r\n", step)
        equal(read(p, stream), b"")


def test_trailers_are_skipped():
    for step in STEPS:
        p, stream = parser(
            CHUNKED
            + b"1\r\nx\r\n0\r\nA: b\r\nContent-Length: 5\r\nHost: a b\r\nX:"
            + b"y" * 500
            + b"\r\n\r\nGET",
            step,
        )
        equal(read(p, stream), b"x")


def test_bad_chunks():
    bad = (400, "bad chunk")
    for body in (
        b"\r\n",
        b"g\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b" 1\r\n",
        b"0x1\r\n",
        b";\r\n",
        b"1\n",
        b"1 \r\n",
        b"1\t\r\n",
        b"1 2\r\n",
        b"1\rx",
        b"1;a\x00\r\n",
        b"1;a\x7f\r\n",
        b"1;a\n",
        b"1;a\rb\r\n",
        b"1\r\nxx",
        b"1\r\nx\n",
        b"1\r\nx\rx",
        b"0\r\n\n",
        b"80000000\r\n",
        b"100000000\r\n",
        b"fffffffff\r\n",
        b"0" * 17 + b"\r\n",
    ):
        for step in (1, 1000):
            got = status(body, step)
            wanted = (400, "bad field name") if body == b"0\r\n\n" else bad
            equal(got, wanted)


def test_large_sizes_are_no_error():
    p, stream = parser(CHUNKED + b"7fffffff\r\nx", 1000)
    buf = bytearray(10)
    equal(p.readinto(stream, buf), 1)
    p, stream = parser(CHUNKED + b"0000000000000001\r\nx\r\n0\r\n\r\n", 1000)
    equal(read(p, stream), b"x")


def test_bad_trailers():
    for trailer, text in (
        (b" a: b\r\n", "line folding"),
        (b"a b\r\n", "bad field name"),
        (b"a: \x00\r\n", "bad field value"),
        (b"a: b\r\r\n", "bare CR or LF"),
        (b"\rx", "bare CR or LF"),
    ):
        equal(status(b"0\r\n" + trailer + b"\r\n"), (400, text))
    equal(status(b"0\r\n" + b"a" * 99), (431, "field too large"))


def test_extensions_and_trailers_are_bounded():
    extensions = b"".join(b"1;%s\r\nx\r\n" % (b"e" * 9) for _ in range(20)) + b"0\r\n\r\n"
    p, stream = parser(CHUNKED + extensions, 7, max_head=202)
    equal(read(p, stream), b"x" * 20)
    equal(status(extensions, max_head=199), (400, "bad chunk"))
    equal(status(b"1" + b" " * 100 + b";\r\nx\r\n0\r\n\r\n", max_head=100), (400, "bad chunk"))
    equal(status(b"0\r\nA: " + b"b" * 200 + b"\r\n\r\n", max_head=200), (431, "head too large"))
    equal(status(b"0\r\n" + b"A: b\r\n" * 9, max_fields=10), (431, "too many fields"))


def test_the_end_of_the_stream_inside_a_body():
    for data in (
        LENGTH % 5 + b"abcd",
        LENGTH % 5,
        CHUNKED,
        CHUNKED + b"5",
        CHUNKED + b"5\r\nabcd",
        CHUNKED + b"200\r\nabcd",
        CHUNKED + b"5\r\nabcde",
        CHUNKED + b"0\r\n",
        CHUNKED + b"0\r\nA: b\r\n",
    ):
        for step in (1, 1000):
            p, stream = parser(data, step)
            error = raises(httpparse.Error, read, p, stream)
            equal((error.status, str(error)), (400, "body cut short"))
            p, stream = parser(data, step)
            error = raises(httpparse.Error, p.drain, stream, 1000)
            equal((error.status, str(error)), (400, "body cut short"))


def test_drain():
    body = b"x" * 300
    coded = b"12c\r\n" + body + b"\r\n0\r\n\r\n"
    for data in (LENGTH % 300 + body, CHUNKED + coded):
        for step in STEPS:
            p, stream = parser(data, step, True)
            results = []
            while not results or results[-1] is None:
                results.append(p.drain(stream, 300))
            equal(results[-1], True)
            assert step > 300 or None in results
            p.next()


def test_drain_has_a_limit():
    p, stream = parser(LENGTH % 300 + b"x" * 300, 50)
    before = stream.at
    equal(p.drain(stream, 299), False)
    equal(stream.at, before)
    p, stream = parser(CHUNKED + b"12c\r\n" + b"x" * 300 + b"\r\n0\r\n\r\n", 50)
    equal(p.drain(stream, 299), False)
    assert stream.at < len(stream.data)
    # What the application has read does not count
    p, stream = parser(LENGTH % 300 + b"x" * 300, 50)
    buf = bytearray(200)
    left = 200
    while left:
        left -= p.readinto(stream, buf, left)
    equal(p.drain(stream, 100), True)


def test_drain_without_a_body():
    p, stream = parser(HEAD + b"\r\n", 1000)
    equal(p.drain(stream, 0), True)
    p.next()


def test_pipelined_messages():
    one = HEAD + b"\r\n"
    two = LENGTH % 3 + b"abc"
    three = CHUNKED + b"3\r\ndef\r\n0\r\n\r\n"
    for step in STEPS:
        p = httpparse.Request(128)
        stream = Drip((one + two + three) * 3, step)
        bodies = []
        while True:
            event = p.feed(stream)
            if event == httpparse.HEAD:
                bodies.append(read(p, stream))
                p.next()
            elif event == httpparse.CLOSED:
                break
        equal(bodies, [b"", b"abc", b"def"] * 3)
        equal((p.idle, p.buffered), (True, 0))


def test_next_needs_the_message_read():
    p = httpparse.Request()
    raises(ValueError, p.next)
    raises(ValueError, p.readinto, None, bytearray(1))
    raises(ValueError, p.drain, None, 0)
    p, stream = parser(LENGTH % 3 + b"ab", 1000)
    raises(ValueError, p.next)
    p.reset()
    equal((p.buffered, p.idle, p.content_length), (0, True, None))


def test_expect_is_known_before_the_body():
    p, stream = parser(HEAD + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 1000)
    equal((p.expect, p.remaining, p.buffered), (True, 1, 0))


def test_drain_of_nothing():
    """With a limit below zero no more is read."""
    p, stream = parser(LENGTH % 300 + b"x" * 300, 40)
    asked = stream.asked
    equal(p.drain(stream, -1), False)
    equal(stream.asked, asked)
    equal(p.drain(stream, 300), True)


run(globals())
