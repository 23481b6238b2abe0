# SPDX-License-Identifier: MIT
"""Server-sent events (WHATWG HTML section 9.2): a response whose body goes on event by event."""

from collections.abc import Awaitable, Callable
from typing import Any

from tinyweb.guest import Guest
from tinyweb.wrapper import Wrapper

class EventStream(Guest):
    """An open event stream, which the decorator with_sse makes.

    closed: whether the client has gone; nothing can be sent then.
    last_event_id: the `id` of the last event that the client got before it lost the connection,
        str, or None.
    """

    last_event_id: str | None
    async def send(
        self,
        data: Any = None,
        event: str | None = None,
        id: str | None = None,
        retry: int | None = None,
    ) -> None:
        """Send an event at once. Coroutine.

        data: str, or bytes in UTF-8, of any number of lines; whatever else is sent as JSON.
        event: its type, str; "message" for the client if there is none.
        id: what the client gives back as last_event_id when it connects again.
        retry: ms after which the client is to connect again.
        Raises OSError if the client has gone, or takes nothing for the server's send_timeout.
        """
    def offer(
        self,
        data: Any = None,
        event: str | None = None,
        id: str | None = None,
        retry: int | None = None,
    ) -> Awaitable[None] | None:
        """Send an event without waiting. `data`, `event`, `id` and `retry` are as for send().

        Returns None, or a coroutine that sends what did not leave at once, which has to run.
        """

class with_sse(Wrapper):
    """Decorator of a handler f(req, events, *parameters), a coroutine: it is given an EventStream.

    The stream ends when it returns. When the client has gone, sending raises OSError, and a
    handler that does not send is cancelled.

    ping: seconds between comments that keep the connection alive, None for none.
    max_streams: how many connections may be taken over at the same time, on all URLs, WebSockets
        included; beyond it a stream ends at once, and the client comes again after 3 seconds.
        None leaves one slot to requests.
    """

    def __init__(
        self,
        f: Callable[..., Any] | None = None,
        *,
        ping: float | None = 15,
        max_streams: int | None = None,
    ) -> None: ...
    def __call__(self, *args: Any) -> Any: ...
