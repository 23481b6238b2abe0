# SPDX-License-Identifier: MIT
"""The web server and its API."""

import asyncio
import gc
import sys
from errno import EAGAIN, ECONNABORTED
from time import gmtime, ticks_add, ticks_diff, ticks_ms

from _tinyweb import (  # noqa: F401 - the first is part of the API
    HTTPException,
    Slot,
    heap,
    http_date,
)
from _tinyweb import original as __getattr__  # noqa: F401 - see tinyweb.original

from micropython import const
from tinyweb import aio

aio.install(asyncio)

# How often deadlines are looked at, in ms: they are kept to this precision.
_WATCH_INTERVAL = const(250)
# Pause after an accept that failed for want of memory or descriptors, in ms.
_ACCEPT_PAUSE = const(100)
# A connection that has been idle for less than this, in ms, is not given up for a new client: its
# own may be sending the next request (RFC 9112 section 9.5).
_GRACE = const(100)
# What the accept loop waits for, if not 0: a free slot, or an idle one too.
_FOR_FREE = const(1)
_FOR_IDLE = const(2)
# Memory that a new slot must leave for handlers, in bytes.
_RESERVE = const(2048)
# What the parser's object has beside its buffer, in bytes; no object of a slot is larger.
_PARSER = const(96)

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

    # What is not needed while requests are served is imported when it is called: a function of
    # tinyweb.setup, routes, rest or stopping; see modtinyweb.c.
    from _tinyweb import (
        add_resource,
        add_route,
        catchall,
        date,
        find,
        memory,
        open,
        resource,
        route,
        shutdown,
        start,
        stop,
    )
    from _tinyweb import init as __init__

    def __getattr__(self, name):
        if name == "loop":
            return asyncio.get_event_loop()
        # What most applications do not need takes memory where it is used.
        from tinyweb import application

        return application.attribute(self, name)

    def run(self, host="127.0.0.1", port=8081, loop_forever=True, backlog=None, ssl=None):
        """Run the server. Returns the event loop.

        host, port: the address to listen on.
        loop_forever: whether to run the event loop too, until shutdown(); if False the caller
            runs it.
        backlog: length of the queue of pending connections, 10 by default.
        ssl: what tinyweb.tls.context() makes, or an SSLContext of a server; HTTP without it.
        """
        self.start(host, port, backlog, ssl)
        if loop_forever:
            self._forever = True
            try:
                asyncio.get_event_loop().run_forever()
            finally:
                self._forever = False
                aio.loop_left()
        return self.loop

    def log_error(self, exc, req):
        """Called with `exc`, what a handler raised, and prints it; replace it to log elsewhere.

        req: the request, or None where the fault belongs to none.
        """
        sys.print_exception(exc)

    # What the slots use

    def _new_date(self, now):
        # What date() returns for the next second; now: ticks_ms().
        self._date_due = ticks_add(now, 1000)
        t = gmtime()
        try:
            self._date = http_date(t) if t[0] >= _FIRST_YEAR else None
        except MemoryError:
            self._date = None  # What matters more will need the memory.
        return self._date

    def slot_free(self, idle):
        """A slot has become free, or `idle`: go on accepting if that was waited for."""
        if self._accept_waits > idle:
            self._accept_waits = 0
            aio.wake(self._acceptor)

    # Tasks

    def take_slot(self):
        """A slot for a new connection: free, new, or that of an idle one; None if all are busy."""
        slot = self._spare_slot()
        if slot is None:
            slot = self._oldest_idle()
            if slot is not None and not slot.give_up():
                return None
        return slot

    def _spare_slot(self):
        # A slot that needs no connection to be given up, or None.
        for slot in self.slots:
            if slot.sock is None:
                return slot
        # Without memory for one, an idle connection must make room.
        return self._add_slot() if len(self.slots) < self.max_concurrency else None

    def _add_slot(self):
        """A new slot; None where memory is too short for it, which is logged."""
        # Better one connection after the other than handlers without memory.
        piece = self.buffer_size + _PARSER
        if not self.slots or self._has_memory(4 * self.buffer_size + _RESERVE, piece):
            try:
                slot = Slot(self)
                slot.start()
                self.slots.append(slot)
                return slot
            except MemoryError:
                pass
        from tinyweb import memory

        memory.refuse_slot(self, 4 * self.buffer_size + _RESERVE, piece)
        return None

    def _has_memory(self, size, piece=0):
        """Whether `size` bytes are free, and `piece` bytes of them in one piece."""
        gc.collect()
        free, largest = heap()
        return free >= size and largest >= piece

    def _oldest_idle(self):
        oldest = None
        for slot in self.slots:
            if slot.idle and (oldest is None or ticks_diff(slot.deadline, oldest.deadline) < 0):
                oldest = slot
        return oldest

    def _can_take_slot(self):
        if len(self.slots) < self.max_concurrency:
            return True
        for slot in self.slots:
            if slot.sock is None or slot.idle:
                return True
        return False

    def _grace(self):
        # How long, in ms, the client whose turn it is to lose its idle connection may still ask.
        slot = self._oldest_idle()
        if slot is None:
            return 0
        idle = self.keep_alive_timeout - ticks_diff(slot.deadline, ticks_ms())
        return max(0, _GRACE - idle)

    def _accept(self, listener, nodelay):
        patient = True
        # Without memory even being cancelled may fail.
        while self._listener is listener:
            sock = slot = None
            try:
                if self._can_take_slot():
                    yield from aio.readable(listener)
                    slot = self._spare_slot()
                    if slot is None:
                        # A client that has gone, or a request that has come, is seen first: then
                        # no other's connection has to be given up. Who waits here waits once.
                        self._accept_waits = _FOR_FREE
                        yield from aio.pause(self._grace() if patient else 0)
                        self._accept_waits = 0
                        slot = self.take_slot()
                        patient = slot is not None
                if slot is None:
                    self._accept_waits = _FOR_IDLE
                    yield from aio.park()
                    continue
                sock, peer = aio.accept(listener, nodelay)
                slot.open(sock, peer)
                continue
            except OSError as exc:
                if sock is None and exc.errno in (EAGAIN, ECONNABORTED):
                    continue
            except Exception:
                pass  # MemoryError, most likely. Whatever it is: others want to be served.
            if sock is not None:
                slot.discard(sock)
            yield from aio.pause(_ACCEPT_PAUSE)

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
        slot.ended = True
        slot._close()
        self.slot_free(False)
        slot._log(RuntimeError("the handler ignores that it was cancelled"), slot.request)
