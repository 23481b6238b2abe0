# SPDX-License-Identifier: MIT
"""A client that drives an application without sockets: for tests, and at the REPL.

The application's own slot, parser and response writer serve it, over a stream in memory.
"""

import asyncio
import io
import json

from httpparse import quote

from micropython import const
from tinyweb import aio

_POLL = const(3)
_READ = const(1)
_WRITE = const(4)
_EPIPE = const(32)
_EINVAL = const(22)
_ECONNRESET = const(104)
# What the client takes of an answer before the server has to wait, in bytes: less than many an
# answer, so that tests see how handlers wait.
_WINDOW = const(256)
# How often it is looked whether a slot has become free, in ms.
_LOOK = const(10)
# As socket.accept() gives it.
_PEER = ("127.0.0.1", 0)


class _Connection(io.IOBase):
    # Both ends of a connection; the server has it in the place of a socket that does not block.

    closed = False  # by the server
    ended = False  # by the client

    def __init__(self):
        self.unread = []  # what the client has sent: memoryviews
        self.window = bytearray(_WINDOW)
        self.start = self.end = 0  # of what the server has sent, in `window`
        self.event = asyncio.Event()

    # The server's end: the methods of a stream

    def readinto(self, buf):
        if not self.unread:
            return 0 if self.ended else None
        data = self.unread[0]
        n = min(len(buf), len(data))
        memoryview(buf)[:n] = data[:n]
        if n < len(data):
            self.unread[0] = data[n:]
        else:
            self.unread.pop(0)
        return n

    def read(self, n):
        buf = bytearray(n)
        n = self.readinto(buf)
        return n if n is None else bytes(buf[:n])

    def write(self, buf):
        if self.ended:
            return -_EPIPE
        n = min(len(buf), _WINDOW - self.end)
        if n == 0:
            return None
        self.window[self.end : self.end + n] = memoryview(buf)[:n]
        self.end += n
        self.event.set()
        return n

    def ioctl(self, request, arg):
        if request == _POLL:
            ready = 0
            if self.ended or self.unread:
                ready = _READ
            if self.ended or self.end < _WINDOW:
                ready |= _WRITE
            return arg & ready
        return -_EINVAL

    def close(self):
        self.closed = True
        self.event.set()

    # The client's end

    async def wait(self):
        self.event.clear()
        await self.event.wait()

    async def gone(self):
        # The server has noticed the end, and the slot is free.
        while not self.closed:
            await self.wait()

    async def take(self, n):
        # At most `n` bytes, b"" at the end.
        while self.start == self.end:
            if self.closed:
                return b""
            await self.wait()
        end = min(self.end, self.start + n)
        data = bytes(memoryview(self.window)[self.start : end])
        self.start = end
        if end == self.end:
            self.start = self.end = 0
        return data

    async def line(self):
        # Without its end; None at the connection's.
        line = b""
        while not line.endswith(b"\r\n"):
            sent = bytes(memoryview(self.window)[self.start : self.end])
            data = await self.take(sent.find(b"\n") + 1 or len(sent) or 1)
            if not data:
                return None
            line += data
        return line[:-2]

    async def content(self, n, body):
        # Append `n` bytes to `body`.
        while n > 0:
            data = await self.take(n)
            if not data:
                raise OSError(_ECONNRESET)
            body.extend(data)
            n -= len(data)

    async def answer(self, head):
        # The answer and whether the connection is kept; None if there is no answer.
        status = 100
        while status < 200 and status != 101:
            line = await self.line()
            if line is None:
                return None
            status = int(line[9:12])
            headers = {}
            length = 0
            chunked = False
            keep = status != 101
            while True:
                line = await self.line()
                if line is None:
                    raise OSError(_ECONNRESET)
                if not line:
                    break
                name, value = str(line, "utf-8").split(": ", 1)
                field = name.lower()
                if field == "content-length":
                    length = int(value)
                elif field == "transfer-encoding":
                    chunked = True
                elif field == "connection" and value == "close":
                    keep = False
                if name not in headers:
                    headers[name] = value
                elif isinstance(headers[name], list):
                    headers[name].append(value)
                else:
                    headers[name] = [headers[name], value]
        body = bytearray()
        if head or status in (101, 204, 304):
            pass
        elif chunked:
            while True:
                n = int(await self.line() or b"-1", 16)
                if n < 0:
                    raise OSError(_ECONNRESET)
                await self.content(n, body)
                await self.line()
                if n == 0:
                    break
        else:
            # To HTTP/1.1 each body has its length, or is in chunks.
            await self.content(length, body)
        return Answer(status, headers, bytes(body)), keep


class Answer:
    """What an application has answered.

    status: int. body: bytes, chunks decoded.
    headers: {name: value}, str, as the application spells them; a list of str for a field that was
        sent several times.
    """

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        """The body, str. Raises UnicodeError if it is no UTF-8."""
        return str(self.body, "utf-8")

    def json(self):
        """The object that the body is in JSON. Raises ValueError if it is none."""
        return json.loads(self.body)


class TestClient:
    """A client of `app`, a webserver, which need not run. Redirects are not followed.

    cookies: {name: value}, str; those that the application has set, or the test. Their attributes
        are not looked at, but Max-Age=0.
    """

    def __init__(self, app):
        self.app = app
        self.cookies = {}
        self._connection = None

    def request(self, method, path, body=None, headers=None, *, form=None):
        """Send a request. Returns the Answer, or in a running event loop a coroutine with it.

        method: str. path: percent-encoded, with its query, str.
        body: bytes; str in UTF-8; or a dict or list, as JSON.
        headers: {name: value}, str.
        form: {name: value}, str, in the place of `body`.

        Raises OSError if the connection ends before the answer does.
        """
        head, body = self._message(method, path, body, headers or {}, form)
        exchange = self._exchange(method == "HEAD", head, body)
        try:
            asyncio.current_task()
        except RuntimeError:
            try:
                return asyncio.run(exchange)
            finally:
                aio.loop_left()
        return exchange

    def get(self, path, headers=None):
        """request("GET", path, headers=headers)."""
        return self.request("GET", path, None, headers)

    def head(self, path, headers=None):
        """request("HEAD", path, headers=headers)."""
        return self.request("HEAD", path, None, headers)

    def post(self, path, body=None, headers=None, *, form=None):
        """request("POST", path, body, headers, form=form)."""
        return self.request("POST", path, body, headers, form=form)

    def put(self, path, body=None, headers=None, *, form=None):
        """request("PUT", path, body, headers, form=form)."""
        return self.request("PUT", path, body, headers, form=form)

    def patch(self, path, body=None, headers=None, *, form=None):
        """request("PATCH", path, body, headers, form=form)."""
        return self.request("PATCH", path, body, headers, form=form)

    def delete(self, path, headers=None):
        """request("DELETE", path, headers=headers)."""
        return self.request("DELETE", path, None, headers)

    def close(self):
        """Close the connection that is kept for the next request."""
        if self._connection is not None:
            self._connection.ended = True

    def _message(self, method, path, body, headers, form):
        # The request's head and body, bytes.
        fields = {"host": "localhost"}
        if self.cookies:
            fields["cookie"] = "; ".join("=".join(pair) for pair in self.cookies.items())
        if form is not None:
            body = "&".join(quote(k, b"") + "=" + quote(v, b"") for k, v in form.items())
            fields["content-type"] = "application/x-www-form-urlencoded"
        elif isinstance(body, (dict, list)):
            body = json.dumps(body)
            fields["content-type"] = "application/json"
        if isinstance(body, str):
            body = body.encode()
        if body is not None:
            fields["content-length"] = str(len(body))
        for name, value in headers.items():
            fields[name.lower()] = value
        lines = ["{} {} HTTP/1.1".format(method, path)]
        for name, value in fields.items():
            lines.append(name + ": " + value)
        lines.append("\r\n")
        return "\r\n".join(lines).encode(), body or b""

    async def _connect(self):
        app = self.app
        if app._watchdog is None:
            app.open()
        while True:
            slot = app.take_slot()
            if slot is not None:
                break
            await asyncio.sleep_ms(_LOOK)
        connection = _Connection()
        try:
            slot.open(connection, _PEER)
        except MemoryError:
            slot.discard(connection)
            raise
        return connection

    async def _exchange(self, head, message, body):
        while True:
            connection = self._connection
            self._connection = None
            kept = connection is not None and not connection.ended
            if not kept:
                if connection is not None:
                    await connection.gone()
                connection = await self._connect()
            keep = False
            try:
                connection.unread = [memoryview(part) for part in (message, body) if part]
                found = await connection.answer(head)
                if found is not None:
                    answer, keep = found
            finally:
                if not keep:
                    connection.ended = True
            if found is not None:
                break
            unread = connection.unread
            if not kept or not unread or len(unread[0]) < len(message):
                raise OSError(_ECONNRESET)
            # The server has closed a connection that was idle (RFC 9112 section 9.3.1).
        if keep:
            if self._connection is None:
                self._connection = connection
            else:
                connection.ended = True  # Several requests at a time: one connection is enough.
        elif answer.status != 101:
            await connection.gone()
        self._keep_cookies(answer.headers.get("Set-Cookie", ()))
        return answer

    def _keep_cookies(self, fields):
        for field in (fields,) if isinstance(fields, str) else fields:
            pair, *attributes = field.split("; ")
            name, value = pair.split("=", 1)
            self.cookies.pop(name, None)
            if "Max-Age=0" not in attributes:
                self.cookies[name] = value
