# SPDX-License-Identifier: MIT
"""The prompt over the network, beside the serial line: for one client at a time.

What is printed is kept until a task has sent it, and what the client types goes where the serial
line puts what it receives. So there is one prompt, which two terminals show.
"""

import asyncio
import os

from micropython import const
from tinyweb import aio
from tinyweb.websocket import with_websocket

try:
    from _tinyweb import terminal
except ImportError:
    terminal = None  # The simulator has no os.dupterm().

BUSY = "The prompt has another client.\n"
CUT = "\r\n[Some output is missing here.]\r\n"

# Bytes of output that are kept, and that are sent in one message.
_KEPT = const(512)
_PIECE = const(128)
# Bytes of input that are read at once.
_TYPED = const(64)
# How long, in ms, somebody may leave what was typed unread until it is lost, as on a serial line.
_UNREAD = const(1000)
_PAUSE = const(20)
# Close: try again later (the registry of RFC 6455 section 11.7).
_LATER = const(1013)

# The Console that is open, or None.
_open = None


def is_there():
    """Whether this image has a prompt that can have a second terminal."""
    return terminal is not None


def is_busy():
    """Whether a client has the prompt, or somebody else what os.dupterm() gives."""
    if _open is not None:
        return True
    other = os.dupterm(None)
    if other is not None:
        os.dupterm(other)
    return other is not None


class Console:
    """The prompt for the client of `ws`, an open WebSocket, until close().

    Raises RuntimeError where is_busy().
    """

    def __init__(self, ws):
        global _open
        if is_busy():
            raise RuntimeError(BUSY)
        from tinyweb import background

        self._ws = ws
        self._raw = False  # Whether Ctrl-A came last.
        self._terminal = terminal(_KEPT)
        self._sender = asyncio.create_task(self._send())
        if not background.is_on():
            # The prompt comes when the program has left the loop.
            background.start()
        os.dupterm(self._terminal)
        _open = self

    def close(self):
        """Leave the prompt to the serial line, and to the next client."""
        global _open
        if _open is self:
            _open = None
            other = os.dupterm(None)
            if other is not self._terminal:
                os.dupterm(other)
            self._terminal.close()
            aio.cancel(self._sender)

    async def type(self, data):
        """Type `data`, bytes. Coroutine, which waits where nobody reads it."""
        data = self._friendly(data)
        at = waited = 0
        while at < len(data) and waited < _UNREAD:
            n = self._terminal.type(data[at:])
            at += n
            if self._terminal.interrupted:
                # The loop has to be left, and this task shall go on later.
                asyncio.create_task(_interrupt())
                await aio.pass_on()
            elif at < len(data):
                waited = 0 if n else waited + _PAUSE
                await asyncio.sleep_ms(_PAUSE)

    def _friendly(self, data):
        # A restart in raw mode (Ctrl-A, Ctrl-D) leaves main.py out, and with it what the client
        # has to come back to: the mode is left first, by Ctrl-B.
        data = bytes(data).replace(b"\1\4", b"\1\2\4")
        if self._raw and data.startswith(b"\4"):
            data = b"\2" + data
        if data:  # Nothing comes, too.
            self._raw = data.endswith(b"\1")
        return data

    async def _send(self):
        output = self._terminal.output
        buf = bytearray(_PIECE)
        view = memoryview(buf)
        have = 0
        try:
            while True:
                await aio.readable(output)
                n = output.readinto(view[have:])
                if not n:
                    return
                have += n
                whole = _whole(buf, have)
                if whole:
                    await self._ws.send(_text(view[:whole]))
                    buf[: have - whole] = view[whole:have]
                    have -= whole
                if self._terminal.cut():
                    await self._ws.send(CUT)
        except OSError:
            pass  # The client has gone.
        finally:
            self.close()


async def _interrupt():
    raise KeyboardInterrupt


def _whole(buf, end):
    # Up to where, at most `end`, there are whole characters of UTF-8.
    at = end
    while at and end - at < 3 and buf[at - 1] & 0xC0 == 0x80:
        at -= 1
    if at and buf[at - 1] >= 0xC0:
        lead = buf[at - 1]
        if end - at < 1 + (lead >= 0xE0) + (lead >= 0xF0):
            return at - 1
    return end


def _text(data):
    try:
        return str(data, "utf-8")
    except ValueError:
        # A text of WebSocket has to be one.
        return "".join([chr(c) if c < 128 else "?" for c in data])


class Serial(with_websocket):
    """The handler of /cp/serial/, as CircuitPython's web workflow has it."""

    SAME_ARGUMENTS = False  # It gets the device, too.

    def __init__(self):
        super().__init__(_talk)

    def __call__(self, req, resp, device):
        if is_busy():
            return resp.error(409, BUSY)
        return self._serve(req, resp)


async def _talk(req, ws):
    try:
        console = Console(ws)
    except RuntimeError:
        # Another was faster.
        await ws.close(_LATER)
        return
    buf = bytearray(_TYPED)
    view = memoryview(buf)
    try:
        while True:
            n = await ws.readinto(buf)
            if n is None:
                return
            await console.type(view[:n])
    finally:
        console.close()


class Keys:
    """What a client of WebREPL types at the WebSocket `ws`.

    It gets the prompt with the first key: until then it may only want files.
    """

    def __init__(self, ws):
        self._ws = ws
        self._console = None

    async def type(self, data):
        """Type `data`, bytes; the client is told where that is not possible. Coroutine."""
        if self._console is None and is_there():
            try:
                self._console = Console(self._ws)
            except RuntimeError:
                pass
        if self._console is not None:
            await self._console.type(data)
        elif b"\r" in bytes(data):
            why = BUSY.strip() if is_there() else "There is no prompt here: files only."
            await self._ws.send("\r\n" + why + "\r\n>>> ")

    def close(self):
        """Give the prompt back."""
        if self._console is not None:
            self._console.close()
