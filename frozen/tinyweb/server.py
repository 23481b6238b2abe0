# SPDX-License-Identifier: MIT
"""The web server and its API."""

import asyncio
import gc
import sys
from time import gmtime, ticks_add, ticks_diff, ticks_ms

from _tinyweb import HTTPException  # noqa: F401 - part of the API

from micropython import const
from tinyweb import aio
from tinyweb.slot import Slot

aio.install(asyncio)

# How often deadlines are looked at, in ms: they are kept to this precision.
_WATCH_INTERVAL = const(250)
# Pause after an accept that failed for want of memory or descriptors, in ms.
_ACCEPT_PAUSE = const(100)
# Memory that accept() takes, in words: a socket that is lost for want of memory would keep its
# descriptor.
_CONNECTION = const(20)
# Memory that a new slot must leave for handlers, in bytes.
_RESERVE = const(2048)
# The unix port does not name them; they are the same on Linux, the BSDs and macOS.
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)
_EAGAIN = const(11)
_ECONNABORTED = const(103)

# A clock that was never set says 2000 or 1970.
_FIRST_YEAR = const(2025)


# A route is a tuple. Its members, for the modules that read them:
#   0 HANDLER
#   1 METHODS        tuple of bytes
#   2 KEEP           tuple of the field-names (bytes) that the handler wants, or None
#   3 ALIASES        ((kept name, the application's spelling), ...) where these differ, or None
#   4 MAX_BODY_SIZE
#   5 CORS_ORIGINS   str, or a tinyweb.cors.CORS that says all
#   6 CORS_HEADERS
#   7 CORS_METHODS
#   8 HOOKS          None, or (handler, hooks before, hooks after, groups of hooks): see
#                    tinyweb.hooks, whose run() is HANDLER where any of these are
#   9 NEXT           another route of the same URL, or None
_METHODS = const(1)


class webserver:
    """A web server and the application that it serves.

    request_timeout: seconds a client has to send the request line and header fields.
    max_concurrency: connections that are served at the same time; 3 on esp8266, 6 on esp32, 10
        elsewhere.
    backlog: connections that wait for a slot, the argument of socket.listen().
    debug: whether the client gets the traceback with a status of 500.
    keep_alive: seconds that an idle connection is kept; 0 closes it after every response.
    body_timeout: seconds a client may take for each 512 bytes of a body.
    send_timeout: seconds a client may take to take the next part of a response.
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
    _forever = False
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
        if max_concurrency is None:
            max_concurrency = {"esp8266": 3, "esp32": 6}.get(sys.platform, 10)
        if buffer_size is None:
            buffer_size = max(256, min(1024, gc.mem_free() // 64))
        self.max_concurrency = max_concurrency
        self.buffer_size = buffer_size
        self.backlog = backlog
        if debug:
            self.debug = debug
        self.request_timeout = int(request_timeout * 1000)
        self.keep_alive_timeout = int(keep_alive * 1000)
        self.body_timeout = int(body_timeout * 1000)
        self.send_timeout = int(send_timeout * 1000)
        self.handler_timeout = handler_timeout and int(handler_timeout * 1000)
        self.routes = {}  # path -> route
        self.slots = []

    def __getattr__(self, name):
        # What most applications do not need takes memory where it is used.
        from tinyweb import application

        return application.attribute(self, name)

    # Routes

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
    ):
        """Map `url` to the handler `f(request, response, *parameters)`, a function or coroutine.

        url: path, str; each segment `<name>` matches any one and is passed on as str, in order,
            `<int:name>` and `<float:name>` as a number, `<path:name>` matches one or more.
        methods: the methods that `f` answers. HEAD comes with GET, OPTIONS with every route.
        save_headers: the header fields that request.headers shall hold, in any case.
        max_body_size: largest body in bytes; 413 beyond it.
        allowed_access_control_headers, allowed_access_control_origins: values for CORS, str or
            list of str.
        before, after: functions that run before and after the handler, one or a tuple of them, as
            those of before_request() and after_request() do.
        cors: a tinyweb.cors.CORS for this route.
        """
        self._add(
            url,
            f,
            methods,
            save_headers,
            max_body_size,
            allowed_access_control_origins,
            allowed_access_control_headers,
            before,
            after,
            cors,
        )

    def _add(self, url, *route):
        from tinyweb import routes

        routes.add(self, url, *route)

    def route(self, url, **kwargs):
        """Decorator for add_route()."""

        def decorate(f):
            self.add_route(url, f, **kwargs)
            return f

        return decorate

    def catchall(self):
        """Decorator: the handler for every URL that no route matches, with any method."""

        def decorate(f):
            self._add(
                None,
                f,
                ("GET", "POST", "PUT", "PATCH", "DELETE"),
                (),
                1024,
                "*",
                "*",
            )
            return f

        return decorate

    def add_resource(self, cls, url, **kwargs):
        """Map get, post, put, patch and delete of `cls`, a class or an instance, to `url`.

        Each is called as method(data, headers, *parameters, **kwargs), or without `headers` if
        it takes one argument less; see tinyweb.rest.
        """
        from tinyweb import rest

        rest.add_resource(self, cls, url, kwargs)

    def resource(self, url, method="GET", **kwargs):
        """Decorator: the function answers `method` on `url` as a resource's method does."""

        def decorate(f):
            from tinyweb import rest

            rest.add_function(self, f, url, method, kwargs)
            return f

        return decorate

    def find(self, req):
        """Set the route of `req` and return the URL's parameters, a list or ()."""
        route = self.routes.get(req.path)
        if route is None or req.method not in route[_METHODS]:
            from tinyweb import router

            return router.choose(self, req)
        req.route = route
        return ()

    # Running

    def start(self, host="127.0.0.1", port=8081, backlog=None, ssl=None):
        """Listen on `host`:`port` and serve from tasks of the running or next event loop.

        ssl: the SSLContext of a server, such as tinyweb.tls.context() makes; HTTP without it.

        Raises OSError if the address cannot be used, MemoryError if the heap is too small.
        """
        import socket

        if self._listener is not None:
            self.shutdown()
        if not self.slots:
            # The first slot is made here, where its caller sees that memory is too short for it.
            self.slots.append(Slot(self))
        family, kind, proto, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # With Nagle's algorithm the last part of an answer would wait until the client has
            # acknowledged the one before, which clients delay (RFC 9293 section 3.8.6.3).
            nodelay = getattr(socket, "TCP_NODELAY", None)
            if nodelay is None:
                # The unix port has no name for it; there, accepted sockets inherit it.
                listener.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
            listener.bind(address)
            listener.listen(self.backlog if backlog is None else backlog)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        if ssl is not None or self._ssl is not None:
            self._ssl = ssl
        self.open()
        self._acceptor = asyncio.create_task(self._accept(listener, nodelay))

    def open(self):
        """Get ready to serve connections, wherever they come from."""
        if self.stopping:
            self.stopping = False
        # Later there may be no memory to add attributes.
        self._accept_parked = False
        self._date = None
        self._date_due = ticks_ms()
        # The registration of routes is not needed any more, or will be imported again.
        tinyweb = sys.modules["tinyweb"]
        for name in ("routes", "patterns", "application"):
            if sys.modules.pop("tinyweb." + name, None):
                delattr(tinyweb, name)
        if self._watchdog is None:
            self._watchdog = asyncio.create_task(self._watch())

    def run(self, host="127.0.0.1", port=8081, loop_forever=True, backlog=None, ssl=None):
        """Run the server.

        host, port: the address to listen on.
        loop_forever: whether to run the event loop too, until shutdown(); if False the caller
            runs it.
        backlog: length of the queue of pending connections, 10 by default.
        ssl: the SSLContext of a server, such as tinyweb.tls.context() makes; HTTP without it.
        """
        self.start(host, port, backlog, ssl)
        if loop_forever:
            self._forever = True
            try:
                asyncio.get_event_loop().run_forever()
            finally:
                self._forever = False
                aio.loop_left()

    async def stop(self, timeout=10):
        """Stop gracefully: accept no more, let requests that are under way finish, then shut down.

        timeout: seconds that these may take.
        """
        self.stopping = True
        self._close_listener()
        due = ticks_add(ticks_ms(), int(timeout * 1000))
        for slot in self.slots:
            slot.give_up()
            if slot.guest is not None:
                slot.guest.leave()
        while ticks_diff(due, ticks_ms()) > 0 and any(slot.sock for slot in self.slots):
            await asyncio.sleep_ms(20)
        self.shutdown()

    def _close_listener(self):
        if self._acceptor is not None:
            aio.cancel(self._acceptor)
        if self._listener is not None:
            self._listener.close()
        self._listener = self._acceptor = None
        self._accept_parked = False

    def shutdown(self):
        """Stop at once: close the listening socket and all connections, end all tasks.

        The tasks end when the event loop runs next. The port can be used again right away.
        """
        self.stopping = True
        self._close_listener()
        if self._watchdog is not None:
            aio.cancel(self._watchdog)
        self._watchdog = None
        slots = self.slots
        self.slots = []
        for slot in slots:
            slot.end()
        if self._forever:
            self._forever = False
            asyncio.create_task(self._leave_loop(slots))

    async def _leave_loop(self, slots):
        # The slot whose handler called shutdown() still has to send its response.
        for slot in slots:
            while slot.task is not None and not slot.task.done():
                await asyncio.sleep_ms(5)
        asyncio.get_event_loop().stop()

    def log_error(self, exc, req):
        """Called with what a handler raised; replace it to log elsewhere than on the console."""
        sys.print_exception(exc)

    # What the slots use

    def date(self):
        """The value of Date, or None if the clock was never set (RFC 9110 section 6.6.1)."""
        now = ticks_ms()
        if ticks_diff(self._date_due, now) <= 0:
            self._date_due = ticks_add(now, 1000)
            t = gmtime()
            try:
                self._date = http_date(t) if t[0] >= _FIRST_YEAR else None
            except MemoryError:
                self._date = None  # What matters more will need the memory.
        return self._date

    def slot_free(self):
        """A slot has become free or idle: go on accepting."""
        if self._accept_parked:
            self._accept_parked = False
            aio.wake(self._acceptor)

    # Tasks

    def take_slot(self):
        """A slot for a new connection: free, new, or that of an idle one; None if all are busy."""
        idle = None
        for slot in self.slots:
            if slot.sock is None:
                return slot
            if slot.idle and (idle is None or ticks_diff(slot.deadline, idle.deadline) < 0):
                idle = slot
        if len(self.slots) < self.max_concurrency and self._has_memory():
            try:
                slot = Slot(self)
                self.slots.append(slot)
                return slot
            except MemoryError:
                pass  # An idle connection must make room.
        if idle is not None and idle.give_up():
            return idle
        return None

    def _has_memory(self):
        # Better one connection after the other than handlers without memory.
        if not self.slots:
            return True
        gc.collect()
        return gc.mem_free() > 4 * self.buffer_size + _RESERVE

    def _can_take_slot(self):
        if len(self.slots) < self.max_concurrency:
            return True
        for slot in self.slots:
            if slot.sock is None or slot.idle:
                return True
        return False

    def _accept(self, listener, nodelay):
        # Without memory even being cancelled may fail.
        while self._listener is listener:
            sock = slot = None
            try:
                if self._can_take_slot():
                    aio.readable(listener)
                    yield
                    slot = self.take_slot()
                if slot is None:
                    self._accept_parked = True
                    aio.park()
                    yield
                    continue
                aio.reserve(_CONNECTION)
                sock, peer = listener.accept()
                sock.setblocking(False)
                if nodelay is not None:
                    sock.setsockopt(_IPPROTO_TCP, nodelay, 1)
                if self._ssl is not None:
                    sock = slot.carry(sock)
                    sock = self._secured(sock)
                slot.open(sock, peer)
                continue
            except OSError as exc:
                if sock is None and exc.errno in (_EAGAIN, _ECONNABORTED):
                    continue
            except Exception:
                pass  # MemoryError, most likely. Whatever it is: others want to be served.
            if sock is not None:
                slot.discard(sock)
            aio.pause(_ACCEPT_PAUSE)
            yield

    def _secured(self, sock):
        # The handshake takes place when the slot reads, within its request_timeout.
        return self._ssl.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    def _watch(self):
        while True:
            aio.pause(_WATCH_INTERVAL)
            yield
            now = ticks_ms()
            for slot in self.slots:
                deadline = slot.deadline
                if deadline is not None and ticks_diff(deadline, now) <= 0:
                    slot.expire()


def http_date(t):
    """The IMF-fixdate (RFC 9110 section 5.6.7) of a time tuple in UTC."""
    return "{}, {:02} {} {} {:02}:{:02}:{:02} GMT".format(
        "MonTueWedThuFriSatSun"[3 * t[6] : 3 * t[6] + 3],
        t[2],
        "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * t[1] - 3 : 3 * t[1]],
        t[0],
        t[3],
        t[4],
        t[5],
    )
