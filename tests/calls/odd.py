# SPDX-License-Identifier: MIT
# Objects that call back from wherever they are used, raise, and return nonsense.
import asyncio
import io

import _tinyweb
import httpparse
import kinds
import tinyweb
from _tinyweb import aio
from words import below, one

# What calls back does so by this: a function that makes some calls more. Set by program.py.
act = [None]

ERRORS = (
    ValueError,
    TypeError,
    MemoryError,
    KeyError,
    StopIteration,
    KeyboardInterrupt,
    GeneratorExit,
)
ERRORS += (asyncio.CancelledError, RuntimeError, SystemExit)


def error():
    how = below(4)
    if how == 0:
        return OSError(one((4, 9, 11, 32, 104, 115, -1, 2**40)))
    if how == 1:
        return one((tinyweb.HTTPException, httpparse.Error, OddError))(
            *[kinds.status()][: below(2)]
        )
    return one(ERRORS)()


def mood():
    # What a method of Python returns to who has called it.
    how = below(8)
    if how == 0:
        raise error()
    if how == 1:
        return kinds.anything()
    return one((True, False, None, 0, 1, -1, "a", b"b", (), 5))


def back():
    # Calls back, now and then.
    if below(3) == 0:
        act[0]()


class Evil:
    # Does something wherever it is used.
    def __eq__(self, other):
        back()
        return mood()

    def __hash__(self):
        back()
        return below(8)

    def __str__(self):
        back()
        return "evil" if below(4) else mood()

    __repr__ = __str__

    def __len__(self):
        back()
        return one((0, 1, 3, -1, 2**40))

    def __bool__(self):
        back()
        return one((True, False))

    def __contains__(self, item):
        back()
        return mood()

    def __getitem__(self, index):
        back()
        return mood()

    def __setitem__(self, index, value):
        back()
        mood()

    def __call__(self, *args, **kwargs):
        back()
        return mood()

    def __iter__(self):
        back()
        return self

    def __next__(self):
        back()
        if below(2):
            raise StopIteration(1)
        return mood()

    def __add__(self, other):
        back()
        return mood()

    __radd__ = __gt__ = __lt__ = __sub__ = __add__

    def __getattr__(self, name):
        back()
        if below(3) == 0:
            raise AttributeError(name)
        return mood()


class OddDict(dict):
    def __getitem__(self, index):
        back()
        return mood()

    def get(self, *args):
        back()
        return mood()


class OddList(list):
    def __getitem__(self, index):
        back()
        return mood()


class OddTuple(tuple):
    pass


class OddStr(str):
    pass


class OddBytes(bytes):
    pass


class OddError(tinyweb.HTTPException):
    pass


class OddParser(httpparse.Request):
    pass


class OddWriter(httpparse.Response):
    pass


class Stream(io.IOBase):
    # A stream written in Python, that also has what a socket has.
    def __init__(self, data):
        self.data = data
        self.left = 25

    def _how(self, *args):
        self.left -= 1
        if self.left < 0:
            return 15
        back()
        how = below(16)
        if how == 0:
            raise error()
        return how

    def readinto(self, buf):
        how = self._how()
        if how == 15:
            return 0
        if how == 1:
            return None
        if how == 2:
            return mood()
        n = min(len(buf), len(self.data))
        if how == 3:
            n = min(n, 1)
        buf[:n] = self.data[:n]
        self.data = self.data[n:]
        return n if n or below(2) else None

    def write(self, buf):
        how = self._how()
        if how == 1:
            return None
        if how == 2:
            return mood()
        return min(len(buf), 3) if how == 3 else len(buf)

    def ioctl(self, request, arg):
        how = self._how()
        return mood() if how < 3 else one((0, 1, 4, 5, -1, 32, 2**20))

    def accept(self):
        back()
        return one(((self, b"peer"), (self,), None, [kinds.stream(), 1])) if below(4) else mood()

    def close(self):
        self._how()

    def setblocking(self, flag):
        self._how()

    setsockopt = send = recv = read = _how


class Server:
    # What C asks of a server, with anything in it.
    def __init__(self):
        self.buffer_size = kinds.size()
        self.closing = mood_of(False)
        self.request_timeout = self.body_timeout = self.send_timeout = self.keep_alive_timeout = (
            kinds.ms()
        )
        self.handler_timeout = mood_of(None)
        self.routes = mood_of({b"/": kinds.route(), b"/item/5": kinds.kept("route")})
        self.patterns = mood_of(
            [
                [(b"", b"item", None), kinds.kept("route")],
                [(b"", tinyweb.router.PATH), kinds.route()],
            ]
        )
        self._date_due = mood_of(0)
        self._date = mood_of("today")
        self.access_log = self._ssl = None
        self.slots = []

    def _new_date(self, *args):
        back()
        return mood()

    find = _new_date

    def log_error(self, *args):
        back()

    slot_free = log_error


def mood_of(value):
    return value if below(8) else kinds.anything()


def handler(req, resp, *args):
    back()
    return mood()


def converter(value):
    back()
    if below(4) == 0:
        raise error()
    return value


def generator():
    # A coroutine that ends.
    for _ in range(below(5)):
        back()
        how = below(4)
        try:
            if how == 0:
                yield from one((aio.pass_on, aio.park, aio.pause))(*[1][: below(2)])
            elif how == 1:
                yield kinds.data()
            else:
                yield kinds.anything()
        except (ValueError, TypeError, RuntimeError):
            pass
    return kinds.anything()


def coroutine():
    how = below(8)
    if how == 0:
        return _tinyweb.DONE
    if how == 1:
        return kinds.anything()
    return generator()
