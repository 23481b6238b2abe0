# SPDX-License-Identifier: MIT
"""Answers to what the device fetches: two bytes of how they are cut, then the answer.

Where the first of these is 255, what follows it is two URLs, apart by a line feed; where it is
254, the port of one.
"""

import asyncio

from harness import Cutter, finished, raises, run
from tinyweb import aio
from tinyweb.device import fetch

# A head of less is taken, one of more is not: it is read in pieces.
HEAD = 2048
PIECE = 512
MOST = 1024


class Stream:
    """A connection: its reader and its writer."""

    def __init__(self, data, sizes):
        self.pieces = Cutter(data, sizes)
        self.closed = False

    async def read(self, n):
        return self.pieces.take(n)

    async def readinto(self, buf):
        part = self.pieces.take(len(buf))
        buf[: len(part)] = part
        return len(part)

    def close(self):
        self.closed = True

    async def wait_closed(self):
        pass


async def answer(data, sizes):
    """(status, location, length, body), or a word for what of it could not be had."""
    stream = Stream(data, sizes)
    found = fetch.Answer("http://a/", (stream, stream))
    result = "head"
    try:
        head = await found.head()
        length = found.length
        result = head, length
        body = await found.read(MOST)
        result = head, length, body
        assert not await found.readinto(bytearray(8))
    except OSError as exc:
        assert str(exc), exc
    except ValueError as exc:
        # What read() says of a body that is too long.
        assert "more than" in str(exc), exc
        result = head, length, MOST
    await found.close()
    assert stream.closed
    return result


def ask(data, sizes):
    try:
        return asyncio.run(answer(data, sizes))
    finally:
        aio.loop_left()


def check_answer(data, sizes):
    end = data.find(b"\r\n\r\n")
    whole = ask(data, b"")
    if not HEAD < (end if end >= 0 else len(data)) + 4 <= HEAD + PIECE + 4:
        assert ask(data, sizes) == whole, (ask(data, sizes), whole)
    if whole == "head":
        return
    # It is what follows the head, as long as the head says.
    body = data[end + 4 :]
    (status, location), length = whole[:2]
    assert isinstance(status, int) and (location is None or isinstance(location, str))
    assert b"%d" % status in data and (length is None or length >= 0), length
    if length is not None:
        assert len(whole) == 3 or len(body) < length
        body = body[:length]
    if len(whole) == 3:
        assert whole[2] == (body if len(body) <= MOST else MOST), whole


def check_join(data):
    try:
        base, url = data.decode().split("\n", 1)
    except ValueError:
        return
    base = "http://a:80/" + base
    joined = fetch.join(base, url)
    assert "://" in joined
    if "://" in url:
        assert joined == url
    else:
        # It stays with its server.
        assert joined.startswith("http://a:80/") and joined.endswith(url)
        assert url.startswith("/") == (joined == "http://a:80" + url) or "/" not in base[12:]
    assert fetch.join(joined, joined) == joined


def check_port(data):
    text = raises(UnicodeError, data.decode)
    if text is None or "/" in text or raises(ValueError, int, text) is not None:
        return
    # Nobody is asked.
    try:
        finished(fetch.get("http://a:" + text))
    except OSError as exc:
        assert "no address" in str(exc)
    else:
        raise AssertionError(text)


def check(data):
    if len(data) < 3:
        return
    if data[0] == 255:
        check_join(data[1:])
    elif data[0] == 254:
        check_port(data[1:])
    else:
        check_answer(data[2:], data[:2])


run(check)
