# SPDX-License-Identifier: MIT
"""Other devices with the web workflow in the local network: one question of multicast DNS.

It is asked from a port of its own, as a plain resolver asks (RFC 6762 section 5.1): port 5353 may
belong to the chip's own responder. Nothing that is sent back is believed before it was checked.
"""

import asyncio
import os
import socket

from micropython import const
from tinyweb import aio
from tinyweb.dns import number, packed
from tinyweb.interfaces import mask_of
from tinyweb.mdns import is_near, name_end, send_through, service_type

# What devices with CircuitPython's web workflow are found by.
SERVICE = "_circuitpython._tcp"

_GROUP = "224.0.0.251"
_PORT = const(5353)
# How long answers are waited for, in ms.
_WAIT = const(1000)
# Bytes of an answer; a longer one is cut off, and so is none.
_SIZE = const(1024)
# Devices that are kept, and records of an answer that are looked at.
_MOST = const(16)
_A = const(1)
_PTR = const(12)
_SRV = const(33)
_IN = const(1)
_LOCAL = b"\5local\0"


async def find(interface, port=_PORT, wait=_WAIT, mask=None):
    """Ask who is there. Coroutine; returns a list of dicts as `/cp/devices.json` has them.

    interface: the address that this device has in the network that is asked in, str.
    port: of multicast DNS. wait: how long answers are waited for, in ms. mask: the network's,
        str, by default as for mdns.Responder: others' answers do not count (section 11).

    Raises OSError where nothing can be sent.
    """
    found = {}
    ident = os.urandom(2)
    kind = service_type(SERVICE)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        here = None
        try:
            here = packed(interface)
            send_through(sock, here)
            mask = mask or mask_of(interface)
        except ValueError:
            pass  # No address: the system chooses the network.
        near = (here, mask and packed(mask))
        question = ident + b"\0\0\0\1\0\0\0\0\0\0" + kind + bytes((0, _PTR, 0, _IN))
        sock.sendto(question, socket.getaddrinfo(_GROUP, port)[0][-1])
        try:
            await asyncio.wait_for_ms(_collect(sock, near, ident, kind, found), wait)
        except asyncio.TimeoutError:
            pass
    finally:
        sock.close()
    return list(found.values())


async def _collect(sock, near, ident, kind, found):
    while len(found) < _MOST:
        await aio.readable(sock)
        data, peer = sock.recvfrom(_SIZE)
        if data[:2] == ident and is_near(peer, *near):
            read(data, kind, found)


def read(data, kind, found):
    """Add the devices of an answer to `found`, {name of the service, in lower case: dict}.

    data: the message, bytes. kind: the type of the service, in lower case, as it is sent.

    Nothing is added of a message that is wrong anywhere.
    """
    try:
        _read(data, kind, found)
    except (IndexError, ValueError):
        pass


def _read(data, kind, found):
    if data[2] & 0xFA != 0x80 or data[3] & 15:
        return  # No answer, one that was cut off, or an error.
    names = []
    servers = {}
    addresses = {}
    for at, end, size in _records(data):
        record = number(data, end)
        content = end + 10
        if record == _PTR and name_end(data, at, kind) > 0:
            names.append(_label(data, content, content + size, kind))
        elif record == _SRV and size > 6:
            name = _label(data, at, end, kind)
            host = _label(data, content + 6, content + size, _LOCAL)
            if name and host:
                servers[name.lower()] = (host, number(data, content + 4))
        elif record == _A and size == 4:
            host = _label(data, at, end, _LOCAL)
            if host:
                addresses[host.lower()] = ".".join([str(n) for n in data[content : content + 4]])
    for name in names:
        host, port = servers.get(name and name.lower(), (b"", 0))
        address = addresses.get(host.lower())
        if port and address and len(found) < _MOST:
            found[name.lower()] = {
                "hostname": str(host, "utf-8"),
                "instance_name": str(name, "utf-8"),
                "port": port,
                "ip": address,
            }


def _records(data):
    # Of each record: where it begins, where its name ends, the size of its content.
    at = 12
    for _ in range(number(data, 4)):
        at = _end(data, at) + 4
    for _ in range(number(data, 6) + number(data, 8) + number(data, 10)):
        end = _end(data, at)
        size = number(data, end + 8)
        if end + 10 + size > len(data):
            raise ValueError
        if number(data, end + 2) & 0x7FFF == _IN:
            yield at, end, size
        at = end + 10 + size


def _end(data, at):
    return abs(name_end(data, at, b"\0"))


def _label(data, at, end, rest):
    # The first label of a name, bytes, if `rest` follows it, else None. The name ends at `end`.
    # name_end() has followed the pointers before it.
    if _end(data, at) != end:
        raise ValueError
    while data[at] > 63:
        at = number(data, at) - 0xC000
    n = data[at]
    if not n or name_end(data, at + 1 + n, rest) < 0:
        return None
    label = data[at + 1 : at + 1 + n]
    str(label, "utf-8")  # What is none is wrong.
    return label
