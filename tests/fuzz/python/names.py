# SPDX-License-Identifier: MIT
"""Questions to the name server and to mDNS: the first byte says to which; the message follows."""

from harness import run
from tinyweb import dns, mdns

ADDRESS = bytes((192, 168, 4, 1))
GROUP = ("224.0.0.251", 5353)
server = dns.NameServer("192.168.4.1")
responder = mdns.Responder("Lamp", "192.168.4.1")
responder._port = 5353
responder._group = GROUP


class Socket:
    """Keeps what is sent."""

    def __init__(self):
        self.sent = []

    def sendto(self, message, peer):
        self.sent.append((message, peer))


def after_name(message, at):
    """Where a name ends in a message of this device."""
    while message[at]:
        if message[at] >= 0xC0:
            assert message[at] & 63 == 0 and message[at + 1] < at
            return at + 2
        assert message[at] < 64
        at += 1 + message[at]
    return at + 1


def records(message):
    """Checks that a message has what its counts say, nothing else; returns types and contents."""
    counts = [message[i] << 8 | message[i + 1] for i in range(4, 12, 2)]
    at = 12
    for _ in range(counts[0]):
        at = after_name(message, at) + 4
    found = []
    for _ in range(sum(counts[1:])):
        at = after_name(message, at)
        size = message[at + 8] << 8 | message[at + 9]
        found.append((message[at + 1], message[at + 10 : at + 10 + size]))
        at += 10 + size
    assert at == len(message), (at, message)
    return found


def check(data):
    if not data:
        return
    kind, data = data[0], data[1:]
    sock = Socket()
    peer = ("192.168.4.2", 5353 if kind & 2 else 40000)
    if kind & 1:
        responder.answer(sock, data, peer)
    else:
        server.answer(sock, data, peer)
    assert len(sock.sent) <= 1
    for message, to in sock.sent:
        # An answer, to who asks or to all; and hardly longer than the question, or others would
        # have it sent to somebody else.
        assert message[2] & 0x80
        assert to in (peer, GROUP) and len(message) <= len(data) + (120 if kind & 1 else 16)
        for kind_of, content in records(message):
            assert kind_of == 47 or content == ADDRESS
        if kind & 1 == 0:
            assert message[:2] == data[:2] and to == peer
            # One server's answer is no question of another one.
            again = Socket()
            server.answer(again, message, peer)
            assert not again.sent
    if data[2:3] and data[2] & 0x80:
        assert not sock.sent


run(check)
