# SPDX-License-Identifier: MIT
"""What a request costs on the emulated board, from frame to frame, by whose code it is.

A client on this computer asks, and QEMU writes down each instruction that the board executes
meanwhile. `make bench-board` runs it; see docs/benchmarks.md.
"""

import contextlib

from bench.emulated import TITLES, Board, Owners
from bench.messages import board_requests, page
from bench.report import number, table

SERVERS = {"tinyweb": "tinyweb", "python": "Python on the bare socket", "c": "C on lwIP's raw API"}
WARM_UP, ROUNDS, QUICK_ROUNDS = 2, 5, 12
KILOBYTE = (page() * 16)[:1024]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n"
CLIENTS = 3
EVENT = b'data: {"temperature": 21.5}\n\n'
MESSAGE = b"Is anybody there?"
# A text frame of a client, and that of the answer (RFC 6455 section 5.2)
MASK = b"mask"
ASKED = bytes([0x81, 0x80 | len(MESSAGE)]) + MASK
ASKED += bytes(c ^ MASK[i % 4] for i, c in enumerate(MESSAGE))
ANSWERED = bytes([0x81, len(MESSAGE)]) + MESSAGE


def received(sock, n=None):
    """n bytes, or all up to the end."""
    data = b""
    while n is None or len(data) < n:
        piece = sock.recv(4096)
        if not piece:
            break
        data += piece
    return data


def nothing():
    """What most kinds do before the request."""


def until(sock, text):
    """Reads up to the end of `text`."""
    data = b""
    while not data.endswith(text):
        piece = sock.recv(1)
        if not piece:
            raise RuntimeError(f"{data!r} and then the end, instead of {text!r}")
        data += piece


class Page:
    """A request on a connection of its own."""

    def __init__(self, request, body):
        self._request = request
        self._body = body
        self.answer = HEAD % len(body) + b"Connection: close\r\n\r\n" + body

    def call(self, server):
        return f"{server}({len(self._request)}, {self.answer!r}, False)"

    @contextlib.contextmanager
    def open(self, board, server):
        """What to do before the request, and the request, again and again."""

        def act():
            with board.connect() as sock:
                sock.sendall(self._request)
                data = received(sock)
                if not data.endswith(self._body):
                    raise RuntimeError(f"wrong answer: {data!r}")

        yield nothing, act


class Message:
    """A message on a WebSocket, and the echo. Those that are the least know no handshake."""

    def call(self, server):
        return f"{server}({len(ASKED)}, {ANSWERED!r}, True)"

    @contextlib.contextmanager
    def open(self, board, server):
        with board.connect() as sock:
            if server == "tinyweb":
                sock.sendall(
                    b"GET /echo HTTP/1.1\r\nHost: board\r\nConnection: Upgrade\r\n"
                    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
                until(sock, b"\r\n\r\n")

            def act():
                sock.sendall(ASKED)
                until(sock, ANSWERED)

            yield nothing, act


class Event:
    """An event to some clients."""

    def call(self, server):
        return f"{server}_events({EVENT!r})"

    @contextlib.contextmanager
    def open(self, board, server):
        with contextlib.ExitStack() as stack:
            socks = []
            for _ in range(CLIENTS):
                sock = stack.enter_context(board.connect())
                if server == "tinyweb":
                    sock.sendall(b"GET /events HTTP/1.1\r\nHost: board\r\n\r\n")
                    until(sock, b"\r\n\r\n")
                socks.append(sock)

            def act():
                for sock in socks:
                    until(sock, EVENT)

            def before():
                # What has come does not count. After a fresh event there is time until the next.
                for sock in socks:
                    sock.setblocking(False)
                    with contextlib.suppress(BlockingIOError):
                        while sock.recv(4096):
                            pass
                    sock.settimeout(60)
                act()

            # All clients are there when one of the last has got something.
            act()
            yield before, act


def kinds():
    """{title: kind of request}"""
    known = board_requests()
    hello, body = known["hello world"]
    form, text = known["form"]
    file = hello.replace(b"GET /", b"GET /static/kilobyte.html", 1)
    return {
        "hello world": Page(hello, body),
        "file of 1 KB": Page(file, KILOBYTE),
        "form": Page(form, text),
        "WebSocket echo": Message(),
        "event to three clients": Event(),
    }


def measure(quick, say):
    """{"frames": {kind: {server: {owner: instructions}}}} of the round that takes least.

    That is one without a collection of memory. quick: one kind, and this project's server alone.
    """
    results = {}
    wanted = {"hello world": ["tinyweb"]} if quick else dict.fromkeys(kinds(), list(SERVERS))
    with Board({"kilobyte.html": KILOBYTE}) as board:
        owners = Owners(board.image)
        for title, servers in wanted.items():
            kind = kinds()[title]
            for server in servers:
                say(f"{title}, {SERVERS[server]}, from frame to frame")
                board.run("tinyweb()" if server == "tinyweb" else kind.call(server))
                counts = []
                with kind.open(board, server) as (before, act):
                    for turn in range(WARM_UP + (QUICK_ROUNDS if quick else ROUNDS)):
                        before()
                        if turn < WARM_UP:
                            act()
                        else:
                            counts.append(owners.count(board.trace(act)))
                results.setdefault(title, {})[server] = min(counts, key=lambda c: c.total())
    return {"frames": results}


def text(results):
    """The report for people."""
    rows = [
        [f"{title}, {SERVERS[server]}", number(sum(found.values()))]
        + [number(found[owner]) for owner in TITLES]
        for title, by_server in results["frames"].items()
        for server, found in by_server.items()
    ]
    return "\n".join(table(["instructions from frame to frame", "all", *TITLES], rows)) + "\n"
