# SPDX-License-Identifier: MIT
"""The device's name in the local network, such as lamp.local: multicast DNS (RFC 6762).

For the ESP8266. The ESP32's firmware does this itself: see docs/names.md. Names are not probed for
(section 8.1), so each device needs one of its own.
"""

import socket
from asyncio import create_task, sleep_ms
from sys import platform

from micropython import const
from tinyweb import aio
from tinyweb.dns import Service, number, packed

_GROUP = "224.0.0.251"
_A = const(1)
_NSEC = const(47)
_ANY = const(255)
_IN = const(1)
_LEGACY_TTL = const(10)  # section 6.7
_TTL = const(120)  # section 10
_MOST = const(16)  # questions, and known answers, of a message that are looked at
_AGAIN = const(1000)  # ms until the second announcement (section 8.3)
_IPPROTO_IP = const(0)  # the unix port has no name for it
# Linux's numbers of IP_ADD_MEMBERSHIP, which its port names since 1.28, and IP_MULTICAST_IF.
_MEMBERSHIP = const(35)
_INTERFACE = const(32)


def name_end(data, at, name):
    """Where the name at a place in a message ends (RFC 1035 sections 3.1 and 4.1.4).

    name: labels in lower case, as they are sent. The result is negative for another name, of which
    no more is read than lies here. Raises ValueError or IndexError for what is none.
    """
    end = 0
    k = 0  # what has been found of `name`
    while True:
        n = data[at]
        if n >= 64:
            if k < 0:
                return -at - 2
            end = end or at + 2
            to = number(data, at) - 0xC000
            # Pointers lead backwards, or names would have no end.
            if not 12 <= to < at:
                raise ValueError
            at = to
            continue
        if k >= 0:
            k = _label_end(data, at, name, k)
        if k < 0 and end:
            return -end
        at += 1 + n
        if n == 0:
            return (end or at) if k >= 0 else -at


def _label_end(data, at, name, k):
    # Where the label of `name` at k ends, -1 if `data` has another one.
    for i in range(k, k + 1 + name[k]):
        c = data[at + i - k]
        if c != name[i] and (c | 32 != name[i] or not 65 <= c <= 90 or i == k):
            return -1
    return i + 1


class Responder(Service):
    """Answers for `name`.local with `address`.

    name: str, up to 63 bytes without dots, such as 'lamp'; network.hostname() has the board's.
    address: the IPv4 address, str, such as network.WLAN(network.STA_IF).ifconfig()[0].

    Raises ValueError for a name or an address that cannot be.
    """

    def __init__(self, name, address):
        label = name.encode()
        if not 0 < len(label) < 64 or b"." in label:
            raise ValueError("bad name")
        self._wire = bytes((len(label),)) + label + b"\5local\0"
        self._name = self._wire[:1] + self._wire[1:].lower()
        self._address = packed(address)

    def start(self, host="0.0.0.0", port=5353):
        """Announce the name and answer for it, from a task of the running or next event loop.

        Raises OSError if `host`:`port` cannot be used, or the network is away.
        """
        self.open(host, port, True)
        sock = self._sock
        self._port = port
        self._group = socket.getaddrinfo(_GROUP, port)[0][-1]
        request = packed(_GROUP) + self._address
        try:
            option = getattr(socket, "IP_ADD_MEMBERSHIP", _MEMBERSHIP)
            sock.setsockopt(_IPPROTO_IP, option, request)
            if platform == "linux":
                # The chips' ports send through the interface that they listen on.
                sock.setsockopt(_IPPROTO_IP, _INTERFACE, self._address)
            self._announcing = create_task(self._announce(sock))
        except Exception:
            Service.stop(self)
            raise

    async def _announce(self, sock):
        for _ in range(2):
            try:
                sock.sendto(self._message(_TTL), self._group)
            except OSError:
                pass  # It will be found when somebody asks.
            await sleep_ms(_AGAIN)

    def stop(self):
        """Say goodbye (section 10.1), and answer no more."""
        if self._sock is not None:
            aio.cancel(self._announcing)
            try:
                self._sock.sendto(self._message(0), self._group)
            except OSError:
                pass
        Service.stop(self)

    def answer(self, sock, data, peer):
        """Answer the message `data`, bytes, from `peer`, if it asks for the name."""
        if len(data) < 12 or data[2] & 0xF8:
            return  # Sections 18.2 and 18.3: an answer, or something else than a query.
        port = peer[1] if isinstance(peer, tuple) else peer[2] << 8 | peer[3]
        legacy = port != self._port
        unicast = legacy
        kind = 0
        try:
            end = 12
            for _ in range(min(number(data, 4), _MOST)):
                end = name_end(data, end, self._name)
                ours = end > 0
                end = abs(end)
                if ours and number(data, end + 2) & 0x7FFF in (_IN, _ANY):
                    kind = number(data, end) if kind != _A and kind != _ANY else kind
                    unicast = unicast or data[end + 2] & 0x80
                end += 4
            for _ in range(min(number(data, 6), _MOST)):
                # What others have told the client already (section 7.1).
                end = name_end(data, end, self._name)
                ours = end > 0
                end = abs(end)
                size = number(data, end + 8)
                if (
                    ours
                    and number(data, end) == _A
                    and (number(data, end + 4) or number(data, end + 6) >= _TTL // 2)
                    and data[end + 10 : end + 10 + size] == self._address
                ):
                    return
                end += 10 + size
        except (IndexError, ValueError):
            pass  # It was cut off; what came before counts.
        if not kind:
            return
        if legacy:
            message = self._message(_LEGACY_TTL, kind, data[:2])
        else:
            message = self._message(_TTL, kind)
        self._send(sock, message, peer if unicast else self._group)

    def _message(self, ttl, kind=_A, ident=None):
        # With `ident` for a resolver that knows no more than RFC 1035: section 6.7.
        owner = self._wire
        question = b""
        flush = 0x80  # section 10.2
        if ident:
            question = owner + bytes((kind >> 8, kind & 255, 0, _IN))
            owner = b"\xc0\x0c"
            flush = 0
        middle = bytes((flush, _IN, 0, 0, 0, ttl, 0))
        # There is an address and (section 6.1) nothing else.
        records = bytes((0, _NSEC)) + middle + bytes((len(self._wire) + 3,)) + self._wire
        records += b"\0\1\x40"
        more = kind == _A or kind == _ANY
        if more:
            records = bytes((0, _A)) + middle + b"\4" + self._address + b"\xc0\x0c" + records
        head = (0x84, 0, 0, len(question) and 1, 0, 1, 0, 0, 0, more)
        return (ident or b"\0\0") + bytes(head) + question + owner + records
