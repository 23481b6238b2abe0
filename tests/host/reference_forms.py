# SPDX-License-Identifier: MIT
"""What the core has to make of forms, in Python: whole bodies at once, without a buffer."""

import re
import urllib.parse

TCHAR = rb"!#$%&'*+\-.^_`|~0-9A-Za-z"
TOKEN = rb"[" + TCHAR + rb"]+"
VALUE = re.compile(rb"[/" + TCHAR + rb"]*")
PARAMETER = re.compile(
    rb"[ \t]*;[ \t]*(?:(" + TOKEN + rb")=(?:(" + TOKEN + rb')|"((?:'
    rb'[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"))?',
    re.DOTALL,
)
EXTENDED = re.compile(
    rb"([!#$%&*+\-.^_`|~0-9A-Za-z]*)'[!#$%&*+\-.^_`|~0-9A-Za-z]*'(.*)", re.DOTALL
)
EXT_CHARS = re.compile(rb"(?:[!#$&+\-.^_`|~0-9A-Za-z]|%[0-9A-Fa-f]{2})*")
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")


class Refused(Exception):
    """An error: status and text."""


def parameters(value):
    """(first value, [(name, value, extended)], whether well-formed); see core.parameters."""
    first = VALUE.match(value)[0]
    at = len(first)
    pairs = []
    while True:
        found = PARAMETER.match(value, at)
        if found is None:
            return first, pairs, value[at:].strip(b" \t") == b""
        at = found.end()
        if found[1] is not None:
            text = found[2]
            if text is None:
                text = re.sub(rb"\\(.)", rb"\1", found[3], flags=re.DOTALL)
            pairs.append((found[1], text, extended(text)))


def extended(text):
    found = EXTENDED.fullmatch(text)
    if found is None:
        return None
    if found[1].lower() != b"utf-8":
        return "charset"
    if not EXT_CHARS.fullmatch(found[2]):
        return None
    decoded = urllib.parse.unquote_to_bytes(found[2])
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return None
    return None if CONTROL.search(decoded) else decoded


def cookies(value):
    """[(name, value)]."""
    found = []
    for pair in value.split(b";"):
        name, equals, text = pair.lstrip(b" \t").partition(b"=")
        if equals and re.fullmatch(TOKEN, name):
            found.append((name, text.rstrip(b" \t") if text.strip(b" \t") else b""))
    return found


def pairs(data):
    """[(name, value)] of an urlencoded form."""
    found = []
    for pair in data.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            found.append(tuple(decoded(text) for text in (name, value)))
    return found


def decoded(text):
    return urllib.parse.unquote_to_bytes(text.replace(b"+", b" "))


def boundary(content_type):
    first, found, good = parameters(content_type)
    if first.lower() != b"multipart/form-data":
        raise Refused(415, "unknown media type")
    value = None
    for name, text, _ in found:
        if name.lower() == b"boundary":
            if value is not None or not BOUNDARY.fullmatch(text):
                raise Refused(400, "bad boundary")
            value = text
    if not good:
        raise Refused(400, "bad parameter")
    if value is None:
        raise Refused(400, "bad boundary")
    return value


class Body:
    """A body that is read byte by byte; its end is an error."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def next(self):
        if self.at == len(self.data):
            raise Refused(400, "body cut short")
        self.at += 1
        return self.data[self.at - 1 : self.at]


def header(body, left, max_fields):
    """One part's [(name, value)]. left: bytes that its fields may take."""

    def next_byte():
        nonlocal left
        if left == 0:
            raise Refused(431, "head too large")
        c = body.next()
        left -= 1
        return c

    def line_feed():
        if next_byte() != b"\n":
            raise Refused(400, "bare CR or LF")

    fields = []
    while True:
        c = next_byte()
        if c == b"\r":
            line_feed()
            return fields
        if c in b" \t":
            raise Refused(400, "line folding")
        name = b""
        while re.fullmatch(rb"[" + TCHAR + rb"]", c):
            name += c
            c = next_byte()
        if c != b":" or not name:
            raise Refused(400, "bad field name")
        if len(fields) == max_fields:
            raise Refused(431, "too many fields")
        value = b""
        c = next_byte()
        while c != b"\r":
            if CONTROL.match(c) and c != b"\t":
                raise Refused(400, "bad field value")
            value += c
            c = next_byte()
        line_feed()
        fields.append((name, value.strip(b" \t")))


def disposition(value):
    """(name, filename)."""
    first, found, good = parameters(value)
    if first.lower() != b"form-data":
        raise Refused(400, "bad body part")
    seen = {}
    for name, text, ext in found:
        name = name.lower()
        if name not in (b"name", b"filename", b"filename*"):
            continue
        if name in seen:
            raise Refused(400, "bad parameter")
        if name == b"filename*":
            if ext is None:
                raise Refused(400, "bad parameter")
            if ext == "charset":
                continue
            text = ext
        seen[name] = text
    if not good:
        raise Refused(400, "bad parameter")
    if b"name" not in seen:
        raise Refused(400, "bad body part")
    return seen[b"name"], seen.get(b"filename*", seen.get(b"filename"))


def part(fields):
    name = filename = content_type = None
    for field, value in reversed(fields):
        if field.lower() == b"content-disposition":
            if name is not None:
                raise Refused(400, "bad body part")
            name, filename = disposition(value)
        elif field.lower() == b"content-type":
            if content_type is not None:
                raise Refused(400, "bad body part")
            content_type = value
    if name is None:
        raise Refused(400, "bad body part")
    return name, filename, content_type


def word(value):
    return "-" if value is None else "x" + value.hex()


def parts(content_type, data, max_parts, max_header, max_fields):
    """Yields the transcript's pieces; raises Refused."""
    delimiter = b"\r\n--" + boundary(content_type)
    body = Body(b"\r\n" + data)
    count = -1
    while True:
        count += 1
        end = body.data.find(delimiter, body.at)
        behind = end + len(delimiter)
        if count and body.data.startswith(delimiter[2:], body.at):
            # A part without a body: the delimiter's CRLF has ended its header
            end = body.at
            behind = end + len(delimiter) - 2
        if end < 0:
            rest = body.data[body.at :]
            held = min(len(rest), len(delimiter) - 1)
            while not rest.endswith(delimiter[:held]):
                held -= 1
            if count and delimiter[2:].startswith(rest):
                held = len(rest)
            if count:
                yield rest[: len(rest) - held].hex()
            raise Refused(400, "body cut short")
        if count:
            yield body.data[body.at : end].hex() + "\n"
        body.at = behind
        c = body.next()
        if c == b"-":
            if body.next() != b"-":
                raise Refused(400, "bad boundary")
            return
        left = max_header
        while c in b" \t":
            left -= 1
            if left == 0:
                raise Refused(431, "head too large")
            c = body.next()
        if c != b"\r":
            raise Refused(400, "bad boundary")
        if body.next() != b"\n":
            raise Refused(400, "bare CR or LF")
        if count == max_parts:
            raise Refused(413, "too many parts")
        name, filename, kind = part(header(body, left, max_fields))
        yield f"part {word(name)} {word(filename)} {word(kind)}\ndata x"


def multipart(content_type, data, *, max_parts, max_header, max_fields):
    """The transcript of a body, as the harness gives it with an endless buffer."""
    text = ""
    try:
        for piece in parts(content_type, data, max_parts, max_header, max_fields):
            text += piece
    except Refused as refused:
        status, reason = refused.args
        return text + f"\nerror {status} {reason}\n"
    return text + "done\n"
