# SPDX-License-Identifier: MIT
"""No value that Python can make ends the program or reaches memory that is not the object's."""

import textwrap

import pytest

STREAMS = """
import io

class Stream(io.IOBase):
    # A stream written in Python that calls back whenever it is used.
    def __init__(self, data=b"", callback=None):
        self.data, self.callback = data, callback
        self.errors = []
    def _call(self):
        if self.callback is not None:
            try:
                self.callback()
            except Exception as exc:
                self.errors.append(type(exc).__name__)
    def readinto(self, buf):
        self._call()
        n = min(len(buf), len(self.data))
        buf[:n] = self.data[:n]
        self.data = self.data[n:]
        return n or None
    def write(self, buf):
        self._call()
        return len(buf)
    def ioctl(self, request, arg):
        return 0
"""

RESPONSE = """
import _tinyweb, httpparse, tinyweb
parser = httpparse.Request(512)
writer = httpparse.Response(512)

class Server:
    buffer_size = 512
    handler_timeout = _date = None
    _date_due = 0
    def _new_date(self):
        pass
slot = tinyweb.connection.new_slot(Server())
response = slot.response
"""


def answer(run_mpy, code, bits, setup=RESPONSE, **options):
    """What `print` shows of the program, which has to end by itself."""
    return run_mpy(setup + textwrap.dedent(code), bits=bits, **options).stdout.split("\n")[:-1]


bits = pytest.mark.parametrize("bits", [64, 32])


@bits
@pytest.mark.parametrize("value", ["None", "5", '"text"', "(1, 2)", "[1, 2]", "object()"])
def test_headers_are_a_dict(run_mpy, bits, value):
    lines = answer(
        run_mpy,
        f"""
        try:
            response.headers = {value}
        except TypeError as exc:
            print(exc)
        response._start()
        print(slot.writer.started, len(response.headers))
        """,
        bits,
    )
    assert lines[0].startswith("headers are a dict, not ")
    assert lines[1] == "True 0"


@bits
def test_headers_of_a_derived_class_are_sent(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        class Fields(dict):
            pass
        response.headers = Fields()
        response.headers["X-One"] = "1"
        response.add_header("X-Two", "2")
        response._start()
        sent = []
        class Sink(Stream):
            def write(self, buf):
                sent.append(bytes(buf))
                return len(buf)
        slot.writer.finish(Sink())
        head = b"".join(sent)
        print(b"X-One: 1\\r\\n" in head, b"X-Two: 2\\r\\n" in head)
        """,
        bits,
        STREAMS + RESPONSE,
    )
    assert lines == ["True True"]


@bits
@pytest.mark.parametrize(
    "statement",
    [
        "response._writer = None",
        "response._request = None",
        "response._slot = None",
        "slot.request._parser = None",
        "slot.request._slot = None",
        "slot.parser = slot.writer = None",
        "slot.response = None",
        "slot.server = 5",
        "slot.state = 'idle'",
        "slot.deadline = 5",
        "del response._writer",
    ],
)
def test_what_c_relies_on_cannot_be_changed(run_mpy, bits, statement):
    lines = answer(
        run_mpy,
        f"""
        try:
            {statement}
        except AttributeError as exc:
            print(exc)
        response.send("x")
        print(slot.writer.body_bytes)
        """,
        bits,
    )
    assert lines[0].endswith("cannot be changed")
    assert lines[1] == "1"


@bits
@pytest.mark.parametrize(
    "call",
    [
        '_tinyweb.response(1, 2, 3).send("x")',
        "_tinyweb.response(slot, parser, slot.request)",
        "_tinyweb.response(slot, writer, writer)",
        "_tinyweb.request(slot, writer)._take()",
        "_tinyweb.feed(parser)",
        "_tinyweb.route_request(parser)",
        "_tinyweb.begin(writer)",
        "slot.begin()",
        "_tinyweb.finish(parser)",
        "_tinyweb.wait_for_next(parser)",
        "_tinyweb.free_slot([parser])",
        "_tinyweb.slot(tinyweb.connection.Slot, 5, 5, Server())",
        "_tinyweb.forget(parser)",
        "_tinyweb.stall(writer, 0)",
        "_tinyweb.move(parser, 'idle', 5)",
        "slot.enter(5, None)",
        "slot.within('5')",
        "_tinyweb.open_slot(parser, None, None)",
        "_tinyweb.route((1,))",
    ],
)
def test_constructors_check_what_they_get(run_mpy, bits, call):
    lines = answer(
        run_mpy,
        f"""
        try:
            {call}
        except TypeError as exc:
            print("TypeError", exc)
        """,
        bits,
    )
    assert lines[0].startswith("TypeError ") and len(lines[0]) > len("TypeError ")


@bits
def test_resize_to_its_own_buffer_leaves_room_for_the_framing(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        behind = bytearray(4096)
        w = httpparse.Response(160)
        guard = bytearray(b"g" * 4096)
        w.begin(200, 11, True, False)
        print(w.resize(1024))
        w.header("X-Fill", "f" * 100)
        print(w.resize(0))
        n = 0
        try:
            while True:
                w.header("X", "y" * 40)
                n += 1
        except ValueError as exc:
            print(n, exc)
        w.write(Stream(), b"body")
        w.finish(Stream())
        print(guard == b"g" * 4096, behind == bytes(4096))
        """,
        bits,
        STREAMS + RESPONSE,
    )
    # The head does not fit its own buffer with what follows, so the larger one stays.
    assert lines == ["True", "False", f"{lines[2].split()[0]} headers too large", "True True"]
    assert int(lines[2].split()[0]) > 5


@bits
def test_reset_takes_the_own_buffer_back(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        w = httpparse.Response(160)
        w.begin(200, 11, True, False)
        w.resize(1024)
        w.header("X-Fill", "f" * 200)
        print(w.resize(0))
        w.reset()
        w.begin(200, 11, True, False)
        try:
            w.header("X-Fill", "f" * 200)
        except ValueError as exc:
            print(exc)
        """,
        bits,
    )
    assert lines == ["False", "headers too large"]


@bits
def test_keep_comes_before_the_fields(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        stream = Stream(b"GET / HTTP/1.1\\r\\nHost: h\\r\\nX-One: 1\\r\\n\\r\\n")
        print(parser.feed(stream) == httpparse.REQUEST_LINE)
        parser.keep(["X-One"])
        print(parser.feed(stream) == httpparse.HEAD)
        for names in (True, None, ("X-One",)):
            try:
                parser.keep(names)
            except ValueError as exc:
                print(exc)
        print(parser.headers())
        """,
        bits,
        STREAMS + RESPONSE,
    )
    assert lines == ["True", "True"] + ["keep() comes before the fields"] * 3 + ["{'X-One': b'1'}"]


@bits
def test_names_that_change_after_keep(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        stream = Stream(b"GET / HTTP/1.1\\r\\nHost: h\\r\\nX-One: 1\\r\\n\\r\\n")
        parser.feed(stream)
        names = ["X-One", "X-Two"]
        parser.keep(names)
        names[0] = 5
        names.pop()
        print(parser.feed(stream) == httpparse.HEAD, parser.headers())
        """,
        bits,
        STREAMS + RESPONSE,
    )
    assert lines == ["True {'X-One': b'1'}"]


@bits
def test_streams_that_call_back(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        head = b"POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 100\\r\\n\\r\\n"
        stream = Stream(head)
        calls = [
            lambda: parser.feed(stream), lambda: parser.reset(), lambda: parser.keep(None),
            lambda: parser.next(), lambda: parser.drain(stream, 5),
            lambda: parser.readinto(stream, bytearray(5)),
        ]
        def back():
            for call in calls:
                try:
                    call()
                    print("no error")
                except RuntimeError as exc:
                    text.add(str(exc))
        text = set()
        stream.callback = back
        while parser.feed(stream) != httpparse.HEAD:
            pass
        stream.data = b"x" * 100
        print(parser.readinto(stream, bytearray(200)), parser.remaining, text)

        w = writer
        w.begin(200, 11, True, False)
        calls = [
            lambda: w.reset(), lambda: w.begin(200, 11, True, False), lambda: w.header("A", "b"),
            lambda: w.write(stream, b"x"), lambda: w.flush(stream), lambda: w.finish(stream),
            lambda: w.interim(stream), lambda: w.resize(2048), lambda: w.resize(0),
            lambda: w.readfrom(stream, stream),
        ]
        text = set()
        print(w.write(stream, b"x" * 5000), w.finish(stream), w.body_bytes, text)

        from _tinyweb import frames
        f = frames(1000)
        calls = [lambda: f.read(stream), lambda: f.write(stream, 0x81, b"x")]
        text = set()
        stream.data = b"\\x82\\x85\\x00\\x00\\x00\\x00hello"
        print(f.read(stream), f.write(stream, 0x81, b"hello"), text)
        """,
        bits,
        STREAMS + RESPONSE,
    )
    text = "{'a stream must not call back into what reads or writes it'}"
    assert lines == [f"100 0 {text}", f"None True 5000 {text}", f"b'hello' None {text}"]


@bits
def test_buffers_that_shrink_meanwhile(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        data = bytearray(4096)
        def shrink():
            global data
            data[:] = b""
            for i in range(20):
                other.append(bytearray(b"o" * 500))
        other = []
        stream = Stream(callback=shrink)
        writer.begin(200, 11, True, False)
        try:
            writer.write(stream, data)
        except ValueError as exc:
            print(exc)

        from _tinyweb import frames
        f = frames(1000)
        data = bytearray(4096)
        try:
            f.write(stream, 0x82, data)
        except ValueError as exc:
            print(exc)
        data = bytearray(64)
        stream.data = b"\\x82\\x85\\x00\\x00\\x00\\x00hello"
        try:
            f.read(stream, data)
        except ValueError as exc:
            print(exc)

        data = bytearray(64)
        stream = Stream(b"POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 100\\r\\n\\r\\n")
        while parser.feed(stream) != httpparse.HEAD:
            pass
        stream.data = b"x" * 100
        stream.callback = shrink
        try:
            print(parser.readinto(stream, data))
        except ValueError as exc:
            print(exc)
        print(all(o == b"o" * 500 for o in other))
        """,
        bits,
        STREAMS + RESPONSE,
    )
    assert lines == [
        "data became shorter while it was sent",
        "data became shorter while it was sent",
        "the buffer became shorter",
        "empty buffer",
        "True",
    ]


@bits
def test_paths_of_megabytes_are_no_files(run_mpy, bits):
    lines = answer(
        run_mpy,
        """
        from tinyweb.static import Site

        # With the name, and room for an ending: megabytes, 512 bytes, and one more.
        for size in 9_000_000, 506, 507:
            try:
                Site("x" * size)(slot.request, response, "a")
            except tinyweb.HTTPException as exc:
                print(exc.code)
        """,
        bits,
        heap="64m",
    )
    assert lines == ["404", "404", "404"]
