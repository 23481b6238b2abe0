# SPDX-License-Identifier: MIT
"""A straightforward reference of the request parser: one character after the other.

It takes the whole input at once, has no buffer, and writes the transcript that the harness
writes for the C core. Rules and limits are those that docs/httpparse.md documents.
"""

import string

TCHAR = set(b"!#$%&'*+-.^_`|~" + string.ascii_letters.encode() + string.digits.encode())
REG_NAME = set(b"-._~!$&'()*+,;=%" + string.ascii_letters.encode() + string.digits.encode())
DIGIT = set(string.digits.encode())
HEXDIG = set(string.hexdigits.encode())
OWS = set(b" \t")
VALUE = set(range(0x20, 0x100)) - {0x7F} | {0x09}
TARGET = set(range(0x21, 0x7F)) - set(b"#")

METHOD_MAX = 16
LENGTH_MAX = 2**31 - 1

STATUS = {
    "content too large": 413,
    "request line too long": 414,
    "unknown expectation": 417,
    "field too large": 431,
    "head too large": 431,
    "too many fields": 431,
    "method too long": 501,
    "CONNECT not supported": 501,
    "unknown transfer coding": 501,
    "HTTP version not supported": 505,
}


class Refused(Exception):
    """The input is no acceptable request; the argument says why."""


class Incomplete(Exception):
    """The input ends before the message does."""


class Input:
    """The bytes, with the limits that apply to what is being read.

    size: the buffer's. kept: how much of it earlier fields take. retained: bytes of the current
    line that have to stay in it. budget: bytes that the head may still take, None outside of it.
    """

    def __init__(self, data, size):
        self.data = data
        self.at = 0
        self.size = size
        self.kept = 0
        self.retained = 0
        self.retaining = False
        self.budget = None
        self.line_error = None  # what a line without end is called before the fields

    def peek(self):
        if self.budget is not None:
            if self.budget == 0:
                raise Refused(self.line_error or "head too large")
            if self.retained >= self.size - self.kept:
                raise Refused(self.line_error or "field too large")
        if self.at == len(self.data):
            raise Incomplete
        return self.data[self.at]

    def take(self):
        c = self.peek()
        self.at += 1
        if self.budget is not None:
            self.budget -= 1
            self.retained += self.retaining
        return c

    def span(self, allowed):
        """Takes characters as long as they are allowed."""
        taken = bytearray()
        while self.peek() in allowed:
            taken.append(self.take())
        return bytes(taken)

    def expect(self, char, error):
        if self.peek() != ord(char):
            raise Refused(error)
        self.take()

    def new_line(self, retaining):
        self.retained = 0
        self.retaining = retaining


def is_uri_host(text):
    if text.startswith(b"["):
        host, bracket, port = text[1:].partition(b"]")
        if not bracket or not host or set(host) - HEXDIG - set(b":."):
            return False
    else:
        host, colon, port = text.partition(b":")
        port = colon + port
        if set(host) - REG_NAME:
            return False
    return port == b"" or port[:1] == b":" and not set(port[1:]) - DIGIT


class Message:
    def __init__(self, source, limits):
        self.source = source
        self.max_head = limits["max_head"]
        self.max_fields = limits["max_fields"]
        self.fields_left = self.max_fields
        self.mode = limits["mode"]
        self.names = limits["names"]
        self.started = False
        self.authority = None
        self.host = None
        self.length = None
        self.codings = None
        self.connection = []
        self.expectations = []
        self.fields = []

    def request_line(self):
        source = self.source
        source.budget = self.max_head
        source.kept = 0
        source.line_error = "bad empty line"
        source.new_line(retaining=False)
        while source.peek() == ord("\r"):
            source.take()
            source.expect("\n", "bad empty line")
        self.started = True
        source.line_error = "request line too long"
        source.new_line(retaining=True)
        self.method = b""
        while len(self.method) <= METHOD_MAX:
            if source.peek() not in TCHAR:
                break
            self.method += bytes([source.take()])
        if len(self.method) > METHOD_MAX:
            raise Refused("method too long")
        if not self.method:
            raise Refused("bad method")
        source.expect(" ", "bad method")
        target = source.span(TARGET)
        if not target:
            raise Refused("bad request target")
        source.expect(" ", "bad request target")
        version = source.span(set(range(0x21, 0x7F)))
        if source.peek() != ord("\r") or len(version) != 8 or version[:5] != b"HTTP/":
            raise Refused("bad HTTP version")
        if version[5] not in DIGIT or version[6:7] != b"." or version[7] not in DIGIT:
            raise Refused("bad HTTP version")
        if version[5:6] != b"1":
            raise Refused("HTTP version not supported")
        self.version = 10 if version[7:8] == b"0" else 11
        source.take()
        source.expect("\n", "bare CR or LF")
        self.request_target(target)
        source.line_error = None

    def request_target(self, target):
        method = self.method.upper()
        if method == b"CONNECT":
            raise Refused("CONNECT not supported")
        if target.startswith(b"*"):
            if target != b"*" or method != b"OPTIONS":
                raise Refused("bad request target")
        elif not target.startswith(b"/"):
            scheme, separator, rest = target.partition(b"://")
            if not separator or scheme.lower() not in (b"http", b"https"):
                raise Refused("bad request target")
            end = min([i for i in (rest.find(b"/"), rest.find(b"?")) if i >= 0] + [len(rest)])
            self.authority = rest[:end]
            if not self.authority or not is_uri_host(self.authority):
                raise Refused("bad request target")
            target = rest[end:]
        path, mark, query = target.partition(b"?")
        self.target = path, mark + query

    def keep(self, name, value):
        """Keeps a field that is wanted, as far as the buffer goes."""
        wanted = self.wanted(name)
        if wanted is None:
            return
        if self.mode == 2:
            if len(name) > 255:
                raise Refused("field too large")
            self.source.kept += len(name)
        self.source.kept += len(value) + 3
        self.fields.append((wanted, value))

    def wanted(self, name):
        """The name under which a field is kept, or None."""
        if self.mode == 2:
            return name
        if self.mode in (1, 3):
            for wanted in self.names:
                if wanted.lower() == name.lower():
                    return wanted
        return None

    def field_line(self, trailer):
        """Reads a field line; False at the section's end."""
        source = self.source
        source.new_line(retaining=True)
        name = source.span(TCHAR)
        if not name:
            c = source.peek()
            if c == ord("\r"):
                source.new_line(retaining=False)
                source.take()
                source.expect("\n", "bare CR or LF")
                return False
            raise Refused("line folding" if c in OWS else "bad field name")
        if source.peek() != ord(":"):
            raise Refused("bad field name")
        if self.fields_left == 0:
            raise Refused("too many fields")
        self.fields_left -= 1
        framing = b"host connection expect content-length transfer-encoding".split()
        lower = name.lower()
        from_target = lower == b"host" and self.authority is not None
        wanted = not trailer and self.wanted(name) is not None and not from_target
        if trailer or (lower not in framing and not wanted):
            source.new_line(retaining=False)
        source.take()
        value = source.span(VALUE)
        if source.peek() != ord("\r"):
            raise Refused("bad field value")
        source.take()
        source.expect("\n", "bare CR or LF")
        if trailer:
            return True
        value = value.strip(b" \t")
        if lower in framing:
            self.framing_field(lower, value)
        if wanted:
            self.keep(name, value)
        return True

    def framing_field(self, name, value):
        members = [m.strip(b" \t").lower() for m in value.split(b",")]
        members = [m for m in members if m]
        if name == b"host":
            if self.host is not None or not is_uri_host(value):
                raise Refused("bad Host")
            self.host = value
        elif name == b"connection":
            self.connection += members
        elif name == b"expect":
            if set(members) - {b"100-continue"}:
                raise Refused("unknown expectation")
            self.expectations += members
        elif name == b"content-length":
            if self.length is not None or not value or set(value) - DIGIT:
                raise Refused("bad Content-Length")
            self.length = int(value)
            if self.length > LENGTH_MAX:
                raise Refused("content too large")
        else:
            self.codings = (self.codings or []) + members

    def head(self):
        if self.authority is not None:
            self.source.new_line(retaining=False)
            self.keep(b"Host", self.authority)
        while self.field_line(trailer=False):
            pass
        if self.version >= 11 and self.host is None:
            raise Refused("bad Host")
        if self.codings is not None:
            bad = self.version == 10 or self.length is not None
            if bad or self.codings[-1:] != [b"chunked"] or self.codings.count(b"chunked") > 1:
                raise Refused("bad Transfer-Encoding")
            if len(self.codings) > 1:
                raise Refused("unknown transfer coding")
        self.source.budget = None

    @property
    def persistent(self):
        if b"close" in self.connection:
            return False
        return self.version >= 11 or b"keep-alive" in self.connection

    def body(self, received):
        """Reads the body and appends what it gets to the bytearray."""
        source = self.source
        source.kept = 0
        if self.codings is None:
            for _ in range(self.length or 0):
                received.append(source.take())
            return
        self.extension_budget = self.max_head
        while True:
            size = self.chunk_size()
            if size == 0:
                break
            for _ in range(size):
                received.append(source.take())
            source.expect("\r", "bad chunk")
            source.expect("\n", "bad chunk")
        source.budget = self.extension_budget
        while self.field_line(trailer=True):
            pass
        source.budget = None

    def chunk_size(self):
        source = self.source
        digits = b""
        while source.peek() in HEXDIG:
            digits += bytes([source.take()])
            if len(digits) > 16 or int(digits, 16) > LENGTH_MAX:
                raise Refused("bad chunk")
        if not digits:
            raise Refused("bad chunk")
        self.chunk_extensions()
        source.expect("\r", "bad chunk")
        source.expect("\n", "bad chunk")
        return int(digits, 16)

    def chunk_extensions(self):
        """What follows the size (RFC 9112 section 7.1.1); blanks stand beside a delimiter only."""
        blank = self.extension(OWS)
        while blank or self.source.peek() != ord("\r"):
            self.delimiter(";")
            self.extension(OWS)
            self.token()
            blank = self.extension(OWS)
            if self.source.peek() == ord("="):
                self.delimiter("=")
                self.extension(OWS)
                if self.source.peek() == ord('"'):
                    self.quoted()
                else:
                    self.token()
                blank = self.extension(OWS)

    def token(self):
        if self.extension(TCHAR) == 0:
            raise Refused("bad chunk")

    def quoted(self):
        self.delimiter('"')
        while self.source.peek() != ord('"'):
            if self.source.peek() == ord("\\"):
                self.delimiter("\\")
            self.extension(VALUE, 1)
        self.delimiter('"')

    def delimiter(self, char):
        self.source.expect(char, "bad chunk")
        self.spend()

    def extension(self, allowed, number=None):
        """Takes `number` allowed characters, or as many as there are; returns how many."""
        taken = 0
        while taken != number and self.source.peek() in allowed:
            self.source.take()
            self.spend()
            taken += 1
        if number is not None and taken < number:
            raise Refused("bad chunk")
        return taken

    def spend(self):
        if self.extension_budget == 0:
            raise Refused("bad chunk")
        self.extension_budget -= 1


def hexed(data):
    return "x" + data.hex()


def transcript(data, *, size, max_head, max_fields, mode=0, names=(), body_size=100):
    """What the harness prints for a request job with these arguments."""
    lines = []
    source = Input(data, size)
    limits = {"max_head": max_head, "max_fields": max_fields, "mode": mode, "names": names}
    try:
        while True:
            message = Message(source, limits)
            source.budget = None
            message.request_line()
            path, query = message.target
            lines.append(
                f"line {hexed(message.method)} {hexed(path)} {hexed(query)} {message.version}"
            )
            message.head()
            # The core gives the kept fields from the last to the first
            for name, value in reversed(message.fields):
                lines.append(f"field {hexed(name)} {hexed(value)}")
            chunked = message.codings is not None
            remaining = -1 if chunked else message.length or 0
            line = "head"
            if message.length is not None:
                line += f" length={message.length}"
            line += f" remaining={remaining}"
            line += " chunked" * chunked + " keep-alive" * message.persistent
            line += " expect" * (message.version >= 11 and message.expectations != [])
            line += " upgrade" * (b"upgrade" in message.connection)
            lines.append(line)
            received = bytearray()
            done = False
            try:
                message.body(received)
                done = True
            finally:
                left = 0 if done else -1 if chunked else message.length - len(received)
                shown = received if body_size else b""
                lines.append(f"body {hexed(shown)} bytes={len(received)} remaining={left}")
    except Refused as refused:
        text = str(refused)
        lines.append(f"error {STATUS.get(text, 400)} {text}")
    except Incomplete:
        lines.append("more" if message.started else "more idle")
    return "".join(line + "\n" for line in lines)
