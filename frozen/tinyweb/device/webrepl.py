# SPDX-License-Identifier: MIT
"""The protocol of MicroPython's WebREPL, for its clients: the prompt, and files.

A client gives the password. What it types are text frames, and what the prompt prints as well.
For files it sends commands of 82 bytes in binary frames: the signature b"WA",
1 to put a file, 2 to get one or 3 for the version, flags, an offset, the size, the length of the
name, and the name. The answers are b"WB" and a status of two bytes: 0, or that of HTTP.
"""

import sys
from asyncio import TimeoutError, wait_for
from errno import ECONNRESET
from struct import unpack

import _tinyweb

from micropython import const
from tinyweb import HTTPException, files, uploads
from tinyweb.device.console import Keys
from tinyweb.websocket import with_websocket
from tinyweb.wrapper import Wrapper

_COMMAND = "<2sBBQLH64s"
_SIZE = const(82)
_PUT = const(1)
_GET = const(2)
_VERSION = const(3)
_PIECE = const(256)

# Seconds that a client has for its password, and that it may be silent afterwards.
_LOGIN = const(60)
_SILENCE = const(600)
# Bytes of a password.
_LONGEST = const(128)


def join(app, device):
    """Register /webrepl with `app`, a webserver; its page at / is one of WebREPL, too.

    Returns the handler, a Repl.
    """
    repl = Repl(device)
    app.add_route("/webrepl", repl, methods=("GET",))
    join_page(app, repl)
    return repl


def join_page(app, repl):
    """Let the page at / of `app`, if there is one, give WebREPL's clients to `repl`, a Repl."""
    route = app.routes.get(b"/")
    if route is None or b"GET" not in route.methods or b"Upgrade" in (route.keep or ()):
        return
    # What the parser has to keep is named by objects that are there already.
    own = app.routes[b"/webrepl"]
    keep = route.keep or ()
    route = _tinyweb.route(
        route,
        keep=keep + tuple(name for name in own.keep if name not in keep),
        aliases=(route.aliases or ()) + own.aliases,
    )
    around = route.hooks
    if around is None:
        route = _tinyweb.route(route, handler=Door(route.handler, repl))
    else:
        inner = around.handler
        around.handler = Door(inner, repl)
        if route.handler is inner:
            route = _tinyweb.route(route, handler=around.handler)
    app.routes[b"/"] = route


class Door(Wrapper):
    """The page `f`; who asks for a WebSocket there is one of WebREPL's clients."""

    def __init__(self, f, repl):
        # Not Wrapper's, which is for handlers that are still to be registered.
        self.f = f
        self.repl = repl

    def __call__(self, req, resp, *parameters):
        if req.method == b"GET" and _upgrades(req):
            return self.repl(req, resp)
        return self.f(req, resp, *parameters)


def _upgrades(req):
    return req.headers.get(b"Upgrade", b"").lower() == b"websocket"


class Repl(with_websocket):
    """The handler of WebREPL's URLs, of `device`."""

    # Without Sec-WebSocket-Protocol, which its clients do not send: each name takes heap.
    NEEDS = (
        "Host",
        "Upgrade",
        "Connection",
        "Origin",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
    )
    SAME_ARGUMENTS = False  # _talk() gets the device, too.

    def __init__(self, device):
        # Its clients do not answer pings.
        super().__init__(_talk, ping=None)
        self.device = device

    def __call__(self, req, resp):
        device = self.device
        if not device.enabled:
            return resp.error(404)
        # Programs send another's name as Host. Browsers send Origin.
        if b"Origin" in req.headers and not device.knows(req.headers.get(b"Host", b"")):
            refusal = "This is no name of this device.\n"
        else:
            refusal = device.closed()
        if refusal is not None:
            return resp.error(403, refusal)
        return self._serve(req, resp, device)

    async def _accept(self, req, resp):
        headers = req.headers
        if b"Sec-WebSocket-Version" in headers or b"Origin" in headers or not _upgrades(req):
            return await super()._accept(req, resp)
        # MicroPython's webrepl_cli.py: no version, no key, and it masks nothing.
        ws = await self._switch(req, resp, None)
        if ws is not None:
            ws._frames = Unmasked(ws._frames)
        return ws


class Unmasked:
    """Frames that are not masked, read as _tinyweb.frames reads others; `frames` writes them.

    Messages have one frame each. RFC 6455 section 5.1 has no such clients.
    """

    payload = b""
    code = 1000

    def __init__(self, frames):
        self.write = frames.write
        self.text = False
        self._head = b""
        self._left = None  # bytes of the frame that are to come, None in its head

    def read(self, stream, into=None):
        """What has come next: see frames.read(); into: a buffer, or False."""
        if self._left is None:
            found = self._read_head(stream)
            if found is None or found < 0:
                return found
        if into is False:
            return 0
        if self._left == 0:
            self._left = None
            return 0
        n = stream.readinto(memoryview(into)[: self._left])
        if not n:
            return n if n is None else -1
        self._left -= n
        return n

    def _read_head(self, stream):
        # 0 when it is there, None, or what frames.read() returns for an end.
        while True:
            head = self._head
            need = 4 if len(head) > 1 and head[1] == 126 else 2
            if len(head) == need:
                break
            data = stream.read(need - len(head))
            if not data:
                return None if data is None else -1
            self._head += data
            if len(self._head) == 2 and (self._head[0] not in (0x81, 0x82) or data[-1] > 126):
                # Something else ends it: they have one kind of frame for each of two things.
                return -1
        self._left = head[2] << 8 | head[3] if need == 4 else head[1]
        self.text = head[0] == 0x81
        self._head = b""
        return 0


async def _talk(req, ws, device):
    keys = Keys(ws)
    await ws.send("Password: ")
    try:
        password = await wait_for(_line(ws), _LOGIN)
        if password is None:
            return
        if not await _may(req, device, password):
            await ws.send("\r\nAccess denied\r\n")
            return
        await ws.send("\r\nWebREPL connected\r\n>>> ")
        command = bytearray(_SIZE)
        view = memoryview(command)
        have = 0
        while True:
            n = await wait_for(ws.readinto(view[have:]), _SILENCE)
            if n is None:
                return
            if ws.text:
                await keys.type(view[have : have + n])
                continue
            have += n
            if have == _SIZE:
                have = 0
                if not await _run(ws, device, command):
                    return
    except TimeoutError:
        pass  # It is silent.
    finally:
        keys.close()
        if isinstance(ws._frames, Unmasked):
            ws.abort()  # Such a client does not answer Close.


async def _may(req, device, password):
    if device.limiter.attempt(req.peer) or device.users is None:
        return False
    try:
        password = str(password, "utf-8")
    except ValueError:
        return False
    if not await device.users("", password):
        return False
    device.limiter.succeeded(req.peer)
    return True


async def _line(ws):
    # What comes before the end of a line, bytes; None at the connection's end.
    line = b""
    buf = bytearray(1)
    while len(line) <= _LONGEST:
        n = await ws.readinto(buf)
        if n is None:
            return None
        if n:
            if buf[0] == 13 or buf[0] == 10:
                return line
            line += buf
    return b""


async def _run(ws, device, command):
    # Do what the command says. False if it is none.
    mark, what, _, _, size, length, name = unpack(_COMMAND, command)
    if mark != b"WA" or length > len(name):
        return False
    if what == _VERSION:
        await ws.send(bytes(sys.implementation.version[:3]))
        return True
    if what != _PUT and what != _GET:
        return False
    from tinyweb.device import tree

    status = 0
    body = _Body(ws, size)
    try:
        path = tree.path_of(device.root, str(name[:length], "utf-8"))
        if what == _GET:
            if tree.is_folder(path):
                raise HTTPException(404)
            await _send(ws, path)
        elif path.lower() == device.path.lower():
            raise HTTPException(409)
        else:
            tree.need_parent(path, device.root)
            await uploads.receive_file(body, path)
    except HTTPException as exc:
        status = exc.code
    except ValueError:
        status = 400  # The name is no UTF-8.
    if body.begun:
        await body.drop()
    await _answer(ws, status)
    return True


def _answer(ws, status):
    return ws.send(b"WB" + status.to_bytes(2, "little"))


async def _send(ws, path):
    file = files.opened(path)
    try:
        await _answer(ws, 0)
        buf = bytearray(2 + _PIECE)
        view = memoryview(buf)
        n = 1
        while n:
            # The client asks for each piece.
            while True:
                asked = await ws.readinto(view[:1])
                if asked is None:
                    raise OSError(ECONNRESET)
                if asked:
                    break
            n = file.readinto(view[2:])
            view[0] = n & 255
            view[1] = n >> 8
            await ws.send(view[: 2 + n])
    finally:
        file.close()


class _Body:
    # The file that a client puts, as uploads.receive_file() takes the body of a request. It is
    # asked for when that begins to read.

    method = b""

    def __init__(self, ws, size):
        self.ws = ws
        self.content_length = self.left = size
        self.begun = False

    async def readinto(self, buf):
        if not self.begun:
            self.begun = True
            await _answer(self.ws, 0)
        n = 0
        while self.left and not n:
            n = await self.ws.readinto(memoryview(buf)[: self.left])
            if n is None:
                raise OSError(ECONNRESET)
        self.left -= n
        return n

    async def drop(self):
        buf = bytearray(_PIECE)
        while self.left:
            await self.readinto(buf)
