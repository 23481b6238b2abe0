# SPDX-License-Identifier: MIT
"""Tar archives that become folders: two bytes of how they are cut, one of flags, one of the query.

Of the flags 1: on FAT, else on littlefs; 2: there is an old folder; 4: the power failed before;
8: the rest is the archive but for the sums, else it says what the archive is made of: of each
entry its kind, the length of its name, the name, its size, and its content.
"""

import asyncio
import gc
import os

import vfs
from harness import Cutter, run
from tinyweb import HTTPException, aio
from tinyweb.device import archive, tree

BLOCK = 512
BLOCKS = 128
FOLDER = 0x4000
ROOT = "/disk/"
KEPT = 16
# Entries of an archive that is made.
MOST = 12
KINDS = b"05L0x5g\x000502"
# What docs/device.md has of a PUT with ?tar, and of the file system's own reasons.
REFUSALS = (400, 404, 409, 412, 413)


class Disk:
    """A disk in RAM."""

    def __init__(self):
        self.data = bytearray(BLOCK * BLOCKS)

    def readblocks(self, n, buf, offset=0):
        at = n * BLOCK + offset
        buf[:] = memoryview(self.data)[at : at + len(buf)]

    def writeblocks(self, n, buf, offset=0):
        at = n * BLOCK + offset
        self.data[at : at + len(buf)] = buf

    def ioctl(self, op, arg):
        return {4: BLOCKS, 5: BLOCK, 6: 0}.get(op)


class Request:
    """A request whose body comes in pieces."""

    method = b"PUT"

    def __init__(self, data, sizes, query):
        self.headers = {}
        self.query_string = query
        self.content_length = None if sizes else len(data)
        self.body = Cutter(data, sizes)

    async def readinto(self, buf):
        part = self.body.take(len(buf))
        buf[: len(part)] = part
        return len(part)


class Response:
    """A response that has not begun."""

    class _writer:
        sent = False


class Device:
    """What is asked of the device."""

    root = ROOT
    path = ROOT + "device.json"


disk = Disk()
# File systems that were mounted. littlefs has to be there when one of its iterators is collected:
# those go that were here in two collections.
mounted = []
# The disk as it is before an archive comes, by flags.
before = {}


def put(path, content):
    with open(ROOT + path, "wb") as file:
        file.write(content)


def mount(kind):
    mounted.append(kind(disk))
    if len(mounted) >= 2 * KEPT:
        gc.collect()
        del mounted[:KEPT]
    vfs.mount(mounted[-1], ROOT[:-1])


def prepare(flags):
    """Mount the disk as the flags say."""
    kind = vfs.VfsFat if flags & 1 else vfs.VfsLfs2
    if flags not in before:
        kind.mkfs(disk)
        mount(kind)
        put("keep", b"kept")
        os.mkdir(ROOT + "other")
        put("other/keep", b"kept, too")
        if flags & 2:
            # Its name, or what a cut of the power has left of it.
            name = ".d.replaced" if flags & 4 else "d"
            os.mkdir(ROOT + name)
            put(name + "/old", b"old")
        if flags & 4:
            os.mkdir(ROOT + ".d.unpacked")
            put(".d.unpacked/half", b"half")
        vfs.umount(ROOT[:-1])
        before[flags] = bytes(disk.data)
    disk.data[:] = before[flags]
    mount(kind)


def files(folder):
    """{path: content, None for a folder} of all below a folder."""
    found = {}
    for entry in os.ilistdir((ROOT + folder)[:-1]):
        path = folder + entry[0]
        if entry[1] == FOLDER:
            found[path] = None
            found.update(files(path + "/"))
        else:
            with open(ROOT + path, "rb") as file:
                found[path] = file.read()
    return found


def within(found, folder):
    """Those of `found` below `folder`, by their paths there."""
    start = folder + "/"
    return {path[len(start) :]: found[path] for path in found if path.startswith(start)}


async def answer(data, sizes, query, name):
    try:
        result = await tree.answer(Request(data, sizes, query), Response, Device, name)
    except HTTPException as exc:
        return exc.code
    if result[1] == 400:
        assert result[0].endswith("\n"), result
    return result[1]


def unpack(data, sizes, query, name="d/"):
    try:
        return asyncio.run(answer(data, sizes, query, name))
    finally:
        aio.loop_left()


def outcome(flags, data, sizes, query):
    """(status, files) of an archive, with the disk left mounted."""
    prepare(flags)
    status = unpack(data, sizes, query)
    return status, files("")


# Archives


def octal(n, size):
    text = f"{n:o}"
    return (b"0" * (size - 1 - len(text)) + text.encode())[: size - 1] + b"\0"


def summed(block):
    """A header with its checksum made right."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return block


def header(kind, name, size, prefix=b""):
    block = bytearray(BLOCK)
    block[: min(len(name), 100)] = name[:100]
    block[124:136] = octal(size, 12)
    block[156] = kind
    if prefix:
        block[257:265] = b"ustar\x0000"
        block[345 : 345 + min(len(prefix), 155)] = prefix[:155]
    return summed(block)


def filled(content):
    return content + bytes(-len(content) % BLOCK)


def made(data):
    """(an archive, its entries: kind, name, content)."""
    blocks = []
    entries = []
    at = 0
    while at + 2 < len(data) and len(entries) < MOST:
        kind = KINDS[data[at] % len(KINDS)]
        prefix = b"p/q" if data[at] & 0x80 else b""
        n = data[at + 1]
        name = data[at + 2 : at + 2 + n]
        at += 2 + n
        size = data[at] if at < len(data) else 0
        content = data[at + 1 : at + 1 + size]
        at += 1 + size
        if kind == 76:  # L
            content = name
        elif kind == 120:  # x
            content = b"%d path=%s\n" % (len(name) + 10, name)
        entries.append((kind, prefix + b"/" + name[:100] if prefix else name[:100], content))
        blocks.append(header(kind, name, 0 if kind == 53 else len(content), prefix))
        if kind != 53:
            blocks.append(filled(content))
    return b"".join(blocks) + bytes(2 * BLOCK), entries


def plain(name):
    """The segments of a path."""
    segments = [part for part in name.split(b"\0")[0].split(b"/") if part]
    while segments and segments[0] == b".":
        segments.pop(0)
    return segments


def expected(entries, strip):
    """The folder that the entries make, {path: content}."""
    found = {}
    long = None
    for kind, name, content in entries:
        if kind == 76:
            long = content.split(b"\0")[0]
            continue
        if kind == 120:
            path = content[content.find(b"=") + 1 :].split(b"\n")[0].split(b"\0")[0]
            long = path or long
            continue
        segments = plain(long or name)
        long = None
        if kind == 103:  # g
            continue
        segments = [str(part, "utf-8") for part in segments[strip:]]
        for n in range(1, len(segments)):
            found["/".join(segments[:n])] = None
        if segments and kind == 53:
            found["/".join(segments)] = None
        elif segments:
            found["/".join(segments)] = content
    return found


# Checks


def check_once(flags, data, sizes, query):
    """The outcome, of which all that has to hold is checked."""
    status, found = outcome(flags, data, sizes, query)
    old = within(found, "d")
    assert found.pop("keep") == b"kept"
    assert found.pop("other", 0) is None and found.pop("other/keep") == b"kept, too"
    assert all(path == "d" or path.startswith("d/") for path in found), found
    if status in (201, 204):
        assert found["d"] is None and (status == 204) == bool(flags & 2)
    else:
        assert status in REFUSALS, status
        assert old == ({"old": b"old"} if flags & 2 else {}) and ("d" in found) == bool(old)
    return status, old


def check_again(content):
    """What is sent of the new folder unpacks to the same."""
    data = b"".join(bytes(part) for part in archive.parts(ROOT + "d", ""))
    status = unpack(data, b"", b"tar", "e/")
    if content and status != 413:
        assert status == 201, status
        assert within(files(""), "e") == content


def check(data):
    if len(data) < 5:
        return
    sizes, flags, strip, data = data[:2], data[2] & 15, data[3] % 4, data[4:]
    query = b"tar=%d" % strip if strip else b"tar"
    entries = None
    if flags & 8:
        data = bytearray(data)
        for at in range(0, len(data) - BLOCK + 1, BLOCK):
            if data[at + 156] and not data[at + 148]:
                data[at : at + BLOCK] = summed(data[at : at + BLOCK])
        data = bytes(data)
    else:
        data, entries = made(data)
    flags &= 7
    try:
        status, content = check_once(flags, data, b"", query)
        if status in (201, 204):
            if entries is not None and not flags & 1:
                assert content == expected(entries, strip), (content, entries)
            check_again(content)
        vfs.umount(ROOT[:-1])
        assert check_once(flags, data, sizes, query) == (status, content)
        if flags & 4:
            # As where the power had not failed.
            vfs.umount(ROOT[:-1])
            assert check_once(flags & 3, data, b"", query) == (status, content)
    finally:
        vfs.umount(ROOT[:-1])


run(check)
