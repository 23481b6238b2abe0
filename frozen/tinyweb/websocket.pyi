# SPDX-License-Identifier: MIT
"""WebSocket (RFC 6455): the opening handshake, messages, and the closing handshake.

Frames are read and written in C, see cmodules/tinyweb/core/websocket.h.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from tinyweb.guest import Guest
from tinyweb.wrapper import Wrapper

class WebSocket(Guest):
    """An open WebSocket, which the decorator with_websocket makes.

    closed: whether it has ended; nothing can be sent then.
    code: status code of the end (section 7.4), None before it.
    reason: what the client gave as a reason, str.
    protocol: the subprotocol that was agreed on (str), or None.
    text: whether the message that was read last, or is being read, is text.
    """

    code: int | None
    reason: str
    protocol: str | None
    @property
    def text(self) -> bool: ...
    async def receive(self) -> str | bytes | None:
        """The next message: str or bytes; None when the connection is closed. Coroutine."""
    async def readinto(self, buf: bytearray | memoryview) -> int | None:
        """Read the next part of a message into `buf`, a bytearray or memoryview. Coroutine.

        Returns the number of bytes, 0 at the end of each message, None when the connection is
        closed. Messages that are read so may have any size, and text may be cut within a
        character.
        """
    def __aiter__(self) -> AsyncIterator[str | bytes]: ...
    async def send(self, data: str | bytes | bytearray | memoryview, more: bool = False) -> None:
        """Send a message, or a part of one. Coroutine.

        data: str is sent as text, bytes-like objects as binary.
        more: whether further parts of the same message follow, each by send(); another task's
            message then waits. All parts have to be of the same kind.
        Raises OSError if the connection is closed, or the client takes nothing for the server's
        send_timeout.
        """
    def offer(self, data: str | bytes | bytearray | memoryview) -> Awaitable[None] | None:
        """Send a message without waiting: `data` as for send().

        Returns None, or a coroutine that sends what did not leave at once, which has to run.
        """
    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection and wait for the client's answer, or send_timeout. Coroutine.

        code: status code, 1000 to 4999 (section 7.4). reason: str of up to 123 bytes.
        """

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

    def __init__(
        self,
        f: Callable[..., Any] | None = None,
        *,
        protocols: Sequence[str] = (),
        origins: Sequence[str] | None = None,
        max_message: int = 1024,
        ping: float | None = 20,
        max_websockets: int | None = None,
    ) -> None: ...
    def __call__(self, *args: Any) -> Any: ...
