# SPDX-License-Identifier: MIT
"""A client of HTTP for what the device fetches by itself, beside its server.

It speaks HTTP/1.0, to which no server answers in chunks (RFC 9112 section 6.1). HTTPS keeps others
from reading along; certificates are not looked at, since there is no list of authorities.
"""

import asyncio

from micropython import const
from tinyweb import uploads

# What a server has to answer within, each time, in s.
_TIMEOUT = const(30)
# Bytes of an answer's head.
_HEAD = const(2048)
_REDIRECTS = const(3)
# A body has less bytes.
_LONGEST = const(0x40000000)


class Answer:
    """The answer to a request: length, bytes of its body, int or None."""

    length = None

    def __init__(self, url, streams):
        self.url = url
        self._reader, self._writer = streams
        self._rest = b""  # of the body, what has come with the head

    async def readinto(self, buf):
        """Read bytes of the body into `buf`; how many, 0 at its end. Coroutine.

        Raises OSError if the server stops before its end.
        """
        if self._rest:
            n = min(len(buf), len(self._rest))
            buf[:n] = self._rest[:n]
            self._rest = self._rest[n:]
        else:
            if self.length is not None:
                buf = memoryview(buf)[: self.length]
            n = await _within(self._reader.readinto(buf)) if len(buf) else 0
        if self.length is not None:
            if not n and self.length:
                raise OSError("{}: cut off".format(self.url))
            self.length -= n
        return n or 0

    async def read(self, most):
        """All of the body, bytes. Coroutine; ValueError if it is more than `most` bytes."""
        data = bytearray(most + 1)
        n = await uploads.fill(self, data)
        if n > most:
            raise ValueError("{}: more than {} bytes".format(self.url, most))
        return bytes(memoryview(data)[:n])

    async def close(self):
        """End the connection. Coroutine."""
        self._writer.close()
        await self._writer.wait_closed()

    async def head(self):
        """Read status and fields. Coroutine; returns (status, the field Location, or None)."""
        head = b""
        while b"\r\n\r\n" not in head:
            if len(head) > _HEAD:
                raise OSError("{}: no HTTP".format(self.url))
            data = await _within(self._reader.read(512))
            if not data:
                raise OSError("{}: no answer".format(self.url))
            head += data
        head, rest = head.split(b"\r\n\r\n", 1)
        self._rest = rest
        status, *lines = head.split(b"\r\n")
        location = None
        try:
            for line in lines:
                name, value = line.split(b":", 1)
                name = name.lower()
                if name == b"content-length":
                    self.length = int(value)
                    if not 0 <= self.length < _LONGEST:
                        raise ValueError
                    self._rest = rest[: self.length]
                elif name == b"location":
                    location = value.strip().decode()
                elif name == b"transfer-encoding":
                    raise ValueError
            code = status.split()[1]
            if len(code) != 3 or not code.isdigit():
                raise ValueError
            return int(code), location
        except (IndexError, ValueError):
            raise OSError("{}: no HTTP/1.0".format(self.url))


async def _within(reading):
    try:
        return await asyncio.wait_for(reading, _TIMEOUT)
    except asyncio.TimeoutError:
        raise OSError("the server does not answer")


def join(base, url):
    """`url`, which may be relative, as it is meant in what came from `base`; both str."""
    if "://" in url:
        return url
    base = base.split("?")[0]
    if url.startswith("/"):
        return "/".join(base.split("/")[:3]) + url
    return base[: base.rfind("/") + 1] + url


def connect(host, port, secure, name=None):
    """Connect to a server. Coroutine; returns (reader, writer), raises OSError.

    secure: whether by TLS. name: which of its certificates the server shows, str.
    """
    if not secure:
        return asyncio.open_connection(host, port)
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_NONE
    return asyncio.open_connection(host, port, context, name)


async def get(url):
    """Ask for `url` (str, of HTTP or HTTPS) and return the Answer, of the status 200. Coroutine.

    Raises OSError where there is none.
    """
    for _ in range(_REDIRECTS + 1):
        scheme, _, host, path = (url + "/").split("/", 3)
        name, *port = host.split(":", 1)
        try:
            port = int(port[0]) if port else 443 if scheme == "https:" else 80
        except ValueError:
            raise OSError("{}: no address of a server".format(url))
        answer = Answer(url, await _within(connect(name, port, scheme == "https:", name)))
        try:
            request = "GET /{} HTTP/1.0\r\nHost: {}\r\n\r\n".format(path[:-1], host)
            answer._writer.write(request.encode())
            await _within(answer._writer.drain())
            status, location = await answer.head()
        except BaseException:
            await answer.close()
            raise
        if status == 200:
            return answer
        await answer.close()
        if not (300 < status < 309 and location):
            break
        url = join(url, location)
    raise OSError("{}: status {}".format(url, status))
