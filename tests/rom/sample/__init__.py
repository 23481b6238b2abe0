# SPDX-License-Identifier: MIT
# A package with one of each thing that modules hold.
from . import shapes as forms
from .constants import *
from .constants import TABLE
from .shapes import Circle, Shape, Square

VERSION = (1, 2, "three", b"four", (5.5, None))


def greet(name, greeting="Hello", *, mark="!", times=1):
    return (greeting + ", " + name + mark) * times
