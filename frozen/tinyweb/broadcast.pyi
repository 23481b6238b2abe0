# SPDX-License-Identifier: MIT
"""One message to many WebSockets or event streams, of which a slow one holds up no other."""

from typing import Any

from tinyweb.guest import Guest

class Broadcast:
    """A group of clients: objects that with_websocket or with_sse made. Closed ones leave it.

    limit: messages that may wait for a client that does not take them as fast as they come.
    drop: whether the oldest one then makes room; otherwise the client's connection is closed.
    """

    def __init__(self, limit: int = 4, drop: bool = False) -> None: ...
    def add(self, client: Guest) -> None:
        """Let `client` get what is sent from now on."""
    def discard(self, client: Guest) -> None:
        """Let `client` get nothing more but what waits for it already."""
    def __len__(self) -> int: ...
    def send(self, *args: Any, **kwargs: Any) -> None:
        """Send to all: `args` and `kwargs` are what their own send() takes. No coroutine.

        Returns at once; what a client does not take now is sent as soon as it does.
        """
