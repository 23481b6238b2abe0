# SPDX-License-Identifier: MIT
"""A raw HTTP/1.x client for tests: it sends any bytes and judges every response strictly.

The server's output is checked twice: by the rules below (each names its section of RFC 9110 or
RFC 9112), which accept nothing a sender is not allowed to generate, and by h11, an independent
implementation, which reads the same bytes as a client would.
"""

from __future__ import annotations

import contextlib
import email.utils
import re
import socket
import struct
from dataclasses import dataclass, field
from http import HTTPStatus

import h11

TCHAR = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
STATUS_LINE = re.compile(rb"HTTP/(1\.[01]) ([1-9][0-9][0-9]) ([\t \x21-\x7e\x80-\xff]*)\Z")
FIELD_LINE = re.compile(rb"(" + TCHAR + rb"):[ \t]*([\t \x21-\x7e\x80-\xff]*?)[ \t]*\Z")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})((?:[ \t]*;[\t \x21-\x7e\x80-\xff]*)?)\Z")
IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3]\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT\Z"
)
# RFC 9110 renamed two phrases; both spellings are in use.
OTHER_PHRASES = {
    413: {"Content Too Large", "Payload Too Large", "Request Entity Too Large"},
    414: {"URI Too Long", "Request-URI Too Long"},
    416: {"Range Not Satisfiable", "Requested Range Not Satisfiable"},
    # Reserved, never registered (RFC 9110 section 15.5.19).
    418: {"I'm a teapot", "I'm a Teapot", "Client Error", ""},
    422: {"Unprocessable Content", "Unprocessable Entity"},
}
# Fields whose grammar is no list: a second field line would be an error (RFC 9110 section 5.3).
SINGLETONS = {"content-length", "content-type", "date", "location", "server", "retry-after"}


class ProtocolError(AssertionError):
    """The server sent something a sender must not generate."""


@dataclass
class Response:
    """One final response with the interim ones that came before it."""

    version: str
    status: int
    reason: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    raw: bytes = b""
    framing: str = "none"
    trailers: list[tuple[str, str]] = field(default_factory=list)
    interim: list[Response] = field(default_factory=list)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The field's value, several joined with a comma, or the default."""
        values = [v for n, v in self.fields if n.lower() == name.lower()]
        return ", ".join(values) if values else default

    def tokens(self, name: str) -> list[str]:
        """The members of a comma-separated list field, in lower case."""
        return [t.strip().lower() for t in (self.get(name) or "").split(",") if t.strip()]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def persists(self) -> bool:
        """Whether the connection persists after this response by RFC 9112 section 9.3."""
        options = self.tokens("Connection")
        if "close" in options or self.framing == "close":
            return False
        return self.version == "1.1" or "keep-alive" in options


class Wire:
    """One TCP connection to the server under test."""

    def __init__(self, host: str, port: int, timeout: float = 10.0, rcvbuf: int | None = None):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if rcvbuf is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.settimeout(timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect((host, port))
        self.buffer = b""
        self.ended = False
        self.was_reset = False
        self.last: Response | None = None

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_exc) -> None:
        self.close()

    # sending

    def send(self, data: bytes) -> Wire:
        self.sock.sendall(data)
        return self

    def try_send(self, data: bytes) -> bool:
        """Send what the server may already have stopped reading; False when it was cut off."""
        try:
            self.sock.sendall(data)
        except OSError:
            return False
        return True

    def end_sending(self) -> Wire:
        """Half-close: the server sees the end of input and can still answer."""
        with contextlib.suppress(OSError):  # the server may have cut the connection already
            self.sock.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        """Close with a RST instead of a FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()

    # receiving

    def _fill(self) -> bool:
        """Receive more; False at the end of the stream."""
        if self.ended:
            return False
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            self.was_reset = True
            data = b""
        if not data:
            self.ended = True
            return False
        self.buffer += data
        return True

    def _line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            if not self._fill():
                raise ProtocolError(f"connection ended within a line: {self.buffer[:200]!r}")
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise ProtocolError(f"bare CR, LF or NUL in {line!r}")
        return line

    def _exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not self._fill():
                raise ProtocolError(f"body ended {count - len(self.buffer)} bytes early")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _fields(self) -> tuple[list[tuple[str, str]], bytes]:
        fields, raw = [], b""
        while True:
            line = self._line()
            raw += line + b"\r\n"
            if not line:
                return fields, raw
            match = FIELD_LINE.match(line)
            if not match:
                raise ProtocolError(f"not a field-line (RFC 9112 section 5): {line!r}")
            fields.append((match[1].decode(), match[2].decode("latin-1")))

    def read_response(self, method: str = "GET", version: str = "1.1") -> Response:
        """Read and judge the next final response.

        method and version are those of the request it answers; they decide the framing.
        """
        interim: list[Response] = []
        while True:
            response = self._read_one(method, version)
            if response.status >= 200 or response.status == 101:
                break
            interim.append(response)
        response.interim = interim
        self.last = response
        if interim and version == "1.0":
            raise ProtocolError("1xx sent to HTTP/1.0 (RFC 9110 section 15.2)")
        judge_with_h11(response, method, self.ended and response.framing == "close")
        return response

    def _read_one(self, method: str, version: str) -> Response:
        line = self._line()
        match = STATUS_LINE.match(line)
        if not match:
            raise ProtocolError(f"not a status-line (RFC 9112 section 4): {line!r}")
        fields, raw_fields = self._fields()
        response = Response(match[1].decode(), int(match[2]), match[3].decode("latin-1"), fields)
        response.raw = line + b"\r\n" + raw_fields
        check_head(response, method, version)
        status = response.status
        if method == "HEAD" or status < 200 or status in (204, 304):
            return response
        if response.get("Transfer-Encoding") is not None:
            response.framing = "chunked"
            self._read_chunked(response)
        elif response.get("Content-Length") is not None:
            response.framing = "length"
            response.body = self._exactly(int(response.get("Content-Length")))
            response.raw += response.body
        else:
            response.framing = "close"
            if response.version == "1.1" and "close" not in response.tokens("Connection"):
                raise ProtocolError("close-delimited without Connection: close (9112 section 9.6)")
            while self._fill():
                pass
            response.body, self.buffer = self.buffer, b""
            response.raw += response.body
        return response

    def _read_chunked(self, response: Response) -> None:
        raw = []
        body = []
        while True:
            line = self._line()
            match = CHUNK_LINE.match(line)
            if not match:
                raise ProtocolError(f"not a chunk-size line (RFC 9112 section 7.1): {line!r}")
            raw.append(line + b"\r\n")
            size = int(match[1], 16)
            if size == 0:
                break
            data = self._exactly(size + 2)
            if data[-2:] != b"\r\n":
                raise ProtocolError("chunk-data without its CRLF (RFC 9112 section 7.1)")
            raw.append(data)
            body.append(data[:-2])
        response.trailers, raw_trailers = self._fields()
        response.body = b"".join(body)
        response.raw += b"".join(raw) + raw_trailers

    # the connection's end

    def expect_eof(self) -> None:
        """Nothing follows the last response and the server closes the connection.

        A last response that promised persistence is an error (RFC 9112 section 9.6).
        """
        while self._fill():
            pass
        if self.buffer:
            raise ProtocolError(f"bytes after the last response: {self.buffer[:300]!r}")
        if self.last is not None and self.last.persists:
            raise ProtocolError("closed after a response that promised to persist")

    def expect_silence(self, seconds: float = 0.15) -> None:
        """No further byte arrives for a while and the connection stays open."""
        if self.buffer:
            raise ProtocolError(f"unexpected bytes: {self.buffer[:300]!r}")
        before = self.sock.gettimeout()
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(65536)
        except TimeoutError:
            return
        finally:
            self.sock.settimeout(before)
        raise ProtocolError("the connection was closed" if not data else f"unexpected {data!r}")

    def read_until_closed(self) -> bytes:
        """All that is still to come, without judging it."""
        while self._fill():
            pass
        data, self.buffer = self.buffer, b""
        return data


def check_head(response: Response, method: str, version: str) -> None:
    """Judge a response's status-line and fields by what a sender may generate."""
    status = response.status
    names = [n.lower() for n, _ in response.fields]
    for name in SINGLETONS:
        if names.count(name) > 1:
            raise ProtocolError(f"{name} sent {names.count(name)} times (9110 section 5.3)")
    length = response.get("Content-Length")
    coding = response.get("Transfer-Encoding")
    if length is not None and not re.fullmatch(r"[0-9]+", length):
        raise ProtocolError(f"Content-Length {length!r} (RFC 9110 section 8.6)")
    if length is not None and coding is not None:
        raise ProtocolError("Content-Length with Transfer-Encoding (RFC 9112 section 6.2)")
    if coding is not None and coding.lower() != "chunked":
        raise ProtocolError(f"Transfer-Encoding {coding!r} (RFC 9112 section 6.1)")
    if coding is not None and version == "1.0":
        raise ProtocolError("Transfer-Encoding sent to HTTP/1.0 (RFC 9112 section 6.1)")
    if (status < 200 or status == 204) and (length is not None or coding is not None):
        raise ProtocolError(f"framing fields in a {status} (RFC 9110 sections 8.6 and 15.3.5)")
    if status == 205 and length not in (None, "0"):
        raise ProtocolError("content in a 205 (RFC 9110 section 15.3.6)")
    if status == 405 and response.get("Allow") is None:
        raise ProtocolError("405 without Allow (RFC 9110 section 15.5.6)")
    if status == 408 and response.persists:
        raise ProtocolError("408 without Connection: close (RFC 9110 section 15.5.9)")
    if status == 426 and response.get("Upgrade") is None:
        raise ProtocolError("426 without Upgrade (RFC 9110 section 15.5.22)")
    date = response.get("Date")
    if date is not None:
        if not IMF_FIXDATE.match(date):
            raise ProtocolError(f"Date {date!r} is no IMF-fixdate (RFC 9110 section 5.6.7)")
        moment = email.utils.parsedate_to_datetime(date)
        if moment.strftime("%a") != date[:3]:
            raise ProtocolError(f"Date {date!r} names the wrong day (RFC 9110 section 5.6.7)")
    with contextlib.suppress(ValueError):
        phrases = OTHER_PHRASES.get(status, {HTTPStatus(status).phrase})
        if response.reason not in phrases:
            raise ProtocolError(f"reason {response.reason!r} for {status}")


def judge_with_h11(response: Response, method: str, ended: bool) -> None:
    """Let h11 read the same bytes as the answer to a request with that method."""
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
    client.send(h11.EndOfMessage())
    try:
        client.receive_data(response.raw)
        if ended:
            client.receive_data(b"")
        head = client.next_event()
        body = b""
        while True:
            event = client.next_event()
            if not isinstance(event, h11.Data):
                break
            body += bytes(event.data)
    except h11.RemoteProtocolError as exc:
        raise ProtocolError(f"h11 refuses the response: {exc}\n{response.raw[:500]!r}") from exc
    assert isinstance(head, h11.Response), head
    assert head.status_code == response.status
    assert body == response.body, "h11 reads another body"
    if response.framing != "close" or ended:
        assert isinstance(event, h11.EndOfMessage), event
