# SPDX-License-Identifier: MIT
"""Heap that each kind of request allocates, on the 32-bit simulator.

What is freed at once counts, too: it is what a request needs while it runs, and how soon the
collector runs.
"""

import dataclasses
import http.client
import socket

from bench.messages import CLOSE, KEEP_ALIVE, request
from bench.programs import APPS, Program, running
from tests.support import frames

PROGRAM = Program(
    "kinds",
    "tinyweb, kinds of requests",
    {CLOSE: "kinds_app.py", KEEP_ALIVE: "kinds_app.py"},
    "tinyweb",
)
FILE = "page.py"
NAMES = (
    "ssid password hostname address netmask gateway dns ntp zone language target night day from to"
    " hysteresis sensor relay offset user"
)
FORM = "&".join(f"{name}=value+{i}" for i, name in enumerate(NAMES.split())).encode()
MESSAGE = b"the target is 21.5 degrees"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A row of the table.

    budget: bytes. message: the function of a mode that makes the request, None for what has no
    request. expected: (status, a part of the body) of its answer.
    """

    title: str
    budget: int
    message: object = None
    expected: tuple = (b"200", b"")


def _get(path, fields=b""):
    def message(mode):
        text = request("browser", mode).replace(b"GET / ", b"GET " + path + b" ")
        return text[:-2] + fields + b"\r\n"

    return message


def _post(path, kind, body):
    def message(mode):
        head = request("browser", mode).replace(b"GET / ", b"POST " + path + b" ")
        fields = b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
        return head[:-2] + fields + body

    return message


CONTENT = (APPS / FILE).read_bytes()
PATH = b"/static/" + FILE.encode()
KINDS = (
    Kind("static file", 400, _get(PATH), (b"200", CONTENT)),
    Kind("static file, not modified", 300, _get(PATH, b"If-None-Match: *\r\n"), (b"304", b"")),
    Kind("page of a template", 2962, _get(b"/template"), (b"200", b"cellar: 12")),
    Kind("JSON resource", 244, _get(b"/state"), (b"200", b'"target": 20')),
    Kind(
        "form of 20 fields",
        1441,
        _post(b"/form", b"application/x-www-form-urlencoded", FORM),
        (b"200", b"20"),
    ),
)
SOCKET = Kind("WebSocket message", 218)
EVENT = Kind("event", 323)
# Of the server of bench/apps/kinds_app.py.
SLOTS = 4


class _Asker:
    """Sends requests on one connection, or each on its own."""

    def __init__(self, server):
        self._address = (server.host, server.port)
        self._sock = None

    def ask(self, message, times=1):
        """The status (bytes) and body of the last answer to `times` requests."""
        for _ in range(times):
            if self._sock is None:
                self._sock = socket.create_connection(self._address, 30)
            self._sock.sendall(message)
            answer = http.client.HTTPResponse(self._sock)
            answer.begin()
            body = answer.read()
            if answer.will_close:
                self.close()
        return b"%d" % answer.status, body

    def close(self):
        if self._sock is not None:
            self._sock.close()
            self._sock = None


def _each(server, act, count):
    # What act(2) allocates beyond act(1): the least of `count` times each, since now and then the
    # server does something else, such as a new date, or another wait where bytes come in pieces.
    def spent(times):
        before = _total(server)
        act(times)
        return _total(server) - before

    act(5)
    return min(spent(2) for _ in range(count)) - min(spent(1) for _ in range(count))


def _total(server):
    asker = _Asker(server)
    _, body = asker.ask(b"GET /total HTTP/1.0\r\nHost: x\r\n\r\n")
    return int(body)


def of_request(server, kind, mode, count):
    """Bytes that a request of `kind` allocates."""
    asker = _Asker(server)

    def act(times):
        status, body = asker.ask(kind.message(mode), times)
        if status != kind.expected[0] or kind.expected[1] not in body:
            raise RuntimeError(f"{kind.title}: {status} {body!r}")

    try:
        return _each(server, act, count)
    finally:
        asker.close()


def of_message(server, count):
    """Bytes that a message to a WebSocket and its echo allocate."""

    def act(times):
        for _ in range(times):
            peer.send(frames.TEXT, MESSAGE)
            peer.expect(frames.TEXT, MESSAGE)

    with frames.connect(server, "/socket") as peer:
        return _each(server, act, count)


def of_event(server, count):
    """Bytes that an event of a stream allocates, one of a dict with three numbers."""

    def act(times):
        message = b"GET /events?%d HTTP/1.1\r\nHost: x\r\n\r\n" % times
        _, body = _Asker(server).ask(message)
        if body.count(b"data: ") != times:
            raise RuntimeError(f"{times} events: {body!r}")

    return _each(server, act, count)


def _fill_slots(server):
    # Have all slots made, so that no request is charged with one.
    askers = [_Asker(server) for _ in range(SLOTS)]
    for asker in askers:
        asker.ask(b"GET /state HTTP/1.1\r\nHost: x\r\n\r\n")
    for asker in askers:
        asker.close()


def measure(simulator, count):
    """{title: {"budget": bytes, "bytes": {mode: bytes}}}.

    Messages and events have one mode, "open": their connection stays.
    """
    results = {}
    with running(simulator, PROGRAM, KEEP_ALIVE) as server:
        _fill_slots(server)
        for kind in KINDS:
            found = {mode: of_request(server, kind, mode, count) for mode in (CLOSE, KEEP_ALIVE)}
            results[kind.title] = {"budget": kind.budget, "bytes": found}
        for kind, measured in ((SOCKET, of_message), (EVENT, of_event)):
            results[kind.title] = {
                "budget": kind.budget,
                "bytes": {"open": measured(server, count)},
            }
    return results
