# SPDX-License-Identifier: MIT
import io

from . import constants


class Shape:
    sides = 0
    made = 0
    limits: tuple = (0, 100)

    def __init__(self, size):
        self.size = size
        Shape.made += 1

    def __repr__(self):
        return "<" + self.name() + " " + str(self.size) + ">"

    def __eq__(self, other):
        return self.size == other.size

    def __len__(self):
        return self.size

    @classmethod
    def unit(cls):
        return cls(1)

    @staticmethod
    def name():
        return "shape"

    @property
    def area(self):
        return 0

    def corners(self, n=None, **more):
        yield from range(self.sides if n is None else n)
        yield more


class Square(Shape):
    sides = 4

    def __init__(self, size, color="red"):
        super().__init__(size)
        self.color = color

    @property
    def area(self):
        return self.size * self.size

    @area.setter
    def area(self, value):
        self.size = int(value**0.5)

    @staticmethod
    def name():
        return "square"


class Circle(Shape):
    def name(self):
        return "circle" + str(constants.look("three"))

    def __call__(self, factor):
        return self.size * factor


class Failure(ValueError):
    def __init__(self, text, code=3):
        super().__init__(text)
        self.code = code


class Zeros(io.IOBase):
    def readinto(self, buffer):
        for i in range(len(buffer)):
            buffer[i] = 48
        return len(buffer)


class Numbers(dict):
    def total(self):
        return sum(self.values())


Square.again = Square.name
kind = type(Shape.corners(Shape(0)))
Shape.made = 0
