# SPDX-License-Identifier: MIT
"""The hash that entity-tags of files without a time are made of."""

import pytest


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def printed(request, run_mpy):
    """A function: the lines that a program prints."""

    def run(code):
        program = "from _tinyweb import hash_content\n" + code
        return run_mpy(program, bits=request.param).stdout.split("\n")[:-1]

    return run


def test_contents_that_differ_little(printed):
    """Not even one half of the hash is the same for any two of 9 000 contents."""
    lines = printed(
        """
def variants():
    plain = bytearray(b"GET / HTTP/1.1\\r\\n" * 24)
    for i in range(len(plain) * 8):             # one bit differs
        plain[i // 8] ^= 1 << i % 8
        yield plain
        plain[i // 8] ^= 1 << i % 8
    for i in range(1, len(plain) // 4):         # the first word and another one are swapped
        plain[:4], plain[4 * i : 4 * i + 4] = plain[4 * i : 4 * i + 4], plain[:4]
        if i % 4:
            yield plain
        plain[:4], plain[4 * i : 4 * i + 4] = plain[4 * i : 4 * i + 4], plain[:4]
    for i in range(600):                        # zeros, and a word that is counted
        yield bytes(i)
        yield b"\\xff" * (i + 1)
    for i in range(4700):
        yield b"%d" % i
for data in variants():
    hash = bytearray(8)
    hash_content(hash, data)
    print(hash.hex())
"""
    )
    assert len(lines) > 9000
    for half in slice(8), slice(8, 16):
        assert len({line[half] for line in lines}) == len(lines)


def test_place_in_memory_is_not_seen(printed):
    lines = printed(
        """
text = bytes(range(256)) * 3
found = set()
for at in range(9):
    memory = memoryview(bytes(at) + text + bytes(5))
    hash = bytearray(8)
    hash_content(hash, memory[at : at + len(text)])
    found.add(bytes(hash))
hash = bytearray(8)
for _ in range(3):
    hash_content(hash, text[:256])
found.add(bytes(hash))
print(len(found))
"""
    )
    # The pieces are a part of it.
    assert lines == ["2"]


def test_wrong_arguments(printed):
    lines = printed(
        """
for arguments in (bytearray(7), b""), (bytes(8), b""), (bytearray(8), 5):
    try:
        hash_content(*arguments)
    except (TypeError, ValueError) as exc:
        print(type(exc).__name__)
"""
    )
    assert lines == ["ValueError", "TypeError", "TypeError"]
