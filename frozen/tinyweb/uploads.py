# SPDX-License-Identifier: MIT
"""Files that clients send, streamed to the file system: forms with files, and plain bodies.

A file is written under a temporary name and gets its own only when the whole request was received
and understood; otherwise it is removed. The memory that is needed does not depend on its size. The
route's max_body_size has to allow for it.
"""

import gc
import os

from _tinyweb import reception
from httpparse import DATA, PART, PART_END, Multipart

from micropython import const
from tinyweb import HTTPException, aio
from tinyweb.multipart import text

_SUFFIX = ".part"
_NAME_MAX = const(64)
_DIRECTORY = const(0x4000)
# Blocks that are written at a time, before other tasks go on: a fast client leaves no gap.
_BLOCKS = const(16)
# The statuses of OSErrors that a client has to do with: ENOENT, ENOTDIR, EISDIR and EEXIST are
# about the folder or the name, EINVAL and ENAMETOOLONG about a name that cannot be, ENOSPC
# about space.
_STATUSES = {2: 409, 20: 409, 21: 409, 17: 409, 22: 400, 36: 400, 28: 507}

_serial = 0
_left = None  # the last of the _Stores whose files could not be removed for want of memory


def _translated(exc):
    # What to raise for an OSError of the file system.
    status = _STATUSES.get(exc.errno)
    return exc if status is None else HTTPException(status)


def free(folder):
    """Bytes that may still be written below `folder`."""
    stat = os.statvfs(folder or ".")
    return stat[1] * stat[4]


def clean(folder):
    """Remove what an upload that a reset has cut off left in `folder`; to be called at start."""
    for entry in os.ilistdir(folder or "."):
        name = entry[0]
        if name.startswith(".") and name.endswith(_SUFFIX):
            os.remove(_join(folder, name))


def safe_name(filename):
    """The last segment of `filename`, what a client calls a file; HTTPException(400) for none.

    A path is cut off, whichever slash it has, so that the file stays in its folder. Hidden and
    temporary names are refused, and such as are longer than 64 bytes.
    """
    name = filename.replace("\\", "/").split("/")[-1].strip()
    # FAT drops dots at the end: the file would have another name.
    if not name or name.startswith(".") or name.endswith((_SUFFIX, ".")):
        raise HTTPException(400)
    data = name.encode()
    if len(data) > _NAME_MAX:
        raise HTTPException(400)
    # As bytes: MicroPython keeps each character that a str is iterated by for ever.
    for c in data:
        # Characters that FAT does not allow, too.
        if c < 32 or c in b'\x7f"*:<>?|':
            raise HTTPException(400)
    return name


def _join(folder, name):
    if not folder or folder.endswith("/"):
        return folder + name
    return folder + "/" + name


def _folder(path):
    return path[: path.rfind("/") + 1]


class _Store:
    # The files of one request.

    def __init__(self, request, folder, max_file_size, min_free, progress):
        self.files = []  # [field name, path, size, temporary path]
        self.file = None  # the open one, the last of self.files
        self.max_file_size = max_file_size
        self.folder = folder
        self.min_free = min_free
        self.progress = progress
        self.total = request.content_length
        self.left = 0  # bytes that may be written before looking again
        self.before = None  # what _left was
        _try_again()
        try:
            if self.total is not None and self.total > free(folder) - min_free:
                raise HTTPException(507)
        except OSError as exc:
            raise _translated(exc)

    def open(self, name, path):
        global _serial
        _serial += 1
        folder = _folder(path)
        # A hidden name: static sites do not show it.
        temporary = "{}.{}.{}{}".format(folder, path[len(folder) :], _serial, _SUFFIX)
        try:
            if os.stat(path)[0] & _DIRECTORY:
                raise HTTPException(409)
        except OSError:
            pass  # There is no older file.
        # It is known before there is something to remove.
        self.files.append([name, path, 0, temporary])
        try:
            self.file = open(temporary, "wb")
        except OSError as exc:
            self.files.pop()
            raise _translated(exc)

    def write(self, data, n):
        entry = self.files[-1]
        entry[2] += n
        if self.max_file_size is not None and entry[2] > self.max_file_size:
            raise HTTPException(413, "max_file_size", self.max_file_size)
        self.left -= n
        if self.left < 0:
            # Not each time: on flash it takes a while. A quarter, because others may write too.
            space = free(self.folder) - self.min_free - n
            if space < 0:
                raise HTTPException(507)
            self.left = space // 4
        try:
            self.file.write(data, n)
        except OSError as exc:
            raise _translated(exc)

    def room(self):
        # Bytes that may be written without write(), which looks at limits.
        if self.max_file_size is None:
            return self.left
        return min(self.left, self.max_file_size - self.files[-1][2])

    def wrote(self, n):
        # So many bytes were.
        self.files[-1][2] += n
        self.left -= n

    def close(self):
        file = self.file
        self.file = None
        try:
            file.close()
        except OSError as exc:
            raise _translated(exc)

    def commit(self):
        # What is renamed is no longer removed.
        done = []
        while self.files:
            name, path, size, temporary = self.files[0]
            try:
                os.rename(temporary, path)
            except OSError as exc:
                raise _translated(exc)
            self.files.pop(0)
            done.append((name, path, size))
        return done

    def discard(self):
        # Needs no memory of its own; what the file system finds none for is tried again.
        global _left
        self.progress = None
        if self.file is not None:
            try:
                self.close()
            except (OSError, HTTPException, MemoryError):
                pass  # It is removed anyway.
        for _ in range(2):
            try:
                while self.files:
                    try:
                        os.remove(self.files[-1][3])
                    except OSError:
                        pass  # The medium is gone; clean() removes it later.
                    self.files.pop()
                return
            except MemoryError:
                gc.collect()
        self.before = _left
        _left = self


def _try_again():
    # Remove what was left, when memory was short.
    global _left
    store = _left
    _left = None
    while store is not None:
        before = store.before
        store.discard()
        store = before


def fill(request, buf, n=0):
    """Read bytes of the body of `request` into `buf`, a bytearray, until it is full. Coroutine.

    n: how many bytes it has already.

    Returns how many it has then: less than len(buf) at the end of the body. Raises what
    request.readinto() does.
    """
    while True:
        more = yield from request.readinto(memoryview(buf)[n:] if n else buf)
        n += more
        if not more or n == len(buf):
            return n


def receive_file(request, path, *, max_size=None, min_free=4096, progress=None, buffer_size=512):
    """Write the body of `request` to the file `path`, as for PUT. Coroutine; returns its size.

    max_size: bytes that the file may have; HTTPException(413) beyond, None for no other limit
        than the route's max_body_size.
    min_free: bytes that have to stay free in the file system; HTTPException(507) where they
        would not.
    progress: called as progress(received, total), in bytes, after each piece; total is None for a
        chunked body.
    buffer_size: bytes that are read at a time.

    A PUT with Content-Range is HTTPException(400): it asks for a change of a part, which would
    be taken for the whole (RFC 9110 section 14.5).
    """
    if request.method == b"PUT" and b"Content-Range" in request.headers:
        raise HTTPException(400)
    if max_size is not None and (request.content_length or 0) > max_size:
        raise HTTPException(413, "max_size", max_size)
    store = _Store(request, _folder(path), max_size, min_free, progress)
    buffer_size = int(buffer_size)  # bytearray() trusts what an object says of its length.
    buf = bytearray(buffer_size)
    blocks = 0
    try:
        store.open(None, path)
        n = 0  # bytes in buf
        while True:
            # An empty body is an empty file. What TCP brings is no multiple of what file systems
            # write at once, which costs them less.
            n = yield from fill(request, buf, n)
            if not n:
                break
            store.write(buf, n)
            # Others that have a body, such as a message of WebREPL, have no slot.
            if progress is None and hasattr(request, "_slot"):
                n = yield from _receive_blocks(request, buf, store)
            else:
                n = 0
                if progress is not None:
                    progress(store.files[0][2], store.total)
            blocks += 1
            if not blocks % _BLOCKS:
                yield from aio.pass_on()
        store.close()
        return store.commit()[0][2]
    finally:
        store.discard()


def _receive_blocks(request, buf, store):
    # Write the body to the open file as far as its whole blocks of len(buf) go and `store` needs
    # not be asked. Coroutine; returns how many bytes of `buf` are not written yet.
    slot = request._slot
    room = min(store.room(), request._max_body_size - request._taken)
    step = reception(request, buf, store.file, room)
    try:
        while True:
            done = step()
            if done is None:
                yield from slot.wait_for_body(request, step)
                continue
            slot.resume()
            if done:
                break
            yield from aio.pass_on()
    except OSError as exc:
        raise exc if slot.parser.broken else _translated(exc)
    store.wrote(room - step.left)
    return step.used


def receive_form(
    request,
    folder,
    *,
    choose=None,
    max_files=4,
    max_file_size=None,
    max_field_size=256,
    max_fields=16,
    min_free=4096,
    progress=None,
    buffer_size=512,
):
    """Receive the form with files (multipart/form-data) that is the body of `request`. Coroutine.

    Returns (fields, files):
    fields: {str: str} of the fields that are no files.
    files: list of (field's name, path, size), in the form's order. Two of the same path are an
        error, HTTPException(400).

    folder: where the files go, str; '' is the current one.
    choose: called as choose(name, filename, content_type) for each file, all str or None; returns
        the name it gets in `folder`, None to leave it out. By default safe_name(filename).
    max_files, max_fields, max_file_size, max_field_size: limits; HTTPException(413) or
        httpparse.Error with that status beyond them.
    min_free, progress: as for receive_file(); received counts the bytes of the files.
    buffer_size: bytes of the parser's buffer, 256 or more; each header field of a part has to fit.
    """
    form = Multipart(request._content_type or b"", buffer_size, max_parts=max_files + max_fields)
    store = _Store(request, folder, max_file_size, min_free, progress)
    fields = {}
    name = value = None
    received = blocks = 0
    try:
        while True:
            event = form.parse()
            while event is None:
                event = form.parse((yield from request.readinto(form.space)))
            if event == DATA:
                data = form.data
                if value is not None:
                    if len(value) + len(data) > max_field_size:
                        raise HTTPException(413, "max_field_size", max_field_size)
                    value.extend(data)
                elif store.file is not None:
                    store.write(data, len(data))
                    received += len(data)
                    if progress is not None:
                        progress(received, store.total)
                    blocks += 1
                    if not blocks % _BLOCKS:
                        yield from aio.pass_on()
            elif event == PART:
                name = form.name
                value = None
                filename = form.filename
                if filename is None:
                    if len(fields) == max_fields:
                        raise HTTPException(413, "max_fields", max_fields)
                    value = bytearray()
                elif filename:
                    # Without a name it is an input of the form where nothing was chosen.
                    if choose is None:
                        filename = safe_name(filename)
                    else:
                        filename = choose(name, filename, form.content_type)
                    if filename is not None:
                        if len(store.files) == max_files:
                            raise HTTPException(413, "max_files", max_files)
                        path = _join(folder, filename)
                        for entry in store.files:
                            if entry[1] == path:
                                raise HTTPException(400)
                        store.open(name, path)
            elif event == PART_END:
                if value is not None:
                    fields[name] = text(value)
                elif store.file is not None:
                    store.close()
            else:  # END
                return fields, store.commit()
    finally:
        store.discard()
