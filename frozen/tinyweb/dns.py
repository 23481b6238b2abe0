# SPDX-License-Identifier: MIT
"""A name server with one answer (RFC 1035): every name is this device, as in a captive portal."""

import socket
from asyncio import create_task

from micropython import const
from tinyweb import aio

_SIZE = const(512)  # bytes of a message (section 4.2.1)
_PAUSE = const(100)  # ms, after a failure
_A = const(1)
_ANY = const(255)
_IN = const(1)

# The end of a record of type A and class IN, but for the address: seconds it may be kept, length.
_TAIL = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4"


def number(data, at):
    """The number of two bytes of `data` at `at`. Raises IndexError beyond its end."""
    return data[at] << 8 | data[at + 1]


def packed(address):
    """The four bytes of an IPv4 address, str. Raises ValueError for what is none."""
    octets = bytes([int(octet) for octet in address.split(".")])
    if len(octets) != 4:
        raise ValueError("no IPv4 address")
    return octets


class Service:
    """A task that answers datagrams; the base of NameServer and of tinyweb.mdns.Responder."""

    _sock = None

    def open(self, host, port, shared):
        """Answer on `host`:`port`, `shared` with others. Raises OSError if it cannot be used."""
        self.stop()
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            if shared:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(socket.getaddrinfo(host, port)[0][-1])
            sock.setblocking(False)
            self._task = create_task(self._serve(sock))
        except Exception:
            sock.close()
            raise
        self._sock = sock

    def _serve(self, sock):
        while self._sock is sock:
            try:
                yield from aio.readable(sock)
                self.answer(sock, *sock.recvfrom(_SIZE))
            except Exception:
                # MemoryError, or the network is away. Whatever it is: others want an answer.
                yield from aio.pause(_PAUSE)

    def _send(self, sock, message, peer):
        # One peer that cannot be reached does not make the others wait.
        try:
            sock.sendto(message, peer)
        except OSError:
            pass

    def stop(self):
        """Answer no more."""
        if self._sock is not None:
            aio.cancel(self._task)
            self._sock.close()
            self._sock = None


class NameServer(Service):
    """A name server for which every name has the address `address`, str, such as '192.168.4.1'.

    Raises ValueError for what is no IPv4 address.
    """

    def __init__(self, address):
        self._address = packed(address)

    def start(self, host="0.0.0.0", port=53):
        """Answer on `host`:`port`, from a task of the running or next event loop.

        Raises OSError if the address cannot be used.
        """
        self.open(host, port, False)

    def answer(self, sock, data, peer):
        """Answer the message `data`, bytes, from `peer`."""
        if len(data) < 12 or data[2] & 0x80:
            return  # No query: an answer to it could come back for ever.
        code = 1  # FORMERR (section 4.1.1)
        question = record = b""
        try:
            if data[2] & 0x78:
                code = 4  # NOTIMP
            elif number(data, 4) == 1:
                end = 12
                while 0 < data[end] < 64:
                    end += 1 + data[end]
                kind = number(data, end + 1)
                if data[end] == 0 and number(data, end + 3) in (_IN, _ANY):
                    code = 0
                    question = data[12 : end + 5]
                    if kind in (_A, _ANY):
                        record = _TAIL + self._address
        except IndexError:
            pass
        head = (0x84 | data[2] & 0x79, code, 0, bool(question), 0, bool(record), 0, 0, 0, 0)
        self._send(sock, data[:2] + bytes(head) + question + record, peer)
