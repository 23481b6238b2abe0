# SPDX-License-Identifier: MIT
"""A client of Improv Wi-Fi that sends byte by byte: https://www.improv-wifi.com/serial/"""

import time

HEADER = b"IMPROV\x01"

# Types of packets
STATE, ERROR, RPC, RESULT = 1, 2, 3, 4
# Commands
SET_NETWORK, GET_STATE, GET_INFO, GET_NETWORKS = 1, 2, 3, 4
# States
STOPPED, READY, PROVISIONING, PROVISIONED = 0, 2, 3, 4
# Errors
NONE, BAD_PACKET, UNKNOWN_COMMAND, CANNOT_JOIN = 0, 1, 2, 3


def packet(kind, data):
    """A packet with its checksum, as a client ends it."""
    head = HEADER + bytes((kind, len(data))) + data
    return head + bytes((sum(head) & 0xFF,)) + b"\n"


def command(number, data=b""):
    """The packet of an RPC command."""
    return packet(RPC, bytes((number, len(data))) + data)


def network(ssid, password=""):
    """The packet that tells a network."""
    parts = [part.encode() for part in (ssid, password)]
    return command(SET_NETWORK, b"".join(bytes((len(part),)) + part for part in parts))


def strings(data):
    """The strings of a result's data, behind the command's number and the length."""
    assert data[1] == len(data) - 2
    found, rest = [], data[2:]
    while rest:
        found.append(rest[1 : 1 + rest[0]].decode())
        rest = rest[1 + rest[0] :]
    return found


class Client:
    """Speaks Improv over an open serial port, a serial.Serial."""

    def __init__(self, port):
        self._port = port
        self._received = b""

    def send(self, data):
        self._port.write(data)

    def next(self, timeout=20):
        """The next packet, (type, data); what is none is passed over."""
        end = time.monotonic() + timeout
        while True:
            # At the beginning of a line, as programs look for it.
            start = (b"\n" + self._received).find(b"\n" + HEADER)
            if start >= 0:
                self._received = self._received[start:]
                if len(self._received) >= 9:
                    length = 9 + self._received[8]
                    if len(self._received) > length:
                        got, self._received = (
                            self._received[: length + 1],
                            self._received[length + 1 :],
                        )
                        assert sum(got[:length]) & 0xFF == got[length], got
                        return got[7], got[9:length]
            assert time.monotonic() < end, f"no packet: {self._received!r}"
            self._received += self._port.read(self._port.in_waiting or 1)

    def ask(self, data):
        """Sends a packet and returns the next one."""
        self.send(data)
        return self.next()

    def silent(self, seconds):
        """What comes within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._received += self._port.read(self._port.in_waiting or 1)
        got, self._received = self._received, b""
        return got
