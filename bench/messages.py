# SPDX-License-Identifier: MIT
"""The requests that are sent, and a client that checks every answer."""

import socket

from bench import FOLDER

# One of the sizes, and how the connection ends: the keys of all results.
SHAPES = ("small", "browser")
CLOSE, KEEP_ALIVE = "close", "keep-alive"

# What Chromium sends to a page on 127.0.0.1, with a cookie that makes it BROWSER_SIZE.
BROWSER_SIZE = 700
BROWSER_FIELDS = """\
Cache-Control: max-age=0
sec-ch-ua: "Chromium";v="141", "Not?A_Brand";v="8"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/141.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,\
image/apng,*/*;q=0.8
Sec-Fetch-Site: none
Sec-Fetch-Mode: navigate
Sec-Fetch-User: ?1
Sec-Fetch-Dest: document
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-GB,en;q=0.9
"""


def request(shape, mode):
    """The bytes of a GET: `shape` small or browser, `mode` close (HTTP/1.0) or keep-alive (1.1).

    A browser speaks HTTP/1.1 only, so its close form is HTTP/1.1 with Connection: close;
    both of its forms have BROWSER_SIZE bytes.
    """
    if shape == "small":
        version = "1.1" if mode == KEEP_ALIVE else "1.0"
        return f"GET / HTTP/{version}\r\nHost: 127.0.0.1\r\n\r\n".encode()
    head = f"GET / HTTP/1.1\nHost: 127.0.0.1:8081\nConnection: {mode}\n{BROWSER_FIELDS}"
    head = (head + "Cookie: session=").replace("\n", "\r\n").encode()
    room = BROWSER_SIZE - 4 - len(head)
    return head + (b"0123456789abcdef" * (room // 16 + 1))[:room] + b"\r\n\r\n"


def page():
    """The body that every server answers with."""
    scope = {}
    exec((FOLDER / "apps" / "page.py").read_text(encoding="utf-8"), scope)
    return scope["PAGE"].encode()


TEXT = "Hello, board!"
FORM = b"text=Hello%2C+board%21&led=on"
FILE = (page() * 64)[:4096]


def board_requests():
    """{name: (request, body of the answer)} on the emulated board."""
    browser = request("browser", CLOSE)
    head = b"POST /form" + browser.removeprefix(b"GET /").removesuffix(b"\r\n")
    head += b"Content-Type: application/x-www-form-urlencoded\r\n"
    form = head + b"Content-Length: %d\r\n\r\n" % len(FORM) + FORM
    return {
        "hello world, small request": (request("small", CLOSE), page()),
        "hello world": (browser, page()),
        "form": (form, TEXT.encode()),
        "file of 4096 bytes": (browser.replace(b"GET /", b"GET /file", 1), FILE),
    }


class WrongAnswer(Exception):
    """The server's answer was cut short, was not 200, or had another body."""


class Client:
    """Sends one prepared request again and again and checks each answer.

    keep_alive: whether the connection is used again. timeout: seconds for one answer.
    expected: (status, body) of every answer, bytes; by default 200 and the page.
    """

    def __init__(self, host, port, message, keep_alive=False, timeout=30, expected=None):
        self._address = (host, port)
        self._message = message
        self._keep_alive = keep_alive
        self._timeout = timeout
        self._stream = None
        self._status, self._body = expected or (b"200", page())

    def send(self):
        """Sends the request, after connecting where that is needed."""
        if self._stream is None:
            self._stream = socket.create_connection(self._address, self._timeout)
            self._stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream.sendall(self._message)

    def receive(self):
        """Reads the answer; raises WrongAnswer or OSError."""
        received = b""
        while not self._complete(received):
            data = self._stream.recv(65536)
            if not data:
                break
            received += data
        if not self._keep_alive:
            while self._stream.recv(65536):
                pass
            self.close()
        head, _, body = received.partition(b"\r\n\r\n")
        if head.split(b" ")[1:2] != [self._status] or body != self._body:
            raise WrongAnswer(repr(received))

    def _complete(self, received):
        head, separator, body = received.partition(b"\r\n\r\n")
        length = 0 if self._status == b"304" else None
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return bool(separator) and length is not None and len(body) >= length

    def close(self):
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def drive(host, port, message, count, keep_alive=False, at_once=1, timeout=30, expected=None):
    """Has `count` requests answered, `at_once` at a time; raises WrongAnswer or OSError."""
    clients = [Client(host, port, message, keep_alive, timeout, expected) for _ in range(at_once)]
    try:
        for start in range(0, count, at_once):
            wave = clients[: count - start]
            for client in wave:
                client.send()
            for client in wave:
                client.receive()
    finally:
        for client in clients:
            client.close()
