# SPDX-License-Identifier: MIT
"""A folder as a tar archive, in the format of POSIX (ustar), made while it is sent."""

import os
from time import gmtime

from micropython import const

_BLOCK = const(512)
_FOLDER = const(0x4000)
_NAME = const(100)  # bytes of a name in a header
# The checksum's field counts as eight spaces.
_SPACES = const(8 * 32)


def parts(path, name):
    """The archive of the folder `path`, bytes-like parts of 512 bytes each: a generator.

    name: what the folder is called in the archive, str.

    A part is valid until the next one. A file that becomes shorter meanwhile is filled up.
    """
    block = bytearray(_BLOCK)
    # Some ports count seconds from 2000.
    epoch = 946684800 if gmtime(0)[0] == 2000 else 0
    folders = [(path.rstrip("/"), name, os.ilistdir(path))]
    while folders:
        path, name, entries = folders[-1]
        entry = next(entries, None)
        if entry is None:
            folders.pop()
            continue
        if entry[0] == "." or entry[0] == "..":
            continue
        inner = path + "/" + entry[0]
        called = name + "/" + entry[0] if name else entry[0]
        try:
            stat = os.stat(inner)
        except OSError:
            continue  # It has gone meanwhile.
        time = max(0, stat[8] + epoch)
        if entry[1] == _FOLDER:
            yield from _head(block, called + "/", b"5", 0, time)
            folders.append((inner, called, os.ilistdir(inner)))
        else:
            yield from _file(block, inner, called, stat[6], time)
    # The end.
    block[:] = bytes(_BLOCK)
    yield block
    yield block


def _file(block, path, name, size, time):
    try:
        file = open(path, "rb")
    except OSError:
        return
    try:
        yield from _head(block, name, b"0", size, time)
        view = memoryview(block)
        while size > 0:
            n = file.readinto(view[: min(size, _BLOCK)])
            for at in range(n, _BLOCK):
                block[at] = 0
            size -= _BLOCK
            yield block
    finally:
        file.close()


def _head(block, name, kind, size, time):
    name = name.encode()
    if len(name) > _NAME:
        # As GNU's tar has it: a block before, with the name.
        _fill(block, b"././@LongLink", b"L", len(name) + 1, 0)
        yield block
        for at in range(0, len(name) + 1, _BLOCK):
            piece = name[at : at + _BLOCK]
            block[:] = piece + bytes(_BLOCK - len(piece))
            yield block
        name = name[:_NAME]
    _fill(block, name, kind, size, time)
    yield block


def _fill(block, name, kind, size, time):
    block[:] = bytes(_BLOCK)
    block[: len(name)] = name
    block[100:108] = b"0000755\0" if kind == b"5" else b"0000644\0"
    block[108:124] = b"0000000\x000000000\0"
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"%011o\0" % time
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % (sum(block) + _SPACES)
