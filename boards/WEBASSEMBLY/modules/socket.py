# SPDX-License-Identifier: MIT
"""Sockets whose other end is the page: listeners, and the connections that it opens.

The bytes on their way are in JavaScript, which copies from and to the buffers of callers by their
addresses: `_page` is web/try/network.mjs. No socket blocks.
"""

import io

import _page
import uctypes

from micropython import const

AF_INET = const(2)
SOCK_STREAM = const(1)
SOL_SOCKET = const(1)
SO_REUSEADDR = const(2)
IPPROTO_TCP = const(6)
TCP_NODELAY = const(1)

# Requests of ioctl(): py/stream.h
_POLL = const(3)
_CLOSE = const(4)

_EAGAIN = const(11)
_EINVAL = const(22)
_EOPNOTSUPP = const(95)
_EADDRINUSE = const(98)


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """The one address that there is: that of the page, whatever `host` is."""
    return [(AF_INET, SOCK_STREAM, 0, "", (host, port))]


class socket(io.IOBase):
    """A listener once listen() was called, or what accept() returns.

    af, type, proto: as getaddrinfo() has them, and without effect.
    """

    def __init__(self, af=AF_INET, type=SOCK_STREAM, proto=0):
        self._port = None
        self._id = None  # of a connection, in JavaScript

    def setsockopt(self, level, option, value):
        """Does nothing: no option has a meaning here."""

    def setblocking(self, flag):
        """Does nothing: no socket blocks."""

    def settimeout(self, value):
        """Does nothing: no socket blocks."""

    def bind(self, address):
        """Take the port of `address`, (host, port), which listen() will listen on."""
        self._port = address[1]

    def listen(self, backlog=2):
        """Listen on the port. Raises OSError(EADDRINUSE) if another socket does."""
        if not _page.listen(self._port):
            raise OSError(_EADDRINUSE)

    def accept(self):
        """The next connection, and the address of its client; OSError(EAGAIN) if there is none."""
        number = _page.accept(self._port)
        if not number:
            raise OSError(_EAGAIN)
        connection = socket()
        connection._id = number
        return connection, ("127.0.0.1", number)

    def connect(self, address):
        """Raises OSError: a page connects to nobody."""
        raise OSError(_EOPNOTSUPP)

    def readinto(self, buf, size=None):
        """Read into `buf`; the number of bytes, 0 at the end, None if there are none yet."""
        size = len(buf) if size is None else min(size, len(buf))
        n = _page.read(self._id, uctypes.addressof(buf), size)
        return None if n < 0 else n

    def read(self, size):
        """Up to `size` bytes, b"" at the end, None if there are none yet."""
        buf = bytearray(size)
        n = self.readinto(buf)
        return None if n is None else bytes(memoryview(buf)[:n])

    recv = read

    def write(self, buf):
        """Write what the page has room for of `buf`; the number of bytes, None if it has none."""
        if isinstance(buf, str):
            buf = buf.encode()
        n = _page.write(self._id, uctypes.addressof(buf), len(buf))
        return None if n == 0 and len(buf) else n

    send = write

    def ioctl(self, request, argument):
        """What MicroPython asks streams for: which of the events `argument` are there; close."""
        if request == _POLL:
            if self._id is not None:
                return _page.ready(self._id) & argument
            return 1 & argument if _page.pending(self._port) else 0
        if request == _CLOSE:
            if self._id is not None:
                _page.close(self._id)
            elif self._port is not None:
                _page.unlisten(self._port)
            return 0
        return -_EINVAL

    def close(self):
        """End the connection, or listen no more."""
        self.ioctl(_CLOSE, 0)
