# SPDX-License-Identifier: MIT
"""/fs/: the device's files, as CircuitPython's web workflow has them.

A path that ends with a slash is a folder's. docs/device.md has the statuses.
"""

import json
import os
from time import gmtime

from httpparse import quote, unquote_str

from micropython import const
from tinyweb import HTTPException, aio, uploads
from tinyweb.files import is_folder

_FOLDER = const(0x4000)
# Entries that are deleted before other tasks run.
_ENTRIES = const(8)

# What an OSError of the file system is to a client: ENOENT and ENOTDIR; EEXIST; ENOSPC; EINVAL and
# ENAMETOOLONG; EPERM, EACCES, EBUSY, EXDEV, ENODEV, EISDIR, EROFS and ENOTEMPTY.
_STATUSES = {2: 404, 20: 404, 17: 412, 28: 413, 22: 400, 36: 400}
_CONFLICTS = (1, 13, 16, 18, 19, 21, 30, 39)

_METHODS = "GET, OPTIONS, PUT, DELETE, MOVE"


def path_of(root, name):
    """The path of the file `name`, a decoded path of a URL below /fs/, without a slash at its end.

    Raises HTTPException(400) where it would lead out of `root`, or means other things elsewhere.
    """
    segments = []
    for segment in name.split("/"):
        if segment == "." or segment == "..":
            raise HTTPException(400)
        if segment:
            segments.append(segment)
    if "\ufffd" in name:
        raise HTTPException(400)  # It was no UTF-8.
    for c in name.encode():
        # A backslash is a slash to FAT.
        if c < 32 or c == 127 or c == 92:
            raise HTTPException(400)
    return root + "/".join(segments)


def options():
    """What answers OPTIONS: the methods, and no word that lets pages of others use them."""
    return None, 204, {"Allow": _METHODS, "Access-Control-Allow-Methods": _METHODS}


async def answer(req, resp, device, name):
    """Answer a request for `name`, the decoded path behind /fs/. Coroutine."""
    if req.method == b"POST":
        raise HTTPException(405)
    path = path_of(device.root, name)
    folder = not name or name.endswith("/")
    try:
        if req.method == b"GET" or req.method == b"HEAD":
            if folder:
                return await _list(req, resp, device, path)
            return await _send(resp, path)
        if path.lower() == device.path.lower():
            # On FAT capitals and small letters are the same.
            return await resp.error(409, "Settings are changed by tinyweb.device.settings.\n")
        if req.method == b"DELETE":
            if path == device.root:
                raise HTTPException(409)
            await delete(path)
        elif req.method == b"MOVE":
            return _move(req, device, path)
        elif folder and req.query_string.split(b"=")[0] == b"tar":
            from tinyweb.device import unpack

            return await unpack.receive(req, path, device.root)
        elif folder:
            return None, 201 if make(path, device.root) else 204
        else:
            return await _receive(req, path, device.root)
        return None, 204
    except OSError as exc:
        code = 409 if exc.errno in _CONFLICTS else _STATUSES.get(exc.errno)
        if code is None or resp._writer.sent:
            raise
        raise HTTPException(code)
    except AttributeError:
        raise HTTPException(409)  # ROMFS has no functions that write.


# What browsers shall show, beside what tinyweb.files knows.
_TEXTS = (".py", ".toml", ".md", ".log", ".ini")
_TEXT = "text/plain; charset=utf-8"


def refused(status, text):
    """What answers a request with why it is refused: a status, and a sentence (str)."""
    return text, status, {"Content-Type": _TEXT}


def exists(path):
    """Whether there is something at `path`, str."""
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def need_parent(path, root):
    """Raise HTTPException(404) where the folder that `path` is in is not there."""
    parent = path[: path.rfind("/")]
    if len(parent) >= len(root) and not is_folder(parent):
        raise HTTPException(404)


# Reading


async def _send(resp, path):
    # Scripts of other sites cannot read it, and a page among the files cannot do what the
    # device's own pages can.
    resp.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    resp.headers["Content-Security-Policy"] = "sandbox"
    resp.headers["X-Content-Type-Options"] = "nosniff"
    kind = _TEXT if path.lower().endswith(_TEXTS) else None
    await resp.send_file(path, kind, max_age=0)


async def _list(req, resp, device, path):
    if path != device.root and not is_folder(path):
        raise HTTPException(404)
    resp.headers["Cache-Control"] = "no-store"
    if req.query_string == b"tar":
        from tinyweb.device import archive

        return archive.parts(path, ""), 200, {"Content-Type": "application/x-tar"}
    accept = req.headers.get(b"Accept", b"*/*")
    if b"text/html" in accept:
        # A person's browser.
        await resp.start_html()
        return _page(path)
    await resp.start_json()
    return _json(path)


def _entries(path):
    # (name, whether it is a folder) of all, but for those that lead elsewhere.
    for entry in os.ilistdir(path):
        if entry[0] != "." and entry[0] != "..":
            yield entry[0], entry[1] == _FOLDER


def _json(path):
    stat = os.statvfs(path)
    yield '{{"free": {}, "total": {}, "block_size": {}, "writable": true, "files": ['.format(
        stat[3], stat[2], stat[1] or stat[0]
    )
    # Some ports count seconds from 2000.
    epoch = 946684800 if gmtime(0)[0] == 2000 else 0
    between = ""
    for name, folder in _entries(path):
        size = time = 0
        try:
            stat = os.stat(_join(path, name))
            if not folder:
                size = stat[6]
            time = stat[8] + epoch
        except OSError:
            pass  # It has gone meanwhile, or is a place where something is mounted.
        yield '{}{{"name": {}, "directory": {}, '.format(
            between, json.dumps(name), "true" if folder else "false"
        )
        yield '"modified_ns": {}, "file_size": {}}}'.format(max(time, 0) * 1000000000, size)
        between = ",\n"
    yield "]}"


def _page(path):
    yield '<!DOCTYPE html><meta charset="utf-8"><title>Files</title><ul><li><a href="../">..</a>'
    for name, folder in _entries(path):
        end = "/" if folder else ""
        shown = name.replace("&", "&amp;").replace("<", "&lt;")
        yield '\n<li><a href="./{}{}">{}{}</a>'.format(quote(name), end, shown, end)
    yield "</ul>\n"


def _join(path, name):
    return path + name if path.endswith("/") else path + "/" + name


# Writing


async def _receive(req, path, root):
    need_parent(path, root)
    old = exists(path)
    expects = req._slot.parser.expect
    try:
        await uploads.receive_file(req, path)
    except HTTPException as exc:
        if exc.code != 507:
            raise
        # There is too little space.
        raise HTTPException(417 if expects and not req._taken else 413)
    return None, 204 if old else 201


def make(path, root):
    """Make the folder `path`, and those that it is in below `root`; False where something is."""
    if path == root or exists(path):
        return False
    at = len(root)
    while True:
        at = path.find("/", at)
        if at < 0:
            break
        parent = path[:at]
        if not exists(parent):
            os.mkdir(parent)
        at += 1
    os.mkdir(path)
    return True


def _move(req, device, path):
    destination = unquote_str(req.headers.get(b"X-Destination", b""))
    if not destination.startswith("/fs/"):
        raise HTTPException(400)
    target = path_of(device.root, destination[4:])
    if target.lower() == device.path.lower() or path == device.root:
        raise HTTPException(409)
    if not exists(path):
        raise HTTPException(404)
    if target == device.root or exists(target):
        # Where capitals do not count, a file's own name in others is no other file.
        if target == path or target.lower() != path.lower():
            raise HTTPException(412)
    if target.lower().startswith(path.lower() + "/"):
        raise HTTPException(409)  # FAT would make a ring of it, which nothing leads to.
    need_parent(target, device.root)
    os.rename(path, target)
    return None, 201


async def delete(path):
    """Delete the file `path`, str, or the folder with all that is in it. Coroutine."""
    # No path is held for longer than its folder is being emptied.
    if not is_folder(path):
        os.remove(path)
        return
    folders = [path]
    n = 0
    while folders:
        path = folders[-1]
        for name, folder in _entries(path):
            if folder:
                folders.append(_join(path, name))
            else:
                os.remove(_join(path, name))
            break  # What is iterated over has changed.
        else:
            os.rmdir(path)
            folders.pop()
        n += 1
        if not n % _ENTRIES:
            await aio.pass_on()
