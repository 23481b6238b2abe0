# SPDX-License-Identifier: MIT
"""WebSocket (RFC 6455): the opening handshake, messages, and the closing handshake.

Frames are read and written in C, see cmodules/tinyweb/core/websocket.h.
"""

from asyncio import current_task
from errno import ECONNRESET

from _tinyweb import DONE, frames

from micropython import const
from tinyweb import aio
from tinyweb.guest import Guest, admits
from tinyweb.wrapper import Wrapper

_TEXT = const(1)
_BINARY = const(2)
_CLOSE = const(0x88)
_PING = const(0x89)
_PONG = const(0x8A)

# What frames.read() returns
_END = const(-1)
_SHARE = const(-2)
_CLOSED = const(-8)
_PINGED = const(-9)
_FAILURES = const(-1000)

# Control frames that are dealt with before other tasks run: their client may send without a pause.
_FRAMES = const(8)
# How long, in ms, and for how many bytes a client that has broken the protocol may still send
# before its own Close frame.
_LINGER_TIME = const(500)
_LINGER_BYTES = const(16384)
# The longest frame of that kind, in bytes.
_CLOSE_FRAME = const(131)
# When what is left of them is looked at where nobody reads, in ms.
_SOON = const(250)


class WebSocket(Guest):
    """An open WebSocket, which the decorator with_websocket makes.

    closed: whether it has ended; nothing can be sent then.
    code: status code of the end (section 7.4), None before it.
    reason: what the client gave as a reason, str.
    protocol: the subprotocol that was agreed on (str), or None.
    text: whether the message that was read last, or is being read, is text.
    """

    def __init__(self, slot, protocol, max_message, interval):
        self._frames = frames(max_message)
        self.protocol = protocol
        self.reason = ""
        self._owner = None  # the task that sends a message in parts
        self._heard = True  # something came since the last beat
        self._asked = False  # a ping was sent in the last beat
        self._reads = False  # some task reads messages
        self._eager = False  # the last message was there without waiting
        self._failed = False  # the client has broken the protocol
        super().__init__(slot, interval)

    @property
    def text(self):
        return self._frames.text

    # Receiving

    def receive(self):
        """The next message: str or bytes; None when the connection is closed. Coroutine."""
        return self._read(None)

    def readinto(self, buf):
        """Read the next part of a message into `buf`, a bytearray or memoryview. Coroutine.

        Returns the number of bytes, 0 at the end of each message, None when the connection is
        closed. Messages that are read so may have any size, and text may be cut within a
        character.
        """
        return self._read(buf)

    def __aiter__(self):
        return self

    def __anext__(self):
        return self._read(None, True)

    def _pass_on(self):
        # Nobody else reads meanwhile.
        self._reader = current_task()
        try:
            yield from aio.pass_on()
        finally:
            self._reader = None

    def _read(self, into, iterates=False):
        if self._reader is not None:
            raise RuntimeError("is being read")
        if self._eager:
            # A client that sends without a pause must not starve the other tasks.
            yield from self._pass_on()
        self._eager = self._reads = True
        sock = self._slot.sock
        while not self.closed and self._final is None:
            got = self._frames.read(sock, into)
            if got is not None and not isinstance(got, (str, bytes)) and got < 0:
                got = self._next(into, got)
                if got == _SHARE:
                    yield from self._pass_on()
                    continue
            if got is not None:
                return got
            if self.closed or self._final is not None:
                break
            self._eager = False
            self._reader = current_task()
            try:
                yield from aio.readable(sock)
            finally:
                self._reader = None
            self._heard = True
        if iterates:
            raise StopAsyncIteration

    def _look(self):
        # What has come while nobody reads: 0 at the beginning of a message, _SHARE, or None.
        if not self.closed and self._final is None:
            return self._next(False, self._frames.read(self._slot.sock, False))

    def _next(self, into, got):
        # What has come, `got` or something behind it: a message, a number of bytes, or None. Deals
        # with control frames; _SHARE when these were many.
        left = _FRAMES
        while got is not None and not isinstance(got, (str, bytes)) and got < 0:
            self._heard = True
            if got == _PINGED:
                self._control(_PONG, self._frames.payload)
            elif got == _END:
                self._end()
            elif got == _CLOSED:
                code = self._frames.code
                self.reason = str(self._frames.payload, "utf-8")
                self._last(code, b"" if code == 1005 else code.to_bytes(2, "big"))
            elif got <= _FAILURES:
                self._failed = True
                self._last(-got, (-got).to_bytes(2, "big"))
            if self.closed or self._final is not None:
                return None
            left -= 1
            if got == _SHARE or not left:
                return _SHARE
            got = self._frames.read(self._slot.sock, into)
        return got

    # Sending

    def send(self, data, more=False):
        """Send a message, or a part of one. Coroutine.

        data: str is sent as text, bytes-like objects as binary.
        more: whether further parts of the same message follow, each by send(); another task's
            message then waits. All parts have to be of the same kind.
        Raises OSError if the connection is closed, or the client takes nothing for the server's
        send_timeout.
        """
        if more or not self._reads:
            return self._send(data, more)
        at = self.offer(data)
        return DONE if at is None else at

    def _send(self, data, more):
        # What send() does beside the simple case. Coroutine.
        if self._busy or self._owner is not None:
            yield from self._turn(True)
        if not self._reads:
            # Nobody reads: a Close frame is noticed here.
            self._look()
        if self._closing:
            # Section 5.5.1: nothing follows a Close frame, whose answer has its time.
            raise OSError(ECONNRESET)
        if self._owner is not None:
            first = 0
        else:
            first = _TEXT if isinstance(data, str) else _BINARY
        self._owner = current_task() if more else None
        if not more:
            first |= 0x80
        at = self._step(first, data, 0)
        if at is not None:
            yield from self._rest(first, data, at)
        elif not more and self._turns:
            self._pass()

    def offer(self, data):
        """Send a message without waiting: `data` as for send().

        Returns None, or a coroutine that sends what did not leave at once, which has to run.
        """
        if self._busy or self._closing or self._owner:
            return self._send(data, False)
        first = 0x81 if isinstance(data, str) else 0x82
        at = self._step(first, data, 0)
        if at is not None:
            self._busy = True
            return self._rest(first, data, at)

    def close(self, code=1000, reason=""):
        """Close the connection and wait for the client's answer, or send_timeout. Coroutine.

        code: status code, 1000 to 4999 (section 7.4). reason: str of up to 123 bytes.
        """
        if not self._closing and not self.closed:
            payload = code.to_bytes(2, "big") + reason.encode()
            if not 1000 <= code <= 4999 or len(payload) > 125:
                raise ValueError("code or reason")
            self._closing = True
            self._control(_CLOSE, payload)
            self._arm()
        while not self.closed:
            if self._busy:
                yield from self._turn()
            elif self._reader is None:
                yield from self._read(True)
            else:
                return  # The task that reads will see the end.

    def _write(self, first, data, at):
        return self._frames.write(self._slot.sock, first, data, at)

    def _control(self, first, payload):
        # Send a control frame, or have it sent when the frame that is on its way is out.
        if self._busy:
            if self._after is None or self._after[0] != _CLOSE:
                self._after = (first, payload)
            return
        try:
            self._start(first, payload)
        except OSError:
            pass  # The end is known to all.

    def _last(self, code, payload):
        # Nothing more is read. Send the last frame, unless it was sent.
        self._final = code
        if not self._closing:
            self._closing = True
            self._control(_CLOSE, payload)
            self._arm()
        if not self._busy:
            self._end(code)

    def _beat(self):
        got = None
        if self._reader is None:
            got = self._look()
            if got == 0:
                self._heard = True
            if self.closed:
                return True
        if self._heard:
            self._heard = self._asked = False
            self._arm(_SOON if got == _SHARE else None)
        elif self._asked:
            return False
        else:
            self._control(_PING, b"")
            self._asked = True
            self._arm(self._slot.server.send_timeout)
        return True

    def leave(self):
        """The server stops: say so to the client (1001, section 7.4.1)."""
        if not self._closing and not self.closed:
            self._closing = True
            self._control(_CLOSE, b"\x03\xe9")
            self._arm()


def _closed_by_client(slot):
    # Wait a moment until the client's Close frame has come, or its end. Coroutine. Where frames
    # begin is not known any more, but that one is the last.
    tail = b""
    left = _LINGER_BYTES
    slot.move("linger", _LINGER_TIME)
    while left > 0:
        data = slot.sock.read(_CLOSE_FRAME)
        if data is None:
            if _ends_with_close(tail):
                return
            yield from aio.readable(slot.sock)
        elif not data:
            return
        else:
            left -= len(data)
            tail = (tail + data)[-_CLOSE_FRAME:]


def _ends_with_close(tail):
    # A masked Close frame with its code, or without one (sections 5.2 and 5.5.1).
    for i in range(len(tail) - 5):
        if tail[i] == _CLOSE and i + 6 + (tail[i + 1] ^ 0x80) == len(tail):
            if i + 6 == len(tail):
                return True
            if i + 8 <= len(tail):
                code = (tail[i + 6] ^ tail[i + 2]) << 8 | tail[i + 7] ^ tail[i + 3]
                if 1000 <= code <= 4999:
                    return True
    return False


def _tokens(value):
    # The members of a list field (RFC 9110 section 5.6.1), in lower case.
    return [token.strip() for token in (value or b"").lower().split(b",")]


async def _refuse(resp, code, text, name=None, value=None):
    resp.code = code
    if name is not None:
        resp.add_header(name, value)
    await resp.send(text + "\n")


class with_websocket(Wrapper):
    """Decorator of a handler f(req, ws, *parameters), a coroutine: it is given a WebSocket.

    The WebSocket is closed when it returns, with 1011 if it raises. Requests that do not ask for
    a WebSocket are answered with 426, wrong ones with 400.

    protocols: subprotocols (str) to choose from; the client's first one that is here is taken.
    origins: origins (str) whose pages may connect; None for the server's own pages, "*" for all.
        Clients that are no browsers send none and may connect.
    max_message: size of the largest message in bytes; beyond it the status code is 1009.
    ping: seconds of silence after which a ping is sent; a client that does not answer within the
        server's send_timeout has gone. None for no pings.
    max_websockets: how many connections may be taken over at the same time, on all URLs, event
        streams included; beyond it the answer is 503. None leaves one slot to requests.
    """

    NEEDS = (
        "Host",
        "Upgrade",
        "Connection",
        "Origin",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
    )

    def __init__(
        self, f=None, *, protocols=(), origins=None, max_message=1024, ping=20, max_websockets=None
    ):
        super().__init__(f)
        self.protocols = [name.encode() for name in protocols]
        # As the client sends them, which may be no text.
        if origins is not None and origins != "*":
            origins = [origin.encode() for origin in origins]
        self.origins = origins
        self.max_message = max_message
        self.ping = ping and int(ping * 1000)
        self.most = max_websockets

    def __call__(self, *args):
        if self.f is None:
            # @with_websocket(...): this is the function that is decorated.
            super().__init__(args[0])
            return self
        return self._serve(*args)

    async def _serve(self, req, resp, *parameters):
        ws = await self._accept(req, resp)
        if ws is None:
            return
        slot = ws._slot
        code = 1000
        try:
            try:
                await self.f(req, ws, *parameters)
            except Exception as exc:
                code = 1011
                if not (ws.closed or ws._closing) or not isinstance(exc, OSError):
                    slot.server.log_error(exc, req)
            await ws.close(code)
        finally:
            ws._release()
        if ws._failed:
            # Closing with unread input might destroy the Close frame (section 7.1.1).
            try:
                await _closed_by_client(slot)
            except OSError:
                pass  # The client has gone.

    def _allows(self, origin, host):
        if origin is None or self.origins == "*":
            return True
        if self.origins is None:
            return origin.split(b"://")[-1] == host
        return origin in self.origins

    async def _accept(self, req, resp):
        # The opening handshake (section 4.2): a WebSocket, or None after another answer.
        headers = req.headers
        slot = req._slot
        if (
            req.method != b"GET"
            or req.version < 11
            or b"websocket" not in _tokens(headers.get(b"Upgrade"))
            or b"upgrade" not in _tokens(headers.get(b"Connection"))
        ):
            resp.add_header("Connection", "Upgrade")
            return await _refuse(resp, 426, "WebSocket only", "Upgrade", "websocket")
        if headers.get(b"Sec-WebSocket-Version") != b"13":
            return await _refuse(resp, 426, "Version 13 only", "Sec-WebSocket-Version", "13")
        accept = frames.accept(headers.get(b"Sec-WebSocket-Key", b""))
        # A client sends nothing behind its request before it is answered (section 4.1).
        if accept is None or slot.parser.remaining or slot.parser.buffered:
            resp._keep_alive = False
            return await _refuse(resp, 400, "Bad handshake")
        if not self._allows(headers.get(b"Origin"), headers.get(b"Host")):
            return await _refuse(resp, 403, "Origin not allowed")
        return await self._switch(req, resp, accept)

    async def _switch(self, req, resp, accept):
        # The answer to a handshake that is right; accept: the proof of it, or None.
        headers = req.headers
        slot = req._slot
        if not admits(slot, self.most):
            return await _refuse(resp, 503, "No connection left", "Retry-After", "10")
        protocol = None
        for token in headers.get(b"Sec-WebSocket-Protocol", b"").split(b","):
            if token.strip() in self.protocols:
                protocol = token.strip().decode()
                resp.add_header("Sec-WebSocket-Protocol", protocol)
                break
        resp.code = 101
        resp._keep_alive = False
        resp.add_header("Upgrade", "websocket")
        resp.add_header("Connection", "Upgrade")
        if accept is not None:
            resp.add_header("Sec-WebSocket-Accept", accept)
        resp._start()
        await resp.flush()
        return WebSocket(slot, protocol, self.max_message, self.ping)
