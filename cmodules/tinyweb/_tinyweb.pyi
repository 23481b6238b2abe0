# SPDX-License-Identifier: MIT
"""What handlers get, and what they raise."""

from collections.abc import AsyncIterator
from typing import Any

class HTTPException(Exception):
    """Answer with the status `code`, 200 to 599."""

    code: int
    def __init__(self, code: int = 400) -> None: ...

class request:
    """A request; it is valid until the handler returns."""

    method: bytes
    path: bytes
    query_string: bytes
    version: int
    headers: dict[bytes, bytes]
    peer: Any
    cookies: dict[str, str]
    """Only with the decorator tinyweb.cookies.cookies."""
    session: Any
    """Only with the decorator that a tinyweb.sessions.Sessions is."""
    user: Any
    """Only with the decorators of tinyweb.auth, tinyweb.digest and tinyweb.login."""

    @property
    def content_length(self) -> int | None: ...
    async def read(self, n: int = -1) -> bytes | bytearray: ...
    async def readinto(self, buf: bytearray | memoryview) -> int: ...
    def __aiter__(self) -> AsyncIterator[memoryview]: ...
    async def read_parse_form_data(self) -> dict[str, Any]: ...

class response:
    """The response to it."""

    code: int
    version: str
    headers: dict[str, Any]

    def add_header(self, key: str, value: Any) -> None: ...
    def add_access_control_headers(self) -> None: ...
    async def start_html(self) -> None: ...
    async def start_json(self) -> None: ...
    async def send(self, payload: str | bytes | bytearray | memoryview) -> None: ...
    async def flush(self) -> None: ...
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
