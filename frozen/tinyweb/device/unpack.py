# SPDX-License-Identifier: MIT
"""A folder from a tar archive that a client sends: the new folder takes the old one's place.

It is unpacked beside the old one, which stays until the archive was read to its end. Both have to
fit. What a cut of the power leaves is put right by mend().
"""

import os

from micropython import const
from tinyweb import HTTPException, aio, uploads
from tinyweb.device import tree
from tinyweb.files import is_folder

_BLOCK = const(512)
# Blocks that are written before other tasks go on.
_BLOCKS = const(16)
_LONGEST = const(128)  # characters of a path in an archive
_SPACES = const(8 * 32)  # The checksum's field counts as eight spaces.
# A folder NAME is .NAME.unpacked before it is whole, and .NAME.replaced before it is removed.
_NEW = ".unpacked"
_OLD = ".replaced"

NO_ARCHIVE = "This is no tar archive that can be unpacked, or not a whole one.\n"
NOT_ALLOWED = "Only files and folders within the archive can be unpacked, not {}\n"


def receive(req, path, root):
    """Make the folder `path` of the tar archive that is the body of `req`. Coroutine.

    root: the folder that can be reached. What the archive's paths begin with may be left out:
    as many segments as the query says, /fs/lib/?tar=1.
    """
    if path == root:
        raise HTTPException(409)
    if b"Content-Range" in req.headers:
        raise HTTPException(400)  # As uploads.receive_file() has it.
    tree.need_parent(path, root)
    folder = path[: path.rfind("/") + 1]
    yield from mend(folder)
    old = is_folder(path)
    if not old and tree.exists(path):
        raise HTTPException(409)
    if (req.content_length or 0) > uploads.free(folder):
        raise HTTPException(413)
    new = _beside(path, _NEW)
    os.mkdir(new)
    try:
        query = req.query_string[4:]
        wrong = yield from _unpack(req, new, int(query) if query.isdigit() else 0)
        if wrong:
            return tree.refused(400, wrong)
        if old:
            os.rename(path, _beside(path, _OLD))
        os.rename(new, path)
    finally:
        yield from mend(folder)
    return None, 204 if old else 201


def mend(folder):
    """Put right what a cut of the power has left in `folder`, a path with a slash. Coroutine."""
    while True:
        for entry in os.ilistdir(folder):
            name = entry[0]
            if not name.startswith(".") or not name.endswith((_NEW, _OLD)):
                continue
            if not name.endswith(_OLD) or not restore(folder + name[1 : -len(_OLD)]):
                yield from tree.delete(folder + name)
            break  # What is iterated over has changed.
        else:
            return


def restore(path):
    """Bring the folder `path` back, which was to be replaced; True if it was away."""
    old = _beside(path, _OLD)
    if tree.exists(path) or not tree.exists(old):
        return False
    os.rename(old, path)
    return True


def _beside(path, end):
    at = path.rfind("/") + 1
    return path[:at] + "." + path[at:] + end


def _unpack(req, folder, strip):
    # Coroutine; returns why it cannot be done, a sentence, or None.
    block = bytearray(_BLOCK)
    long = None
    found = False
    while True:
        n = yield from uploads.fill(req, block)
        if n < _BLOCK:
            return NO_ARCHIVE
        if not any(block):
            break
        try:
            size = _octal(block, 124, 12)
            if _octal(block, 148, 8) != sum(block) - sum(block[148:156]) + _SPACES:
                return NO_ARCHIVE
        except ValueError:
            return NO_ARCHIVE
        kind = block[156]
        # As GNU's tar and POSIX have it: a name that is too long for the header comes before.
        if kind == 76 or kind == 120:
            if not 0 < size <= _BLOCK:
                return NOT_ALLOWED.format("long names.")
            if (yield from uploads.fill(req, block)) < _BLOCK:
                return NO_ARCHIVE
            long = _text(block[:size]) if kind == 76 else _path(block[:size]) or long
            continue
        name = long or _name(block)
        long = None
        if kind == 103:
            name = None  # Of no file, but of all that follow.
        elif kind == 53 or kind == 48 or kind == 0:
            segments = _segments(name)
            if segments is None:
                return NOT_ALLOWED.format(name)
            name = "/".join(segments[strip:])
            found = True
        else:
            return NOT_ALLOWED.format(name)
        if kind == 53:
            if name:
                _make(folder + "/" + name, folder)
            size = 0
        elif not (yield from _store(req, block, folder, name, size)):
            return NO_ARCHIVE
    # What is behind the end fills up the last record.
    while (yield from req.readinto(block)):
        pass
    return None if found else NO_ARCHIVE


def _make(path, folder):
    # The folder `path`, where there is none yet. A file of the archive may be in its place.
    if not is_folder(path) and not tree.make(path, folder + "/"):
        raise HTTPException(409)


def _store(req, block, folder, name, size):
    # Write a file; nothing without a name. Coroutine; returns whether it was there as a whole.
    file = None
    if name:
        path = folder + "/" + name
        _make(path[: path.rfind("/")], folder)
        file = open(path, "wb")
    blocks = 0
    try:
        while size > 0:
            if (yield from uploads.fill(req, block)) < _BLOCK:
                return False
            if file is not None:
                file.write(block, min(size, _BLOCK))
            size -= _BLOCK
            blocks += 1
            if not blocks % _BLOCKS:
                yield from aio.pass_on()
    finally:
        if file is not None:
            file.close()
    return True


def _text(data):
    end = data.find(b"\0")
    # What is no UTF-8 is refused later.
    try:
        return str(data if end < 0 else data[:end], "utf-8")
    except UnicodeError:
        return ".."


def _name(block):
    name = _text(block[:100])
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    return prefix + "/" + name if prefix else name


def _path(data):
    # The path of a header of POSIX's, whose lines are: length, space, key=value.
    at = data.find(b" path=")
    return None if at < 0 else _text(data[at + 6 : data.find(b"\n", at)])


def _segments(name):
    # Those of a path that leads nowhere else, else None.
    if name.startswith("/") or len(name.rstrip("/")) > _LONGEST:
        return None
    try:
        # Without a root it is as it stands.
        return [part for part in tree.path_of("", _plain(name)).split("/") if part]
    except HTTPException:
        return None


def _plain(name):
    # Without the "." that stands for the folder itself.
    while name.startswith("./"):
        name = name[2:]
    return "" if name == "." else name


def _octal(block, at, n):
    return int(_text(block[at : at + n]).strip() or "0", 8)
