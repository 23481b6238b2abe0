# SPDX-License-Identifier: MIT
"""tinyweb.mdns: the device's service, asked for by its type (RFC 6763) by dnspython."""

import socket

import dns.flags
import dns.message
import dns.rrset
import httpx
import pytest

from .conftest import GROUP

SERVICE = "_circuitpython._tcp"
TYPE = "_circuitpython._tcp.local."
NAME = "Lamp._circuitpython._tcp.local."
FLUSH = 0x8000
IN = 1


def texts(section):
    """The records of a section, as text; those that flush caches in a class of their own."""
    found = []
    for rrset in section:
        flush = int(rrset.rdclass) & FLUSH
        for record in rrset:
            data = record.to_generic().data
            plain = dns.rdata.from_wire(IN, record.rdtype, data, 0, len(data)).to_text()
            kind = dns.rdatatype.to_text(record.rdtype)
            found.append((str(rrset.name), "flush" if flush else "", rrset.ttl, kind, plain))
    return found


def expected(ttl, flush):
    """The PTR record, and those of the service and its host."""
    return [
        (TYPE, "", ttl, "PTR", NAME),
        (NAME, flush, ttl, "SRV", "0 0 8000 Lamp.local."),
        (NAME, flush, ttl, "TXT", '""'),
        ("Lamp.local.", flush, ttl, "A", "127.0.0.1"),
    ]


def heard(sock, kind):
    """The next answer to the group whose first record has the type `kind`."""
    while True:
        message = dns.message.from_wire(sock.recv(1024))
        if message.flags & dns.flags.QR and texts(message.answer)[0][3] == kind:
            return message


def test_plain_resolver(start):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    start("127.0.0.1", port, SERVICE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.connect(("127.0.0.1", port))

        def ask(name, kind):
            message = dns.message.make_query(name, kind)
            sock.send(message.to_wire())
            answer = dns.message.from_wire(sock.recv(1024))
            # RFC 6762 section 6.7.
            assert answer.id == message.id and answer.question == message.question
            assert answer.flags == dns.flags.QR | dns.flags.AA
            return texts(answer.answer), texts(answer.additional)

        every = expected(10, "")
        for name in (TYPE, TYPE.upper()):
            for kind in ("PTR", "ANY"):
                first = (name, *every[0][1:])
                answers, more = ask(name, kind)
                assert answers[0][0].lower() == first[0].lower() and answers[0][1:] == first[1:]
                assert len(answers) == 1 and more == every[1:]
        for kind in ("SRV", "TXT", "ANY"):
            assert ask(NAME.lower(), kind) == (every[1:3], every[3:])
        # What there is none of: the next answer is to the next question.
        for name, kind in ((TYPE, "A"), (NAME, "A"), ("_http._tcp.local", "PTR")):
            sock.send(dns.message.make_query(name, kind).to_wire())
        assert ask("lamp.local", "A") == (
            [("Lamp.local.", "", 10, "A", "127.0.0.1")],
            [("Lamp.local.", "", 10, "NSEC", "Lamp.local. A")],
        )


def test_group(start, member):
    port = member.getsockname()[1]
    server = start(GROUP, port, SERVICE)
    every = expected(120, "flush")
    for _ in range(2):
        announced = heard(member, "PTR")
        assert announced.id == 0 and not announced.question
        assert (texts(announced.answer), texts(announced.additional)) == (every[:1], every[1:])
    query = dns.message.make_query(TYPE, "PTR", id=0, flags=0)
    member.sendto(query.to_wire(), (GROUP, port))
    assert texts(heard(member, "PTR").answer) == every[:1]
    # Section 7.1: who knows it gets no answer, unless that is about to end or is another's.
    for ttl, target, told in ((60, NAME, False), (59, NAME, True), (60, "x." + TYPE, True)):
        query.answer = [dns.rrset.from_text(TYPE, ttl, "IN", "PTR", target)]
        member.sendto(query.to_wire(), (GROUP, port))
        if told:
            assert texts(heard(member, "PTR").answer) == every[:1]
    member.settimeout(0.5)
    with pytest.raises(TimeoutError):
        heard(member, "PTR")
    member.settimeout(20)
    # Section 10.1: what is given up.
    assert httpx.get(f"{server.url}/stop").text == "stopped"
    assert texts(heard(member, "PTR").answer) == [(TYPE, "", 0, "PTR", NAME)]


def test_other_networks_get_no_answer(start, member):
    """RFC 6762 section 11, as far as a socket tells it: whoever has sent a question."""
    port = member.getsockname()[1]
    start(GROUP, port, SERVICE, "255.255.255.0")
    for _ in range(2):
        heard(member, "PTR")
    query = dns.message.make_query("lamp.local", "A").to_wire()
    here = socket.inet_aton("127.0.0.1")
    for source, near in (("127.0.1.1", False), ("127.0.0.99", True)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
            sock.bind((source, 0))
            sock.sendto(query, (GROUP, port))
            if near:
                sock.settimeout(20)
                assert texts(dns.message.from_wire(sock.recv(1024)).answer)[0][4] == "127.0.0.1"
            else:
                sock.settimeout(0.5)
                with pytest.raises(TimeoutError):
                    sock.recv(1024)
