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
    async def read(self, n: int = -1) -> bytes | bytearray:
        """Read up to `n` bytes of the body, or all of it. Coroutine; b'' is the body's end.

        Raises what readinto() does. All of it is a bytearray, so that it needs no second copy.
        """
    async def readinto(self, buf: bytearray | memoryview) -> int:
        """Read body bytes into `buf`, a bytearray or writable memoryview. Coroutine.

        Returns their number, 0 at the end of the body. Raises HTTPException(413) beyond the
        route's max_body_size, httpparse.Error on a malformed chunk or a body that is cut off,
        OSError if the client has gone.
        """
    def __aiter__(self) -> AsyncIterator[memoryview]: ...
    async def read_parse_form_data(self) -> Any:
        """Read the body of a form or of JSON and return it as a dict, or a list. Coroutine.

        The strings of application/x-www-form-urlencoded and multipart/form-data; the object or
        array of application/json; {} without a body. Raises HTTPException: 400 for what is
        malformed, 413 for what is too large, 415 for other content types and for forms with files.
        """

class response:
    """The response to it."""

    code: int
    """The status code, 200 by default."""
    version: str
    """'1.1', or '1.0' to answer as HTTP/1.0 does."""
    headers: dict[str, Any]
    """The header fields beside the server's own; a list of values makes as many fields."""

    def add_header(self, key: str, value: Any) -> None:
        """Add the field `key`; `value` is str, bytes or int, or a list or tuple of these."""
    def add_access_control_headers(self) -> None:
        """Add the header fields that let scripts of other origins use the answer (CORS)."""
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
    async def redirect(self, location: str, msg: str | None = None) -> None:
        """Redirect the client to `location` with 302 Found (RFC 9110 section 15.4.3). Coroutine.

        msg: the body, text.
        """
    async def error(self, code: int, msg: str | None = None) -> None:
        """Answer with the error status `code`; `msg` (str) replaces the reason phrase. Coroutine.

        Replaces what the handler has collected so far; raises RuntimeError if that has left.
        """
    async def send_file(
        self,
        filename: str,
        content_type: str | None = None,
        content_encoding: str | None = None,
        max_age: int = 2592000,
        buf_size: int | None = None,
    ) -> None:
        """Send a local file. Coroutine.

        Raises HTTPException(404) if there is none, OSError if it cannot be read.

        filename: path, str; one with a '..' segment is never found.
        content_type: media type; by default that of the file name's extension.
        content_encoding: value of Content-Encoding, such as 'gzip'; by default none.
        max_age: how long the client may keep the file, in seconds (30 days); 0 for not at all.
        buf_size: accepted for the original's sake; the slot's own buffer is used.

        In a response that has been started, the file is the next part of the body. In others,
        where the route saves tinyweb.conditional.FIELDS, conditions and ranges are answered, too.
        """

def escape(value: Any) -> bytes:
    """HTML of `value` as bytes, for text and for attributes in quotation marks.

    Bytes are taken for UTF-8, None for nothing, anything else as str() shows it.
    """
