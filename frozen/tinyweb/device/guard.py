# SPDX-License-Identifier: MIT
"""Who may use the device's URLs: its own names, its own pages, and whoever knows the password."""

import asyncio
import os
import sys
from binascii import hexlify
from time import ticks_add, ticks_diff, ticks_ms

import _tinyweb

from micropython import const
from tinyweb import routes
from tinyweb.auth import basic_auth
from tinyweb.csrf import Csrf
from tinyweb.device import console, settings, webrepl
from tinyweb.device.log import Log
from tinyweb.limit import Limiter
from tinyweb.wrapper import Wrapper

NO_PASSWORD = (
    "This device has no password. Set one at its prompt:\n"
    "from tinyweb import device; device.set_password('...')\n"
    "Or Connect on the page that has flashed it: that gives a link to do so here.\n"
)
BROKEN = "The settings of this device cannot be read; its log tells why.\n"
NOT_A_NAME = "This is no name of this device. Its settings can have more: hosts.\n"
ELSEWHERE = "This was sent by a page of another site.\n"

# What a body may have at most: as much as fits.
_ANY = const(0x3FFFFFFF)

# Programs put a path that begins with a slash behind /fs/.
_FILES = ("/fs/", "/fs/<path:name>", "/fs//", "/fs//<path:name>")
_PAGES = ("/device/", "/device/<path:name>")
_METHODS = ("GET", "POST", "PUT", "DELETE", "MOVE", "OPTIONS")

# How long the key for the first password is valid, in seconds, and its bytes.
_VALID = const(600)
_KEY_SIZE = const(16)

# Between looks at the clock, which turns within days, in ms.
_HOUR = const(3600000)


class Device:
    """What the device's URLs share.

    root: folder of the files that can be reached, str with a slash at its end.
    settings: what the settings file says, a dict; None where it cannot be read.
    enabled: whether the URLs are answered.
    app: the webserver that has them, or None. station: what connect() has made, or None.
    releases: what looks for updates, a release.Releases, or None.
    searching: whether a request looks for other devices.
    log: the last lines of the log, a Log.
    """

    app = station = releases = _key = None
    searching = False

    def __init__(self, root):
        self.root = root
        self.path = root + settings.PATH
        self.csrf = Csrf()
        self.log = Log()
        self._ms = ticks_ms()
        self._seconds = 0
        self.limiter = Limiter()
        self.settings = self.users = self.error = None
        self.enabled = True
        self.reload()
        if self.settings is not None:
            self.enabled = self.settings.get("enabled", True)

    def reload(self):
        """Take over what the settings file says now."""
        self.settings = self.users = None
        try:
            self.settings = settings.read(self.path)
        except (OSError, ValueError) as exc:
            # Whoever may change what is wrong here cannot be known: nobody may.
            self.error = exc
            return
        stored = self.settings.get("password")
        if stored is not None:
            from tinyweb.passwords import Users

            self.users = Users({"": stored})
            self._key = None

    def join(self, app):
        """Register the device's URLs with `app`, a webserver."""
        if self.error is not None:
            app.log_error(self.error, None)
        self.app = app
        self._print = app.log_error
        app.log_error = self._log_error
        scheme = basic_auth(self._check, limiter=self.limiter)
        guard = Guard(scheme(_private), self, True)
        app.add_route(_FILES[0], guard, methods=_METHODS, max_body_size=_ANY)
        # What the routes are made of is there once.
        route = app.routes[_FILES[0].encode()]
        for url in _FILES[1:] + _PAGES:
            routes.add(app, url, route)
        app.add_route("/cp/<path:name>", Guard(_about, self, False), methods=("GET",))
        self._repl = webrepl.join(app, self)
        if console.is_there():
            self._add_console(app, scheme)
        asyncio.create_task(self._count())
        try:
            from tinyweb.device import update
        except ImportError:
            return  # The image is for a chip with one place for a program.
        update.join(self)

    def _add_console(self, app, scheme):
        # What the parser has to keep is named by objects that are there already.
        files = app.routes[_FILES[0].encode()]
        route = app.routes[b"/webrepl"]
        route = _tinyweb.route(
            route,
            handler=Guard(scheme(console.Serial()), self, True),
            keep=route.keep + tuple([name for name in files.keep if name not in route.keep]),
            aliases=(route.aliases or ()) + (files.aliases or ()),
        )
        routes.add(app, "/cp/serial/", route)

    def join_home(self):
        """Let / lead to the pages, where the application has none there."""
        app = self.app
        if b"/" in app.routes or app.catch_all is not None:
            return
        for segments, _ in app.patterns:
            if len(segments) == 2:
                return  # As /<name>, which / is one of.
        app.add_route("/", _home, methods=("GET",))
        webrepl.join_page(app, self._repl)

    async def _count(self):
        while True:
            await asyncio.sleep_ms(_HOUR)
            self.uptime()
            self.key()

    def uptime(self):
        """Seconds since enable()."""
        seconds = ticks_diff(ticks_ms(), self._ms) // 1000
        self._ms = ticks_add(self._ms, seconds * 1000)
        self._seconds += seconds
        return self._seconds

    def key(self):
        """The key for the first password, bytes, while one is valid; else None."""
        if self._key is not None and self.uptime() >= self._until:
            self._key = None
        return self._key

    def offer(self):
        """What leads to the page for the first password, str; "" where that cannot be set.

        Its key is valid once, and for ten minutes from now on. While it is, it stays the same: the
        page that has it may be open.
        """
        self.reload()
        if self.closed() is not NO_PASSWORD:
            return ""
        if self.key() is None:
            self._key = hexlify(os.urandom(_KEY_SIZE))
        self._until = self.uptime() + _VALID
        return "device/#setup=" + str(self._key, "ascii")

    def _log_error(self, exc, req):
        self._print(exc, req)
        self.log.write("{} s: ".format(self.uptime()))
        sys.print_exception(exc, self.log)

    def _check(self, user, password):
        # Read again each time: set_password() may have changed it.
        return self.users(user, password)

    def names(self):
        """The names that lead here, a list of str in lower case."""
        values = self.settings or {}
        name = self.name().lower()
        return [name, name + ".local", "localhost"] + [
            host.lower() for host in values.get("hosts", ())
        ]

    def name(self):
        """The device's name in the network, str."""
        name = self.settings and self.settings.get("name")
        if not name:
            try:
                from network import hostname

                name = hostname()
            except ImportError:
                name = "tinyweb"  # The simulator has no network of its own.
        return name

    def refusal(self, req, private):
        """Why `req` is not answered, whoever has sent it, as a sentence; else None.

        private: whether there has to be a password.
        """
        host = req.headers.get(b"Host")
        # Without a Host the client speaks HTTP/1.0, which no browser does.
        if host is not None and not self.knows(host):
            return NOT_A_NAME
        if not self.csrf.allows(req):
            return ELSEWHERE
        return self.closed() if private else None

    def closed(self):
        """Why nobody can have the password, as a sentence; else None."""
        if self.users is not None:
            return None
        return BROKEN if self.settings is None else NO_PASSWORD

    def knows(self, host):
        """Whether `host`, the value of Host (bytes), is an address or a name of this device.

        A page whose own name was made to lead here (DNS rebinding) has no such name.
        """
        if host.startswith(b"["):
            return True  # An IPv6 address is nobody's name.
        name = host.split(b":")[0].lower()
        parts = name.split(b".")
        if len(parts) == 4 and all(part.isdigit() for part in parts):
            return True
        # The parser lets no other bytes than ASCII's through.
        return str(name, "utf-8") in self.names()


# The modules behind the URLs are imported when they are asked for.


def _private(req, resp, device, name=""):
    if req.path.startswith(b"/fs/"):
        from tinyweb.device import tree

        return tree.answer(req, resp, device, name)
    if name.startswith("api/"):
        from tinyweb.device import actions

        return actions.answer(req, resp, device, name[4:])
    from tinyweb.device import pages

    return pages.answer(req, resp, name)


def _first(req, resp, device, name=""):
    # For anybody, while a key is valid: the pages, which are the same on each device, and the one
    # action that takes the key.
    if name == "api/first":
        from tinyweb.device import actions

        return actions.answer(req, resp, device, "first")
    from tinyweb.device import pages

    return pages.answer(req, resp, name)


def _home(req, resp):
    from tinyweb.values import redirect

    return redirect("/device/")


def _about(req, resp, device, name):
    from tinyweb.device import about

    return about.answer(req, resp, device, name)


class Guard(Wrapper):
    """The handler `f` of one of the URLs of `device`, for those who may use it.

    private: whether it needs the password.
    """

    NEEDS = ("Host",)
    SAME_ARGUMENTS = False  # The device comes behind the response.

    def __init__(self, f, device, private):
        super().__init__(f)
        if private:
            # The last four are the handler's, which as a function has no attributes.
            self.save_headers += (
                "Origin",
                "Sec-Fetch-Site",
                "Accept",
                "X-Destination",
                "Content-Range",
                "If-None-Match",
            )
        self.device = device
        self.private = private

    def __call__(self, req, resp, *parameters):
        device = self.device
        if not device.enabled:
            return resp.error(404)
        if req.method == b"OPTIONS" and req.path.startswith(b"/fs/"):
            from tinyweb.device import tree

            return tree.options()
        refusal = device.refusal(req, self.private)
        if refusal is None:
            return self.f(req, resp, device, *parameters)
        if (
            refusal is NO_PASSWORD
            and req.path.startswith(b"/device/")
            and device.key() is not None
        ):
            return _first(req, resp, device, *parameters)
        return resp.error(403, refusal)
