# SPDX-License-Identifier: MIT
from collections.abc import Awaitable, Callable
from typing import Any

from tinyweb.guest import Guest
from tinyweb.wrapper import Wrapper

class EventStream(Guest):
    last_event_id: str | None
    async def send(
        self,
        data: Any = None,
        event: str | None = None,
        id: str | None = None,
        retry: int | None = None,
    ) -> None: ...
    def offer(
        self,
        data: Any = None,
        event: str | None = None,
        id: str | None = None,
        retry: int | None = None,
    ) -> Awaitable[None] | None: ...

class with_sse(Wrapper):
    def __init__(
        self,
        f: Callable[..., Any] | None = None,
        *,
        ping: float | None = 15,
        max_streams: int | None = None,
    ) -> None: ...
    def __call__(self, *args: Any) -> Any: ...
