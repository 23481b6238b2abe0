# SPDX-License-Identifier: MIT
"""tinyweb.dns, asked by dnspython and by whoever sends anything."""

import pathlib
import socket

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import httpx
import pytest

from support.simulator import start_server

APP = pathlib.Path(__file__).parent / "apps" / "portal.py"


@pytest.fixture(scope="module", params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def server(request, tmp_path_factory):
    bits, heap = request.param
    server = start_server(APP, folder=tmp_path_factory.mktemp("dns"), bits=bits, heap=heap)
    yield server
    assert server.process.poll() is None, server.log()
    server.stop()


def ask(server, query):
    return dns.query.udp(query, "127.0.0.1", port=server.port, timeout=20)


@pytest.mark.parametrize("name", ["captive.apple.com", "a.", "x" * 63 + ".example", "."])
@pytest.mark.parametrize("kind", ["A", "ANY"])
def test_every_name_is_the_device(server, name, kind):
    # dnspython checks the identifier and the question.
    answer = ask(server, dns.message.make_query(name, kind))
    assert answer.rcode() == dns.rcode.NOERROR
    assert answer.flags & dns.flags.AA and answer.flags & dns.flags.RD
    (record,) = answer.answer
    assert str(record.name).lower() == dns.name.from_text(name).to_text().lower()
    assert record.rdtype == dns.rdatatype.A
    assert [item.address for item in record] == ["192.168.4.1"]


@pytest.mark.parametrize("kind", ["AAAA", "HTTPS", "MX", "TXT"])
def test_other_types_have_no_records(server, kind):
    answer = ask(server, dns.message.make_query("example.com", kind))
    assert answer.rcode() == dns.rcode.NOERROR
    assert not answer.answer


def test_extensions_are_read_over(server):
    answer = ask(server, dns.message.make_query("example.com", "A", use_edns=0, payload=1232))
    assert answer.answer and answer.edns == -1


def test_other_operations(server):
    query = dns.message.make_query("example.com", "A")
    query.set_opcode(dns.opcode.STATUS)
    answer = ask(server, query)
    assert answer.rcode() == dns.rcode.NOTIMP and answer.opcode() == dns.opcode.STATUS


@pytest.mark.parametrize(("group", "code"), [("ANY", "NOERROR"), ("CH", "FORMERR")])
def test_classes(server, group, code):
    """Other networks than the internet have other addresses."""
    answer = ask(server, dns.message.make_query("example.com", "A", group))
    assert answer.rcode() == dns.rcode.from_text(code)
    assert len(answer.answer) == (code == "NOERROR")


def test_malformed(server):
    whole = dns.message.make_query("www.example.com", "A").to_wire()
    bad = [whole[:end] for end in range(12, len(whole))]
    bad += [whole[:4] + bytes([0, n]) + whole[6:] for n in (0, 2, 255)]
    bad += [whole[:12] + b"\xc0\x0c\0\1\0\1", whole[:12] + b"\x7f" * 500]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.connect(("127.0.0.1", server.port))
        for message in bad:
            sock.send(message)
            answer = sock.recv(600)
            assert answer[:2] == whole[:2]
            # An answer, FORMERR, without any section.
            assert answer[2] & 0x80 and answer[3] == 1 and answer[4:] == bytes(8)


def test_what_is_no_query_gets_no_answer(server):
    query = dns.message.make_query("www.example.com", "A")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.connect(("127.0.0.1", server.port))
        for message in (b"", b"x" * 11, dns.message.make_response(query).to_wire(), b"\xff" * 512):
            sock.send(message)
        sock.send(query.to_wire())
        assert dns.message.from_wire(sock.recv(600)).id == query.id


def test_any_name_leads_to_the_page(server):
    answer = httpx.get(f"{server.url}/generate_204", headers={"Host": "connectivitycheck.example"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://192.168.4.1/"


def test_stop_and_start_again(server):
    query = dns.message.make_query("example.com", "A")
    assert httpx.get(f"{server.url}/stop").text == "stopped"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        # Nobody has the port any more.
        sock.bind(("127.0.0.1", server.port))
    for _ in range(2):
        assert httpx.get(f"{server.url}/again").text == "again"
    assert ask(server, query).answer


def test_address(run_mpy):
    done = run_mpy("""
        from tinyweb.dns import NameServer
        for address in ("", "1.2.3", "1.2.3.4.5", "1.2.3.256", "host", "::1"):
            try:
                NameServer(address)
                print(address)
            except ValueError:
                pass
    """)
    assert done.stdout == ""
