# SPDX-License-Identifier: MIT
"""Images of programs, as they come over the network: three bytes of how they are cut, then flags.

Of these 1: the rest says what an image is made of, else it is the image; 2: one byte of that is
changed; 4: and the sums are made right again; 8: there is little room.
"""

from hashlib import sha256

from harness import Cutter, run
from tinyweb.device.image import HEAD, Image, describe

CHIP = 9
PROJECT = "lamp"
HEADER = 24
SEGMENT = 8
DESCRIPTION = 256


def number(data, at, n=4):
    return int.from_bytes(data[at : at + n], "little")


def made(data):
    """An image that is right, of 1 to 4 segments: of each a byte of its size, and its content."""
    out = bytearray(b"\xe9" + bytes((data[0] % 4 + 1,)) + bytes(10) + bytes((CHIP, 0)) + bytes(9))
    out.append(1)
    content = bytearray(DESCRIPTION)
    content[:4] = b"\x32\x54\xcd\xab"
    content[16:48] = (data[1:33] + bytes(32))[:32]
    content[48 : 48 + len(PROJECT)] = PROJECT.encode()
    at = 33
    for _ in range(out[1]):
        size = data[at] % 64 * 4 if at < len(data) else 0
        content += (data[at + 1 : at + 1 + size] + bytes(size))[:size]
        out += bytes(4) + len(content).to_bytes(4, "little") + content
        content = b""
        at += 1 + size
    out += bytes(16 - len(out) % 16 + 32)
    return summed(out)


def end_of(data):
    """Where the segments end that the header announces, None where they are not all there."""
    at = HEADER
    for _ in range(data[1]):
        if at + SEGMENT > len(data):
            return None
        at += SEGMENT + number(data, at + 4)
    return at


def checksum(data, end):
    """What ESP-IDF computes of the segments' data, which end at `end`."""
    total = 0xEF
    at = HEADER
    while at < end:
        size = number(data, at + 4)
        for byte in data[at + SEGMENT : at + SEGMENT + size]:
            total ^= byte
        at += SEGMENT + size
    return total


def summed(data):
    """The image with its checksum and SHA-256 made right, where there are places for them."""
    end = end_of(data) if len(data) > HEADER else None
    if end is not None:
        end += 16 - end % 16
        if end + 32 <= len(data):
            data[end - 1] = checksum(data, end_of(data))
            data[end : end + 32] = sha256(data[:end]).digest()
    return data


def is_right(data, room):
    """Whether the whole of `data` is an image that is taken, read in one go."""
    if len(data) < HEAD or len(data) > room or data[0] != 0xE9 or not 1 <= data[1] <= 16:
        return False
    if number(data, 12, 2) != CHIP or data[23] != 1:
        return False
    if number(data, HEADER + SEGMENT) != 0xABCD5432 or number(data, HEADER + 4) < DESCRIPTION:
        return False
    name = bytes(data[80:112]).split(b"\0")[0]
    end = end_of(data)
    if name != PROJECT.encode() or end is None:
        return False
    at = HEADER
    for _ in range(data[1]):
        size = number(data, at + 4)
        if size % 4:
            return False
        at += SEGMENT + size
    whole = end + 16 - end % 16
    if len(data) != whole + 32 or data[whole - 1] != checksum(data, end):
        return False
    return sha256(data[:whole]).digest() == data[whole:]


def taken(data, room, sizes):
    """(version, size) of an image that comes in pieces, or the sentence that refuses it."""
    image = Image(room, CHIP, PROJECT)
    pieces = Cutter(data, sizes)
    try:
        while True:
            piece = pieces.take(len(data) or 1)
            if not piece:
                break
            image.feed(piece)
        image.end()
    except ValueError as exc:
        assert exc.args[0], exc
        return exc.args[0]
    return image.version, image.size


def check(data):
    if len(data) < 6:
        return
    sizes, flags, data = data[:3], data[3], data[4:]
    room = 400 if flags & 8 else 65536
    data = made(data) if flags & 1 else bytearray(data)
    right = flags & 1 and len(data) <= room
    if flags & 2:
        at = (sizes[0] << 8 | sizes[1]) % len(data)
        data[at] ^= sizes[2] | 1
        right = False
        if flags & 4:
            summed(data)
    result = taken(data, room, b"")
    assert result == taken(data, room, sizes)
    whole = isinstance(result, tuple)
    assert whole == is_right(data, room), result
    if right:
        assert whole, result
    if flags & 1 and flags & 2 and not flags & 4:
        assert not whole, result
    # What a partition begins with, which may be anything.
    head = data[:HEAD] + bytes(max(0, HEAD - len(data)))
    described = describe(head)
    assert describe(head[: HEAD - 1 - sizes[0]]) is None
    if whole:
        assert described == (CHIP, PROJECT, result[0]) and result[1] == len(data)
    if described is not None:
        for text in described[1:]:
            assert len(text) <= 32 and all(" " <= c <= "~" for c in text)


run(check)
