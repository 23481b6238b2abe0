# SPDX-License-Identifier: MIT
"""class Response: heads, framing, and sending what a socket takes."""

import io

import httpparse
from drip import Drip, Sink, equal, raises, run


def send(w, sink, *parts):
    """Writes the parts and finishes, however often the stream would block."""
    for part in parts:
        at = 0
        while at is not None:
            at = w.write(sink, part, at)
    while w.finish(sink) is None:
        pass


def response(
    *parts, status=200, version=11, keep_alive=True, head=False, fields=(), size=256, sink=None
):
    sink = sink or Sink()
    w = httpparse.Response(size)
    w.begin(status, version, keep_alive, head)
    for name, value in fields:
        w.header(name, value)
    send(w, sink, *parts)
    return sink.data, w


def decode(data):
    """Splits a response and takes its chunks apart: (head lines, body, end seen)."""
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.split(b"\r\n")
    if b"Transfer-Encoding: chunked" not in lines:
        return lines, body, None
    content = b""
    while body:
        size, body = body.split(b"\r\n", 1)
        n = int(size, 16)
        content += body[:n]
        equal(body[n : n + 2], b"\r\n")
        body = body[n + 2 :]
        if n == 0:
            equal(body, b"")
            return lines, content, True
    return lines, content, False


def test_a_small_response_leaves_in_one_write():
    for parts in ((), (b"hello",), ("h", b"el", bytearray(b"lo")), (memoryview(b"xhello")[1:],)):
        sink = Sink()
        data, w = response(*parts, fields=((b"Content-Type", "text/plain"),), sink=sink)
        n = 5 if parts else 0
        equal(
            data,
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % n
            + b"hello"[:n],
        )
        equal(sink.writes, 1)
        equal(
            (w.started, w.sent, w.keep_alive, w.body_bytes, w.status), (True, True, True, n, 200)
        )


def test_text_counts_in_bytes():
    data, w = response("\xe4\u20ac")
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\xc3\xa4\xe2\x82\xac")


def test_connection():
    for version, keep_alive, line in (
        (11, True, b""),
        (11, False, b"Connection: close\r\n"),
        (10, True, b"Connection: keep-alive\r\n"),
        (10, False, b"Connection: close\r\n"),
    ):
        data, w = response(version=version, keep_alive=keep_alive)
        equal(
            data,
            b"HTTP/1.%d 200 OK\r\nContent-Length: 0\r\n%s\r\n" % (version - 10, line),
        )
        equal(w.keep_alive, keep_alive)


def test_the_application_may_close():
    for value in ("close", b"CLOSE"):
        data, w = response(fields=(("connection", value),))
        equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        equal(w.keep_alive, False)
    data, w = response(fields=(("Connection", "Keep-Alive"),))
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    equal(w.keep_alive, True)
    data, w = response(keep_alive=False, fields=(("Connection", "Keep-Alive"),))
    equal(w.keep_alive, False)


def test_reason_phrases():
    for status, text in (
        (200, b"OK"),
        (404, b"Not Found"),
        (500, b"Internal Server Error"),
        (511, b"Network Authentication Required"),
        (299, b"Successful"),
        (418, b"Client Error"),
        (599, b"Server Error"),
    ):
        equal(response(status=status)[0].split(b"\r\n")[0], b"HTTP/1.1 %d %s" % (status, text))


def test_a_long_body_is_chunked():
    body = bytes(range(256)) * 8
    for size in (160, 256, 1024):
        for sink_size, block in ((1, False), (7, True), (100000, False), (100000, True)):
            for parts in (
                (body,),
                (body[:100], body[100:]),
                (body[:700], body[700:710], body[710:]),
                [body[i : i + 64] for i in range(0, len(body), 64)],
            ):
                data, w = response(*parts, size=size, sink=Sink(sink_size, block))
                lines, got, end = decode(data)
                equal(lines, [b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"])
                equal((got, end), (body, True))
                equal((w.keep_alive, w.body_bytes), (True, len(body)))


def test_a_long_body_for_http_1_0_ends_the_connection():
    body = bytes(range(256)) * 8
    for sink_size, block in ((7, True), (100000, False)):
        for parts in ((body,), [body[i : i + 64] for i in range(0, len(body), 64)]):
            data, w = response(*parts, version=10, sink=Sink(sink_size, block))
            equal(data, b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n" + body)
            equal(w.keep_alive, False)


def test_content_length_of_the_application():
    body = b"x" * 2000
    for length in (2000, "2000", b"2000"):
        for sink in (Sink(7, True), Sink()):
            data, w = response(body, fields=(("Content-Length", length),), sink=sink)
            equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + body)
            equal((w.keep_alive, w.body_bytes), (True, 2000))


def test_too_few_bytes():
    data, w = response(b"abc", fields=(("content-length", 5),))
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabc")
    equal(w.keep_alive, False)
    data, w = response(b"x" * 900, fields=(("content-length", 1000),))
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 900)
    equal((w.keep_alive, w.body_bytes), (False, 900))


def test_too_many_bytes_are_not_sent():
    for parts in ((b"abcdefgh",), (b"abcde", b"fgh"), (b"abc", b"defgh")):
        data, w = response(*parts, fields=(("content-length", 5),))
        equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde")
        equal((w.keep_alive, w.body_bytes), (False, 5))
    data, w = response(b"x" * 2000, fields=(("content-length", 900),))
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900)
    equal(w.keep_alive, False)


def test_head_has_the_fields_and_no_body():
    data, w = response(b"hello", head=True)
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    equal((w.keep_alive, w.body_bytes), (True, 5))
    data, w = response(b"x" * 5000, head=True)
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    data, w = response(head=True, fields=(("Content-Length", 7),))
    equal(data, b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
    equal(w.keep_alive, True)
    # Nothing is known of the body
    equal(response(head=True)[0], b"HTTP/1.1 200 OK\r\n\r\n")


def test_statuses_without_a_body():
    for status, lines in (
        (204, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (304, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        (205, b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
    ):
        data, w = response(b"hello", status=status)
        equal(data, lines)
        equal(w.keep_alive, True)
    data, w = response(status=304, fields=(("Content-Length", 9),))
    equal(data, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
    data, w = response(status=204, fields=(("Content-Length", 9),))
    equal(data, b"HTTP/1.1 204 No Content\r\n\r\n")
    data, w = response(status=101, fields=(("Connection", "Upgrade"), ("Upgrade", "websocket")))
    equal(
        data,
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    )


def test_header_values():
    data, w = response(fields=(("A", 1), ("B", -5), ("C", b""), ("D", "\xe4\t "), ("E", 1 << 40)))
    equal(
        data,
        b"HTTP/1.1 200 OK\r\nA: 1\r\nB: -5\r\nC: \r\nD: \xc3\xa4\t \r\nE: 1099511627776\r\n"
        b"Content-Length: 0\r\n\r\n",
    )


def test_headers_that_are_refused():
    w = httpparse.Response(256)
    w.begin(200, 11, True, False)
    for name in ("", "a b", "a:", "a\r\n", "\xe4", "a\x00", "a\t", "Transfer-Encoding"):
        equal(str(raises(ValueError, w.header, name, "x")), "bad header name")
    for value in ("\r\n", "a\r\nB: c", "\n", "\r", "\x00", "a\x7f", "\x1b"):
        equal(str(raises(ValueError, w.header, "A", value)), "bad header value")
    for value in ("", "x", "-1", "1 ", "4294967296", "1,1", 1 << 40, -1):
        equal(str(raises(ValueError, w.header, "Content-Length", value)), "bad header value")
    raises(TypeError, w.header, "A", None)
    raises(TypeError, w.header, "A", 1.5)
    raises(TypeError, w.header, 1, "a")
    # None of them left anything behind
    w.header("Content-Length", 4294967295)
    w.header("Content-Length", 1)
    sink = Sink()
    send(w, sink, b"x")
    equal(sink.data, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")


def test_heads_that_do_not_fit():
    for size in (160, 256):
        w = httpparse.Response(size)
        w.begin(200, 11, True, False)
        equal(str(raises(ValueError, w.header, "A", b"x" * size)), "headers too large")
        equal(str(raises(ValueError, w.header, b"x" * 1000, b"")), "headers too large")
        n = 0
        while True:
            try:
                w.header("A", b"")
            except ValueError:
                break
            n += 1
        assert n >= 10
        sink = Sink()
        body = b"y" * 1000
        send(w, sink, body)
        lines, got, end = decode(sink.data)
        equal(len(lines), n + 2)
        equal((got, end), (body, True))


def test_headers_come_before_the_body():
    w = httpparse.Response()
    raises(ValueError, w.header, "A", "b")
    raises(ValueError, w.write, Sink(), b"x")
    raises(ValueError, w.flush, Sink())
    raises(ValueError, w.finish, Sink())
    w.begin(200, 11, True, False)
    sink = Sink()
    w.write(sink, b"x")
    equal(str(raises(ValueError, w.header, "A", "b")), "headers already out")
    w.begin(500, 11, True, False)
    w.flush(sink)
    equal(str(raises(ValueError, w.header, "A", "b")), "headers already out")
    w.finish(sink)
    raises(ValueError, w.write, sink, b"x")
    raises(ValueError, w.header, "A", "b")


def test_begin_forgets_what_was_not_sent():
    w = httpparse.Response()
    sink = Sink()
    w.begin(200, 11, True, False)
    w.header("A", "b")
    w.write(sink, b"never seen")
    equal(w.sent, False)
    w.begin(500, 11, True, False)
    send(w, sink, b"oops")
    equal(sink.data, b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops")


def test_begin_checks_its_arguments():
    w = httpparse.Response()
    for status, version in ((99, 11), (600, 11), (200, 9), (200, 12), (200, 1)):
        raises(ValueError, w.begin, status, version, True, False)
    equal(w.started, False)
    raises(TypeError, w.begin, 200, 11, True)


def test_flush_sends_what_there_is():
    sink = Sink(7, True)
    w = httpparse.Response(256)
    w.begin(200, 11, True, False)
    while w.flush(sink) is None:
        pass
    equal(sink.data, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    equal(w.sent, True)
    equal(w.write(sink, b"event"), None)
    while w.flush(sink) is None:
        pass
    assert sink.data.endswith(b"\r\n0005\r\nevent\r\n")
    equal(w.flush(Sink()), True)
    while w.finish(sink) is None:
        pass
    equal(decode(sink.data)[1:], (b"event", True))
    equal(w.finish(sink), True)


def test_flush_with_nothing_to_send():
    for version, tail in ((10, b"\r\n\r\nx"), (11, b"\r\n\r\n0001\r\nx\r\n0\r\n\r\n")):
        w = httpparse.Response(256)
        w.begin(200, version, True, False)
        sink = Sink()
        for _ in range(3):
            equal(w.flush(sink), True)
        equal(w.write(sink, b"x"), None)
        equal(w.finish(sink), True)
        assert sink.data.endswith(tail)


def test_write_starts_where_it_is_told():
    w = httpparse.Response()
    sink = Sink()
    w.begin(200, 11, True, False)
    equal(w.write(sink, b"abcdef", 2), None)
    equal(w.write(sink, b"abcdef", 6), None)
    for start in (-1, 7):
        raises(ValueError, w.write, sink, b"abcdef", start)
    raises(TypeError, w.write, sink, 5)
    raises(TypeError, w.write, sink, None)
    w.finish(sink)
    assert sink.data.endswith(b"\r\n\r\ncdef")


class Full(io.IOBase):
    """Takes `left` bytes and then would block for ever."""

    def __init__(self, left):
        self.left = left
        self.data = b""

    def write(self, buf):
        n = min(len(buf), self.left)
        self.left -= n
        self.data += bytes(buf[:n])
        return n or None


def test_a_stream_that_blocks_loses_and_doubles_nothing():
    body = bytes(range(256)) * 4
    for version in (10, 11):
        for cut in range(1100):
            w = httpparse.Response(256)
            w.begin(200, version, True, False)
            sink = Full(cut)
            at = w.write(sink, body, 0)
            if at is not None:
                equal(w.write(sink, body, at), at)
                equal(w.sent, cut > 0)
            sink.left = 100000
            if at is not None:
                equal(w.write(sink, body, at), None)
            equal(w.finish(sink), True)
            lines, got, end = decode(sink.data)
            equal(got, body)


def test_finishing_inside_a_chunk_ends_the_connection():
    w = httpparse.Response(256)
    w.begin(200, 11, True, False)
    body = b"x" * 2000
    assert 700 < w.write(Full(800), body, 0) < 800
    raises(ValueError, w.readfrom, Sink(), io.BytesIO(b"x"))
    sink = Sink()
    equal(w.finish(sink), True)
    equal(w.keep_alive, False)
    assert not sink.data.endswith(b"0\r\n\r\n")


def pump(w, sink, source, *limit):
    taken = []
    while True:
        n = w.readfrom(sink, source, *limit)
        if n == 0:
            break
        if n is not None:
            taken.append(n)
    while w.finish(sink) is None:
        pass
    return taken


def test_readfrom():
    body = bytes(range(256)) * 5
    for size in (160, 512):
        for sink in (Sink(), Sink(9, True)):
            for n in (0, 1, 50, 1280):
                w = httpparse.Response(size)
                w.begin(200, 11, True, False)
                taken = pump(w, sink, io.BytesIO(body[:n]))
                equal(sum(taken), n)
                lines, got, end = decode(sink.data)
                equal(got, body[:n])
                equal(end, True if b"Transfer-Encoding: chunked" in lines else None)
                equal(lines[1].startswith(b"Content-Length"), n <= 50)
                sink.data = b""


def test_readfrom_takes_no_more_than_its_limit_and_the_length():
    source = io.BytesIO(b"abcdefgh" * 100)
    w = httpparse.Response(256)
    sink = Sink()
    w.begin(200, 11, True, False)
    equal(w.readfrom(sink, source, 3), 3)
    equal(w.readfrom(sink, source, 0), 0)
    equal(w.finish(sink), True)
    assert sink.data.endswith(b"\r\n\r\nabc")
    w.begin(200, 11, True, False)
    w.header("Content-Length", 500)
    sink = Sink()
    equal(sum(pump(w, sink, source)), 500)
    equal((w.keep_alive, w.body_bytes), (True, 500))
    equal(len(decode(sink.data)[1]), 500)


def test_readfrom_for_head():
    w = httpparse.Response(256)
    w.begin(200, 11, True, True)
    sink = Sink()
    equal(sum(pump(w, sink, io.BytesIO(b"x" * 999))), 999)
    equal(sink.data, b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")


def test_readfrom_where_either_side_would_block():
    w = httpparse.Response(256)
    w.begin(200, 11, True, False)
    sink = Sink()
    equal(w.readfrom(sink, Drip(b"abc", 3)), None)
    full = Full(0)
    source = io.BytesIO(b"x" * 1000)
    taken = 0
    while True:
        n = w.readfrom(full, source)
        if n is None:
            break
        taken += n
    equal(w.readfrom(full, source), None)
    equal(source.tell(), taken)
    pump(w, sink, source)
    equal(decode(sink.data)[1:], (b"x" * 1000, True))


def test_resize():
    body = bytes(range(256)) * 20
    for fields in ((), (("Content-Length", len(body)),)):
        for sink in (Sink(), Sink(900, True)):
            w = httpparse.Response(256)
            equal(w.resize(256), False)  # no larger than its own
            equal(w.resize(-1), False)
            equal(w.resize(1 << 20), False)
            equal(w.resize(0), True)
            w.begin(200, 11, True, False)
            for field in fields:
                w.header(*field)
            equal(w.resize(1024), True)
            equal(w.resize(2048), False)  # once is enough
            # Five reads of 1024. Where the length is known the head goes first; else head and
            # framing need room, too.
            taken = pump(w, sink, io.BytesIO(body))
            equal((len(taken), sum(taken)), (5 if fields else 6, len(body)))
            equal(w.resize(0), True)
            _, got, end = decode(sink.data)
            equal((got, end, w.keep_alive), (body, None if fields else True, True))
            # The next response has the small one.
            w.begin(200, 11, True, False)
            sink = Sink()
            assert len(pump(w, sink, io.BytesIO(body))) > 20
            equal(decode(sink.data)[1], body)


def test_resize_with_a_head_in_the_buffer_and_back_with_a_body():
    w = httpparse.Response(256)
    sink = Sink()
    w.begin(200, 11, True, False)
    equal(w.write(sink, "one "), None)
    equal(w.resize(2048), True)
    equal(w.write(sink, b"two "), None)
    equal(w.resize(0), True)
    equal(w.write(sink, b"three"), None)
    equal((w.finish(sink), w.keep_alive), (True, True))
    equal(sink.data, b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\none two three")


def test_resize_back_while_bytes_wait():
    """They are lost, and nothing may follow them on the connection."""
    for fields in ((), (("Content-Length", 9999),)):
        w = httpparse.Response(256)
        w.begin(200, 11, True, False)
        for field in fields:
            w.header(*field)
        equal(w.resize(2048), True)
        full = Full(700)
        source = io.BytesIO(b"x" * 9999)
        while w.readfrom(full, source) is not None:
            pass
        equal(w.resize(0), True)
        rest = Sink()
        equal((w.finish(rest), w.keep_alive), (True, False))
        equal(rest.data, b"")
        # Before a byte has left, there can be another response.
        w.reset()
        w.begin(200, 11, True, False)
        equal(w.resize(2048), True)
        w.readfrom(Full(0), io.BytesIO(b"x" * 9999))
        equal((w.resize(0), w.sent), (False, False))
        w.reset()
        w.begin(408, 11, True, False)
        send(w, rest, b"late")
        assert rest.data.endswith(b"\r\n\r\nlate"), rest.data


def test_resize_while_an_interim_response_waits():
    w = httpparse.Response(256)
    equal(w.interim(Full(5)), None)
    w.begin(200, 11, True, False)
    equal(w.resize(2048), True)
    sink = Sink()
    send(w, sink, b"body")
    equal(w.resize(0), True)
    equal(
        sink.data,
        b"1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    )


def test_interim():
    for sink in (Sink(), Sink(7, True)):
        w = httpparse.Response(160)
        while w.interim(sink) is None:
            equal(w.sent, False)
        equal(sink.data, b"HTTP/1.1 100 Continue\r\n\r\n")
        equal(w.started, False)
        w.begin(511, 11, True, False)
        # It is too late for another one
        equal(w.interim(sink), True)
        send(w, sink, b"x")
        assert sink.data.endswith(
            b"Continue\r\n\r\nHTTP/1.1 511 Network Authentication Required\r\n"
            b"Content-Length: 1\r\n\r\nx"
        )
        sink.data = b""
        while w.interim(sink, 103) is None:
            pass
        equal(sink.data, b"HTTP/1.1 103 Early Hints\r\n\r\n")
    raises(ValueError, w.interim, sink, 200)
    raises(ValueError, w.interim, sink, 99)


def test_an_interim_response_that_is_stuck_is_not_lost():
    for cut in range(25):
        w = httpparse.Response(160)
        sink = Full(cut)
        equal(w.interim(sink, 100), None)
        w.begin(200, 11, True, False)
        equal(w.finish(sink), None)
        # The next request's has to wait for all of this
        equal(w.interim(sink), None)
        sink.left = 1000
        equal(w.interim(sink), True)
        equal(
            sink.data,
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            b"HTTP/1.1 100 Continue\r\n\r\n",
        )


def test_the_rest_of_a_write_may_be_longer():
    """Each piece that was announced is sent as long as it was, and what is new in another one."""
    w = httpparse.Response(160)
    sink = Full(500)
    w.begin(200, 11, True, False)
    at = w.write(sink, b"x" * 1000)
    assert 0 < at < 1000
    equal(w.flush(sink), True)  # no more is in the buffer
    sink.left = 10000
    equal(w.write(sink, b"x" * 1000 + b"y" * 500, at), None)
    equal(w.finish(sink), True)
    equal(decode(sink.data)[1:], (b"x" * 1000 + b"y" * 500, True))


def test_a_stream_that_takes_nothing_blocks():
    class Nothing(Sink):
        def write(self, buf):
            return 0 if len(buf) > 200 else super().write(buf)

    w = httpparse.Response(160)
    sink = Nothing()
    w.begin(200, 11, True, False)
    w.header("Content-Length", 1000)
    at = w.write(sink, b"x" * 1000)
    assert at < 200, at
    equal(w.write(sink, b"x" * 1000, at), at)


def test_going_back_to_the_own_buffer():
    """What does not fit there of a response that is under way is lost."""
    w = httpparse.Response(160)
    sink = Sink()
    w.begin(200, 11, True, False)
    equal(w.resize(2048), True)
    w.write(sink, b"x" * 100)
    equal(w.flush(sink), True)
    w.write(sink, b"y" * 1000)  # stays in the buffer
    equal(w.resize(0), True)
    w.finish(sink)
    assert sink.data.count(b"x") == 100 and b"y" not in sink.data


def test_a_file_that_is_memory():
    """Whatever the length of the head, and wherever its words begin."""
    import vfs

    def entry(kind, data):
        # A record of ROMFS: its kind, its size, and what is in it; both numbers in base 128.
        n = len(data)
        size = bytes([0x80 | n >> 7, n & 0x7F]) if n > 0x7F else bytes([n])
        return bytes([kind]) + size + data

    def varint(n):
        return bytes([0x80 | n >> 7, n & 0x7F]) if n > 0x7F else bytes([n])

    body = bytes(range(65, 91)) * 20
    for pad in range(4):
        name = b"a" * (1 + pad)
        inner = varint(len(name)) + name + entry(2, body)
        image = b"\xd2\xcd\x31" + varint(len(entry(5, inner))) + entry(5, inner)
        disk = vfs.VfsRom(image)
        for filler in range(100, 200):
            w = httpparse.Response(256)
            sink = io.BytesIO()
            file = disk.open("/" + name.decode(), "rb")
            w.begin(200, 11, True, False)
            w.header("Content-Length", len(body))
            try:
                w.header("X", "f" * filler)
            except ValueError:
                break  # larger than the buffer
            left = len(body)
            while left:
                n = w.readfrom(sink, file, left) if filler % 2 else w.readfrom(sink, file)
                left -= n
            equal(w.readfrom(sink, file), 0)
            equal(w.finish(sink), True)
            equal(sink.getvalue().split(b"\r\n\r\n")[1], body)


def test_reset():
    w = httpparse.Response()
    w.begin(404, 11, True, False)
    w.reset()
    equal((w.started, w.sent, w.keep_alive, w.body_bytes, w.status), (False, False, False, 0, 0))
    raises(ValueError, w.header, "A", "b")


run(globals())
