# SPDX-License-Identifier: MIT
"""Static sites: the files of a folder, or assets frozen into the image, below a URL.

    app.static("/", "www")
    app.static("/", assets)

Imported by webserver.static(); what it does is in docs/static.md.
"""

import os

from _tinyweb import HTTPException, accepts, is_file, is_safe

from micropython import const
from tinyweb import conditional
from tinyweb.files import NOT_FOUND

_MODE = const(0xF000)
_FILE = const(0x8000)
_FOLDER = const(0x4000)
# The response buffer that all fields fit in.
_BUFFER = const(512)

# Content codings, each with the ending of a file that has it; the better ones first.
_CODINGS = (("br", ".br"), ("gzip", ".gz"))


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
        # get(path) is os.stat() or that of the assets, has(path, ending) whether there is one.
        self.root = None
        if isinstance(source, str):
            self.root = source if not source or source.endswith("/") else source + "/"
            self.get = os.stat
            self.has = is_file
        else:
            self.get = source.get
            self.has = self._has
        self.index = index
        if not isinstance(cache, dict) and not callable(cache):
            cache = _cache_control(cache)
        self.cache = cache

    def __call__(self, req, resp, name=""):
        """Answer with the file `name`, the decoded rest of the path. Coroutine."""
        if not is_safe(name):
            raise HTTPException(404)
        if not name and not req.path.endswith(b"/"):
            return self._redirect(req, resp)
        if not name or name.endswith("/"):
            name += self.index
        path = name if self.root is None else self.root + name
        field = req.headers.get(b"Accept-Encoding")
        item = None
        for coding, ending in _CODINGS:
            if accepts(field, coding) and self.has(path, ending):
                break
        else:
            coding = None
            try:
                item = self.get(path)
            except OSError as exc:
                if exc.errno not in NOT_FOUND:
                    raise
            if item is None or (self.root is not None and item[0] & _MODE != _FILE):
                # Without the field the client takes any coding, but the plain one is the safest.
                coding, ending = _CODINGS[-1]
                if not self.has(path, ending):
                    return self._missing(req, resp, path, item)
                if field is not None:
                    raise HTTPException(406)
        if coding:
            path += ending
            item = self.get(path)
            resp.headers["Content-Encoding"] = coding
        resp.headers["Vary"] = "Accept-Encoding"
        cache = self.cache
        resp.headers["Cache-Control"] = cache if isinstance(cache, str) else self._choose(name)
        return conditional.answer(resp, path, item, coding, name)

    def _has(self, path, ending):
        return self.get(path + ending) is not None

    def _missing(self, req, resp, path, item):
        # There is no such file, but perhaps a folder.
        if self.root is None:
            path += "/" + self.index
            found = self.has(path, "") or self.has(path, ".gz")
        else:
            found = item is not None and item[0] & _MODE == _FOLDER
        if not found:
            raise HTTPException(404)
        return self._redirect(req, resp)

    def _redirect(self, req, resp):
        # Relative links of an index file need the slash at the end of the URL.
        location = req.path.decode() + "/"
        if req.query_string:
            location += "?" + req.query_string.decode()
        resp.headers["Vary"] = "Accept-Encoding"
        return resp.redirect(location)

    def _choose(self, name):
        # The value of Cache-Control for the file `name`.
        value = self.cache
        if isinstance(value, dict):
            best = ""
            for ending in value:
                if len(ending) > len(best) and name.endswith(ending):
                    best = ending
            value = value.get(best, 0)
        else:
            value = value(name)
        return _cache_control(value)


def _cache_control(value):
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
