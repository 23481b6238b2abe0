# SPDX-License-Identifier: MIT
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from tinyweb.guest import Guest
from tinyweb.wrapper import Wrapper

class WebSocket(Guest):
    code: int | None
    reason: str
    protocol: str | None
    @property
    def text(self) -> bool: ...
    async def receive(self) -> str | bytes | None: ...
    async def readinto(self, buf: bytearray | memoryview) -> int | None: ...
    def __aiter__(self) -> AsyncIterator[str | bytes]: ...
    async def send(
        self, data: str | bytes | bytearray | memoryview, more: bool = False
    ) -> None: ...
    def offer(self, data: str | bytes | bytearray | memoryview) -> Awaitable[None] | None: ...
    async def close(self, code: int = 1000, reason: str = "") -> None: ...

class with_websocket(Wrapper):
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
