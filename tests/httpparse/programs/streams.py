# SPDX-License-Identifier: MIT
"""Streams of every kind, what feed() returns, errors, and memory."""

import binascii
import errno
import gc
import io
import os
import socket
import time

import httpparse
from drip import Broken, Drip, Sink, equal, raises, run

import micropython

GET = b"GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"


def test_constants():
    equal((httpparse.CLOSED, httpparse.REQUEST_LINE, httpparse.HEAD), (0, 1, 2))


def test_feed_returns_none_where_it_would_block():
    p = httpparse.Request()
    stream = Drip(GET, 10)
    events = [p.feed(stream) for _ in range(6)]
    equal(events, [None, None, httpparse.REQUEST_LINE, None, None, httpparse.HEAD])


def test_feed_reads_only_when_more_is_needed():
    p = httpparse.Request()
    stream = Drip(GET + GET, 1000, False)
    for _ in range(2):
        equal(p.feed(stream), httpparse.REQUEST_LINE)
        equal(p.feed(stream), httpparse.HEAD)
        p.next()
    equal(stream.asked, 1)
    equal(p.feed(stream), httpparse.CLOSED)


def test_the_end_of_the_stream():
    for data, idle in ((b"", True), (b"\r\n", True), (b"G", False), (GET[:-1], False)):
        p = httpparse.Request()
        stream = io.BytesIO(data)
        event = p.feed(stream)
        if event == httpparse.REQUEST_LINE:
            event = p.feed(stream)
        equal((event, p.idle), (httpparse.CLOSED, idle))


def test_idle():
    p = httpparse.Request()
    equal(p.idle, True)
    stream = Drip(b"\r\nG", 1)
    seen = []
    for _ in range(4):
        equal(p.feed(stream), None)
        seen.append(p.idle)
    equal(seen, [True, True, True, False])
    p.reset()
    equal(p.idle, True)


def test_reset_forgets_an_error():
    p = httpparse.Request()
    raises(httpparse.Error, p.feed, io.BytesIO(b"\x00"))
    raises(httpparse.Error, p.feed, io.BytesIO(GET))
    p.reset()
    equal(p.feed(io.BytesIO(GET)), httpparse.REQUEST_LINE)


def test_errors_of_the_stream():
    for number in (errno.ECONNRESET, errno.EIO):
        p = httpparse.Request()
        equal(raises(OSError, p.feed, Broken(number)).errno, number)
        w = httpparse.Response()
        w.begin(200, 11, True, False)
        equal(raises(OSError, w.finish, Broken(number)).errno, number)
    p = httpparse.Request()
    raises(OSError, p.feed, 1)
    raises(OSError, p.feed, None)
    raises(OSError, httpparse.Response().interim, 1)


class Liar(io.IOBase):
    """Claims to have read or written more than it was asked to."""

    def readinto(self, buf):
        return len(buf) + 1000

    write = readinto


def test_a_stream_that_lies():
    p = httpparse.Request(64)
    raises(httpparse.Error, p.feed, Liar())
    p = httpparse.Request(64)
    stream = io.BytesIO(b"POST / HTTP/1.0\r\nContent-Length: 90\r\n\r\n")
    p.feed(stream)
    p.feed(stream)
    buf = bytearray(80)
    # Through the parser's buffer: a stream written in Python does not get the caller's.
    equal(p.readinto(Liar(), buf), 64)
    equal(p.readinto(Liar(), buf), 26)
    equal(p.readinto(Liar(), buf), 0)
    w = httpparse.Response()
    w.begin(200, 11, True, False)
    equal(w.finish(Liar()), True)


class Reentrant(io.IOBase):
    """Uses the parser from within its own read."""

    def __init__(self, p):
        self.p = p

    def readinto(self, buf):
        self.p.feed(io.BytesIO(b"x" * 300))
        return len(buf)


def test_reentrance_is_refused():
    p = httpparse.Request(64)
    raises(RuntimeError, p.feed, Reentrant(p))


def test_limits_are_checked():
    for size in (0, 63, 32769, -1):
        raises(ValueError, httpparse.Request, size)
    for limits in ({"max_head": 0}, {"max_fields": -1}, {"max_fields": 65536}):
        raises(ValueError, httpparse.Request, **limits)
    httpparse.Request(64, max_head=1, max_fields=0)
    httpparse.Request(size=32768, max_head=1 << 29, max_fields=65535)
    for size in (159, 32769, -1):
        raises(ValueError, httpparse.Response, size)
    httpparse.Response(size=160)


def test_the_exception():
    error = raises(httpparse.Error, httpparse.Request().feed, io.BytesIO(b"\x00"))
    equal((error.status, str(error)), (400, "bad method"))
    equal(repr(error), "Error(400, 'bad method')")
    assert isinstance(error, Exception)
    assert not isinstance(error, ValueError)
    equal(error.args, (400, "bad method"))
    equal(httpparse.Error(404, "x").status, 404)
    equal(httpparse.Error().status, None)
    equal(str(httpparse.Error(1, 2, 3)), "(1, 2, 3)")

    class Derived(httpparse.Error):
        pass

    error = Derived(413, "too much")
    equal((error.status, str(error)), (413, "too much"))


def test_attributes_cannot_be_set():
    p = httpparse.Request()
    raises(AttributeError, setattr, p, "method", b"x")
    raises(AttributeError, getattr, p, "nothing")
    w = httpparse.Response()
    raises(AttributeError, setattr, w, "status", 1)
    raises(AttributeError, getattr, w, "nothing")


def until(function, *args):
    """Calls until the result is not None."""
    for _ in range(10000):
        result = function(*args)
        if result is not None:
            return result
        time.sleep_ms(1)
    raise AssertionError("would block for ever")


def connect():
    """Both ends of a TCP connection on this machine; neither of them blocks."""
    listener = socket.socket()
    for port in range(20000 + time.ticks_us() % 20000, 60000):
        address = socket.getaddrinfo("127.0.0.1", port)[0][-1]
        try:
            listener.bind(address)
            break
        except OSError:
            pass
    listener.listen(1)
    client = socket.socket()
    client.connect(address)
    server = listener.accept()[0]
    listener.close()
    client.setblocking(False)
    server.setblocking(False)
    return client, server


def test_sockets():
    client, server = connect()
    p = httpparse.Request(128)
    equal(p.feed(server), None)
    client.send(b"PUT /x HTTP/1.1\r\nHo")
    equal(until(p.feed, server), httpparse.REQUEST_LINE)
    equal(p.feed(server), None)
    client.send(b"st: a\r\nContent-Length: 6\r\n\r\nab")
    equal(until(p.feed, server), httpparse.HEAD)
    buf = bytearray(10)
    equal(until(p.readinto, server, buf), 2)
    equal(p.readinto(server, buf), None)
    equal(p.drain(server, 100), None)
    client.send(b"cdefGET")
    equal(until(p.drain, server, 100), True)
    p.next()
    equal(p.feed(server), None)
    equal(p.idle, False)

    # A response larger than what the sockets take at once
    part = bytes(range(250)) * 40
    parts = 600
    w = httpparse.Response(256)
    w.begin(200, 11, True, False)
    w.header("Content-Length", parts * len(part))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n"
    total = len(head) + 6000000
    received = checksum = blocked = 0
    chunk = bytearray(4096)
    at = None
    finished = None
    while True:
        if at is not None:
            at = w.write(server, part, at)
        elif parts:
            parts -= 1
            at = w.write(server, part)
        elif finished is None:
            finished = w.finish(server)
        if at is not None:
            blocked += 1
        elif parts and not blocked:
            continue
        n = client.readinto(chunk)
        if n is not None:
            received += n
            checksum = binascii.crc32(memoryview(chunk)[:n], checksum)
        elif finished and received >= total:
            break
    assert blocked
    wanted = binascii.crc32(head)
    for _ in range(600):
        wanted = binascii.crc32(part, wanted)
    equal(checksum, wanted)
    client.close()
    equal(until(p.feed, server), httpparse.CLOSED)
    server.close()


def test_files():
    name = "httpparse-test.tmp"
    with open(name, "wb") as f:
        f.write(GET)
    try:
        with open(name, "rb") as f:
            p = httpparse.Request()
            equal(p.feed(f), httpparse.REQUEST_LINE)
            equal(p.feed(f), httpparse.HEAD)
        with open(name, "rb") as f:
            w = httpparse.Response(256)
            sink = Sink()
            w.begin(200, 11, True, False)
            equal(w.readfrom(sink, f), len(GET))
            equal(w.readfrom(sink, f), 0)
            equal(w.finish(sink), True)
            assert sink.data.endswith(b"Content-Length: %d\r\n\r\n" % len(GET) + GET)
    finally:
        os.remove(name)


def allocated(function):
    """Bytes that a call allocates."""
    gc.collect()
    before = micropython.mem_total()
    between = micropython.mem_total()
    function()
    return micropython.mem_total() - between - (between - before)


def test_parsing_and_answering_allocate_nothing():
    p = httpparse.Request()
    w = httpparse.Response()
    message = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: 1\r\n\r\nhello"
    stream = io.BytesIO(message * 2)
    buf = bytearray(10)
    names = (b"X", b"Y")
    sink = io.BytesIO(1000)
    for _ in range(2):
        for function in (
            lambda: p.feed(stream),
            lambda: p.method,
            lambda: p.query_string,
            lambda: p.version,
            lambda: p.keep(names),
            lambda: p.feed(stream),
            lambda: p.content_length,
            lambda: p.keep_alive,
            lambda: p.readinto(stream, buf),
            lambda: p.readinto(stream, buf),
            lambda: p.next(),
            lambda: w.begin(200, 11, True, False),
            lambda: w.header("X", "y"),
            lambda: w.header(b"X", b"y"),
            lambda: w.write(sink, b"abc"),
            lambda: w.finish(sink),
            lambda: w.keep_alive,
        ):
            equal(allocated(function), 0)
    assert sink.getvalue().endswith(b"\r\n\r\nabc")


def test_names_of_arguments():
    class Handlers:
        def all(*args):
            pass

        @micropython.native
        def fast(self, request, data=None):
            pass

        @micropython.native
        def parts(self, request):
            yield request

    handlers = Handlers()
    equal(httpparse.argument_names(handlers.all), ((), 0, True))
    equal(httpparse.argument_names(handlers.fast), (("request", "data"), 1, False))
    equal(httpparse.argument_names(handlers.parts), (("request",), 1, False))


run(globals())
