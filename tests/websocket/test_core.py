# SPDX-License-Identifier: MIT
"""The C core on this machine, under AddressSanitizer and UndefinedBehaviorSanitizer."""

import codecs
import pathlib
import random
import subprocess

import pytest
from host.core import SANITIZERS, WARNINGS

from support.simulator import TOP

CORE = TOP / "cmodules" / "tinyweb" / "core"
CHECK = pathlib.Path(__file__).parent / "core_check.c"


def texts():
    """Good texts, and the same with a byte changed, left out or put in."""
    choose = random.Random(1)
    characters = "az\x00\x7f\x80ä߿ࠀ€퟿￿𐀀😀\U0010ffff"
    for _ in range(400):
        size = choose.randrange(1, 12)
        text = bytearray("".join(choose.choice(characters) for _ in range(size)).encode())
        yield bytes(text)
        at = choose.randrange(len(text))
        text[at : at + choose.randrange(2)] = bytes([choose.randrange(256)])
        yield bytes(text)


def expected(text):
    """(bytes up to the first wrong one, whether it is a text)"""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for i in range(len(text)):
        try:
            decoder.decode(text[i : i + 1])
        except UnicodeDecodeError:
            return i, 0
        held = decoder.getstate()[0]
        if len(held) == 2 and held[0] == 0xED and held[1] >= 0xA0:
            return i, 0  # A surrogate, at which Python's decoder fails one byte later.
    return len(text), int(not decoder.getstate()[0])


@pytest.mark.parametrize("bits", [64, 32])
def test_every_alignment_and_cut(tmp_path, bits):
    program = tmp_path / "check"
    subprocess.run(
        ["gcc", f"-m{bits}", "-O1", "-g", *WARNINGS, *SANITIZERS, f"-I{CORE}", "-o", program]
        + [CHECK, *sorted(CORE.glob("*.c"))],
        check=True,
    )
    pairs = [(a, b) for a in range(128, 256) for b in (127, 128, 143, 144, 159, 160, 191, 192)]
    cases = [*texts(), *(bytes([a, b, 0x80, 0x80]) for a, b in pairs)]
    done = subprocess.run(
        [program], input="\n".join(c.hex() for c in cases), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [tuple(map(int, line.split())) for line in done.stdout.splitlines()] == [
        expected(c) for c in cases
    ]
