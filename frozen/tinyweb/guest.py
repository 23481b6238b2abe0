# SPDX-License-Identifier: MIT
"""What WebSockets and event streams share: a handler that has taken its connection over.

It may be written to from any task, one frame or event at a time, and is ended by the slot's
deadline: when the client does not take what is sent, or is not heard of any more.
"""

from asyncio import create_task, current_task
from errno import ECONNRESET

from micropython import const
from tinyweb import aio, refusals

# Memory that a stream takes while it is open, in bytes: its object, that of its handler, and what
# one message needs.
_STREAM = const(1024)
# How long, in ms, a handler has at most to notice that its connection has ended.
_GRACE = const(1000)


def admits(slot, most):
    """Whether the connection of `slot` may be taken over.

    most: how many may be at the same time; None leaves one slot to requests.
    """
    server = slot.server
    slots = server.slots
    others = 0
    for other in slots:
        if other is not slot and other.guest is not None:
            others += 1
    if others >= server.max_concurrency - 1 if most is None else others >= most:
        if server.max_concurrency > 1 or most is not None:
            refusals.refuse_stream(server, others, most)
            return False
    elif most is None and others >= len(slots) - 1 and server._add_slot() is None:
        # There is no memory for the slot that is left to requests.
        return False
    if server._has_memory(_STREAM):
        return True
    refusals.refuse_memory(server, _STREAM)
    return False


class Guest:
    """A connection that was taken over: what a WebSocket and an event stream have in common.

    closed: whether it has ended.

    A subclass has these methods:
    _write(first, data, at): send a frame from its byte `at` on; None when it is out, or where to
        go on once the client takes more.
    _beat(): called at intervals; False if the client is not there any more.
    leave(): the server stops; end soon.
    """

    def __init__(self, slot, interval):
        # All there is at once: later there may be no memory for another attribute.
        self.closed = False
        self.code = None
        self._busy = False  # a frame is on its way
        self._closing = False  # the end was announced, the client has some time for it
        self._final = None  # what _end() is called with when nothing is on its way
        self._after = None  # the frame to send then, as (first, data)
        self._reader = None  # the task that reads
        self._writer = None  # the task that waits for the client to take something
        self._slot = slot
        self._interval = interval
        self._turns = []
        self._groups = None  # the list of groups that have to know of the end
        slot.limit = None
        slot.guest = self
        slot.enter("guest", None)
        self._arm()

    def _arm(self, interval=None):
        # The deadline at which expire() is called next, in ms from now.
        if not self.closed:
            if self._closing:
                interval = self._slot.server.send_timeout
            elif interval is None:
                interval = self._interval
            self._slot.within(interval or None)

    def _end(self, code=1006):
        # Nothing more is read or written; tasks that wait for it go on.
        if not self.closed:
            self.closed = True
            self.code = code
            slot = self._slot
            slot.within(min(_GRACE, slot.server.send_timeout))
            self._wake(self._reader)
            self._wake(self._writer)
            self._pass()
            for group in self._groups or ():
                group._forget(self)
            self._groups = None

    def _join(self, group):
        # Be in `group`, whose _forget() is called at the end. False if that has come already.
        if not self.closed:
            if self._groups is None:
                self._groups = []
            self._groups.append(group)
        return not self.closed

    def _part(self, group):
        # Be in `group` no more.
        if self._groups and group in self._groups:
            self._groups.remove(group)

    def _release(self):
        # The handler has ended.
        slot = self._slot
        try:
            self._end()
        finally:
            slot.guest = None
            slot.enter("handler", None)

    def _wake(self, task):
        if task is not None and aio.disarm(task):
            aio.wake(task)

    def _pass(self):
        for task in self._turns:
            self._wake(task)

    def abort(self):
        """Close the connection at once; a handler that does not notice is cancelled."""
        self._end()

    def expire(self):
        """The slot's deadline has passed. Called by the server's watchdog."""
        try:
            alive = self._writer is None and not self._closing and self._beat()
        except OSError:
            alive = False
        except MemoryError:
            alive = True
        if not alive:
            self._end()

    # Sending

    def _step(self, first, data, at):
        if self.closed:
            raise OSError(ECONNRESET)
        try:
            return self._write(first, data, at)
        except OSError:
            self._end()
            raise

    def _start(self, first, data):
        # Send without waiting: a task sends what does not leave at once.
        at = self._step(first, data, 0)
        if at is not None:
            self._busy = True
            create_task(self._quietly(first, data, at))

    def _quietly(self, first, data, at):
        try:
            yield from self._rest(first, data, at)
        except OSError:
            pass  # Whoever uses the connection next is told.

    def _rest(self, first, data, at):
        # Send a frame from its byte `at` on, as the client takes it. Coroutine.
        slot = self._slot
        self._busy = True
        sent = None
        try:
            while at is not None:
                if self.closed:
                    raise OSError(ECONNRESET)  # The slot may have another connection.
                # See wait_to_send() of the slot: that it is writable may not be true.
                if at != sent:
                    sent = at
                    slot.within(slot.server.send_timeout)
                self._writer = current_task()
                yield from aio.writable(slot.sock)
                self._writer = None
                at = self._step(first, data, at)
        finally:
            self._writer = None
            self._busy = False
            if at:
                self._end()  # Cut off within a frame.
            self._pass()
        self._arm()
        if self._after is not None:
            first, data = self._after
            self._after = None
            self._start(first, data)
        if self._final is not None and not self._busy:
            self._end(self._final)

    def _turn(self, owner=None):
        # Wait until no frame is on its way, and no other task's message. Coroutine.
        task = current_task()
        while not self.closed and (self._busy or (owner and self._owner not in (None, task))):
            self._turns.append(task)
            try:
                yield from aio.park()
            finally:
                self._turns.remove(task)
