# SPDX-License-Identifier: MIT
"""HTTP/1 messages, parsed and rendered through small fixed buffers.

A stream is what MicroPython means by it: a socket, a file, an io.BytesIO, or an object of a class
that is derived from io.IOBase. None as a result stands for "would block": call again when the
stream is ready.
"""

from collections.abc import Sequence
from typing import Any, Final

CLOSED: Final[int]
"""Request.feed(): the stream has ended."""
REQUEST_LINE: Final[int]
"""Request.feed(): method, path, query string and version are known."""
HEAD: Final[int]
"""Request.feed(): all header fields have been read."""
PART: Final[int]
"""Multipart.parse(): a part begins."""
DATA: Final[int]
"""Multipart.parse(): `data` has bytes of the part."""
PART_END: Final[int]
"""Multipart.parse(): the part is complete."""
PAIR: Final[int]
"""Urlencoded.parse(): a pair, or a slice of one."""
END: Final[int]
"""Multipart.parse(), Urlencoded.parse(): the body is complete."""

class Error(Exception):
    """What a client sent cannot be understood; str() says why."""

    status: Final[int]
    """The status code that it deserves, 400 to 505."""

class Request:
    """One connection's requests."""

    def __init__(self, size: int = 512, *, max_head: int = 16384, max_fields: int = 100) -> None:
        """size: bytes of the buffer, 64 to 32768.

        max_head, max_fields: bytes and field lines that a head may have.
        """

    def feed(self, stream: Any) -> int | None:
        """Parse on, and read from `stream` where more is needed.

        Returns REQUEST_LINE, then HEAD; CLOSED where the stream has ended. Raises Error.
        """

    def keep(self, names: Sequence[str | bytes] | bool | None) -> None:
        """After REQUEST_LINE: the fields to keep.

        names: tuple or list of str or bytes in any case, at most 254; True for all, None for none.
        """

    def headers(self) -> dict[str | bytes, bytes]:
        """After HEAD: the fields that were kept, by the names that keep() was given.

        Fields of one name are joined by ", ", Cookie by "; ".
        """

    def readinto(self, stream: Any, buf: Any, n: int = ...) -> int | None:
        """Read body bytes from `stream` into `buf`, at most `n`; by default as many as fit.

        Returns their number, 0 at the body's end. Chunks are decoded. Raises Error.
        """

    def drain(self, stream: Any, limit: int) -> bool | None:
        """Discard the unread body that comes from `stream`.

        Returns True when done, False where it has more than `limit` bytes. Raises Error.
        """

    def next(self) -> None:
        """Forget this message and keep the bytes that follow it."""

    def reset(self) -> None:
        """Forget everything: a new connection."""

    @property
    def method(self) -> bytes:
        """The method, such as b'GET'; from REQUEST_LINE to the next feed()."""
    @property
    def path(self) -> bytes:
        """The path, percent-encoded; from REQUEST_LINE to the next feed()."""
    @property
    def query_string(self) -> bytes:
        """What follows the question mark; from REQUEST_LINE to the next feed()."""
    @property
    def version(self) -> int:
        """From REQUEST_LINE: 10 or 11, for HTTP/1.0 and HTTP/1.1."""
    @property
    def content_length(self) -> int | None:
        """From HEAD: the body's bytes, None without Content-Length."""
    @property
    def chunked(self) -> bool:
        """From HEAD: whether the body is sent in chunks."""
    @property
    def keep_alive(self) -> bool:
        """From HEAD: whether the connection may persist."""
    @property
    def expect(self) -> bool:
        """From HEAD: whether the client waits for 100 Continue."""
    @property
    def upgrade(self) -> bool:
        """From HEAD: whether Connection lists upgrade."""
    @property
    def idle(self) -> bool:
        """Whether no byte of a message has arrived."""
    @property
    def broken(self) -> bool:
        """After an OSError: whether it came from the stream."""
    @property
    def remaining(self) -> int:
        """From HEAD: body bytes that were not read yet; -1 in an unfinished chunked body."""
    @property
    def buffered(self) -> int:
        """Bytes in the buffer that are not parsed yet."""

class Response:
    """One connection's responses."""

    def __init__(self, size: int = 512) -> None:
        """size: bytes of the buffer, 160 to 32768."""
    def begin(self, status: int, version: int, keep_alive: bool, head: bool) -> None:
        """Start a response.

        status: its code.
        version: 10 or 11, what is announced.
        keep_alive: whether the connection may persist.
        head: whether the request's method was HEAD.
        """

    def header(self, name: str | bytes, value: str | bytes | int) -> None:
        """Add the field `name`; ValueError for a `value` that no field may have, or too long."""

    def write(self, stream: Any, data: Any, start: int = 0) -> int | None:
        """Take the body bytes of `data` from `start` on, and send them to `stream`.

        Returns None when all are taken, or where to go on once the stream takes more.
        """

    def readfrom(self, stream: Any, source: Any, limit: int = -1) -> int | None:
        """Take body bytes from `source`, another stream, and send them to `stream`.

        Returns their number, at most `limit` where that is not -1; 0 at its end.
        """

    def resize(self, size: int, source: Any = None) -> bool:
        """Go on in a buffer of `size` bytes from the heap, 0: in its own; False where it cannot.

        For a larger one the heap must have four times as much in one piece. A file `source` that
        is memory, as those of ROMFS are, needs none.
        """

    def flush(self, stream: Any) -> bool | None:
        """Send what is buffered to `stream`; True when done."""

    def finish(self, stream: Any) -> bool | None:
        """End the response and send what is left of it to `stream`; True when done."""

    def interim(self, stream: Any, status: int = 100) -> bool | None:
        """Send an interim response with the code `status` to `stream`; True when done."""

    def reset(self) -> None:
        """Forget everything: a new connection."""

    @property
    def started(self) -> bool:
        """Whether begin() was called since reset()."""
    @property
    def sent(self) -> bool:
        """Whether bytes have left."""
    @property
    def keep_alive(self) -> bool:
        """Whether the connection may persist after it."""
    @property
    def broken(self) -> bool:
        """After an OSError: whether it came from the stream that is written to."""
    @property
    def body_bytes(self) -> int:
        """Bytes of the body so far."""
    @property
    def status(self) -> int:
        """The status code."""

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
    def name(self) -> str | None:
        """After PART: the field's name."""
    @property
    def filename(self) -> str | None:
        """After PART: the file's name; None where the part is no file."""
    @property
    def content_type(self) -> str | None:
        """After PART: the part's content type, None where it has none."""

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
    def name(self) -> str:
        """After PAIR: the name, decoded."""
    @property
    def value(self) -> str:
        """After PAIR: the value, decoded."""
    @property
    def more(self) -> bool:
        """Whether the value goes on in the next pair, which has the same name."""

def unquote(data: Any, plus: bool = False) -> bytes:
    """Percent-decode `data`; with `plus`, '+' stands for a space. A bad escape stays."""

def unquote_str(data: Any, plus: bool = False) -> str:
    """As unquote() of `data` and `plus`, of UTF-8; each byte that is none becomes U+FFFD."""

def quote(data: Any, safe: Any = b"/") -> str:
    """Percent-encode `data`, all but unreserved characters and those in `safe`."""

def parse_qs(data: Any) -> dict[str, str]:
    """The pairs of `data`, a query string or urlencoded form; the last of equal names counts."""

def parse_qsl(data: Any) -> list[tuple[str, str]]:
    """The pairs of `data`, a query string or urlencoded form."""

def parse_params(value: Any) -> tuple[str, dict[str, str]]:
    """A field value and its parameters (RFC 9110 section 5.6.6). Raises Error(400)."""

def parse_cookies(value: Any) -> dict[str, str]:
    """The cookies in the value of Cookie (RFC 6265); the first of equal names counts."""

def reason(status: int) -> str:
    """The reason phrase of a status code (RFC 9110 section 15)."""

def argument_names(f: Any) -> tuple[tuple[str, ...], int, bool] | None:
    """How the Python function `f` is called: names, how many are required, whether it has *args.

    None for a callable that does not tell.
    """
