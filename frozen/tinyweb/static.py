# SPDX-License-Identifier: MIT
"""Static sites: the files of a folder, or assets frozen into the image, below a URL.

    app.static("/", "www")
    app.static("/", assets)

Imported by webserver.static(); what it does is in docs/static.md.
"""

from _tinyweb import HTTPException, site

from micropython import const
from tinyweb import conditional
from tinyweb.files import opened, stat_of, stream
from tinyweb.server import check

_MODE = const(0xF000)
_FOLDER = const(0x4000)
# The response buffer that all fields fit in.
_BUFFER = const(512)


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
        # get(path) is os.stat() or that of the assets.
        self.root = None
        if isinstance(source, str):
            self.root = source if not source or source.endswith("/") else source + "/"
            self.get = stat_of
        else:
            self.get = source.get
        self.index = index
        if not isinstance(cache, dict) and not callable(cache):
            cache = _cache_control(cache)
        self.cache = cache

    def __call__(self, req, resp, name=""):
        """Answer with the file `name`, the decoded rest of the path. None, or a coroutine."""
        # In C, which calls the methods below for what has to be waited for, or is less common.
        return site(self, req, resp, name)

    def _answer(self, resp, path, coding, name):
        return conditional.answer(resp, path, self.get(path), coding, name)

    def _stream(self, resp, path, file, size, stat):
        # Send `size` bytes of what is in `file` from its position on; None if it is not open yet.
        if file is None:
            file = opened(path)
        try:
            yield from stream(resp, file, size, path, stat)
        finally:
            file.close()

    def _missing(self, req, resp, path):
        # There is no such file, but perhaps a folder.
        if self.root is None:
            path += "/" + self.index
            found = self.get(path) is not None or self.get(path + ".gz") is not None
        else:
            found = self.get(path)[0] & _MODE == _FOLDER
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
    check("source", source)
    if server.buffer_size < _BUFFER:
        if server._watchdog is not None:
            raise RuntimeError("static() comes before start(), or needs buffer_size=512")
        server.buffer_size = _BUFFER
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
