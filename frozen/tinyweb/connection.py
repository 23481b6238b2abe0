# SPDX-License-Identifier: MIT
"""The life of a connection: its states, and the task of the slot that serves it.

    free > first > head > handler > idle > head
    free > first > turn > first > handler
    idle > handler > head
    handler > body > handler > answer > handler
    body > answer > body
    handler > guest > handler
    handler > drain > idle
    drain > head
    handler > linger
    drain > linger

    state    waits for                               until, at most           given up
    free     the accept loop                         -                        -
    turn     its turn to begin TLS                   queue_timeout            -
    first    the client's first byte                 request_timeout          2
    head     the rest of the request's head          request_timeout          3
    handler  the handler                             handler_timeout          -
    body     the handler's next bytes of the body    body_timeout             4
    answer   the client, to take more of the answer  send_timeout             6
    guest    a WebSocket or event stream             what tinyweb.guest says  -
    drain    the rest of a body that nobody wants    body_timeout             5
    linger   what a refused client still sends       a moment                 -
    idle     the next request                        keep_alive               1
    expired  the task, which was cancelled           a moment                 -
    ended    the task, which the server has dropped  -                        -

The lines with > are the moves. Besides, any state but `ended` moves to `free` when the connection
is closed, any but `free` and `ended` to `expired` when its deadline has passed, and any to
`ended`. `given up` is the order in which connections have to leave while another client waits for
a slot: see _LEAVES. `deadline` is ticks_ms() at the end of what the table says, or None. Where one
task of a handler reads the body while another one sends, the state is that of the wait whose
deadline comes first.

Slots are made before they are needed and kept for the server's life, so that serving allocates
little and fragments nothing. Between connections the task of a slot is parked; the accept loop
gives it the next one with open().
"""

from asyncio import CancelledError, create_task
from time import ticks_add, ticks_diff, ticks_ms

import _tinyweb
from _tinyweb import DONE, HTTPException, parts, stall
from httpparse import Error

from micropython import const
from tinyweb import aio
from tinyweb.request import request
from tinyweb.response import response

# Who has to leave when all slots are taken and another client waits: in this order of the states,
# and only who has made no progress for so long, in ms.
#
# idle: since its last answer. Its own client may be sending its next request
#   (RFC 9112 section 9.5).
# first: since it has come. With TLS three times as long: a handshake takes time.
# head: since its beginning. A head is small.
# body, answer: for each _PROGRESS bytes of it.
# drain: since its beginning.
#
# Each one but the idle that had to leave halves the times for the others, down to an eighth, until
# nobody waits: so many clients without progress hold up one with a request for a moment only.
#
# Whoever is in another state is not interrupted. Until somebody has left, each answer announces
# the end of its connection. Beside each state is the timeout that its deadline comes from.
_LEAVES = (
    ("idle", "keep_alive_timeout", 100),
    ("first", "request_timeout", 1000),
    ("head", "request_timeout", 1000),
    ("body", "body_timeout", 1000),
    ("drain", "body_timeout", 1000),
    ("answer", "send_timeout", 2000),
)
_TLS_TIMES = const(3)
# Bytes of a body, or of an answer, that earn the client another body_timeout or send_timeout.
_PROGRESS = const(512)
# How often a write is tried to a connection that seems to be writable and is not, in ms.
_STALLED_PAUSE = const(50)
# A task that was cancelled has so many ms to end, and is cancelled so many times.
_CANCEL_TIME = const(1000)
_CANCELS = const(3)
# Time, in ms, for the answer to a request that has taken too long.
_LAST_TIME = const(1000)

# A name of the module is found faster than one in the long table of builtins.
_generator = aio.generator
_type = type


def new_slot(server):
    """A slot of `server`: an object whose methods are those of Slot.

    server, parser, writer: what it belongs to, reads and writes with.
    request, response: what the handler of this request gets.
    sock: the connection, None if there is none. peer: the client's address.
    state, deadline: see above.
    limit: the deadline while the handler runs.
    late: the status to answer with after `expired`. cancels: how often the task was cancelled.
    task: the task. guest: a tinyweb.guest.Guest, or None. transport: with TLS, the socket below.
    """
    return _tinyweb.slot(Slot, request, response, server)


def first_to_leave(server, only_idle, at_once):
    """The slot of `server` whose connection has to leave next, or None.

    only_idle: whether a connection between two requests is meant. at_once: whether progress does
    not matter.
    """
    for state, timeout, patience in _LEAVES:
        found = None
        longest = -1
        for slot in server.slots:
            if slot.state == state and slot.waits():
                # The beginning is known by the end.
                over = getattr(server, timeout) - ticks_diff(slot.deadline, ticks_ms())
                if not at_once:
                    times = 1 if slot.transport is None else _TLS_TIMES
                    over -= patience * times >> (0 if state == "idle" else server._haste)
                if over > longest:
                    found = slot
                    longest = over
        if found is not None or only_idle:
            return found
    return None


class Slot:
    """The methods of a slot."""

    # States and deadlines: nothing else can set them. Who has expired or ended stays so, and gets
    # no more time: enter() and move() return False then.
    enter = _tinyweb.enter  # enter(state, deadline)
    move = _tinyweb.move  # move(state, ms)
    within = _tinyweb.within  # within(ms): stay in the state for so long from now, None for ever
    _settle = _tinyweb.settle  # _settle(about=None): be in the state of what the handler waits for
    _expired = _tinyweb.expired  # _expired(ms)
    _ended = _tinyweb.ended  # _ended()

    def expire(self):
        """The deadline has passed: end what the slot waits for.

        True if that cannot be: the task goes on however often it is cancelled.
        """
        guest = self.guest
        if guest is not None and not guest.closed:
            self.within(_CANCEL_TIME)  # Whatever fails now is tried again.
            guest.expire()
            return False
        if (
            (self.state == "idle" or self.state == "first")
            and self.transport is None
            and aio.ready(self.sock)
        ):
            self.within(_CANCEL_TIME)  # The client has asked, but the loop was busy.
            return False
        if self.cancels == _CANCELS:
            return True
        deadline = self.deadline
        self._settle()
        if self.deadline != deadline:
            return False  # The task that has waited for the body was cancelled.
        if self.state != "expired":
            self.late = 503 if self.state == "handler" and self.limit is not None else 408
        self._expired(_CANCEL_TIME)
        self.cancels += 1
        aio.cancel(self.task)
        return False

    _close = _tinyweb.close_slot  # close the connection: `free`, where it has not ended

    def abandon(self):
        """Give up the connection of a task that cannot be ended; the slot is not used again."""
        self._ended()
        self._close()

    def end(self):
        """Close the connection and end the task; the slot is not used again."""
        self._ended()
        task = self.task
        if task is None or task.done() or aio.cancel(task):
            self._close()
        # Else it runs now, and ends after this response.

    # For the accept loop

    def start(self):
        """Make the task, which waits for open(); then a connection needs no memory for it."""
        self.task = create_task(parts(_run(self, _serve(self)), self))

    # open(sock, peer): serve the connection `sock` (non-blocking socket). The slot must be free.
    open = _tinyweb.open_slot

    def discard(self, sock):
        """Undo an open() that failed, perhaps for want of memory."""
        self.sock = sock
        if self.task is not None:
            aio.disarm(self.task)
        self._close()

    def waits(self):
        """Whether nothing has come from the client that the task has not seen."""
        return self.state == "answer" or aio.is_read(self.sock)

    def give_up(self):
        """End what the slot waits for, for another client's sake.

        True if the slot is free now; else its task has to end it first, or the client has sent
        something after all.
        """
        if not self.waits():
            return False
        # With TLS the next connection has to wait for its turn.
        if (self.state != "idle" and self.state != "first") or self.transport is not None:
            self.expire()
            return False
        if aio.ready(self.sock) or not aio.disarm(self.task):
            return False
        self._close()
        return True

    # Waits. Each is an expression: `yield from slot.wait_to_send()`.

    def wait_for_head(self):
        """Wait for more of the request's head."""
        if not self.parser.idle:
            if self.state == "idle":
                self.move("head", self.server.request_timeout)
            elif self.state == "first":
                self.enter("head", self.deadline)
        return aio.readable(self.sock)

    def wait_for_body(self, request, step=None):
        """Wait for more of the body; `step` goes on: see aio.readable().

        A client that sends a byte now and then gets no more time.
        """
        if request._due is None or request._taken - request._marked >= _PROGRESS:
            request._marked = request._taken
            request._due = ticks_add(ticks_ms(), self.server.body_timeout)
        self._settle("body")
        return aio.readable(self.sock, step)

    def wait_to_send(self, step=None):
        """Wait until the client takes more of the answer; `step` goes on: see aio.writable()."""
        response = self.response
        begins = response._due is None
        more = stall(self, 0 if begins else _PROGRESS)
        if begins or more:
            response._due = ticks_add(ticks_ms(), self.server.send_timeout)
        self._settle("answer")
        if more is None:
            # On lwIP, a connection whose client has ended its side counts as writable even if
            # nothing can be written (extmod/modlwip.c, lwip_socket_ioctl). Such a client gets no
            # more time than others.
            return aio.pause(_STALLED_PAUSE)
        return aio.writable(self.sock, step)

    # resume(response=None): a task of the handler does not wait any more, for the client to take
    # more of `response` or, without one, for more of the body. Another one may go on waiting.
    resume = _tinyweb.resume

    # What each request takes; see _serve()

    _feed = _tinyweb.feed  # _feed(): read more of the head: what parser.feed() returns
    _route = _tinyweb.route_request  # _route(): find the route; returns the URL's parameters
    begin = _tinyweb.begin  # begin(): the handler's time begins; whether a body follows
    _send_all = _tinyweb.finish  # _send_all(): whether nothing is left to do for the answer
    # wait_for_next(): end the connection or keep it. A wait for the next connection or request;
    # None where the task has to see to it.
    wait_for_next = _tinyweb.wait_for_next
    _forget = _tinyweb.forget

    # The end of a request

    def _finish(self):
        # Send the rest of the response, as the client takes it. Coroutine.
        while self.writer.finish(self.sock) is None:
            yield from self.wait_to_send()
        self.enter("handler", None)

    def _access(self):
        # Tell the application of an answer.
        req = self.request
        try:
            if self.server.access_log is not None:
                self.server.access_log(req, self.writer.status, self.writer.body_bytes)
        except BaseException as exc:
            self._log(exc, req)

    def _log(self, exc, req):
        # Tell the application what has failed; the slot outlives a log_error() that fails.
        _raise_stop(exc)
        aio.mend()
        try:
            self.server.log_error(exc, req)
        except BaseException as failure:
            _raise_stop(failure)  # Anything else: there is nobody left to tell.

    def _error(self, exc, code):
        # Answer with the status `code` of the exception `exc`. Coroutine; see tinyweb.replies.
        aio.mend()
        from tinyweb import replies

        return replies.error_of(self, exc, code)

    def _failed(self, exc):
        # Answer an exception of the handler. Coroutine; see tinyweb.replies.
        _raise_stop(exc)
        if isinstance(exc, OSError) and (self.writer.broken or self.parser.broken):
            return DONE  # A client that has gone is no failure of the handler.
        aio.mend()
        from tinyweb import replies

        return replies.failed(self, exc)

    def _give_up_request(self, code):
        # Answer a request whose time is over with the status `code`, in a short time. Coroutine.
        if self.writer.sent:
            # What has begun can only be cut off; the answer before it shall arrive.
            yield from self._end()
            return
        if self.parser.idle and (self.transport is not None or not aio.ready(self.sock)):
            return  # Who has not asked gets no answer. But the first byte may just have come.
        aio.mend()
        self.response._keep_alive = False
        self._expired(_LAST_TIME)
        if code == 503:
            from tinyweb import replies

            replies.tell_limit(self, None, code)
        yield from self.response.error(code)
        yield from self._finish()
        self._access()
        yield from self._end()

    def _drain(self):
        # Read the rest of a body, to keep the connection. Coroutine; see tinyweb.unread.
        from tinyweb import unread

        return unread.drain(self)

    def _linger(self):
        # Read what a refused client still sends. Coroutine; see tinyweb.unread.
        from tinyweb import unread

        return unread.linger(self)

    def _drop(self):
        # Drop what a client has sent behind its last request; see tinyweb.unread.
        from tinyweb import unread

        return unread.drop(self)

    def _end(self):
        # Leave nothing unread before the close: TCP would reset the connection, and might destroy
        # the answer. Coroutine.
        if not self._drop():
            yield from self._linger()


def _raise_stop(exc):
    # KeyboardInterrupt and SystemExit end the program, wherever they come from. To name them in a
    # tuple would need memory.
    if isinstance(exc, KeyboardInterrupt) or isinstance(exc, SystemExit):  # noqa: SIM101
        raise exc


def _run(slot, serving):
    # The task of `slot`. serving: _serve() of the first connections, so that they need no memory
    # for it.
    while True:
        # What a failed request has left is of no use any more.
        slot._forget()
        try:
            try:
                if slot.sock is None:
                    # Wait for open(). Its connection may expire before a byte has come.
                    slot.server.slot_free()
                    yield from aio.park()
                if slot.server._ssl is not None:
                    yield from slot.server._ssl.enter(slot)
                yield from serving or _serve(slot)
                if slot.writer.sent and slot.state != "ended":
                    # It was cut off: see _give_up_request().
                    yield from slot._end()
            except CancelledError:
                if slot.state == "ended":
                    raise
                # The deadline has passed, or the handler cancelled itself.
                yield from slot._give_up_request(slot.late if slot.state == "expired" else 500)
            except Exception as exc:
                # A hook after the handler may have failed with an error's answer; it is not called
                # again. A client that has gone gets none.
                if isinstance(exc, OSError) or slot.response._hook is not False:
                    raise
                slot._log(exc, slot.request)
                yield from slot._give_up_request(500)
        except OSError:
            pass  # The client has gone.
        except CancelledError:
            if slot.state == "ended":
                raise
            # There was no time for an answer.
        except BaseException as exc:
            # MemoryError, mostly: the slot must live on. Nor must it wait for what a handler has
            # begun to wait for without a yield.
            aio.leave()
            slot._log(exc, None)
        finally:
            serving = None
            slot._close()
            slot.limit = None
        if slot.state == "ended":
            return


def _serve(slot):
    # Connection after connection, until an exception: so a connection costs no generator.
    parser = slot.parser
    writer = slot.writer
    server = slot.server
    no_headers = {}
    while True:
        # One request a turn.
        try:
            while True:
                event = slot._feed()
                if event is not None:
                    break
                yield from slot.wait_for_head()
            if not event:
                return  # httpparse.CLOSED
            parameters = slot._route()
            while True:
                event = slot._feed()
                if event is not None:
                    break
                yield from slot.wait_for_head()
            if not event:
                return
            event = slot.begin()
            req = slot.request
            resp = slot.response
            route = req.route
            try:
                if event:
                    req._expect(route.max_body_size)
                if parameters:
                    result = route.handler(req, resp, *parameters)
                else:
                    result = route.handler(req, resp)
                if _type(result) is _generator:
                    result = yield from result
                if result is not None:
                    yield from resp._answer(result)
                result = resp._end()
                if result is not None:
                    yield from result  # The handler has not awaited it.
                    if not writer.started:
                        resp._start()
            except Error:
                raise
            except HTTPException as exc:
                if not (yield from slot._error(exc, exc.code)):
                    return
            except CancelledError:
                raise
            except BaseException as exc:
                if not (yield from slot._failed(exc)):
                    return
        except Error as exc:
            # Framing is in doubt: nothing that follows may be taken for a request.
            slot.enter("handler", slot.deadline)
            req = slot.request
            resp = slot.response
            resp._keep_alive = False
            resp._hook = False  # Hooks are for requests that could be read.
            req.headers = no_headers
            req.route = None
            parser.reset()
            if not (yield from slot._error(exc, exc.status)):
                return
            yield from slot._finish()
            slot._access()
            yield from slot._linger()
            return
        if not slot._send_all():
            if writer.finish(slot.sock) is None:
                yield from slot._finish()
            if server.access_log is not None:
                slot._access()
            if parser.remaining and not (yield from slot._drain()):
                yield from slot._linger()
                return
        req = resp = route = parameters = None
        result = slot.wait_for_next()
        if result is None:
            if slot.state != "ended":
                yield from slot._end()
            return
        yield from result
