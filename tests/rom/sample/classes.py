# SPDX-License-Identifier: MIT
# Attributes of classes that are set after the class statement.
from . import shapes
from .shapes import Shape as Base


class Delta:
    unit = None
    zero = 0
    step = 1

    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return "Delta(%d)" % self.n


class Long(Delta):
    @classmethod
    def widen(cls):
        Long.step += 1
        return cls.step


Delta.unit = Delta(1)
Delta.none = Delta(None)
Delta.zero = Long.zero = 5
Base.origin = Delta(0)


def label(text):
    Base.label = text
    shapes.Circle.label = text + "!"
    return Base.label


class Holder:
    class Nothing:
        def cancel(self):
            return "nothing"

    size = 2
    fake = Nothing()
    pair = (Nothing, size, Delta(size))
    first = Delta(7)
    second = first

    def cancel(self):
        return self.fake.cancel(), self.pair[2], self.first is self.second
