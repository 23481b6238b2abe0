# SPDX-License-Identifier: MIT
"""tinyweb.mdns: messages that dnspython makes and reads, to the device alone and to the group."""

import socket

import dns.flags
import dns.message
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import httpx
import pytest

from .conftest import GROUP

FLUSH = 0x8000
UNICAST = 0x8000
IN = dns.rdataclass.IN


@pytest.fixture
def client(start):
    """A socket whose messages go to the responder."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    start("127.0.0.1", port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.connect(("127.0.0.1", port))
        yield sock


def heard(sock):
    """The next answer that is sent to the group."""
    while True:
        message = dns.message.from_wire(sock.recv(600))
        if message.flags & dns.flags.QR:
            return message


def query(*questions):
    """A message with several questions: (name, type, class)."""
    message = dns.message.Message(id=0)
    message.flags = 0
    for name, kind, group in questions:
        rrset = dns.rrset.RRset(dns.name.from_text(name), group, dns.rdatatype.from_text(kind))
        message.question.append(rrset)
    return message


def records(section):
    """{type: (seconds, class with the bit that flushes caches, content)}."""
    found = {}
    for record in section:
        data = record[0].to_generic().data
        content = dns.rdata.from_wire(IN, record.rdtype, data, 0, len(data)).to_text()
        found[dns.rdatatype.to_text(record.rdtype)] = (record.ttl, int(record.rdclass), content)
    return found


@pytest.mark.parametrize("name", ["lamp.local", "LAMP.Local"])
def test_plain_resolver(client, name):
    expected = {"A": {"A": (10, IN, "127.0.0.1")}}
    for kind in ("A", "AAAA", "TXT", "HTTPS"):
        message = dns.message.make_query(name, kind)
        client.send(message.to_wire())
        answer = dns.message.from_wire(client.recv(600))
        # Section 6.7: identifier and question come back, no record asks to flush a cache.
        assert answer.id == message.id and answer.question == message.question
        assert answer.flags == dns.flags.QR | dns.flags.AA
        none = {"NSEC": (10, IN, "Lamp.local. A")}
        assert records(answer.answer) == expected.get(kind, none)


def test_other_names_and_messages_get_no_answer(client):
    wire = dns.message.make_query("lamp.local", "A").to_wire()
    answer = dns.message.make_response(dns.message.from_wire(wire)).to_wire()
    loop = wire[:12] + b"\xc0\x0c" + wire[-4:]
    long = wire[:12] + (b"\x3f" + b"x" * 63) * 5 + b"\0" + wire[-4:]
    others = [
        query((name, "A", IN)).to_wire() for name in ("lamp", "x.lamp.local", "lamp.local.x")
    ]
    for message in [b"", b"x", answer, loop, long, *others, b"\0" * 512, b"\xc0" * 512]:
        client.send(message)
    for end in range(len(wire)):
        client.send(wire[:end])
    client.send(wire)
    assert client.recv(600)[:2] == wire[:2]


def test_group(start, member):
    port = member.getsockname()[1]
    server = start(GROUP, port)

    def ask(message):
        member.sendto(message.to_wire(), (GROUP, port))

    for _ in range(2):
        announced = heard(member)
        assert announced.id == 0 and announced.flags == dns.flags.QR | dns.flags.AA
        assert not announced.question
        assert records(announced.answer) == {"A": (120, IN | FLUSH, "127.0.0.1")}
        assert records(announced.additional)["NSEC"] == (120, IN | FLUSH, "Lamp.local. A")
    # Several questions, the last one compressed.
    ask(query(("other.local", "A", IN), ("x.local", "PTR", IN), ("lamp.local", "A", IN)))
    assert records(heard(member).answer)["A"][2] == "127.0.0.1"
    ask(query(("lamp.local", "AAAA", IN)))
    assert records(heard(member).answer) == {"NSEC": (120, IN | FLUSH, "Lamp.local. A")}
    # Section 7.1: what the client knows already is not told again, unless it is about to end.
    known = query(("lamp.local", "A", IN))
    known.answer.append(dns.rrset.from_text("lamp.local.", 60, IN, "A", "127.0.0.1"))
    ask(known)
    ask(query(("lamp.local", "AAAA", IN)))
    assert "NSEC" in records(heard(member).answer)
    known.answer[0].ttl = 59
    ask(known)
    assert "A" in records(heard(member).answer)
    # Section 10.1: a name that is given up.
    assert httpx.get(f"{server.url}/stop").text == "stopped"
    assert records(heard(member).answer) == {"A": (0, IN | FLUSH, "127.0.0.1")}


def test_answer_to_one_alone(start, member):
    port = member.getsockname()[1]
    start("127.0.0.1", port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Another address of this computer, and the responder's port: section 5.4.
        sock.bind(("127.0.0.2", port))
        message = query(("lamp.local", "A", IN | UNICAST))
        sock.sendto(message.to_wire(), ("127.0.0.1", port))
        answer = dns.message.from_wire(sock.recv(600))
        assert not answer.question
        assert records(answer.answer) == {"A": (120, IN | FLUSH, "127.0.0.1")}


def test_names_that_cannot_be(run_mpy):
    done = run_mpy("""
        from tinyweb.mdns import Responder
        for name in ("", "a.b", "x" * 64, "\\xe4" * 32):
            try:
                Responder(name, "1.2.3.4")
                print(name)
            except ValueError:
                pass
        Responder("x" * 63, "1.2.3.4")
    """)
    assert done.stdout == ""
