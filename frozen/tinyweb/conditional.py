# SPDX-License-Identifier: MIT
"""Validators, conditional requests and ranges of files (RFC 9110 sections 8.8, 13 and 14)."""

from binascii import hexlify
from time import gmtime

from _tinyweb import HTTPException, hash_content, http_date, is_settled, lists, media_type
from httpparse import reason

from micropython import const
from tinyweb import aio
from tinyweb.files import opened, stream

# The request fields that answer() reads: for save_headers.
FIELDS = (
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "If-Unmodified-Since",
    "If-Range",
    "Range",
)

# A file is hashed in blocks of so many bytes, so many of them before other tasks go on.
_BLOCK = const(512)
_BLOCKS = const(8)
# What lies in memory is hashed in pieces of so many bytes.
_PIECE = const(32768)
# A smaller response buffer has no room for fields that are only useful.
_ROOM = const(512)


def parse_date(field):
    """(year, month, day, hour, minute, second) of an HTTP-date, bytes in any of the three forms.

    None for what is none, or for None (RFC 9110 section 5.6.7).
    """
    if field is None:
        return None
    try:
        parts = field.decode().replace("-", " ").split()
        if len(parts) == 6 and parts[5] == "GMT":
            _, day, month, year, clock, _ = parts
        else:
            _, month, day, clock, year = parts
        at = "JanFebMarAprMayJunJulAugSepOctNovDec".find(month)
        if at % 3 or len(month) != 3:
            return None
        hour, minute, second = clock.split(":")
        date = (int(year), at // 3 + 1, int(day), int(hour), int(minute), int(second))
    except ValueError:
        return None
    if len(year) == 2:
        century = 2000 if date[0] <= gmtime()[0] - 1950 else 1900
        date = (century + date[0],) + date[1:]
    if not 1 <= date[2] <= 31 or date[3] > 23 or date[4] > 59 or date[5] > 60:
        return None
    return date


def digest(source, size):
    """An entity-tag (bytes) of the content of `source`. Coroutine.

    source: an open file, which is read and rewound, or a bytes-like object of `size` bytes.
    """
    hash = bytearray(8)
    try:
        data = memoryview(source)  # So are files of ROMFS, which is memory.
    except TypeError:
        data = None
    if data is not None:
        for at in range(0, size, _PIECE):
            if at:
                yield from aio.pass_on()
            hash_content(hash, data[at : at + _PIECE])
    else:
        block = memoryview(bytearray(_BLOCK))
        blocks = 0
        while True:
            n = source.readinto(block)
            if not n:
                break
            hash_content(hash, block if n == _BLOCK else block[:n])
            blocks += 1
            if not blocks % _BLOCKS:
                yield from aio.pass_on()
        source.seek(0)
    return b'"%s"' % hexlify(hash)


def _condition(fields, etag, modified):
    # The status that the request's preconditions call for, None for none (section 13.2.2).
    field = fields.get(b"If-Match")
    if field is not None:
        if not lists(field, etag, False):
            return 412
    elif modified:
        date = parse_date(fields.get(b"If-Unmodified-Since"))
        if date and gmtime(modified)[:6] > date:
            return 412
    field = fields.get(b"If-None-Match")
    if field is not None:
        if lists(field, etag, True):
            return 304
    elif modified:
        date = parse_date(fields.get(b"If-Modified-Since"))
        if date and gmtime(modified)[:6] <= date:
            return 304
    return None


def _range(fields, etag, modified, size):
    # (first, last) of the one range that is asked for, None for the whole, () for one that
    # cannot be satisfied (sections 13.1.5 and 14.2). Of several ranges none is: that is allowed.
    validator = fields.get(b"If-Range")
    if validator is not None and validator != etag:
        if modified is None or parse_date(validator) != gmtime(modified)[:6]:
            return None
    parts = fields[b"Range"].split(b"=", 1)
    ends = parts[-1].strip().split(b"-", 1)
    if len(parts) < 2 or parts[0].lower() != b"bytes" or len(ends) < 2:
        return None
    first, last = ends
    if last and not last.isdigit():
        return None
    if not first:
        if not last or (size == 0 and int(last)):
            return None
        n = int(last)
        return (max(0, size - n), size - 1) if n else ()
    if not first.isdigit():
        return None
    first = int(first)
    end = int(last) if last else size
    if last and end < first:
        return None
    return (first, min(end, size - 1)) if first < size else ()


def answer(response, path, stat, coding, name):
    """Answer with the file `path`, a part of it, or that there is nothing new. Coroutine.

    stat: what os.stat() said of it; or its content, bytes-like, or (content, entity-tag).
    coding: the content coding that it has, str or None.
    name: the name whose ending gives the default of Content-Type.
    For conditions and ranges the route has to save FIELDS. Raises HTTPException.
    """
    req = response._request
    writer = response._writer
    slot = response._slot
    file = data = etag = modified = None
    if not isinstance(stat, tuple):
        data = stat
    elif len(stat) == 2:
        data, etag = stat
        etag = etag.encode()
    try:
        if data is None:
            size = stat[6]
            if is_settled(stat[8]):
                modified = stat[8]
                # With the coding it differs from that of another file of equal size and time.
                etag = b'"%x-%x%s"' % (size, modified, "-" + coding if coding else "")
                if response._date is None:
                    # Without a clock there is no Date, and so no time before it (section 8.8.2.1).
                    modified = None
            else:
                file = opened(path)
                etag = yield from digest(file, size)
        if data is not None:
            size = len(data)
            if etag is None:
                etag = yield from digest(data, size)
        fields = req.headers
        part = None
        # Most requests have Accept-Encoding alone.
        if fields and (len(fields) > 1 or b"Accept-Encoding" not in fields):
            status = _condition(fields, etag, modified)
            if status == 412:
                raise HTTPException(412)
            if status:
                response.code = 304
                response.headers.pop("Content-Encoding", None)
                response._start()
                writer.header("ETag", etag)
                return
            if b"Range" in fields and req.method == b"GET":
                part = _range(fields, etag, modified, size)
        if part is None:
            first = 0
        elif part:
            response.code = 206
            first, last = part
            part = "bytes {}-{}/{}".format(first, last, size)
            size = last + 1 - first
        else:
            response.headers = {"Content-Range": "bytes */{}".format(size)}
            response.code = 416
            response._start("text/plain; charset=utf-8")
            yield from response.send(reason(416))
            return
        response._start(media_type(name))
        writer.header("ETag", etag)
        if part:
            writer.header("Content-Range", part)
        if slot.server.buffer_size >= _ROOM:
            writer.header("Accept-Ranges", "bytes")
            if modified:
                writer.header("Last-Modified", http_date(gmtime(modified)))
        writer.header("Content-Length", size)
        if data is not None:
            if part:
                data = memoryview(data)[first : first + size]
            yield from response.send(data)
        elif req.method != b"HEAD":
            if file is None:
                file = opened(path)
            if first:
                file.seek(first)
            if size <= slot.server.buffer_size:
                # What fits into the buffer is read at once, from one content.
                stat = None
                size -= writer.readfrom(slot.sock, file, size) or 0
            if size:
                yield from stream(response, file, size, path, stat and (stat[6], stat[8]))
    finally:
        if file is not None:
            file.close()
