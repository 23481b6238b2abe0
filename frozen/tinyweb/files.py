# SPDX-License-Identifier: MIT
"""Files as responses."""

import os

from _tinyweb import HTTPException, media_type, transfer

from micropython import const

_MODE = const(0xF000)
_FOLDER = const(0x4000)
# ENOENT, EACCES, ENODEV, ENOTDIR, EISDIR, EINVAL, ENAMETOOLONG, ELOOP: there is no such file, or
# clients need not know of it (RFC 9110 section 15.5.4). File systems call a name invalid that they
# cannot have, and a path that leads to none of them without a device.
_NOT_FOUND = (2, 13, 19, 20, 21, 22, 36, 40)
# A smaller response buffer has no room for the fields of a part.
_ROOM = const(352)
# A large file is sent through a buffer that is as many times the slot's, but no larger than that,
# in bytes. The slots' buffers have the size that memory allowed when the server was made.
_TIMES = const(4)
_LARGEST = const(4096)

# Seconds for which clients keep a file, and the field that says so: a string in flash.
_MAX_AGE = const(2592000)
_CACHE_CONTROL = "max-age=2592000, public"

# What replace() puts behind the name of a file, until it is whole.
NEW = ".new"


def replace(path, data):
    """Give the file `path` (str) the content `data` (bytes): it appears whole or not at all.

    Where littlefs, or a file system of the host, is cut off in between, the file has its old
    content. FAT removes that first: then there is only the new one, with NEW behind its name.

    Raises OSError if it cannot be written.
    """
    with open(path + NEW, "wb") as file:
        file.write(data)
        file.flush()  # To the medium, before the name leads to it.
    os.rename(path + NEW, path)


def is_folder(path):
    """Whether `path` (str) is there, and a folder."""
    try:
        return os.stat(path)[0] & _MODE == _FOLDER
    except OSError:
        return False


def is_safe(filename):
    """Whether `filename` (str) stays in the folder that it starts in."""
    return "\0" not in filename and ".." not in filename.replace("\\", "/").split("/")


async def send_file(
    response, filename, content_type=None, content_encoding=None, max_age=_MAX_AGE, buf_size=None
):
    """Send a local file.

    Raises HTTPException(404) if there is none, OSError if it cannot be read.

    filename: path, str; one with a '..' segment is never found.
    content_type: media type; by default that of the file name's extension.
    content_encoding: value of Content-Encoding, such as 'gzip'; by default none.
    max_age: how long the client may keep the file, in seconds (30 days); 0 for not at all.
    buf_size: accepted for the original's sake; the slot's own buffer is used.

    In a response that has been started, the file is the next part of the body. In others, where
    the route saves If-None-Match or Range, conditions and ranges are answered, too: see
    tinyweb.conditional.
    """
    response._unawaited = None
    stat = stat_of(filename) if is_safe(filename) else None
    if stat is None or stat[0] & _FOLDER:
        raise HTTPException(404)
    started = response._writer.started
    if not started:
        headers = response.headers
        if content_type:
            headers["Content-Type"] = content_type
        if content_encoding:
            headers["Content-Encoding"] = content_encoding
        headers["Cache-Control"] = _cache_control(max_age)
        if _is_conditional(response):
            from tinyweb import conditional

            await conditional.answer(response, filename, stat, content_encoding, filename)
            return
    file = opened(filename)
    try:
        if not started:
            headers["Content-Length"] = stat[6]
            response._start(media_type(filename))
        await stream(response, file, stat[6])
    finally:
        file.close()


def _cache_control(max_age):
    if max_age == _MAX_AGE:
        return _CACHE_CONTROL
    return "max-age={}, public".format(max_age) if max_age else "no-store"


def opened(path):
    """The file `path`, open for reading bytes; HTTPException(404) where it cannot be read."""
    return _found(open, path, "rb")


def stat_of(path):
    """What os.stat() says of `path` (str); HTTPException(404) where there is none."""
    return _found(os.stat, path)


def _found(f, *args):
    try:
        return f(*args)
    except OSError as exc:
        if exc.errno in _NOT_FOUND:
            raise HTTPException(404)
        raise


def _is_conditional(response):
    # Whether the route saves what conditional requests have, and they apply: not where a method
    # has had its effect already, nor to what is no success (RFC 9110 section 13.2.1).
    req = response._request
    keep = req.route.keep
    if keep is None or response.code != 200 or req.method not in (b"GET", b"HEAD"):
        return False
    if response._slot.server.buffer_size < _ROOM:
        return False
    return b"If-None-Match" in keep or b"Range" in keep


def stream(response, file, size, path=None, stat=None):
    """Send `size` bytes of the open `file` as the body. Coroutine.

    path: the path of the file. stat: its size in bytes and the time of its last modification, or
        None. Where os.stat() says something else before the last byte is read, the file was
        replaced meanwhile, and the response is cut off.

    The bytes go from the file to the slot's buffer to the socket. Where memory is plentiful, a
    larger buffer takes its place meanwhile. A file of ROMFS, which is memory, needs none.
    """
    slot = response._slot
    if response._request.method == b"HEAD":
        return
    room = min(_TIMES * slot.server.buffer_size, _LARGEST)
    large = size >= _TIMES * room and response._writer.resize(room, file)
    try:
        n = size if stat is None else size - 1
        while True:
            step = transfer(slot, file, n)
            while not step():
                yield from slot.wait_to_send(step)
            # Where the file shrank, finish() sees it and closes the connection.
            if step.left or stat is None or not _is_same(path, stat):
                break
            stat = None
            n = 1
        while large and response._writer.flush(slot.sock) is None:
            yield from slot.wait_to_send()
    finally:
        if large:
            response._writer.resize(0)
        slot.resume(response)


def _is_same(path, stat):
    # Whether the file still has this size and time.
    try:
        now = os.stat(path)
    except OSError:
        return False
    return (now[6], now[8]) == stat
