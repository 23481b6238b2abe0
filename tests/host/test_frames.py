# SPDX-License-Identifier: MIT
"""Frames of WebSocket (RFC 6455) at the bounds of what each of their fields can say."""

import base64
import hashlib
import itertools
import struct

import pytest

KEY = b"\x01\x80\xff\x5a"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN = 0x80


def head(first, length, form=None, key=KEY):
    """form: how many bytes say the length, the fewest where it is None."""
    if form is None:
        form = 1 if length < 126 else 2 if length < 65536 else 8
    if form == 1:
        return bytes([first, 0x80 | length]) + key
    if form == 2:
        return bytes([first, 0xFE]) + struct.pack("!H", length) + key
    return bytes([first, 0xFF]) + struct.pack("!Q", length) + key


def frame(first, payload=b"", key=KEY):
    masked = bytes(a ^ b for a, b in zip(payload, itertools.cycle(key), strict=False))
    return head(first, len(payload), key=key) + masked


def read(harness, data, max_size=1 << 20):
    """The same for every cut."""
    found = harness.frames(data, max_size=max_size)
    for steps in (b"\0", b"\1", b"\2\0\4"):
        assert harness.frames(data, max_size=max_size, steps=steps) == found
    return found


@pytest.mark.parametrize("within", [False, True])
def test_first_bytes(harness, within):
    """FIN, three reserved bits and the opcode, alone and within a message."""
    for first in range(256):
        opcode = first & 15
        data = (frame(TEXT, b"a") if within else b"") + frame(first, b"")
        found, end = read(harness, data)
        fits = opcode == 0 if within else opcode in (TEXT, BINARY)
        control = opcode in (CLOSE, PING, PONG) and first & FIN
        if first & 0x70 or not (fits or control):
            assert (len(found), end) == (within, ("fail", 1002))
            continue
        message = None if control or not first & FIN else (TEXT, 1) if within else (opcode, 0)
        assert found[within:] == [(opcode, first >= FIN, b"", message)]
        assert end == (("close", 1005) if opcode == CLOSE else ("more",))


def test_a_message_goes_on_after_a_control_frame(harness):
    data = frame(BINARY, b"ab") + frame(FIN | PING, b"p") + frame(CONTINUATION) + frame(FIN, b"c")
    found, end = read(harness, data + frame(FIN | TEXT, b"d"))
    assert [each[2:] for each in found] == [
        (b"ab", None),
        (b"p", None),
        (b"", None),
        (b"c", (BINARY, 3)),
        (b"d", (TEXT, 1)),
    ]
    assert end == ("more",)


@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
def test_a_client_masks(harness, opcode):
    assert read(harness, bytes([FIN | opcode, 0])) == ([], ("fail", 1002))
    assert read(harness, bytes([FIN | opcode, 0x7F])) == ([], ("fail", 1002))


LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 124, 125, 126, 127, 128, 255, 256, 65535, 65536, 70000]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("key", [KEY, b"\0\0\0\0", b"\x80\1\2\3"])
def test_payloads(harness, length, key):
    payload = bytes(i * 7 % 251 for i in range(length))
    found, end = read(harness, frame(FIN | BINARY, payload, key), 1 << 17)
    assert found == [(BINARY, True, payload, (BINARY, length))]
    assert end == ("more",)


@pytest.mark.parametrize("length", LENGTHS)
def test_texts_of_each_length(harness, length):
    """In one frame, and in two of which the second goes on."""
    payload = b"t" * length
    found, end = read(harness, frame(FIN | TEXT, payload), 1 << 17)
    assert found == [(TEXT, True, payload, (TEXT, length))]
    assert end == ("more",)
    found, end = read(harness, frame(TEXT) + frame(FIN, payload), 1 << 17)
    assert found[1:] == [(CONTINUATION, True, payload, (TEXT, length))]
    assert end == ("more",)


@pytest.mark.parametrize("length", [126, 65536])
def test_no_more_is_read_than_a_head_has(harness, length):
    """Not as much as the head before it had, of which its place still has bytes."""
    data = frame(FIN | BINARY, bytes(length)) + frame(FIN | TEXT, b"ab") + frame(FIN | PING)
    # A byte, and then all that is wanted.
    found, end = harness.frames(data, max_size=length, steps=b"\0\xff")
    assert found[1:] == [(TEXT, True, b"ab", (TEXT, 2)), (PING, True, b"", None)]
    assert end == ("more",)


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
@pytest.mark.parametrize("length", [0, 2, 124, 125])
def test_payloads_of_control_frames(harness, opcode, length):
    payload = b"\x03\xe8" + b"x" * (length - 2) if length else b""
    found, _ = read(harness, frame(FIN | opcode, payload), max_size=0)
    assert found == [(opcode, True, payload, None)]
    for form, more in ((2, 126), (8, 65536), (2, 2), (8, 2)):
        assert read(harness, head(FIN | opcode, more, form)) == ([], ("fail", 1002))


@pytest.mark.parametrize(
    ("form", "length", "end"),
    [
        (2, 0, 1002),
        (2, 125, 1002),
        (2, 126, None),
        (2, 256, None),
        (2, 65535, None),
        (8, 0, 1002),
        (8, 255, 1002),
        (8, 65535, 1002),
        (8, 65536, None),
        (8, 0x01020304, None),
        (8, 2**31 - 1, None),
        (8, 2**31, 1009),
        (8, 2**32 - 1, 1009),
        (8, 2**32, 1009),
        (8, 2**32 + 65535, 1009),
        (8, 2**40, 1009),
        (8, 2**48, 1009),
        (8, 2**56, 1009),
        (8, 2**63 - 1, 1009),
        (8, 2**63, 1002),
        (8, 2**64 - 1, 1002),
    ],
)
def test_lengths(harness, form, length, end):
    """RFC 6455 section 5.2: the shortest form, and 63 bits."""
    found, got = read(harness, head(FIN | BINARY, length, form), max_size=2**31 - 1)
    if end is None:
        assert (found, got) == ([(BINARY, True, b"", "cut")], ("more",))
    else:
        assert (found, got) == ([], ("fail", end))


@pytest.mark.parametrize("max_size", [0, 1, 5, 300])
@pytest.mark.parametrize("split", [0, 1, 5])
def test_messages_are_as_large_as_they_may_be(harness, max_size, split):
    split = min(split, max_size)
    for more in (0, 1):
        payload = b"a" * (max_size + more)
        data = frame(FIN | BINARY) + frame(TEXT, payload[:split]) + frame(FIN, payload[split:])
        found, end = read(harness, data, max_size)
        assert found[0] == (BINARY, True, b"", (BINARY, 0))
        if more:
            assert end == ("fail", 1009)
            assert len(found) == 2
        else:
            assert end == ("more",)
            assert found[2][3] == (TEXT, max_size)


# What a text may be cut into, and what no text has (RFC 3629 section 4)
TEXTS = ["7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"]
NO_TEXTS = ["80", "bf", "c080", "c1bf", "c27f", "c2c0", "e09fbf", "e0c080", "eda080", "edc080"]
NO_TEXTS += ["f08fbfbf", "f0c08080", "f4908080", "f5808080", "ff", "e1807f", "e180c0", "f180807f"]


@pytest.mark.parametrize("text", TEXTS)
def test_texts(harness, text):
    text = bytes.fromhex(text)
    for before in range(9):
        whole = b"a" * before + text + b"b" * 9
        for cut in range(len(whole) + 1):
            data = frame(TEXT, whole[:cut]) + frame(FIN | PING, b"\xff") + frame(FIN, whole[cut:])
            found, end = harness.frames(data, max_size=100)
            assert (found[-1][3], end) == ((TEXT, len(whole)), ("more",))
    for cut in range(1, len(text)):
        found, end = read(harness, frame(FIN | TEXT, text[:cut]))
        assert end == ("fail", 1007)
        assert read(harness, frame(TEXT, text[:cut]))[1] == ("more",)
        assert read(harness, frame(TEXT, text[:cut]) + frame(FIN))[1] == ("fail", 1007)
    # What a text leaves open is not the next one's
    assert read(harness, frame(FIN | BINARY, text[:1]) + frame(FIN | TEXT, b"a"))[1] == ("more",)


@pytest.mark.parametrize("text", NO_TEXTS)
def test_no_texts(harness, text):
    text = bytes.fromhex(text)
    for before, byte in itertools.product(range(9), (b"a", b"\0")):
        data = frame(TEXT, byte * before + text + b"b" * 5)
        assert read(harness, data)[1] == ("fail", 1007)
        assert read(harness, data.replace(b"\1", b"\2", 1))[1] == ("more",)


def test_every_pair_of_bytes_in_a_text(harness):
    for first in range(0x80, 0x100):
        for second in (0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0):
            data = bytes([first, second, 0x80, 0x80])
            good = None
            for size in (2, 3, 4):
                try:
                    good = data[:size].decode() and size
                except UnicodeDecodeError:
                    continue
                break
            text = data[:good] if good else data
            end = harness.frames(frame(FIN | TEXT, text), max_size=9)[1]
            assert end == (("more",) if good else ("fail", 1007)), data


def test_close_codes(harness):
    """RFC 6455 section 7.4, and the codes that IANA has registered since."""
    for code in [*range(990, 1025), *range(2995, 3005), *range(4990, 5005), 0, 999, 2999, 65535]:
        good = code in {*range(1000, 1015), *range(3000, 5000)} - {1004, 1005, 1006}
        for reason in (b"", "ä".encode(), b"\xff", b"\xc3"):
            payload = struct.pack("!H", code) + reason
            _, end = harness.frames(frame(FIN | CLOSE, payload), max_size=0)
            if not good:
                assert end == ("fail", 1002)
            elif reason[:1] in (b"\xff", b"\xc3") and reason != "ä".encode():
                assert end == ("fail", 1007)
            else:
                assert end == ("close", code)
    for first in range(256):
        assert harness.frames(frame(FIN | CLOSE, bytes([first])), max_size=0)[1] == ("fail", 1002)
    # Nothing is read behind it
    assert read(harness, frame(FIN | CLOSE) + frame(FIN | PING)) == (
        [(CLOSE, True, b"", None)],
        ("close", 1005),
    )


@pytest.mark.parametrize("length", [*LENGTHS, 2**24, 2**31 - 1])
def test_heads_that_are_sent(harness, length):
    for first in (FIN | TEXT, CONTINUATION, FIN | PONG):
        masked = bytearray(head(first, length, key=b""))
        masked[1] &= 0x7F
        assert harness.frame_head(first, length) == masked


def test_proof_of_the_handshake(harness):
    """RFC 6455 section 4.2.2; the first one is the RFC's own example."""
    for number in range(40):
        nonce = bytes((number * 89 + i * (number + 1)) % 256 for i in range(16))
        key = base64.b64encode(nonce) if number else b"dGhlIHNhbXBsZSBub25jZQ=="
        proof = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        assert harness.handshake(key) == (True, base64.b64encode(proof))


def test_every_byte_of_a_key(harness):
    alphabet = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    key = b"dGhlIHNhbXBsZSBub25jZQ=="
    for at in range(24):
        for byte in range(256):
            changed = key[:at] + bytes([byte]) + key[at + 1 :]
            assert harness.handshake(changed)[0] == (byte == 61 if at >= 22 else byte in alphabet)
