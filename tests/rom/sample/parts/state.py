# SPDX-License-Identifier: MIT
# State of a module: assigned later, made on the device, or both.
import time

from .. import shapes
from ..constants import NEGATIVE
from . import other

count = 0
items = []
first = shapes.Square(3)
started = time.ticks_ms()
registry = {"a": 1}
later = None

try:
    import no_such_module
except ImportError:
    no_such_module = None

if NEGATIVE < 0:

    def sign():
        return "minus"

else:

    def sign():
        return "plus"


def default(values=[], lookup={}):
    values.append(len(values))
    return values, lookup


def decorate(function):
    def wrapper(*args):
        return ("decorated", function(*args))

    return wrapper


@decorate
def decorated(x):
    return x + NEGATIVE


def step():
    global count, later, fresh
    count += 1
    later = fresh = count * 2
    items.append(count)
    registry["b"] = count
    return count


def partner():
    return other.name(), other.state is globals() or other.state.__name__


class Configured:
    limit = 10
    names = ["x"]

    @classmethod
    def configure(cls, limit):
        cls.limit = limit

    def get(self):
        return self.limit
