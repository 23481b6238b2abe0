# SPDX-License-Identifier: MIT
"""Server-sent events (WHATWG HTML section 9.2): a response whose body goes on event by event."""

from asyncio import CancelledError

from _tinyweb import DONE
from _tinyweb import event as encode

from micropython import const
from tinyweb.guest import Guest, admits
from tinyweb.wrapper import Wrapper

# How often it is looked at least whether the client has gone, in ms.
_LOOK = const(1000)
# What a client gets where no connection is left: when it is to come again, in ms.
_AGAIN = "retry: 3000\n\n"


class EventStream(Guest):
    """An open event stream, which the decorator with_sse makes.

    closed: whether the client has gone; nothing can be sent then.
    last_event_id: the `id` of the last event that the client got before it lost the connection,
        str, or None.
    """

    _owner = None

    def __init__(self, slot, last_event_id, ping):
        self._silence = 0  # in ms
        self.last_event_id = last_event_id
        self._ping = ping
        super().__init__(slot, min(_LOOK, ping or _LOOK))

    def send(self, data=None, event=None, id=None, retry=None):
        """Send an event at once. Coroutine.

        data: str, or bytes in UTF-8, of any number of lines; whatever else is sent as JSON.
        event: its type, str; "message" for the client if there is none.
        id: what the client gives back as last_event_id when it connects again.
        retry: ms after which the client is to connect again.
        Raises OSError if the client has gone, or takes nothing for the server's send_timeout.
        """
        if self._busy:
            return self._later(encode(data, event, id, retry))
        rest = self.offer(data, event, id, retry)
        return DONE if rest is None else rest

    def _later(self, data):
        # Send what has to wait for another task's event. Coroutine.
        yield from self._turn()
        at = self._step(None, data, 0)
        if at is not None:
            yield from self._rest(None, data, at)

    def offer(self, data=None, event=None, id=None, retry=None):
        """Send an event without waiting. `data`, `event`, `id` and `retry` are as for send().

        Returns None, or a coroutine that sends what did not leave at once, which has to run.
        """
        if self._busy:
            return self.send(data, event, id, retry)
        data = encode(data, event, id, retry)
        at = self._step(None, data, 0)
        if at is not None:
            self._busy = True
            return self._rest(None, data, at)

    def _write(self, first, data, at):
        slot = self._slot
        if at < len(data):
            at = slot.writer.write(slot.sock, data, at)
            if at is not None:
                return at
        return None if slot.writer.flush(slot.sock) else len(data)

    def _beat(self):
        # The client has nothing more to say: what it sends is dropped, its end is ours.
        if self._slot.sock.read(32) == b"":
            return False
        self._silence += self._interval
        if self._ping and self._silence >= self._ping and not self._busy:
            self._silence = 0
            self._start(None, b":\n\n")
        self._arm()
        return True

    def leave(self):
        """The server stops."""
        self._end()


class with_sse(Wrapper):
    """Decorator of a handler f(req, events, *parameters), a coroutine: it is given an EventStream.

    The stream ends when it returns. When the client has gone, sending raises OSError, and a
    handler that does not send is cancelled.

    ping: seconds between comments that keep the connection alive, None for none.
    max_streams: how many connections may be taken over at the same time, on all URLs, WebSockets
        included; beyond it a stream ends at once, and the client comes again after 3 seconds.
        None leaves one slot to requests.
    """

    NEEDS = ("Last-Event-ID",)

    def __init__(self, f=None, *, ping=15, max_streams=None):
        super().__init__(f)
        self.ping = ping and int(ping * 1000)
        self.most = max_streams

    def __call__(self, *args):
        if self.f is None:
            # @with_sse(...): this is the function that is decorated.
            super().__init__(args[0])
            return self
        return self._serve(*args)

    async def _serve(self, req, resp, *parameters):
        slot = req._slot
        if req.method != b"HEAD" and not admits(slot, self.most):
            # A browser gives up an event stream for ever after any other status than 200, and
            # connects again after one that ends (section 9.2.2).
            resp._keep_alive = False
            resp.add_header("Cache-Control", "no-store")
            resp._start("text/event-stream")
            await resp.send(_AGAIN)
            return
        resp._keep_alive = False
        resp.add_header("Cache-Control", "no-store")
        resp._start("text/event-stream")
        if req.method == b"HEAD":
            return
        await resp.flush()
        try:
            last = str(req.headers[b"Last-Event-ID"], "utf-8")
        except (KeyError, UnicodeError):
            last = None
        events = EventStream(slot, last, self.ping)
        try:
            await self.f(req, events, *parameters)
        except OSError:
            if not events.closed:
                raise
        finally:
            gone = events.closed
            events._release()
        if gone:
            raise CancelledError  # Nothing more can be sent: the slot closes the connection.
