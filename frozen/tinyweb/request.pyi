# SPDX-License-Identifier: MIT
from collections.abc import AsyncIterator
from typing import Any

class request:
    method: bytes
    """Such as b'GET'."""
    path: bytes
    """The path of the URL, percent-encoded as the client sent it."""
    query_string: bytes
    """What follows the question mark, b'' if nothing does."""
    version: int
    """10 or 11, for HTTP/1.0 and HTTP/1.1."""
    headers: dict[bytes, bytes]
    """The header fields that the route's `save_headers` names, by these names."""
    peer: Any
    """The client's address, as socket.accept() gave it."""
    cookies: dict[str, str]
    """Only with the decorator tinyweb.cookies.cookies."""
    session: Any
    """Only with the decorator that a tinyweb.sessions.Sessions is."""
    user: Any
    """Only with the decorators of tinyweb.auth, tinyweb.digest and tinyweb.login."""

    @property
    def content_length(self) -> int | None:
        """Bytes of the body, None where the client sent none or sends it in chunks."""
    async def read(self, n: int = -1) -> bytes | bytearray: ...
    async def readinto(self, buf: bytearray | memoryview) -> int: ...
    def __aiter__(self) -> AsyncIterator[memoryview]: ...
    async def read_parse_form_data(self) -> Any: ...
