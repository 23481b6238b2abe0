# SPDX-License-Identifier: MIT
"""Images of ROMFS: the first byte says what the rest is.

0: the partition's memory. 1: the image's records. 2: what a tree of files and folders is made of,
whose image is whole. Whatever is whole is mounted, and read to the end of each file.
"""

import os

import uctypes
import vfs
from harness import raises, run
from tinyweb.device import romfs

MAGIC = b"\xd2\xcd\x31"
FOLDER = 0x4000
# Names that are looked at in an image, and bytes of a file: a pointer may lead to the same again.
MOST = 64
PLACE = "/r"


def varuint(n):
    out = bytes((n & 127,))
    while n > 127:
        n >>= 7
        out = bytes((128 | n & 127,)) + out
    return out


def record(kind, content):
    return bytes((kind,)) + varuint(len(content)) + content


def named(kind, name, content):
    return record(kind, varuint(len(name)) + name + content)


def image(records):
    if len(records) % 2 != len(varuint(len(records))) % 2:
        records += b"\x01\x00" if len(records) % 2 == 0 else b"\x01\x01\x00"
    return MAGIC + varuint(len(records)) + records


def tree(data):
    """A tree from the input: (its records, {path: content, None for a folder})."""
    found = {}
    open_ = [("", [])]
    for i in range(0, min(len(data), MOST * 2), 2):
        kind, n = data[i] & 3, data[i + 1] if i + 1 < len(data) else 0
        path, records = open_[-1]
        name = f"{n % 16:x}{i}"
        if kind == 0 and len(open_) <= 12:
            found[path + "/" + name] = None
            open_.append((path + "/" + name, []))
        elif kind == 1 and len(open_) > 1:
            open_.pop()
            name = path[path.rfind("/") + 1 :].encode()
            open_[-1][1].append(named(4, name, b"".join(records)))
        elif kind == 2:
            found[path + "/" + name] = data[i : i + n]
            records.append(named(5, name.encode(), record(2, data[i : i + n])))
        else:
            records.append(record(1 + n % 2 * 5, data[i : i + n]))
    while len(open_) > 1:
        path, records = open_.pop()
        name = path[path.rfind("/") + 1 :].encode()
        open_[-1][1].append(named(4, name, b"".join(records)))
    return b"".join(open_[0][1]), found


def walk(memory, folder, found):
    """Reads all below `folder` into `found`; nothing that is read lies outside of `memory`."""
    for entry in os.ilistdir(PLACE + folder):
        if len(found) >= MOST:
            return
        path = folder + "/" + entry[0]
        # A name is one, not a path; what is called as another is what comes first.
        stat = raises(OSError, os.stat, PLACE + path)
        if stat is None or path in found:
            continue
        if entry[1] == FOLDER:
            found[path] = None
            if stat[0] == FOLDER:
                walk(memory, path, found)
            continue
        found[path] = b""
        if stat[0] == FOLDER:
            continue
        with open(PLACE + path, "rb") as file:
            content = memoryview(file)
            first = uctypes.addressof(content)
            start = uctypes.addressof(memory)
            assert start <= first and first + len(content) <= start + len(memory), path
            assert file.read() == content and stat[6] == len(content)
            found[path] = bytes(content)


def is_whole(data):
    """As it is asked when an image has come."""
    size, at = romfs._number(data, 3)
    return at + size == len(data) and romfs._is_whole(data, at, len(data), size, 16)


def read(data):
    """All of an image that is whole: {path: content}."""
    found = {}
    vfs.mount(vfs.VfsRom(data), PLACE)
    try:
        walk(data, "", found)
    finally:
        vfs.umount(PLACE)
    return found


def check(data):
    if not data:
        return
    kind, data = data[0] % 3, data[1:]
    expected = None
    if kind == 0:
        # What the partition begins with, whoever has written it.
        size = romfs.used(memoryview(data))
        assert 0 <= size <= len(data)
        if not size:
            return
        data = data[:size]
    elif kind == 1:
        data = image(data)
    else:
        records, expected = tree(data)
        data = image(records)
    assert romfs.used(memoryview(data)) == len(data)
    whole = is_whole(memoryview(data))
    if whole:
        found = read(data)
    if expected is not None:
        assert whole and found == expected, (found, expected)


run(check)
