# SPDX-License-Identifier: MIT
"""The task of a slot; the class and its states are in cmodules/tinyweb/modtinyweb_slot.c."""

from asyncio import CancelledError

from _tinyweb import HTTPException
from httpparse import CLOSED, Error

from micropython import const
from tinyweb import aio

# The members of a route; see tinyweb.server.
_HANDLER = const(0)
_KEEP = const(2)
_MAX_BODY_SIZE = const(4)
# A name of the module is found faster than one in the long table of builtins.
_generator = aio.generator
_type = type


def task(slot):
    """Coroutine of the task of `slot`, a _tinyweb.Slot: serve its connections."""
    return _run(slot, _serve(slot))


def _run(slot, serving):
    # serving: _serve() of the first connections, so that they need no memory for it.
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
            except CancelledError:
                if slot.ended:
                    raise
                # The deadline has passed, or the handler cancelled itself.
                yield from slot._give_up_request(slot.late if slot.expired else 500)
        except OSError:
            pass  # The client has gone.
        except CancelledError:
            if slot.ended:
                raise
            # There was no time for an answer.
        except BaseException as exc:
            # MemoryError, mostly: the slot must live on.
            slot._log(exc, None)
        finally:
            serving = None
            slot._close()
            slot.limit = None
            slot.late = 408
        if slot.ended:
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
                state = parser.feed(slot.sock)
                if state is not None:
                    break
                if slot.idle and not parser.idle:
                    slot.idle = False
                    slot.within(server.request_timeout)
                yield from aio.readable(slot.sock)
            if slot.idle:
                slot.idle = False
            if state == CLOSED:
                return
            req = slot.request
            resp = slot.response
            req._take()
            parameters = server.find(req)
            route = req.route
            if req.method == b"GET":
                keep = route[_KEEP]
            else:
                keep = req._keep(route[_KEEP])
            parser.keep(keep)
            while True:
                state = parser.feed(slot.sock)
                if state is not None:
                    break
                yield from aio.readable(slot.sock)
            if state == CLOSED:
                return
            slot.deadline = None
            if server.handler_timeout is not None:
                slot._limit()
            resp._keep_alive = parser.keep_alive
            resp._date = server.date()
            if keep is None:
                req.headers = no_headers
            else:
                req._fields()
            try:
                if parser.remaining:
                    req._expect(route[_MAX_BODY_SIZE])
                if parameters:
                    result = route[_HANDLER](req, resp, *parameters)
                else:
                    result = route[_HANDLER](req, resp)
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
            slot.idle = False
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
        if writer.finish(slot.sock) is None:
            yield from slot._finish()
        if server.access_log is not None:
            slot._access()
        if parser.remaining and not (yield from slot._drain()):
            yield from slot._linger()
            return
        if server.handler_timeout is not None:
            slot.limit = None
            slot.late = 408
        keep_alive = writer.keep_alive and not server.stopping
        # What belongs to this request must not take memory until the next one comes.
        slot._forget()
        req = resp = result = route = parameters = None
        if not keep_alive:
            if slot.ended or slot.transport is not None:
                return  # With TLS the next connection has to wait for its turn.
            if parser.buffered or aio.ready(slot.sock):
                slot._drop()
            slot._close()
            server.slot_free()
            yield from aio.park()
        else:
            parser.next()
            if parser.buffered:
                # Pipelined requests must not starve the other tasks.
                slot.within(server.request_timeout)
                yield from aio.pass_on()
            else:
                slot.idle = True
                slot.within(server.keep_alive_timeout)
                yield from aio.readable(slot.sock)
