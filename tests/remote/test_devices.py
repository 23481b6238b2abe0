# SPDX-License-Identifier: MIT
"""/cp/devices.json: answers made by hand, each broken in every place, and two devices."""

import json
import socket
import struct
import threading

import dns.flags
import dns.message
import dns.rrset
import httpx
import pytest

GROUP = "224.0.0.251"
TYPE = "_circuitpython._tcp.local."
READ = """
    import json, sys
    from tinyweb.device import neighbours
    from tinyweb.mdns import service_type

    kind = service_type(neighbours.SERVICE)
    for line in open(sys.argv[1]):
        found = {}
        neighbours.read(bytes.fromhex(line.strip()), kind, found)
        print(json.dumps([found[name] for name in sorted(found)]))
"""
FIND = """
    import asyncio, json, sys
    from tinyweb.device import neighbours

    search = neighbours.find("127.0.0.1", int(sys.argv[1]), 1500, "255.255.255.0")
    print(json.dumps(asyncio.run(search)))
"""
PROGRAM = """
    import sys, tinyweb
    from tinyweb import device
    from tinyweb.device.neighbours import SERVICE
    from tinyweb.mdns import Responder

    app = tinyweb.webserver(max_concurrency=4)
    device.enable(app)
    responder = Responder(sys.argv[3], "127.0.0.1", SERVICE, int(sys.argv[1]))
    responder.start("224.0.0.251", 5353)
    app.run(sys.argv[2], int(sys.argv[1]))
"""
LAMP = {"hostname": "lamp", "instance_name": "My Lamp", "port": 8080, "ip": "192.168.4.7"}


def answer(entry=LAMP, ident=0x1234, without=(), **changes):
    """An answer about `entry`, changed, as dnspython compresses it."""
    entry = {**entry, **changes}
    name = entry["instance_name"].replace(" ", "\\032") + "." + TYPE
    host = entry["hostname"] + ".local."
    message = dns.message.Message(id=ident)
    message.flags = dns.flags.QR | dns.flags.AA
    records = (
        (TYPE, "PTR", name),
        (name, "TXT", '"a=b"'),
        ("other.local.", "AAAA", "fe80::1"),
        (name, "SRV", f"0 0 {entry['port']} {host}"),
        (host, "A", entry["ip"]),
    )
    for owner, kind, content in records:
        if kind not in without:
            section = message.answer if kind == "PTR" else message.additional
            section.append(dns.rrset.from_text(owner, 10, "IN", kind, content))
    return message


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def read(request, run_mpy, tmp_path):
    """``read(messages)``: the devices that each message tells of."""

    def run(messages):
        file = tmp_path / "messages"
        file.write_text("".join(message.hex() + "\n" for message in messages))
        done = run_mpy(READ, bits=request.param, heap="64k", args=[file])
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_whole_answers(read):
    two = answer()
    more = answer(instance_name="b", hostname="c")
    two.answer += more.answer
    two.additional += more.additional
    # A question comes back to a plain resolver.
    question = answer()
    question.question.append(dns.rrset.RRset(dns.name.from_text(TYPE), 1, 12))
    upper = answer()
    upper.additional[3] = dns.rrset.from_text("LAMP.LOCAL.", 10, "IN", "A", LAMP["ip"])
    found = read([message.to_wire() for message in (answer(), two, question, upper)])
    other = {**LAMP, "instance_name": "b", "hostname": "c"}
    assert found == [[LAMP], [other, LAMP], [LAMP], [LAMP]]


def test_what_is_no_answer(read):
    wires = [answer(without=(kind,)).to_wire() for kind in ("PTR", "SRV", "A")]
    wire = answer().to_wire()
    wires.append(answer(port=0).to_wire())
    wires.append(wire.replace(b"\x0e_circuitpython", b"\x0e_circuitpythoX"))
    wires.append(wire.replace(b"My Lamp", b"\xff\xfe Lamp"))
    for flags in (0x0000, 0x8600, 0xC400, 0x8403):  # query, cut off, another opcode, an error
        wires.append(wire[:2] + struct.pack("!H", flags) + wire[4:])
    # Names that lead to themselves, forwards, beyond the end, and on and on.
    head = b"\x12\x34\x84\0\0\0\0\1\0\0\0\0"
    tail = b"\0\x0c\0\1\0\0\0\x0a\0\2\xc0\x0c"
    for name in (b"\xc0\x0c", b"\xc0\x0e", b"\xff\xff", b"\1a\xc0\x0c", b"\x3f", b"\x80", b"\x40"):
        wires.append(head + name + tail)
    chain = b"".join(struct.pack("!H", 0xC000 | 10 + 2 * i) for i in range(1, 400))
    body = b"\0\0" + chain
    wires.append(head[:6] + struct.pack("!H", 65535) + head[8:] + (body + tail * 20)[:1000])
    wires += [b"", b"\0", bytes(12), b"\xff" * 1024, head + tail * 80]
    assert read(wires) == [[] for _ in wires]


def test_every_truncation_and_flip_is_harmless(read):
    wire = answer().to_wire()
    cut = [wire[:end] for end in range(len(wire))]
    flipped = [
        wire[:at] + bytes((wire[at] ^ 1 << bit,)) + wire[at + 1 :]
        for at in range(len(wire))
        for bit in range(8)
    ]
    found = read(cut + flipped)
    assert not any(found[: len(cut)])
    for devices in found[len(cut) :]:
        for device in devices:
            assert set(device) == set(LAMP)
            assert 0 < device["port"] < 65536 and socket.inet_aton(device["ip"])
            assert device["hostname"] and device["instance_name"]
    # Of some bits nothing depends, such as those of the TTL.
    assert [LAMP] in found[len(cut) :] and [] in found[len(cut) :]


def test_search(run_mpy):
    here = socket.inet_aton("127.0.0.1")
    asked = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.bind((GROUP, 0))
        membership = socket.inet_aton(GROUP) + here
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)

        def reply(entries):
            for _ in entries:
                wire, peer = sock.recvfrom(1024)
                asked.append((dns.message.from_wire(wire), peer))
                ident = asked[-1][0].id
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    for junk in (b"", b"\xff" * 1500, wire, wire[:2] + b"\x84" * 400):
                        other.sendto(junk, peer)
                    other.sendto(answer(ident=ident ^ 1, hostname="forged").to_wire(), peer)
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
                        # RFC 6762 section 11: what comes from another network does not count.
                        far.bind(("127.0.1.1", 0))
                        far.sendto(answer(ident=ident, hostname="far").to_wire(), peer)
                    for entry in entries[len(asked) - 1]:
                        # The same one twice, as by a responder with two networks.
                        for _ in range(2):
                            other.sendto(answer(entry, ident).to_wire(), peer)

        def entry(i):
            return {**LAMP, "hostname": f"h{i}", "instance_name": f"i{i}"}

        many = [entry(i) for i in range(20)]
        rounds = [[LAMP, entry(1)], many, []]
        thread = threading.Thread(target=reply, args=(rounds,))
        thread.start()
        port = sock.getsockname()[1]
        found = [json.loads(run_mpy(FIND, args=[port]).stdout) for _ in rounds]
        thread.join(20)
    found = [sorted(devices, key=lambda device: device["hostname"]) for devices in found]
    first = sorted(many[:16], key=lambda device: device["hostname"])
    assert found == [[entry(1), LAMP], first, []]
    assert len({message.id for message, _ in asked}) > 1
    for message, peer in asked:
        assert peer[0] == "127.0.0.1" and peer[1] not in (port, 5353)
        assert message.flags == 0 and not message.answer
        (question,) = message.question
        assert question.to_text() == f"{TYPE} IN PTR"


@pytest.mark.parametrize(("bits", "heap"), [(64, None), (32, "38k")])
def test_two_devices(serve, tmp_path, bits, heap):
    servers = {}
    for name in ("lamp", "attic"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "device.json").write_text(json.dumps({"name": name}))
        servers[name] = serve(PROGRAM, bits=bits, heap=heap, cwd=folder, args=[name])
    for name, other in (("lamp", "attic"), ("attic", "lamp")):
        found = httpx.get(f"{servers[name].url}/cp/devices.json", timeout=20).json()
        assert found["total"] == len(found["devices"])
        # Others may be in the network of the computer that tests.
        names = {device["hostname"]: device for device in found["devices"]}
        assert name not in names
        assert names[other] == {
            "hostname": other,
            "instance_name": other,
            "port": servers[other].port,
            "ip": "127.0.0.1",
        }
    # Several at once, one search after the other; meanwhile others are served.
    answers = []

    def ask():
        answers.append(httpx.get(f"{servers['lamp'].url}/cp/devices.json", timeout=20).json())

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    version = httpx.get(f"{servers['lamp'].url}/cp/version.json", timeout=20).json()
    assert version["hostname"] == "lamp" and not answers
    for thread in threads:
        thread.join(20)
    for found in answers:
        assert "attic" in {device["hostname"] for device in found["devices"]}
    assert len(answers) == 2


def test_answer_of_more_devices_than_are_kept(run_mpy, tmp_path):
    """As many as a search keeps, whatever one message says."""
    message = answer()
    for i in range(20):
        more = answer(instance_name=f"i{i}", hostname=f"h{i}")
        message.answer += more.answer
        message.additional += more.additional
    file = tmp_path / "messages"
    file.write_text(message.to_wire().hex() + "\n")
    (devices,) = run_mpy(READ, args=[file]).stdout.splitlines()
    assert len(json.loads(devices)) == 16


@pytest.mark.parametrize("host", ["localhost", "203.0.113.7"])
def test_device_that_has_no_network(device, host):
    """It does not know its address, and the one that it is asked by is none of its own."""
    server = device(name="lamp")
    url = server.url + "/cp/devices.json"
    answer = httpx.get(url, headers={"Host": host}, timeout=20, trust_env=False)
    assert answer.status_code == 200
    assert answer.json()["total"] == len(answer.json()["devices"])
