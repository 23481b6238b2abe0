# SPDX-License-Identifier: MIT
"""The web server and its API."""

import asyncio
import gc
import sys
from errno import EAGAIN, ECONNABORTED
from time import gmtime, ticks_diff, ticks_ms

import _tinyweb
from _tinyweb import (
    HTTPException,  # noqa: F401 - it is API
    find,
    free_slot,
    heap,
    http_date,
)

from micropython import const
from tinyweb import aio, connection

aio.install(asyncio)

# How often deadlines are looked at, in ms: they are kept to this precision.
_WATCH_INTERVAL = const(250)
# Pause after an accept that failed for want of memory or descriptors, in ms.
_ACCEPT_PAUSE = const(100)
# How often the accept loop looks whom it can send away while a client waits for a slot, in ms.
_LOOK = const(50)

# One address that holds all slots has to give one to another address that has waited for so long,
# in ms, whatever progress it makes.
_SHARE = const(1000)
# The times that a client without progress has while others wait are halved so often at most.
_HASTE = const(3)

# Memory that a new slot must leave for handlers, in bytes; and for what they import, where that is
# not in ROM.
_RESERVE = const(2048)
_IMPORTS = const(2048)
# What the parser's object has beside its buffer, in bytes; no object of a slot is larger.
_PARSER = const(96)

# Seconds; 2**29 - 1 ms are 6.2 days.
_LONGEST = const(536870)

# Where programs serve the machine that they run on; boards serve others.
_COMPUTERS = ("linux", "darwin", "webassembly")

# The buffer_size of a server whose heap is large enough for more.
_PLENTY = const(1024)

# A clock that was never set says 2000 or 1970.
_FIRST_YEAR = const(2025)


def host(peer):
    """The address without the port of `peer`, as request.peer."""
    # The unix port has a sockaddr: its family, the port, and 4 bytes, or 4 more and 16 bytes, of
    # which a host of IPv6 has the first 8 for itself.
    if isinstance(peer, tuple):
        return peer[0]
    return bytes(peer[4:8]) if len(peer) == 16 else bytes(peer[8:16])


def _ms(name, seconds):
    # A timeout in ms. Differences of ticks_ms() are known up to half of its period.
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= _LONGEST:
        raise ValueError("{} is a number of seconds from 0 to {}".format(name, _LONGEST))
    return int(seconds * 1000)


def check(name, *args):
    """Call the function `name` (str) of tinyweb.checks, which an image may leave out."""
    try:
        from tinyweb import checks
    except ImportError:
        return
    getattr(checks, name)(*args)


def drop_modules():
    """Forget what only registration and the start need; it is imported again where it is used."""
    tinyweb = sys.modules["tinyweb"]
    for name in ("setup", "routes", "patterns", "application", "checks"):
        if sys.modules.pop("tinyweb." + name, None):
            delattr(tinyweb, name)


def _host(host):
    # On a board nobody else could reach 127.0.0.1.
    return host or ("127.0.0.1" if sys.platform in _COMPUTERS else "0.0.0.0")


def __getattr__(name):
    # What applications of the original tinyweb import from here beyond the API.
    from tinyweb import original

    return original.attribute(name)


class webserver:
    """A web server and the application that it serves.

    request_timeout: seconds a client has to send the request line and header fields.
    max_concurrency: connections that are served at the same time; 3 on esp8266, 6 on esp32, 10
        elsewhere.
    backlog: connections that wait for a slot, the argument of socket.listen().
    debug: whether the client gets the traceback with a status of 500.
    keep_alive: seconds that an idle connection is kept; 0 closes it after every response.
    body_timeout: seconds a client may take for each 512 bytes of a body.
    send_timeout: seconds a client may take to take the next 512 bytes of a response.
    handler_timeout: seconds a handler may take, None for no limit.
    buffer_size: bytes of each slot's request buffer and of its response buffer; by default a 64th
        of the free heap, but 256 to 1024.
    """

    # As class attributes these cost an instance nothing until they change.

    # Called with (request, status, body bytes) after each response.
    access_log = None
    patterns = None  # URLs with parameters; see tinyweb.patterns
    catch_all = None
    debug = False
    group = None  # hooks and error handlers, a tinyweb.hooks.Group
    stopping = False
    # Whether each answer announces the end of its connection: the server stops, or a client waits
    # for a slot.
    closing = False
    _mounted = False  # whether another application has taken over the routes
    _forever = False
    _left = False  # whether run() was left by an exception
    _listener = None
    _ssl = None
    _acceptor = None
    _watchdog = None

    def __init__(
        self,
        request_timeout=3,
        max_concurrency=None,
        backlog=10,
        debug=False,
        *,
        keep_alive=15,
        body_timeout=5,
        send_timeout=10,
        handler_timeout=None,
        buffer_size=None,
    ):
        # What compiled the program so far has left gaps.
        gc.collect()
        if max_concurrency is None:
            max_concurrency = {"esp8266": 3, "esp32": 6}.get(sys.platform, 10)
        if buffer_size is None:
            buffer_size = max(256, min(_PLENTY, gc.mem_free() // 64))
        check("server", max_concurrency, backlog, buffer_size)
        self.max_concurrency = max_concurrency
        self.buffer_size = buffer_size
        self.backlog = backlog
        if debug:
            self.debug = debug
        self.request_timeout = _ms("request_timeout", request_timeout)
        self.keep_alive_timeout = _ms("keep_alive", keep_alive)
        self.body_timeout = _ms("body_timeout", body_timeout)
        self.send_timeout = _ms("send_timeout", send_timeout)
        self.handler_timeout = handler_timeout and _ms("handler_timeout", handler_timeout)
        self.routes = {}  # path -> route
        # Later there may be no memory to add attributes. What each request asks for is found
        # here, and not only after a search.
        self.closing = self.stopping = False
        self._newcomer = None  # the connection that waits for a slot
        self._refused = 0
        self._haste = 0  # how often the times of connection._LEAVES are halved
        self._date = self._date_due = None
        # The first slot is made before the program goes on, which leaves its memory in small
        # pieces.
        self.slots = [connection.new_slot(self)]

    def __getattr__(self, name):
        if name == "loop":
            return asyncio.get_event_loop()
        if name == "converters":
            self.converters = {}
            return self.converters
        raise AttributeError(name)

    # Routes. What is not needed while requests are served is in modules that are imported when it
    # is called.

    def add_route(
        self,
        url,
        f,
        methods=("GET", "POST"),
        save_headers=(),
        max_body_size=1024,
        allowed_access_control_headers="*",
        allowed_access_control_origins="*",
        before=None,
        after=None,
        cors=None,
        **unknown,
    ):
        """Map `url` to the handler `f(request, response, *parameters)`, a function or coroutine.

        url: path, str; each segment `<name>` matches any one and is passed on as str, in order,
            the last one also the empty segment after a slash; `<int:name>` and `<float:name>` as
            a number, `<path:name>` matches one or more.
        methods: the methods that `f` answers. HEAD comes with GET, OPTIONS with every route.
        save_headers: the header fields that request.headers shall hold, in any case.
        max_body_size: largest body in bytes; 413 beyond it.
        allowed_access_control_headers, allowed_access_control_origins: values for CORS, str or
            list of str.
        before, after: functions that run before and after the handler, one or a tuple of them, as
            those of before_request() and after_request() do.
        cors: a tinyweb.cors.CORS for this route.
        unknown: what else is given, such as method= for methods=, is ignored, as the original
            does, with a line in the log.
        """
        check("route", self, url, f, methods, save_headers, max_body_size)
        check("options", self, url, unknown)
        if self.buffer_size < _PLENTY:
            # What is kept of a route shall not lie above what the check has left.
            gc.collect()
        from tinyweb import routes

        methods = tuple(m.encode() if isinstance(m, str) else m for m in methods)
        route = _tinyweb.route(
            None,
            handler=f,
            methods=methods,
            max_body_size=max_body_size,
            cors_origins=routes.joined(allowed_access_control_origins),
            cors_headers=routes.joined(allowed_access_control_headers),
            cors_methods=", ".join(m.decode() for m in methods),
        )
        route = routes.keeping(route, tuple(save_headers) + tuple(getattr(f, "save_headers", ())))
        if before or after or cors or self.group is not None:
            from tinyweb import application

            route = application.hooked(self, route, before, after, cors)
        routes.add(self, url, route)

    def route(self, url, **kwargs):
        """Decorator for add_route(): `url` and `kwargs` are its arguments."""
        check("needs_url", url, "route")

        def decorate(f):
            self.add_route(url, f, **kwargs)
            from tinyweb import routes

            routes.registered = f
            return f

        return decorate

    def catchall(self):
        """Decorator: the handler for every URL that no route matches, with any method."""
        return self.route(None, methods=("GET", "POST", "PUT", "PATCH", "DELETE"))

    def add_resource(self, cls, url, **kwargs):
        """Map get, post, put, patch and delete of `cls`, a class or an instance, to `url`.

        Each is called as method(data, headers, *parameters, **kwargs), or without `headers` if it
        takes one argument less: `data` is a dict of what the query string and the body have.

        kwargs: arguments of add_route(); `pass_headers`, whether methods take `headers`, where it
            cannot be found out; and whatever the methods take by name.
        """
        from tinyweb import rest

        rest.add_resource(self, cls, url, kwargs)

    def resource(self, url, method="GET", **kwargs):
        """Decorator: the function answers `method` on `url` as a resource's method does.

        kwargs: as for add_resource().
        """
        check("needs_url", url, "resource")

        def decorate(f):
            from tinyweb import rest, routes

            rest.add(self, {method: f}, url, kwargs)
            routes.registered = f
            return f

        return decorate

    def static(self, url, source, index="index.html", cache=0):
        """Serve the files of a folder, or assets, below `url`: a static site, for GET and HEAD.

        url: the URL of the folder, str. Routes of the application go before it.
        source: path of a folder, str; or an object whose get(name) returns what the file `name`
            is, bytes or (bytes, entity-tag), or None: a dict, or a module that ci/pack-assets has
            made.
        index: name of the file that stands for its folder.
        cache: how long clients may keep a file without asking again, in seconds; a str is the
            value of Cache-Control. A dict has such values by the endings of names, the longest
            counts, "" is for all others; a function is called with the name.
        """
        from tinyweb import static

        static.add(self, url, source, index=index, cache=cache)

    def before_request(self, f):
        """Decorator: `f(request, response)`, a function or coroutine, runs before each handler.

        What it returns is the answer; with None, and if it has not started the response, the
        handler runs. `f.save_headers` names the request fields that it needs.
        """
        from tinyweb import application

        return application.before_request(self, f)

    def after_request(self, f):
        """Decorator: `f(request, response)`, a plain function, runs before each head is made.

        It may change response.code and response.headers.
        """
        from tinyweb import application

        return application.after_request(self, f)

    def errorhandler(self, key):
        """Decorator: `f(request, response, error)` answers errors as a handler does.

        key: a status (int), or a class of exceptions.
        """
        from tinyweb import application

        return application.errorhandler(self, key)

    def mount(self, sub, prefix):
        """Take over the routes of `sub`, another webserver, with `prefix` (str) before their URLs.

        Its hooks and error handlers go with them, and those of the application apply to them too.
        Raises ValueError for a prefix that is no path, for a catch-all in `sub`, and for a method
        that a URL has a route for.
        """
        from tinyweb import application

        application.mount(self, sub, prefix)

    def url_for(self, f, *values, **named):
        """The path (str) of the first route whose handler is `f`.

        f: the function, or its name.
        values, named: the URL's parameters, by position or by the name of the handler's argument.

        Raises ValueError if there is no such route, or if it has other parameters.
        """
        from tinyweb import application

        return application.url_for(self, f, values, named)

    # Serving

    def start(self, host=None, port=8081, backlog=None, ssl=None):
        """Listen on `host`:`port` and serve from tasks of the running or next event loop.

        host: the address to listen on, such as '0.0.0.0' for all that the device has, the default
            on boards. On computers it is '127.0.0.1', which only programs there can reach.
        backlog: length of the queue of pending connections; the server's own by default.
        ssl: what tinyweb.tls.context() makes, or an SSLContext of a server; HTTP without it.

        Raises OSError if the address cannot be used, ValueError for a port above 65535,
        RuntimeError if the server listens already, MemoryError if the heap is too small.
        """
        from tinyweb import setup

        setup.start(self, _host(host), port, backlog, ssl)

    async def serve(self, host=None, port=8081, backlog=None, ssl=None):
        """Serve until shutdown() or stop() is called, or the task is cancelled. Coroutine.

        It is start() and a wait, for programs with a loop of their own:
        `asyncio.run(app.serve())`. Errors are those of start().

        host, port: the address to listen on, as for start().
        backlog: length of the queue of pending connections.
        ssl: what tinyweb.tls.context() makes; HTTP without it.
        """
        self.start(host, port, backlog, ssl)
        try:
            await self._acceptor
        except asyncio.CancelledError:
            if self._listener is not None:
                self.shutdown()
                raise

    def open(self):
        """Get ready to serve connections, wherever they come from."""
        from tinyweb import setup

        setup.prepare(self)

    def stop(self, timeout=10):
        """Stop gracefully: accept no more, let requests that are under way finish, then shut down.

        timeout: seconds that these may take.
        """
        from tinyweb import stopping

        return stopping.stop(self, timeout)

    def shutdown(self):
        """Stop at once: close the listening socket and all connections, end all tasks.

        The tasks end when the event loop runs next. The port can be used again right away.
        """
        from tinyweb import stopping

        stopping.shutdown(self)

    def memory(self):
        """What is left of the heap after a collection: the method memory() of webserver.

        Returns a dict: `free`, bytes in all; `largest`, bytes of the largest piece, which is the
        largest object that can still be made; `slots`, connections that can be served at the same
        time, of `max_concurrency`.
        """
        from tinyweb import memory

        return memory.memory(self)

    def run(self, host=None, port=8081, loop_forever=True, backlog=None, ssl=None):
        """Run the server, and say where it is to be found. Returns the event loop.

        host, port: the address to listen on, as for start().
        loop_forever: whether to run the event loop too, until shutdown() or Ctrl-C; if False the
            caller runs it.
        backlog: length of the queue of pending connections, 10 by default.
        ssl: what tinyweb.tls.context() makes, or an SSLContext of a server; HTTP without it.

        Ctrl-C raises KeyboardInterrupt. The server is still there then: whoever catches it calls
        shutdown(), or run() again.
        """
        self.start(host, port, backlog, ssl)
        check("announce", self, _host(host), port, loop_forever)
        drop_modules()
        if loop_forever:
            self._forever = True
            try:
                asyncio.get_event_loop().run_forever()
            finally:
                if self._forever:
                    self._left = True  # By Ctrl-C: the loop may be run again, or the server.
                self._forever = False
                aio.loop_left()
        return self.loop

    def log_error(self, exc, req):
        """Called with `exc`, what a handler raised, and prints it; replace it to log elsewhere.

        req: the request, or None where the fault belongs to none.
        """
        sys.print_exception(exc)
        if req is not None and req.method:
            print("  in the answer to", req.method.decode(), req.path.decode())

    # What the slots use

    def find(self, req):
        """Set the route of `req` and return the URL's parameters, a list or ()."""
        parameters = find(self, req)
        if parameters is None:
            from tinyweb import router

            parameters = router.choose(self, req)
        return parameters

    def _new_date(self):
        # The value of Date for the next second, which the slots keep in _date.
        t = gmtime()
        return http_date(t) if t[0] >= _FIRST_YEAR else None

    def slot_free(self):
        """A slot has become free: go on accepting if a client waits for it."""
        if self.closing and self._acceptor is not None:
            aio.wake(self._acceptor)

    # Tasks

    def take_slot(self, peer=None, waited=0):
        """A slot for a new connection, or None: there may be one a moment later.

        peer: the client's address, and waited: for how long it has waited, in ms.
        """
        # Whether there is memory for one more takes a collection to know: once a second will do.
        slot = self._spare_slot(waited % 1000 < _LOOK)
        if slot is None:
            slot = self.make_room(False, waited >= _SHARE and self._one_other(peer))
        return slot

    def _spare_slot(self, more):
        # A slot that needs no connection to be given up, or None. more: whether to make one.
        slot = free_slot(self.slots)
        if slot is not None:
            return slot
        # Without memory for one, another connection must make room.
        return self._add_slot() if more and len(self.slots) < self.max_concurrency else None

    def _add_slot(self):
        """A new slot; None where memory is too short for it, which is logged."""
        # Better one connection after the other than handlers without memory.
        piece = self.buffer_size + _PARSER
        needs = 4 * self.buffer_size + _RESERVE
        if "tinyweb.server" in sys.modules:  # A module in ROM is in no dictionary.
            needs += _IMPORTS
        if not self.slots or self._has_memory(needs, piece):
            try:
                slot = connection.new_slot(self)
                slot.start()
                self.slots.append(slot)
                return slot
            except MemoryError:
                pass
        from tinyweb import memory

        memory.refuse_slot(self, needs, piece)
        return None

    def _has_memory(self, size, piece=0):
        """Whether `size` bytes are free, and `piece` bytes of them in one piece."""
        gc.collect()
        free, largest = heap()
        return free >= size and largest >= piece

    def make_room(self, only_idle=True, at_once=False):
        """Give up the connection whose turn it is to leave, if there is one.

        only_idle, at_once: see connection.first_to_leave(). Returns the slot if it is free now;
        else its task has to end first, or no connection can be given up.
        """
        slot = connection.first_to_leave(self, only_idle, at_once)
        if slot is None:
            return None
        if slot.state != "idle" and self._haste < _HASTE:
            self._haste += 1
        return slot if slot.give_up() else None

    def _one_other(self, peer):
        # Whether all slots, and more than one, are held by one address that is not that of `peer`.
        slots = self.slots
        held = host(slots[0].peer)
        if len(slots) == 1 or held == host(peer):
            return False
        for slot in slots:
            if host(slot.peer) != held:
                return False
        return True

    def _accept(self, listener, nodelay):
        sock = None  # the connection of the client that waits for a slot
        try:
            # Without memory even being cancelled may fail.
            while self._listener is listener:
                slot = None
                try:
                    if sock is None:
                        yield from aio.readable(listener)
                        sock, peer = aio.accept(listener, nodelay)
                        since = None
                    slot = free_slot(self.slots)
                    if slot is None:
                        waited = 0 if since is None else ticks_diff(ticks_ms(), since)
                        slot = self.take_slot(peer, waited)
                    elif self._haste and since is None and not self.closing:
                        self._haste = 0
                    if slot is None:
                        self.closing = True
                        self._newcomer = sock
                        if since is None:
                            since = ticks_ms()
                        yield from aio.pause(_LOOK)
                        continue
                    slot.open(sock, peer)
                    sock = self._newcomer = None
                    if self.closing:
                        self.closing = aio.ready(listener)
                    continue
                except OSError as exc:
                    if sock is None and exc.errno in (EAGAIN, ECONNABORTED):
                        continue
                except Exception:
                    pass  # MemoryError, most likely. Whatever it is: others want to be served.
                if slot is not None:
                    slot.discard(sock)
                    sock = self._newcomer = None
                yield from aio.pause(_ACCEPT_PAUSE)
        finally:
            if sock is not None:
                sock.close()

    def _watch(self):
        while True:
            yield from aio.pause(_WATCH_INTERVAL)
            now = ticks_ms()
            if ticks_diff(self._date_due, now) <= 0:
                self._date_due = now  # A time that is kept for days would turn.
            for slot in self.slots:
                deadline = slot.deadline
                if deadline is not None and ticks_diff(deadline, now) <= 0:
                    try:
                        if slot.expire():
                            self._abandon(slot)
                            break
                    except Exception:
                        pass  # MemoryError, most likely: it will be tried again.

    def _abandon(self, slot):
        # Give up a slot whose handler goes on however often it is cancelled.
        self.slots.remove(slot)
        slot.abandon()
        self.slot_free()
        slot._log(RuntimeError("the handler ignores that it was cancelled"), slot.request)
