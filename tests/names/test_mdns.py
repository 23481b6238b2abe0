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


# What a responder answers to the messages in argv, of which each is handled at once.
ASKED = """
import asyncio, sys
from binascii import unhexlify
from tinyweb.mdns import Responder

class Sock:
    def sendto(self, message, peer):
        print(message.hex())

async def main():
    responder = Responder("a-b{c", "127.0.0.1", "_http._tcp")
    responder.start("127.0.0.1", 0)
    for message in sys.argv[1:]:
        responder.answer(Sock(), unhexlify(message), ("127.0.0.1", 4000))
    await asyncio.sleep_ms(200)
    responder.stop()

asyncio.run(main())
"""
NAME = "a-b{c.local"
TYPE = "_http._tcp.local"


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def answers(request, run_mpy):
    """``answers(query, ...)``: the first records of the answers, as texts."""

    def ask(*queries):
        args = [message.to_wire().hex() for message in queries]
        printed = run_mpy(ASKED, bits=request.param, args=args).stdout
        found = []
        for line in printed.splitlines():
            answer = dns.message.from_wire(bytes.fromhex(line)).answer
            found.append(dns.rdatatype.to_text(answer[0].rdtype))
        return found

    return ask


def test_case_is_that_of_letters_alone(answers):
    """RFC 6762 section 16: a sign is no other one's capital, though the bit is the same."""
    same = [query((name, "A", IN)) for name in ("A-b{C.LOCAL", "a-B{c.local")]
    assert answers(*same) == ["A", "A"]
    others = ["a\\013b{c.local", "a-b[c.local", "a-b{c.loca", "a-b{.local", "a-b{cc.local"]
    assert answers(*[query((name, "A", IN)) for name in others]) == []


def known(ttl, kind, content, name=NAME, asked="A"):
    """A question with what the client knows already."""
    message = query((name, asked, IN))
    message.answer.append(dns.rrset.from_text(name + ".", ttl, "IN", kind, content))
    return message


def test_what_the_client_knows(answers):
    """RFC 6762 section 7.1: it is not told again. Another record is no answer to the question."""
    host, service = "a-b{c.local.", f"a-b{{c.{TYPE}."
    assert (
        answers(
            known(70000, "A", "127.0.0.1"),
            known(60, "A", "127.0.0.1"),
            known(60, "PTR", service, TYPE, "PTR"),
        )
        == []
    )
    assert answers(known(120, "A", "127.0.0.2")) == ["A"]
    assert answers(known(120, "TXT", '""')) == ["A"]
    assert answers(known(120, "TXT", '""', TYPE, "PTR")) == ["PTR"]
    assert answers(known(120, "PTR", host, TYPE, "PTR")) == ["PTR"]
    srv = f"0 0 80 {host}"
    assert answers(known(120, "SRV", srv, service[:-1], "SRV")) == ["SRV"]


def test_several_questions_about_the_name(answers):
    """The address is told where one of them asks for it."""
    both = [(NAME, "A", IN), (NAME, "AAAA", IN)]
    assert answers(query(*both)) == ["A"]
    assert answers(query(*both[::-1])) == ["A"]
    assert answers(query(both[1], (NAME, "TXT", IN))) == ["NSEC"]


def test_answers_that_wait_are_few(answers):
    """Those to a type are sent a moment later: many questions take no more memory than four."""
    assert answers(*[query((TYPE, "PTR", IN))] * 9) == ["PTR"] * 4


def test_who_is_near(run_mpy):
    """As a computer's socket tells an address, and a board's."""
    done = run_mpy("""
        from tinyweb.mdns import is_near
        own, mask = bytes((10, 0, 2, 15)), bytes((255, 255, 254, 0))
        for peer in ("10.0.2.1", "10.0.3.255", "10.0.4.1", "11.0.2.15"):
            packed = b"\\2\\0\\x14\\xe9" + bytes([int(n) for n in peer.split(".")])
            print(is_near((peer, 5353), own, mask), is_near(packed, own, mask))
            assert is_near(packed, own, None)
    """)
    near, far = "True True", "False False"
    assert done.stdout.splitlines() == [near, near, far, far]
