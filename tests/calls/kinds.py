# SPDX-License-Identifier: MIT
# The objects that random calls are made with: what a function expects, and what it does not.
import asyncio
import io
import socket

import _tinyweb
import httpparse
import tinyweb
from _tinyweb import aio
from odd import (
    Evil,
    OddBytes,
    OddDict,
    OddError,
    OddList,
    OddParser,
    OddStr,
    OddTuple,
    OddWriter,
    Server,
    Stream,
    converter,
    coroutine,
    error,
    generator,
    handler,
    mood_of,
)
from tinyweb import connection
from tinyweb.request import request
from tinyweb.response import response
from tinyweb.static import Site
from words import (
    BYTES,
    FLOATS,
    FRAMES,
    HEADS,
    INTS,
    NAMES,
    PARTS,
    PATHS,
    STATES,
    below,
    one,
)

# What calls have returned; and of each kind below the objects of before.
POOL = [None] * 48
KEPT = {}


def cut(data):
    # Somewhere it is cut, or a byte of it is another one.
    how = below(8)
    if how == 0:
        return data[: below(len(data) + 1)]
    if how == 1:
        changed = bytearray(data)
        changed[below(len(changed))] = below(256)
        return changed
    return data


def wire():
    # What a client sends.
    data = cut(one(one((HEADS, HEADS, HEADS, FRAMES, PARTS))))
    if below(2):
        data = bytes(data) + bytes(one(HEADS if below(2) else FRAMES))
    return data


def integer():
    return one(INTS) if below(3) else below(2000) - 100


def small():
    return below(1000) if below(8) else integer()


def size():
    return one((64, 65, 160, 161, 256, 300, 512, 1024, 2048)) if below(6) else integer()


def ms():
    return below(3) if below(8) else integer()


def status():
    return one((100, 101, 200, 204, 206, 304, 400, 404, 500, 599)) if below(6) else integer()


def text():
    return one(("", "a", "text", "\xe4\u20ac", "<b>&\"'", "x" * 700, "line\nline", "\0"))


def data():
    how = below(8)
    if how < 3:
        return one(BYTES)
    if how == 3:
        return bytearray(one(BYTES))
    if how == 4:
        return memoryview(bytearray(one(BYTES)))[below(3) :]
    if how == 5:
        return text()
    if how == 6:
        return wire()
    return kept("buffer")


def buffer():
    return bytearray(one((0, 1, 5, 64, 300, 2000)))


def names():
    how = below(6)
    if how == 0:
        return one((None, True))
    some = [one(NAMES) for _ in range(below(5))]
    if how == 1:
        some.append(anything())
    return some if how == 2 else tuple(some)


def stream():
    how = below(8)
    if how < 4:
        return Stream(wire())
    if how < 6:
        return io.BytesIO(bytes(wire()))
    return one(SOCKETS)


def server():
    if below(2):
        return Server()
    return APP


def slot():
    try:
        made = connection.new_slot(kept("server"))
    except (ValueError, TypeError, OverflowError):
        made = connection.new_slot(APP)
    made.sock = stream()
    return made


def some_class():
    return one((connection.Slot, request, response)) if below(4) else one(CLASSES)


CLASSES = (
    connection.Slot,
    request,
    response,
    int,
    dict,
    type,
    object,
    Evil,
    OddStr,
    bool,
    type(None),
    Stream,
)
CLASSES += (
    type(iter([])),
    type(_tinyweb.DONE),
    httpparse.Request,
    _tinyweb.frames,
    tinyweb.HTTPException,
)
METHODS = ((b"GET",), (b"GET", b"POST"), (b"PUT",), (), [b"GET"])


def route():
    members = {
        "handler": handler,
        "methods": mood_of(one(METHODS)),
        "max_body_size": mood_of(100),
        "cors_origins": mood_of("*"),
        "cors_headers": "*",
        "cors_methods": mood_of("GET"),
    }
    if below(2):
        members["next"] = mood_of(kept("route") if below(2) else None)
        members["keep"] = names()
        members["aliases"] = mood_of(one((None, ((b"Host", b"host"),), [(b"X-One", "one")])))
        members["hooks"] = mood_of(None)
    try:
        return _tinyweb.route(None, **members)
    except TypeError:
        return _tinyweb.route(None, handler=handler, methods=(b"GET",), max_body_size=100)


def node():
    expression = one(
        ((0, 5), (0, "<a>"), (1, "a"), (1, "b", "c"), (2, 1), (), (0,), (1,), [1, "a"])
    )
    return one(
        ((1, 2, expression, ()), [1, 2, expression, None], (1, 2, expression, (1,)), (1, 2, 3))
    )


def values():
    return mood_of({"a": mood_of("<1>"), "b": mood_of({"c": anything()})})


def a_time():
    return (2024, below(14), below(40), 1, 2, 3, below(9), 1)[: 8 if below(4) else below(8)]


def a_dict():
    return mood_of(
        one(({}, {"a": 1, "X-One": "1"}, {"Content-Type": b"text/html", "Set-Cookie": ["a", "b"]}))
    )


def odd_dict():
    made = OddDict()
    made["X-One"] = anything()
    return made


def segments():
    made = [
        mood_of(one((b"", b"item", b"a%20b", None, converter, int, tinyweb.router.PATH)))
        for _ in range(below(5))
    ]
    return tuple(made) if below(2) else made


def a_function():
    return one(
        (
            handler,
            converter,
            lambda a, b=1, *c: a,
            Evil,
            Evil(),
            stream,
            below,
            Stream.write,
            generator,
            len,
        )
    )


def a_method():
    return one(
        (kept("slot").waits, "x".join, Stream(b"").write, Evil().__call__, kept("parser").feed)
    )


def a_site():
    how = below(4)
    if how == 0:
        return Site({"a.txt": b"text", "b": (b"b", '"1"')}, cache=mood_of(5))
    if how == 1:
        site = Site("www")
        setattr(site, one(("root", "get", "index", "cache")), anything())
        return site
    return Site("www", cache=mood_of(one((0, 60, {"": 5, ".txt": 1}, converter))))


def json():
    return mood_of(one(({}, [1, "a"], {"a": [None, 1.5, {"b": "\xe4"}]}, (), "text", b"bytes", 5)))


def parser():
    return httpparse.Request(
        one((64, 100, 512, 1024)), max_head=one((16384, 300)), max_fields=one((100, 3))
    )


def writer():
    return httpparse.Response(one((160, 200, 512, 1024)))


def multipart():
    return httpparse.Multipart(
        "multipart/form-data; boundary=b", one((256, 300, 512)), max_parts=one((32, 1))
    )


def urlencoded():
    return httpparse.Urlencoded(
        one((16, 64, 256)), max_pairs=one((100, 2)), slices=one((True, False))
    )


def frames():
    return _tinyweb.frames(one((0, 4, 125, 1000, 100000)))


def queue():
    return asyncio.core._io_queue


def a_result():
    # What a form is that has come with its head: a coroutine that has finished.
    made = connection.new_slot(APP)
    made.sock = io.BytesIO(HEADS[4])
    made._feed()
    made._route()
    made._feed()
    made.begin()
    made.request._expect(100)
    return _tinyweb.small_form(made.request)


def task():
    return kept("slot").task if below(2) else one(TASKS)


def a_wait():
    how = below(4)
    if how == 0:
        return aio.readable(kept("stream"))
    if how == 1:
        return aio.writable(kept("stream"))
    return one((aio.pass_on, aio.park))()


def weird():
    how = below(12)
    if how < 3:
        return one(INTS)
    if how == 3:
        return one(FLOATS)
    if how == 4:
        return one((None, True, False, ..., (), [], {}, "", b""))
    if how == 5:
        return one(
            (
                OddTuple((1, 2)),
                OddStr("odd"),
                OddBytes(b"odd"),
                OddList([1]),
                odd_dict(),
                OddError(404),
            )
        )
    if how == 6:
        return one(CLASSES)
    if how == 7:
        return one((OddParser, OddWriter))(512)
    if how < 10:
        return Evil()
    return one(POOL)


def anything():
    if below(3):
        return weird()
    return kept(one(ALL))


# How each kind is made anew.
KINDS = {
    "int": integer,
    "small": small,
    "size": size,
    "ms": ms,
    "status": status,
    "text": text,
    "data": data,
    "buffer": buffer,
    "names": names,
    "error": error,
    "generator": coroutine,
    "stream": stream,
    "server": server,
    "slot": slot,
    "slots": lambda: [kept("slot") for _ in range(below(3))],
    "class": some_class,
    "route": route,
    "node": node,
    "values": values,
    "dict": a_dict,
    "segments": segments,
    "function": a_function,
    "method": a_method,
    "site": a_site,
    "json": json,
    "parser": parser,
    "writer": writer,
    "multipart": multipart,
    "urlencoded": urlencoded,
    "frames": frames,
    "queue": queue,
    "task": task,
    "wait": a_wait,
    "weird": weird,
    "wire": wire,
    "request": lambda: kept("slot").request,
    "response": lambda: kept("slot").response,
    "parts": lambda: _tinyweb.parts(coroutine(), kept("slot")),
    "result": a_result,
    "done": lambda: _tinyweb.DONE,
    "exception": lambda: tinyweb.HTTPException(*[status()][: below(2)]),
    "fault": lambda: httpparse.Error(*[status(), "text"][: below(3)]),
    "name": lambda: one(NAMES),
    "path": lambda: one(PATHS),
    "state": lambda: one(STATES),
    "bytes": lambda: one(BYTES),
    "bool": lambda: one((True, False)),
    "none": lambda: None,
    "time": a_time,
    "asyncio": lambda: asyncio if below(4) else kept("fake"),
    "fake": lambda: Evil(),
    "limit": lambda: None if below(2) else below(1000),
    "version": lambda: one((10, 11)),
    "into": lambda: one((None, True, False)) if below(2) else bytearray(below(100)),
    "opcode": lambda: one((0x81, 0x82, 0x01, 0, 0x89, 0x88)),
    "hash": lambda: bytearray(8),
    "number": lambda: below(40),
    "peer": lambda: one((b"\x02\0\x1f\x90\x7f\0\0\1", ("127.0.0.1", 5), None)),
    "listener": lambda: Stream(b"") if below(2) else one((LISTENER, stream())),
}
if hasattr(_tinyweb, "transport"):
    KINDS["transport"] = lambda: _tinyweb.transport(stream())
ALL = tuple(KINDS)


def kind(name):
    return KINDS[name]()


def kept(name):
    # One of the last objects of a kind, or a new one.
    objects = KEPT.get(name)
    if objects is None:
        objects = KEPT[name] = []
    # What belongs to a request is soon of no use.
    if objects and (below(5) != 0 if name != "request" and name != "response" else below(4) == 0):
        return one(objects)
    made = KINDS[name]()
    if len(objects) < 4:
        objects.append(made)
    else:
        objects[below(4)] = made
    return made


LISTENER = socket.socket()
SOCKETS = []
TASKS = []


def prepare():
    # Sockets of all sorts, a server, and tasks.
    global APP
    closed = socket.socket()
    closed.close()
    LISTENER.bind(socket.getaddrinfo("127.0.0.1", 0)[0][-1])
    LISTENER.listen(5)
    address = LISTENER.getsockname() if hasattr(LISTENER, "getsockname") else None
    SOCKETS.append(closed)
    SOCKETS.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    LISTENER.setblocking(False)
    for each in SOCKETS[1:]:
        each.setblocking(False)
    if address is not None:
        client = socket.socket()
        client.connect(address)
        SOCKETS.append(client)
        SOCKETS.append(LISTENER.accept()[0])
    APP = tinyweb.webserver(buffer_size=512)
    APP.add_route("/", handler)
    APP.add_route("/item/<int:n>", handler, save_headers=("X-One", "Cookie"))
    APP.add_route("/rest", handler, methods=("POST", "PUT"))
    APP.static("/files", "www")
    APP.log_error = lambda *args: None

    async def ends():
        pass

    for _ in range(3):
        TASKS.append(asyncio.create_task(ends()))
