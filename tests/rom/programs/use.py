# SPDX-License-Identifier: MIT
# Uses all that the package `sample` has; what it prints does not depend on where that is.
import gc
import sys

import sample
from sample import *
from sample import constants, shapes
from sample.parts import state
from sample.parts.state import Configured, decorated, default, sign

print(sample.VERSION, LARGE, NEGATIVE, TEXT, BYTES, TABLE["eight"], len(TABLE))
print(sample.greet("you"), sample.greet("me", "Bye", mark="?", times=2), sample.forms is shapes)
print([constants.code(x) for x in (200, 404, b"x", None)], constants.look("two"), code(404))
print(sorted(constants.TABLE.items()) == sorted(TABLE.items()), "one" in TABLE, len(CODES))

square = shapes.Square(4)
circle = shapes.Circle.unit()
print(square, circle, square.area, square.color, len(square), square == shapes.Shape(4))
square.area = 81
print(square.size, shapes.Square.again(), circle(5), isinstance(square, shapes.Shape))
print(list(square.corners()), list(circle.corners(1, a=2)), issubclass(Circle, Shape))
print(shapes.Shape.limits, shapes.Shape.made, square.made, shapes.Shape.__name__, shapes.Shape)
print(type(square.corners()) is shapes.kind, shapes.Square.__bases__, shapes.__name__)
try:
    raise shapes.Failure("why")
except ValueError as error:
    print(type(error), error.args, error.code)
print(shapes.Zeros().readinto(bytearray(3)), shapes.Numbers(a=1, b=2).total())


class Cube(shapes.Square):
    made = 7

    @property
    def area(self):
        return 6 * self.size**2

    @property
    def volume(self):
        return self.size**3


class Other(Cube, shapes.Zeros):
    pass


cube = Cube(2, color="blue")
print(cube.area, cube.volume, cube.color, cube, Cube.again(), Cube.unit(), Cube.made, Other.sides)

print(state.count, state.items, state.first, state.no_such_module, sign(), state.later)
print(default(), default(), decorated(10), state.partner(), type(state.started))
print([state.step() for _ in range(3)], state.count, state.items, state.later, state.fresh)
print(state.registry["b"], Configured.limit, Configured().get(), Configured.names)
Configured.configure(11)
Configured.names.append("y")
print(Configured.limit, Configured().get(), Configured.names)
from sample.parts.state import count, items

state.step()
print(count, state.count, items is state.items)
state.count = 100
print(state.step(), state.count, hasattr(state, "nothing"), hasattr(sample, "parts"))
try:
    from sample import nothing
except ImportError as error:
    print(error)
try:
    shapes.nothing()
except AttributeError:
    print("no attribute")


class Subclass(Configured):
    pass


print(Subclass.limit, Subclass().get())
Subclass.limit = 5
print(Subclass.limit, Configured.limit)
from sample import lazy, writer
from sample.classes import Base, Delta, Holder, Long, label

print(Delta.unit, Delta.zero, Long.zero, Delta(2).step, Long.unit, Delta.none.n, Base.origin)
print(Long.step, Long(3).step, Long.widen(), Delta.step, Long.step, isinstance(Long.unit, Long))
print(label("a"), shapes.Square(1).label, shapes.Circle.label, hasattr(Delta, "label"))
print(Holder().cancel(), isinstance(Holder.fake, Holder.Nothing), Holder.pair[:2], Holder.first)
print(lazy.far(), lazy.near, lazy.remember(6), lazy.kept, hasattr(lazy, "nothing"))
writer.keep("added", 7)
print(writer.added)
garbage = [shapes.Square(i) for i in range(100)]
for i in range(100):
    gc.collect()
    garbage[i] = None
print(state.items, state.first, state.registry["a"], sys.modules["sample"] is sample)
