# SPDX-License-Identifier: MIT
"""A slot: one connection at a time, its buffers, and the task that serves it.

Slots are made when they are first needed and kept for the server's life, so that serving allocates
little and fragments nothing. Between connections the task is parked; the accept loop gives it the
next one with open().

         open()            request line, fields         handler            finish
  FREE ---------> WAITING ----------------------> BUSY ----------> ... ----------> IDLE
   ^                                                                close |          |
   +----------------------------------------------------------------------+----------+
"""

from asyncio import CancelledError, create_task
from time import ticks_add, ticks_ms

from _tinyweb import HTTPException, parts, request, response
from httpparse import CLOSED, Error, Request, Response

from micropython import const
from tinyweb import aio

# The members of a route; see tinyweb.server.
_HANDLER = const(0)
_KEEP = const(2)
_ALIASES = const(3)
_MAX_BODY_SIZE = const(4)

# How long, in ms, and how much of what a refused client still sends is read before the close:
# closing with unread input makes TCP reset the connection and may destroy the answer.
_LINGER_TIME = const(500)
_LINGER_BYTES = const(16384)
# An unread body up to this size is read and dropped to keep the connection; what is larger is
# announced as the connection's end by modtinyweb_messages.c.
_DRAIN_BYTES = const(4096)


def _is_generator():
    yield


_generator = type(_is_generator())
# A name of the module is found faster than one in the long table of builtins.
_type = type

_CONTENT_TYPE = (b"Content-Type",)
_PUT_FIELDS = (b"Content-Type", b"Content-Range")


def _raise_stop(exc):
    # KeyboardInterrupt and SystemExit end the program, wherever they come from. No tuple of both:
    # after a MemoryError there may be no memory for it.
    if isinstance(exc, KeyboardInterrupt) or isinstance(exc, SystemExit):
        raise exc


class Slot:
    """See the module. `server` is the webserver; all times are in ms."""

    transport = None  # with TLS, the socket below
    ended = False  # the server has dropped this slot
    guest = None  # what has taken the connection over; see tinyweb.guest

    def __init__(self, server):
        self.server = server
        self.parser = Request(server.buffer_size)
        self.writer = Response(server.buffer_size)
        self.request = request(self, self.parser)
        self.response = response(self, self.writer, self.request)
        # Later there may be no memory to add attributes.
        self.sock = None
        self.task = None
        self.idle = False  # a kept connection between two requests: may be closed at any time
        self.expired = False  # the deadline has passed and the task was cancelled for it
        self.deadline = None  # ticks_ms() at which the server gives up waiting, or None
        self.limit = None  # the deadline while the handler does not wait for the client
        self.late = 408  # the status to answer with when the deadline has passed

    def open(self, sock, peer):
        """Serve the connection `sock` (non-blocking socket). The slot must be free."""
        self.sock = sock
        self.request.peer = peer
        self.parser.reset()
        self.deadline = ticks_add(ticks_ms(), self.server.request_timeout)
        if self.task is None:
            self.task = create_task(parts(self._run(), self.response))
        else:
            aio.arm(self.task, sock)

    def carry(self, sock):
        """Return what TLS takes in the place of `sock`; it is closed with the connection."""
        from _tinyweb import transport

        self.transport = transport(sock)
        return self.transport

    def give_up(self):
        """Close an idle kept connection for another client's sake. False if it is not idle."""
        if not self.idle or not aio.disarm(self.task):
            return False
        self._close()
        return True

    def discard(self, sock):
        """Undo an open() that failed, perhaps for want of memory."""
        self.sock = sock
        if self.task is not None:
            aio.disarm(self.task)
        self._close()

    def expire(self):
        """The deadline has passed: end what the slot waits for."""
        self.deadline = None
        if self.guest is not None:
            return self.guest.expire()
        self.expired = True
        if not aio.cancel(self.task):
            self.expired = False

    def end(self):
        """Close the connection and end the task; the slot is not used again."""
        self.response._keep_alive = False
        self.ended = True
        if self.task is not None and not self.task.done():
            if not aio.cancel(self.task):
                return  # It runs now: it ends after this response, the server is stopping.
        self._close()

    def _close(self):
        sock = self.sock
        self.sock = None
        self.idle = False
        self.deadline = None
        if sock is not None:
            try:
                sock.close()
            except OSError:
                pass  # The descriptor is gone in any case.
            if self.transport is not None:
                # A handshake that failed has left it open.
                self.transport.close()
                self.transport = None

    def _run(self):
        while True:
            try:
                if self.sock is None:
                    # Wait for open(). Its connection may expire before a byte has come.
                    self.server.slot_free()
                    aio.park()
                    yield
                yield from self._serve()
            except OSError:
                pass  # The client has gone.
            except CancelledError:
                if self.ended:
                    raise
                # The deadline has passed, or the handler cancelled itself.
                self._answer_now(self.late if self.expired else 500)
                self.expired = False
            except BaseException as exc:
                # MemoryError, mostly: the slot must live on.
                self._log(exc, None)
            finally:
                self._close()
                self.limit = None
                self.late = 408
            if self.ended:
                return

    def _serve(self):
        # Connection after connection, until an exception: so a connection costs no generator.
        parser = self.parser
        writer = self.writer
        req = self.request
        resp = self.response
        server = self.server
        no_headers = {}
        while True:
            # One request a turn.
            resp._reset()
            try:
                while True:
                    state = parser.feed(self.sock)
                    if state is not None:
                        break
                    if self.idle and not parser.idle:
                        self.idle = False
                        self.deadline = ticks_add(ticks_ms(), server.request_timeout)
                    aio.readable(self.sock)
                    yield
                if self.idle:
                    self.idle = False
                if state == CLOSED:
                    return
                req._take()
                parameters = server.find(req)
                route = req.route
                if req.method == b"GET":
                    keep = route[_KEEP]
                else:
                    keep = self._keep(route[_KEEP])
                parser.keep(keep)
                while True:
                    state = parser.feed(self.sock)
                    if state is not None:
                        break
                    aio.readable(self.sock)
                    yield
                if state == CLOSED:
                    return
                self.deadline = None
                if server.handler_timeout is not None:
                    self._limit()
                resp._keep_alive = parser.keep_alive and not server.stopping
                resp._date = server.date()
                if keep is None:
                    req.headers = no_headers
                else:
                    self._headers(route)
                try:
                    if parser.remaining:
                        self._expect_body(route[_MAX_BODY_SIZE])
                    result = route[_HANDLER](req, resp, *parameters)
                    if _type(result) is _generator:
                        result = yield from result
                    if result is not None:
                        yield from resp._answer(result)
                    if not writer.started:
                        resp._start()
                except Error:
                    raise
                except HTTPException as exc:
                    if not (yield from self._error(exc, exc.code)):
                        return
                except CancelledError:
                    raise
                except BaseException as exc:
                    if not (yield from self._failed(exc)):
                        return
            except Error as exc:
                # Framing is in doubt: nothing that follows may be taken for a request.
                self.idle = False
                resp._keep_alive = False
                req.headers = no_headers
                req.route = None
                parser.reset()
                if not (yield from self._error(exc, exc.status)):
                    return
                yield from self._finish()
                self._access()
                yield from self._linger()
                return
            if writer.finish(self.sock) is None:
                yield from self._finish()
            if server.access_log is not None:
                self._access()
            if parser.remaining and not (yield from self._drain()):
                yield from self._linger()
                return
            if server.handler_timeout is not None:
                self.limit = None
                self.late = 408
            if not writer.keep_alive or server.stopping:
                if self.ended:
                    return
                self._close()
                server.slot_free()
                aio.park()
                yield
            else:
                parser.next()
                if parser.buffered:
                    # Pipelined requests must not starve the other tasks.
                    self.deadline = ticks_add(ticks_ms(), server.request_timeout)
                    aio.pass_on()
                else:
                    self.idle = True
                    self.deadline = ticks_add(ticks_ms(), server.keep_alive_timeout)
                    server.slot_free()
                    aio.readable(self.sock)
                yield

    def _limit(self):
        self.limit = ticks_add(ticks_ms(), self.server.handler_timeout)
        self.deadline = self.limit
        self.late = 503

    def _keep(self, names):
        # Content-Type is kept for the form parser, whether the route names it or not; for what
        # stores the body of a PUT, that this is not the whole (RFC 9110 section 14.5).
        fields = _PUT_FIELDS if self.request.method == b"PUT" else _CONTENT_TYPE
        if names is None:
            return fields
        for name in fields:
            if name not in names:
                names += (name,)
        return names

    def _headers(self, route):
        # Hand the kept fields to the request.
        req = self.request
        req.headers = headers = self.parser.headers()
        req._content_type = headers.get(b"Content-Type")
        if req._content_type is not None:
            if route[_KEEP] is None or b"Content-Type" not in route[_KEEP]:
                del headers[b"Content-Type"]
        if route[_ALIASES] is not None:
            for kept, name in route[_ALIASES]:
                if kept in headers:
                    headers[name] = headers[kept]

    def _expect_body(self, max_body_size):
        req = self.request
        req._max_body_size = max_body_size
        req._taken = 0
        req._due = None
        if self.parser.remaining > max_body_size:
            self.response._keep_alive = False
            raise HTTPException(413)

    def send_continue(self):
        """Send 100 Continue before the body is read (RFC 9110 section 10.1.1). Coroutine."""
        while self.writer.interim(self.sock, 100) is None:
            self.wait_to_send()
            yield
        self.deadline = self.limit

    def wait_to_send(self):
        """Queue the task until the client takes more, for send_timeout; the caller yields next."""
        self.deadline = ticks_add(ticks_ms(), self.server.send_timeout)
        aio.writable(self.sock)

    def _error(self, exc, code):
        # Answer with an error; False if the response is under way and can only be cut off.
        if code == 0 and self.writer.started:
            return True  # The answer to HEAD is complete; see modtinyweb_parts.c.
        if not isinstance(code, int) or not 200 <= code <= 599:
            return (yield from self._failed(exc))
        if self.writer.sent:
            return False
        yield from self.response.error(code)
        return True

    def _failed(self, exc):
        # An exception of the handler: log it, answer 500, and with debug show it.
        _raise_stop(exc)
        if isinstance(exc, OSError) and (self.writer.broken or self.parser.broken):
            return False  # The client has gone: no failure of the handler.
        if self.server.group is not None:
            from tinyweb import errors

            if (yield from errors.failed(self.response, exc)):
                return True
        self._log(exc, self.request)
        if self.writer.sent:
            return False
        text = None
        if self.server.debug:
            from tinyweb.debug import traceback_text

            text = traceback_text(exc)
        yield from self.response.error(500, text)
        return True

    def _finish(self):
        writer = self.writer
        while writer.finish(self.sock) is None:
            self.wait_to_send()
            yield
        self.deadline = None

    def _drain(self):
        # Read the rest of a body that the handler did not want. False: it is not worth it.
        parser = self.parser
        if parser.expect and not self.request._taken:
            return False  # The client may send it or not: nobody can tell (section 10.1.1).
        if not self.writer.keep_alive:
            return False
        while True:
            try:
                done = parser.drain(self.sock, _DRAIN_BYTES)
            except Error:
                return False  # Malformed: nothing that follows may be taken for a request.
            if done is not None:
                return done
            self.deadline = ticks_add(ticks_ms(), self.server.body_timeout)
            aio.readable(self.sock)
            yield

    def _linger(self):
        # Read and drop for a moment what a refused client still sends, then close: at once after
        # the end of a body that is known.
        parser = self.parser
        framed = parser.remaining != 0
        buf = bytearray(128)
        left = _LINGER_BYTES
        self.deadline = None
        waited = False
        while left > 0:
            try:
                n = parser.readinto(self.sock, buf) if framed else self.sock.readinto(buf)
            except Error:
                framed = False  # Malformed, or the client has closed: the next read tells.
                continue
            if n is None:
                if not waited:
                    waited = True
                    self.deadline = ticks_add(ticks_ms(), _LINGER_TIME)
                aio.readable(self.sock)
                yield
            elif n == 0:
                return
            else:
                left -= n

    def _answer_now(self, code):
        # Without waiting: the client was too slow already.
        if self.writer.sent or self.parser.idle:
            return
        self.response._keep_alive = False
        try:
            for _ in self.response.error(code):
                return
            self.writer.finish(self.sock)
            self._access()
        except OSError:
            pass
        except Exception as exc:
            self._log(exc, None)  # MemoryError: the slot must live on.

    def _access(self):
        # Tell the application of an answer.
        writer = self.writer
        try:
            if self.server.access_log is not None:
                self.server.access_log(self.request, writer.status, writer.body_bytes)
        except BaseException as exc:
            self._log(exc, self.request)

    def _log(self, exc, req):
        # Tell the application what has failed; the slot must outlive a log_error() that fails.
        _raise_stop(exc)
        aio.mend()
        try:
            self.server.log_error(exc, req)
        except BaseException as exc:
            _raise_stop(exc)  # Anything else: there is nobody left to tell.
