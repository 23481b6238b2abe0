# SPDX-License-Identifier: MIT
"""The device's name in the local network, such as lamp.local: multicast DNS (RFC 6762).

Where it is told to, it names a service too (RFC 6763), which others find by its type.

For the ESP8266. The ESP32's firmware does this itself, without a service: see docs/names.md. Names
are not probed for (section 8.1), so each device needs one of its own.
"""

import os
import socket
from asyncio import create_task, sleep_ms
from sys import platform

from micropython import const
from tinyweb import aio
from tinyweb.dns import Service, number, packed
from tinyweb.interfaces import mask_of

_GROUP = "224.0.0.251"
_A = const(1)
_PTR = const(12)
_TXT = const(16)
_SRV = const(33)
_NSEC = const(47)
_ANY = const(255)
_IN = const(1)
_LEGACY_TTL = const(10)  # section 6.7
_TTL = const(120)  # section 10
_MOST = const(16)  # questions and known answers of a message, and pointers of a name
_LATER = const(4)  # answers that wait, as those of several devices do (section 6)
_AGAIN = const(1000)  # ms until the second announcement (section 8.3)
_IPPROTO_IP = const(0)  # the unix port has no name for it
# Linux's numbers of IP_ADD_MEMBERSHIP, which its port names since 1.28, and IP_MULTICAST_IF.
_MEMBERSHIP = const(35)
_INTERFACE = const(32)


def name_end(data, at, name):
    """Where the name at a place in a message ends (RFC 1035 sections 3.1 and 4.1.4).

    name: labels in lower case, as they are sent. The result is negative for another name, of which
    no more is read than lies here. Raises ValueError or IndexError for what is none, or has too
    many pointers.
    """
    end = hops = 0
    k = 0  # what has been found of `name`
    while True:
        n = data[at]
        if n >= 64:
            if k < 0:
                return -at - 2
            end = end or at + 2
            to = number(data, at) - 0xC000
            hops += 1
            # Pointers lead backwards, or names would have no end.
            if not 12 <= to < at or hops > _MOST:
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
        if c != name[i] and (c | 32 != name[i] or not 65 <= c <= 90):
            return -1
    return i + 1


def service_type(name):
    """The name `name`.local as it is sent, bytes; name: str, such as '_http._tcp'."""
    labels = [label.encode() for label in name.split(".")] + [b"local", b""]
    return b"".join([bytes((len(label),)) + label for label in labels])


def is_near(peer, address, mask):
    """Whether `peer`, as recvfrom() tells it, has an address in the network of `address`.

    address: four bytes. mask: four bytes; None: nobody knows, and everybody is near.

    RFC 6762 section 11 lets pass what was sent to the group, too, whoever has sent it; but
    sockets do not tell where a message was sent to.
    """
    if mask is None:
        return True
    sender = packed(peer[0]) if isinstance(peer, tuple) else peer[4:8]
    for i in range(4):
        if (sender[i] ^ address[i]) & mask[i]:
            return False
    return True


class Responder(Service):
    """Answers for `name`.local with `address`, to who is in the same network.

    name: str, up to 63 bytes without dots, such as 'lamp'; network.hostname() has the board's.
    address: the IPv4 address, str, such as network.WLAN(network.STA_IF).ifconfig()[0].
    service: the type of a service of the device, str, such as '_http._tcp', or None. Whoever asks
        for the type gets `name`, `address` and `port`, an int.
    mask: the network's mask, str, such as '255.255.255.0'; by default that of the network in
        which the board has `address`. A computer knows none: there anybody is answered.

    Raises ValueError for a name, an address or a mask that cannot be.
    """

    def __init__(self, name, address, service=None, port=80, mask=None):
        label = name.encode()
        if not 0 < len(label) < 64 or b"." in label:
            raise ValueError("bad name")
        label = bytes((len(label),)) + label
        self._wire = label + b"\5local\0"
        self._names = [self._wire]
        if service is not None:
            kind = service_type(service)
            self._names += (kind, label + kind)
        # Which name of these a message has, they are compared in lower case.
        self._lower = [name[:1] + name[1:].lower() for name in self._names]
        self._address = packed(address)
        mask = mask or mask_of(address)
        self._mask = mask and packed(mask)
        self._service_port = port
        self._waiting = 0

    def start(self, host="0.0.0.0", port=5353):
        """Announce the name and answer for it, from a task of the running or next event loop.

        Raises OSError if `host`:`port` cannot be used, or the network is away.
        """
        self._port = port
        self._group = socket.getaddrinfo(_GROUP, port)[0][-1]
        request = packed(_GROUP) + self._address
        self.open(host, port, True)
        sock = self._sock
        try:
            option = getattr(socket, "IP_ADD_MEMBERSHIP", _MEMBERSHIP)
            sock.setsockopt(_IPPROTO_IP, option, request)
            send_through(sock, self._address)
            self._announcing = create_task(self._announce(sock))
        except Exception:
            Service.stop(self)
            raise

    async def _announce(self, sock):
        for _ in range(2):
            self._tell(sock, _TTL)
            await sleep_ms(_AGAIN)

    def _tell(self, sock, ttl):
        # If it cannot be sent: it will be found when somebody asks.
        self._send(sock, self._message(ttl), self._group)
        if len(self._names) > 1:
            self._send(sock, self._message(ttl, 1, _PTR), self._group)

    def stop(self):
        """Say goodbye (section 10.1), and answer no more."""
        try:
            if self._sock is not None:
                aio.cancel(self._announcing)
                self._tell(self._sock, 0)
        finally:
            # Without memory nobody is told.
            Service.stop(self)

    def answer(self, sock, data, peer):
        """Answer the message `data`, bytes, from `peer`, if it asks for a name of the device."""
        if len(data) < 12 or data[2] & 0xF8:
            return  # Sections 18.2 and 18.3: an answer, or something else than a query.
        if not is_near(peer, self._address, self._mask):
            return  # Section 5.5.
        port = peer[1] if isinstance(peer, tuple) else peer[2] << 8 | peer[3]
        legacy = port != self._port
        unicast = legacy
        kinds = [0, 0, 0]  # what is asked about each name
        try:
            end = 12
            for _ in range(min(number(data, 4), _MOST)):
                which, end = self._which(data, end)
                if which is not None and number(data, end + 2) & 0x7FFF in (_IN, _ANY):
                    kind = number(data, end)
                    if _has(which, kind) or (not which and not kinds[0]):
                        kinds[which] = kind
                    unicast = unicast or data[end + 2] & 0x80
                end += 4
            for _ in range(min(number(data, 6), _MOST)):
                # What others have told the client already (section 7.1).
                which, end = self._which(data, end)
                size = number(data, end + 8)
                if number(data, end + 4) or number(data, end + 6) >= _TTL // 2:
                    kind = number(data, end)
                    if which == 0 and kind == _A:
                        if data[end + 10 : end + 10 + size] == self._address:
                            kinds[0] = 0
                    elif which == 1 and kind == _PTR:
                        if name_end(data, end + 10, self._lower[2]) > 0:
                            kinds[1] = 0
                end += 10 + size
        except (IndexError, ValueError):
            pass  # It was cut off; what came before counts.
        to = peer if unicast else self._group
        for which, kind in enumerate(kinds):
            if not kind:
                continue
            if legacy:
                message = self._message(_LEGACY_TTL, which, kind, data[:2])
            else:
                message = self._message(_TTL, which, kind)
            if which != 1:
                self._send(sock, message, to)
            elif self._waiting < _LATER:
                self._waiting += 1
                create_task(self._send_later(sock, message, to))

    def _which(self, data, at):
        # Which of the names is at a place in a message, or None, and where it ends.
        for which in range(len(self._lower)):
            end = name_end(data, at, self._lower[which])
            if end > 0:
                return which, end
        return None, -end

    async def _send_later(self, sock, message, peer):
        # Section 6: each device of a type answers, and not all at once: after 20 to 120 ms.
        try:
            await sleep_ms(20 + os.urandom(1)[0] * 100 // 255)
            self._send(sock, message, peer)
        finally:
            self._waiting -= 1

    def _message(self, ttl, which=0, kind=_A, ident=None):
        # The answer about one of the names; with `ident` for a resolver that knows no more than
        # RFC 1035: section 6.7.
        owner = self._names[which]
        question = b""
        flush = 0x80  # section 10.2
        if ident:
            question = owner + bytes((kind >> 8, kind & 255, 0, _IN))
            flush = 0
        wire = self._wire
        address = _record(wire, _A, ttl, flush, self._address)
        if which:
            name = self._names[2]
            port = self._service_port
            target = bytes((0, 0, 0, 0, port >> 8, port & 255)) + wire
            records = [
                _record(name, _SRV, ttl, flush, target),
                _record(name, _TXT, ttl, flush, b"\0"),
                address,
            ]
            if which == 1:
                # Others have records of this name too.
                records.insert(0, _record(owner, _PTR, ttl, 0, name))
            answers = which == 2 and 2 or 1
        else:
            # There is an address and (section 6.1) nothing else.
            records = [_record(wire, _NSEC, ttl, flush, wire + b"\0\1\x40")]
            if _has(0, kind):
                records.insert(0, address)
            answers = 1
        head = (0x84, 0, 0, len(question) and 1, 0, answers, 0, 0, 0, len(records) - answers)
        return (ident or b"\0\0") + bytes(head) + question + b"".join(records)


def _has(which, kind):
    # Whether there are records of that type: of the host, the type of service, the service.
    return kind == _ANY or kind in ((_A,), (_PTR,), (_SRV, _TXT))[which]


def _record(owner, kind, ttl, flush, content):
    head = (0, kind, flush, _IN, 0, 0, 0, ttl, 0, len(content))
    return owner + bytes(head) + content


def send_through(sock, address):
    """Let `sock` send to groups through the interface with `address`, four bytes.

    For computers. The chips' ports send through the interface that they listen on.
    """
    if platform == "linux":
        sock.setsockopt(_IPPROTO_IP, _INTERFACE, address)
