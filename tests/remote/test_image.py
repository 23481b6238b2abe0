# SPDX-License-Identifier: MIT
"""Images of programs, before they take the place of another: what is taken, and what is not.

The images are made by esptool, which has to say the same of them.
"""

import hashlib
import json
import struct
import subprocess

import pytest

from support import ota
from support.simulator import TOP

CHECK = """
import sys
from tinyweb.device.image import HEAD, Image, describe

def check(data, room=65536, chip=0, project="micropython", piece=512):
    image = Image(room, chip, project)
    try:
        for at in range(0, len(data), piece):
            image.feed(memoryview(data)[at : at + piece])
        image.end()
    except ValueError as exc:
        return str(exc)
    return image.version

with open(sys.argv[1], "rb") as file:
    data = file.read()
"""


@pytest.fixture
def check(run_mpy, tmp_path):
    """``check(data, program)``: what a program behind CHECK prints of an image."""

    def run(data, program, bits=64):
        file = tmp_path / "app.bin"
        file.write_bytes(data)
        return run_mpy(CHECK + program, args=(file,), bits=bits, timeout=120).stdout.strip()

    return run


def signed(data):
    """The image `data` with the sums that belong to what it has now."""
    at = 24
    checksum = 0xEF
    for _ in range(data[1]):
        size = struct.unpack_from("<I", data, at + 4)[0]
        for byte in data[at + 8 : at + 8 + size]:
            checksum ^= byte
        at += 8 + size
    body = data[:at] + bytes(15 - at % 16) + bytes([checksum])
    return body + hashlib.sha256(body).digest()


@pytest.mark.parametrize("chip", ota.CHIPS)
def test_what_esptool_makes(check, tmp_path, chip):
    data = ota.image("1.2.3-rc1", chip)
    program = f"print(describe(data[:HEAD]), check(data, chip={data[12]}))"
    number = data[12]
    assert check(data, program) == f"({number}, 'micropython', '1.2.3-rc1') 1.2.3-rc1"
    assert check(data, f"print(check(data, chip={number + 1}))") == "the image is for another chip"
    told = subprocess.run(
        [TOP / ".venv/bin/esptool", "image-info", tmp_path / "app.bin"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"Chip ID: {number} " in told
    assert told.count("(valid)") == 2
    assert "Project name: micropython" in told and "App version: 1.2.3-rc1" in told


@pytest.mark.parametrize("bits", [64, 32])
def test_however_it_comes(check, bits):
    """Any size of pieces and of segments, so that each part ends at each place of a piece."""
    for size in (0, 4, 8, 12, 3000):
        program = """
results = {check(data, piece=n) for n in list(range(1, 70)) + [255, 256, 288, 1000, 4096]}
print(results)
"""
        assert check(ota.image(size=size), program, bits) == "{'0.2.0'}"


def test_every_bit(check):
    program = """
data = bytearray(data)
taken = []
for at in range(len(data)):
    for bit in range(8):
        data[at] ^= 1 << bit
        if check(data, piece=4096) == "0.2.0":
            taken.append((at, bit))
        data[at] ^= 1 << bit
print(taken, check(data))
"""
    assert check(ota.image(size=64), program) == "[] 0.2.0"


def test_every_end(check):
    program = """
print({check(data[:n]) for n in range(len(data))}, check(data + b"x"), check(data + data))
"""
    assert check(ota.image(size=64), program) == (
        "{'the image is cut off'} there is something behind the image"
        " there is something behind the image"
    )


def with_byte(at, value):
    data = bytearray(ota.image())
    data[at] = value
    return signed(bytes(data))


def with_size(size, described=True):
    # Another size of the first segment, with sums that are right where the rest allows it.
    data = bytearray(ota.image(described=described))
    data[28:32] = struct.pack("<I", size)
    return bytes(data)


WRONG = {
    "nothing": (b"x" * 992, "this is no image of a program: a file that ends in -app.bin is one"),
    "no segments": (with_byte(1, 0), "the image's header is wrong"),
    "too many segments": (b"\xe9\x11" + ota.image()[2:], "the image's header is wrong"),
    "another chip": (ota.image(chip="esp32c3"), "the image is for another chip"),
    "no sum": (with_byte(23, 0), "the image has no SHA-256 at its end"),
    "no description": (ota.image(described=False), "the image does not say what it is"),
    "another project": (
        ota.image(project="tasmota"),
        "the image is of another project: tasmota",
    ),
    "no project": (ota.image(project=""), "the image is of another project: no name"),
    "odd segment": (with_size(857), "a segment's size is wrong"),
    "small segment": (with_size(252), "a segment's size is wrong"),
    "endless segment": (with_size(0xFFFFFFFC), "the image is larger than its place"),
    "large segment": (with_size(65536), "the image is larger than its place"),
    "checksum": (
        (lambda body: body + hashlib.sha256(body).digest())(ota.image()[:-33] + b"\0"),
        "the image's checksum is wrong",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_refused(check, what):
    """Each image has the right SHA-256 where it can have one, so that this is not what fails."""
    data, sentence = WRONG[what]
    assert check(data, "print(check(data))") == sentence


def test_room(check):
    data = ota.image()
    program = f"print(check(data, {len(data)}), '|', check(data, {len(data) - 1}))"
    assert check(data, program) == "0.2.0 | the image is larger than its place"


def test_beginnings_that_are_none(check):
    """What a partition without a program begins with, or a file that is cut off."""
    program = """
for head in (data[:HEAD], data[: HEAD - 1], b"\\xff" * HEAD, b"\\0" + data[1:HEAD],
        b"\\xe9\\0" + data[2:HEAD], b"\\xe9\\x11" + data[2:HEAD], data[:32] + bytes(HEAD - 32)):
    print(describe(head))
"""
    said = check(ota.image("0.2.0"), program).splitlines()
    assert said == ["(0, 'micropython', '0.2.0')", *["None"] * 6]


def test_names_are_text(check):
    """What an image says of itself is shown to people."""
    data = ota.image("<b>\n\x07é", project="micropython")
    assert check(data, "print([check(data)])") == str(["<b>????"])


def test_signatures(run_mpy, tmp_path):
    """verify() and openssl, with a key of P-256, another one, and one of another curve."""

    def openssl(*args, data=None):
        return subprocess.run(
            ["openssl", *args], input=data, check=True, capture_output=True, cwd=tmp_path
        ).stdout

    def key(name, curve="prime256v1"):
        openssl("ecparam", "-name", curve, "-genkey", "-noout", "-out", name)
        return openssl("ec", "-in", name, "-pubout", "-outform", "DER")

    message = b'{"version": "0.2.0"}\n'
    mine, other, curve = key("mine"), key("other"), key("curve", "secp256k1")
    signature = openssl("dgst", "-sha256", "-sign", "mine", data=message)
    (tmp_path / "case.json").write_text(
        json.dumps([part.hex() for part in (message, mine, other, curve, signature)])
    )
    done = run_mpy(
        """
        import hashlib, json, sys
        from _tinyweb import verify

        with open(sys.argv[1]) as file:
            message, mine, other, curve, signature = map(bytes.fromhex, json.load(file))
        digest = hashlib.sha256(message).digest()
        print(verify(mine, digest, signature), verify(other, digest, signature))
        flipped = 0
        for part in (bytearray(digest), bytearray(signature)):
            for at in range(len(part)):
                for bit in range(8):
                    part[at] ^= 1 << bit
                    if len(part) == 32:
                        flipped += verify(mine, part, signature)
                    else:
                        flipped += verify(mine, digest, part)
                    part[at] ^= 1 << bit
        cut = sum(verify(mine, digest, signature[:n]) for n in range(len(signature)))
        print(flipped, cut, verify(mine, digest, signature + b"x"))
        for key in (curve, mine[:-1], mine + b"x", b"", mine[:-1] + bytes([mine[-1] ^ 1])):
            try:
                print(verify(key, digest, signature))
            except ValueError as exc:
                print(exc)
        try:
            verify(mine, digest[:-1], signature)
        except ValueError as exc:
            print(exc)
        """,
        args=(tmp_path / "case.json",),
        timeout=120,
    )
    assert done.stdout.splitlines() == [
        "True False",
        "0 0 False",
        *["no public key of ECDSA on P-256"] * 5,
        "a SHA-256 has 32 bytes",
    ]
