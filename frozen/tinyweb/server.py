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
# How often the accept loop looks whom it can send away while a client waits for a slot, in ms.
_LOOK = const(50)

# Who has to leave when all slots are taken and another client waits: in this order of what
# waits() of a slot names, and only who has made no progress for so long, in ms.
#
# 1 between two requests: after its last answer. Its own client may be sending the next one
#   (RFC 9112 section 9.5).
# 2 before the first byte: since it has come. With TLS three times as long: a handshake takes time.
# 3 within a head: since its beginning. A head is small.
# 4 within a body: for each 512 bytes of it.
# 5 taking an answer: for each 512 bytes of it.
#
# A handler that runs, and a WebSocket or event stream, is not interrupted. Until somebody has
# left, each answer announces the end of its connection.
_PATIENCE = (0, 100, 1000, 1000, 1000, 2000)
_IDLE = const(1)
_ANSWER = const(5)
_TLS_TIMES = const(3)
# One address that holds all slots has to give one to another address that has waited for so long,
# in ms, whatever progress it makes.
_SHARE = const(1000)

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


def host(peer):
    """The address without the port of `peer`, as request.peer."""
    # The unix port has a sockaddr: its family, the port, and 4 bytes, or 4 more and 16 bytes, of
    # which a host of IPv6 has the first 8 for itself.
    if isinstance(peer, tuple):
        return peer[0]
    return bytes(peer[4:8]) if len(peer) == 16 else bytes(peer[8:16])


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
        try:
            t = gmtime()
            self._date = http_date(t) if t[0] >= _FIRST_YEAR else None
        except MemoryError:
            self._date = None  # What matters more will need the memory.
        return self._date

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
            slot = self.make_room(_ANSWER, waited >= _SHARE and self._one_other(peer))
        return slot

    def _spare_slot(self, more):
        # A slot that needs no connection to be given up, or None. more: whether to make one.
        for slot in self.slots:
            if slot.sock is None:
                return slot
        # Without memory for one, another connection must make room.
        return self._add_slot() if more and len(self.slots) < self.max_concurrency else None

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

    def make_room(self, last=_IDLE, at_once=False):
        """Give up the connection whose turn it is to leave, if there is one: see _PATIENCE.

        last: the last of the ways to wait that have to leave. at_once: whether progress does not
        matter. Returns the slot if it is free now; else its task has to end first, or no
        connection can be given up.
        """
        first = None
        least = longest = 0
        for slot in self.slots:
            wait = slot.waits()
            if 0 < wait <= last:
                over = slot.quiet()
                if not at_once:
                    over -= _PATIENCE[wait] * (1 if slot.transport is None else _TLS_TIMES)
                if over >= 0 and (
                    first is None or wait < least or (wait == least and over > longest)
                ):
                    first = slot
                    least = wait
                    longest = over
        return first if first is not None and first.give_up() else None

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
                    slot = self.take_slot(
                        peer, 0 if since is None else ticks_diff(ticks_ms(), since)
                    )
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
        slot.ended = True
        slot._close()
        self.slot_free()
        slot._log(RuntimeError("the handler ignores that it was cancelled"), slot.request)
