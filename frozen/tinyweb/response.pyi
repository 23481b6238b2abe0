# SPDX-License-Identifier: MIT
from typing import Any

class response:
    code: int
    """The status code, 200 by default."""
    version: str
    """'1.1', or '1.0' to answer as HTTP/1.0 does."""
    headers: dict[str, Any]
    """The header fields beside the server's own; a list of values makes as many fields."""

    # In C: here are their docstrings.
    def add_header(self, key: str, value: Any) -> None:
        """Add the field `key`; `value` is str, bytes or int, or a list or tuple of these."""
    async def start_html(self) -> None:
        """Start an answer of text/html. Coroutine."""
    async def start_json(self) -> None:
        """Start an answer of application/json. Coroutine."""
    async def send(self, payload: str | bytes | bytearray | memoryview) -> None:
        """Send `payload`, str or a bytes-like object, as the next part of the body. Coroutine.

        Small parts are collected: they leave together, at the latest when the handler returns.
        Raises OSError if the client has gone, or takes nothing for the server's send_timeout.
        """
    async def flush(self) -> None:
        """Send what send() has collected. Coroutine."""
    async def redirect(self, location: str, msg: str | None = None) -> None: ...
    async def error(self, code: int, msg: str | None = None) -> None: ...
    async def send_file(
        self,
        filename: str,
        content_type: str | None = None,
        content_encoding: str | None = None,
        max_age: int = 2592000,
        buf_size: int | None = None,
    ) -> None: ...
    def add_access_control_headers(self) -> None: ...
