# SPDX-License-Identifier: MIT
"""The ROMFS partition: the image that a client sends takes the place of the one that is there.

What makes an image one is its first word. The old one's is cleared before anything is erased, and
the new one's is written last: whenever the power fails, there is a whole image or none.
"""

import sys

import vfs

from micropython import const
from tinyweb import HTTPException, aio, uploads
from tinyweb.device import start, tree

# Where an image is mounted, here and by the port at the start.
PLACE = "/rom"

_MAGIC = b"\xd2\xcd\x31"
# Bytes that are written at a time, and the least that can be.
_BLOCK = const(512)
_WORD = const(4)
# Blocks that are written before other tasks go on.
_BLOCKS = const(8)
# Records (MicroPython, extmod/vfs_rom.c), and how deep folders may be in each other.
_UNUSED = const(0)
_POINTER = const(3)
_FOLDER = const(4)
_FILE = const(5)
_DEPTH = const(16)

NO_IMAGE = "This is no image of ROMFS: make romfs APP=FOLDER makes one.\n"
TOO_LARGE = "The image has {} bytes, and ROMFS has room for {}.\n"
IN_USE = (
    "A program of the old image has run since the start, and its code would go. Restart without\n"
    "the program first: POST /device/api/restart?safe\n"
)

_busy = False


def memory():
    """The partition as a memoryview, or None where the device has none."""
    found = _segment()
    return None if found is None else memoryview(found)


def used(view):
    """Bytes of the image that `view`, the partition's memory, begins with; 0 for none."""
    if view[:3] != _MAGIC:
        return 0
    try:
        size, at = _number(view, 3)
    except ValueError:
        return 0
    return at + size if at + size <= len(view) else 0


def answer(req):
    """Answer a PUT of an image, or a DELETE, which takes the image away. Coroutine."""
    global _busy
    view = memory()
    if view is None:
        raise HTTPException(501)
    if _busy:
        raise HTTPException(409)
    _busy = True
    try:
        if req.method == b"PUT":
            return (yield from _receive(req, view))
        if used(view) and _is_in_use():
            return tree.refused(409, IN_USE)
        _clear(view)
        return None, 204
    finally:
        _busy = False


def _segment():
    try:
        # One object that can be read as memory. On the ESP32 it is a block device, too.
        found = vfs.rom_ioctl(2, 0)
    except AttributeError:
        return None
    return None if isinstance(found, int) else found


def _is_in_use():
    # Whether bytecode or names of the old image may be in use.
    if start.failure or (start.running or "").startswith(PLACE):
        return True
    for name in sys.modules:
        path = "/" + name.replace(".", "/")
        for end in (path, path + ".mpy", path + ".py"):
            for folder in (PLACE, PLACE + "/lib"):
                if tree.exists(folder + end):
                    return True
    return False


# Writing


def _receive(req, view):
    total = req.content_length
    if b"Content-Range" in req.headers:
        raise HTTPException(400)  # As uploads.receive_file() has it.
    if total is None:
        raise HTTPException(411)
    if total > len(view):
        return tree.refused(413, TOO_LARGE.format(total, len(view)))
    if used(view) and _is_in_use():
        return tree.refused(409, IN_USE)
    buf = bytearray(_BLOCK)
    n = yield from uploads.fill(req, buf)
    try:
        size, at = _number(memoryview(buf)[:n], 3)
    except ValueError:
        at = 0
    if not at or buf[:3] != _MAGIC or at + size != total:
        return tree.refused(400, NO_IMAGE)
    _clear(view)
    yield from _erase(total)
    first = bytes(buf[:_WORD])
    buf[:_WORD] = b"\xff" * _WORD
    done = blocks = 0
    while n:
        data = memoryview(buf)[:n]
        _write(done, data)
        if view[done : done + n] != data:
            raise OSError(5)  # The flash is worn out.
        done += n
        blocks += 1
        if not blocks % _BLOCKS:
            yield from aio.pass_on()
        n = yield from uploads.fill(req, buf)
    if not _is_whole(view, at, total, size, _DEPTH):
        return tree.refused(400, NO_IMAGE)
    _write(0, first)
    _mount()
    return None, 204


def _clear(view):
    # From now on there is no image.
    try:
        vfs.umount(PLACE)
    except OSError:
        pass  # It was not mounted.
    if view[:3] == _MAGIC:
        _write(0, bytes(_WORD))


def _mount():
    vfs.mount(vfs.VfsRom(_segment()), PLACE)
    # As the port does at the start, where there is an image.
    for path in (PLACE, PLACE + "/lib"):
        if path not in sys.path:
            sys.path.append(path)


def _erase(size):
    # Coroutine.
    device = _segment()
    if not hasattr(device, "ioctl"):
        _check(vfs.rom_ioctl(3, 0, size))
        return
    for n in range((size - 1) // device.ioctl(5, 0) + 1):
        device.ioctl(6, n)
        yield from aio.pass_on()


def _write(at, data):
    device = _segment()
    if hasattr(device, "ioctl"):
        block = device.ioctl(5, 0)
        device.writeblocks(at // block, data, at % block)
    else:
        _check(vfs.rom_ioctl(4, 0, at, data))


def _check(result):
    if result < 0:
        raise OSError(-result)


# The format


def _number(view, at):
    # (number, where it ends); ValueError where there is none that could be right.
    value = 0
    while at < len(view) and value < 0x20000:
        byte = view[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    raise ValueError


def _is_whole(view, at, end, room, depth):
    # Whether records fill view[at:end], and those of a folder that folder; pointers lead to a
    # place within `room` bytes.
    try:
        while at < end:
            kind, at = _number(view, at)
            size, at = _number(view, at)
            following = at + size
            if kind == _UNUSED or following > end:
                return False
            if kind == _POINTER:
                n, at = _number(view, at)
                offset, at = _number(view, at)
                if n + offset > room:
                    return False
            elif kind == _FOLDER or kind == _FILE:
                n, at = _number(view, at)
                n += at
                if not depth or not _is_whole(view, n, following, room, depth - 1):
                    return False
                str(view[at:n], "utf-8")  # Its folder could not be listed.
            at = following
    except ValueError:
        return False
    return at == end
