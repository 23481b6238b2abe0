# SPDX-License-Identifier: MIT
"""HTTP/1 messages, parsed and rendered through small fixed buffers.

A stream is what MicroPython means by it: a socket, a file, an io.BytesIO, or an object of a class
that is derived from io.IOBase. None as a result stands for "would block": call again when the
stream is ready.
"""

from collections.abc import Sequence
from typing import Any, Final

CLOSED: Final[int]
REQUEST_LINE: Final[int]
HEAD: Final[int]
PART: Final[int]
DATA: Final[int]
PART_END: Final[int]
PAIR: Final[int]
END: Final[int]

class Error(Exception):
    """What a client sent cannot be understood; str() says why."""

    status: Final[int]
    """The status code that it deserves, 400 to 505."""

class Request:
    """One connection's requests."""

    def __init__(self, size: int = 512, *, max_head: int = 16384, max_fields: int = 100) -> None:
        """size: bytes of the buffer. max_head, max_fields: bytes and field lines of a head."""

    def feed(self, stream: Any) -> int | None:
        """Parse on: REQUEST_LINE, then HEAD; CLOSED where the stream has ended. Raises Error."""

    def keep(self, names: Sequence[str | bytes] | bool | None) -> None:
        """After REQUEST_LINE: the fields to keep, True for all, None for none."""

    def headers(self) -> dict[str | bytes, bytes]:
        """After HEAD: the fields that were kept, by the names that keep() was given."""

    def readinto(self, stream: Any, buf: Any, n: int = ...) -> int | None:
        """Read body bytes; their number, 0 at the body's end. Raises Error."""

    def drain(self, stream: Any, limit: int) -> bool | None:
        """Discard the unread body: True when done, False beyond `limit` bytes. Raises Error."""

    def next(self) -> None:
        """Forget this message and keep the bytes that follow it."""

    def reset(self) -> None:
        """Forget everything: a new connection."""

    @property
    def method(self) -> bytes: ...
    @property
    def path(self) -> bytes: ...
    @property
    def query_string(self) -> bytes: ...
    @property
    def version(self) -> int: ...
    @property
    def content_length(self) -> int | None: ...
    @property
    def chunked(self) -> bool: ...
    @property
    def keep_alive(self) -> bool: ...
    @property
    def expect(self) -> bool: ...
    @property
    def upgrade(self) -> bool: ...
    @property
    def idle(self) -> bool: ...
    @property
    def broken(self) -> bool: ...
    @property
    def remaining(self) -> int: ...
    @property
    def buffered(self) -> int: ...

class Response:
    """One connection's responses."""

    def __init__(self, size: int = 512) -> None: ...
    def begin(self, status: int, version: int, keep_alive: bool, head: bool) -> None:
        """Start a response. version: 10 or 11. head: the request's method was HEAD."""

    def header(self, name: str | bytes, value: str | bytes | int) -> None:
        """Add a field; ValueError for what no field may contain, or does not fit."""

    def write(self, stream: Any, data: Any, start: int = 0) -> int | None:
        """Send body bytes from `start` on: None when all are taken, or where to go on."""

    def readfrom(self, stream: Any, source: Any, limit: int = -1) -> int | None:
        """Send body bytes that are read from another stream; their number, 0 at its end."""

    def flush(self, stream: Any) -> bool | None:
        """Send what is buffered; True when done."""

    def finish(self, stream: Any) -> bool | None:
        """End the response and send what is left of it; True when done."""

    def interim(self, stream: Any, status: int = 100) -> bool | None:
        """Send an interim response; True when done."""

    def reset(self) -> None:
        """Forget everything: a new connection."""

    @property
    def started(self) -> bool: ...
    @property
    def sent(self) -> bool: ...
    @property
    def keep_alive(self) -> bool: ...
    @property
    def broken(self) -> bool: ...
    @property
    def body_bytes(self) -> int: ...
    @property
    def status(self) -> int: ...

class Multipart:
    """A body of multipart/form-data (RFC 7578), of any size."""

    def __init__(
        self,
        content_type: str | bytes,
        size: int = 512,
        *,
        max_parts: int = 32,
        max_header: int = 1024,
    ) -> None:
        """content_type: the request's. size: bytes of the buffer, 256 to 32768.

        max_parts bounds the parts, max_header the bytes of one part's header. Raises Error: 415
        for another type, 400 without a boundary.
        """

    def parse(self, n: int = ...) -> int | None:
        """Parse on; `n` bytes have been put into `space`, 0 says that the body has ended.

        PART, DATA, PART_END, END; None when more bytes are needed. Raises Error.
        """

    @property
    def space(self) -> memoryview:
        """Where the next bytes go: always the same object, valid until the next parse()."""

    @property
    def data(self) -> memoryview:
        """After DATA: the bytes; always the same object, valid until the next parse()."""

    @property
    def name(self) -> str | None: ...
    @property
    def filename(self) -> str | None: ...
    @property
    def content_type(self) -> str | None: ...

class Urlencoded:
    """A form of application/x-www-form-urlencoded, of any size."""

    def __init__(self, size: int = 256, *, max_pairs: int = 100, slices: bool = False) -> None:
        """size: bytes of the buffer, 16 to 32768. max_pairs bounds the pairs.

        slices: hand out values that do not fit in several pairs, instead of raising Error.
        """

    def parse(self, n: int = ...) -> int | None:
        """Parse on; `n` bytes have been put into `space`, 0 says that the body has ended.

        PAIR, END; None when more bytes are needed. Raises Error.
        """

    @property
    def space(self) -> memoryview:
        """Where the next bytes go: always the same object, valid until the next parse()."""

    @property
    def data(self) -> memoryview:
        """The bytes of `value`; always the same object, valid until the next parse()."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def more(self) -> bool:
        """Whether the value goes on in the next pair, which has the same name."""

def unquote(data: Any, plus: bool = False) -> bytes:
    """Percent-decode; with `plus`, '+' stands for a space. A bad escape stays."""

def unquote_str(data: Any, plus: bool = False) -> str:
    """As unquote(), of UTF-8; each byte that is none becomes U+FFFD."""

def quote(data: Any, safe: Any = b"/") -> str:
    """Percent-encode all but unreserved characters and those in `safe`."""

def parse_qs(data: Any) -> dict[str, str]:
    """The pairs of a query string or urlencoded form; the last of equal names counts."""

def parse_qsl(data: Any) -> list[tuple[str, str]]:
    """The pairs of a query string or urlencoded form."""

def parse_params(value: Any) -> tuple[str, dict[str, str]]:
    """A field value and its parameters (RFC 9110 section 5.6.6). Raises Error(400)."""

def parse_cookies(value: Any) -> dict[str, str]:
    """The cookies in the value of Cookie (RFC 6265); the first of equal names counts."""

def reason(status: int) -> str:
    """The reason phrase of a status code (RFC 9110 section 15)."""

def argument_names(f: Any) -> tuple[tuple[str, ...], int, bool] | None:
    """How a Python function is called: names, how many are required, whether it has *args."""
