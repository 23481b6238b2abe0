# SPDX-License-Identifier: MIT
"""Static sites: the files of a folder, or assets frozen into the image, below a URL.

    app.static("/", "www")
    app.static("/", assets)

Imported by webserver.static(); what it does is in docs/static.md.
"""

import os

from micropython import const
from tinyweb import HTTPException, conditional
from tinyweb.files import NOT_FOUND
from tinyweb.mime import media_type

_MODE = const(0xF000)
_FILE = const(0x8000)
_FOLDER = const(0x4000)
# The response buffer that all fields fit in.
_BUFFER = const(512)

# Content codings, each with the ending of a file that has it; the better ones first.
_CODINGS = ((b"br", "br", ".br"), (b"gzip", "gzip", ".gz"))


def accepts(field, coding):
    """Whether Accept-Encoding, bytes or None, allows `coding`, bytes (RFC 9110 section 12.5.3)."""
    if field is None or (coding not in field.lower() and b"*" not in field):
        return False
    allowed = False
    for item in field.lower().split(b","):
        # The ESP8266 has no partition().
        item = item.split(b";", 1)
        name = item[0].strip()
        if name == coding or name == b"*":
            weight = item[-1].split(b"=", 1)[-1].strip() if len(item) > 1 else b""
            # Zero is 0, 0., 0.0, 0.00 or 0.000.
            allowed = not weight or bool(weight.strip(b"0."))
            if name == coding:
                break
    return allowed


def is_safe(name):
    """Whether `name` (str), a path without a slash at its start, may be looked for.

    None of its segments is empty (the last may be), hidden or '..', has a backslash, a control
    character or what was no UTF-8, or looks like a short name that FAT gives a long one.
    """
    # As bytes: MicroPython keeps each character that a str is iterated by for ever.
    tilde = False
    for c in name.encode():
        if c < 32 or c == 127 or c == 92 or (tilde and 48 <= c <= 57):
            return False
        tilde = c == 126
    if "\ufffd" in name or "//" in name or name.startswith("/"):
        return False
    # Every hidden segment but .well-known (RFC 8615) starts with a dot after a slash.
    if not name.startswith(".") and "/." not in name:
        return True
    return name.startswith(".well-known/") and "/." not in name


class Site:
    """The handler of a static site: see webserver.static. To be registered for GET.

    source: path of a folder, str; or an object whose get(name) returns what the file `name` is,
        bytes or (bytes, entity-tag), or None: a dict, or a module that ci/pack-assets has made.
    index: name of the file that stands for its folder.
    cache: how long clients may keep a file without asking again, in seconds; a str is the value
        of Cache-Control. A dict has such values by the endings of names, the longest counts, ""
        is for all others; a function is called with the name.
    """

    save_headers = ("Accept-Encoding",) + conditional.FIELDS

    def __init__(self, source, index="index.html", cache=0):
        self.get = None
        if isinstance(source, str):
            self.root = source if not source or source.endswith("/") else source + "/"
        else:
            self.get = source.get
        self.index = index
        self.cache = cache

    def __call__(self, req, resp, name=""):
        """Answer with the file `name`, the decoded rest of the path. Coroutine."""
        if not is_safe(name):
            raise HTTPException(404)
        if not name and not req.path.endswith(b"/"):
            yield from self._redirect(req, resp)
            return
        if not name or name.endswith("/"):
            name += self.index
        field = req.headers.get(b"Accept-Encoding")
        coding, item = self._choose(name, field)
        if item is None:
            if self._is_folder(name):
                yield from self._redirect(req, resp)
                return
            raise HTTPException(404)
        headers = resp.headers
        headers["Vary"] = "Accept-Encoding"
        headers["Cache-Control"] = self._cache_control(name)
        kind = media_type(name)
        if coding:
            headers["Content-Encoding"] = coding
            name += ".gz" if coding == "gzip" else ".br"
        if self.get is None:
            name = self.root + name
            try:
                file = open(name, "rb")
            except OSError as exc:
                raise HTTPException(404) if exc.errno in NOT_FOUND else exc
            try:
                yield from conditional.answer(resp, name, file, item, coding, kind)
            finally:
                file.close()
        elif isinstance(item, tuple):
            yield from conditional.answer_data(resp, item[0], item[1], kind)
        else:
            yield from conditional.answer_data(resp, item, None, kind)

    def _find(self, name):
        # The file `name`: what get() returns or os.stat(); None if there is none.
        if self.get is not None:
            return self.get(name)
        try:
            stat = os.stat(self.root + name)
        except OSError as exc:
            if exc.errno not in NOT_FOUND:
                raise
            return None
        return stat if stat[0] & _MODE == _FILE else None

    def _choose(self, name, field):
        # (content coding or None, what _find() returns) of the representation to send (section
        # 12.1). Without the field the client takes any, but the plain one is the safest.
        for accepted, coding, ending in _CODINGS:
            if accepts(field, accepted):
                item = self._find(name + ending)
                if item is not None:
                    return coding, item
        item = self._find(name)
        if item is None:
            item = self._find(name + ".gz")
            if item is not None:
                if field is not None:
                    raise HTTPException(406)
                return "gzip", item
        return None, item

    def _is_folder(self, name):
        if self.get is not None:
            name += "/" + self.index
            return self.get(name) is not None or self.get(name + ".gz") is not None
        try:
            return os.stat(self.root + name)[0] & _MODE == _FOLDER
        except OSError:
            return False

    def _redirect(self, req, resp):
        # Relative links of an index file need the slash at the end of the URL.
        location = req.path.decode() + "/"
        if req.query_string:
            location += "?" + req.query_string.decode()
        resp.headers["Vary"] = "Accept-Encoding"
        return resp.redirect(location)

    def _cache_control(self, name):
        value = self.cache
        if isinstance(value, dict):
            best = ""
            for ending in value:
                if len(ending) > len(best) and name.endswith(ending):
                    best = ending
            value = value.get(best, 0)
        elif callable(value):
            value = value(name)
        if isinstance(value, str):
            return value
        # It may be kept in any case, but not be used without asking whether it is the newest.
        return "max-age={}".format(value) if value else "no-cache"


def add(server, url, source, **options):
    """Register a Site of `source` for `url` and all URLs below it; see Site for the options.

    Other routes go before it: those without parameters, and the more special patterns.
    """
    if server.buffer_size < _BUFFER:
        server.buffer_size = _BUFFER
        if server._watchdog is None:
            server.slots = []  # Those that serve will have larger buffers.
    site = Site(source, **options)
    url = url.rstrip("/")
    server.add_route(url + "/<path:name>", site, methods=("GET",))
    for literal in (url, url + "/"):
        try:
            if literal:
                server.add_route(literal, site, methods=("GET",))
        except ValueError:
            pass  # The application has its own.
