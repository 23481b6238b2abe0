# SPDX-License-Identifier: MIT
"""What the body of a module makes, as the build sees it.

None, True, False, ..., int, float, complex, str, bytes and tuples stand for themselves.
"""

from . import NotInRom


class Value:
    """An object in ROM; compared by identity."""


class Function(Value):
    """code: RawCode of mpy-tool.py; defaults: tuple; keywords: Dict of defaults, or None."""

    def __init__(self, module, code, defaults=(), keywords=None):
        self.module = module
        self.code = code
        self.defaults = defaults
        self.keywords = keywords

    @property
    def is_generator(self):
        return bool(self.code.scope_flags & 1)


class Closure(Value):
    """A function that closes over cells: a method that uses super()."""

    def __init__(self, function, cells):
        self.function = function
        self.cells = cells


class ClosureCell(Value):
    """A cell of a closure; its value is the class for __class__."""

    value = None


class Class(Value):
    """attributes: dict of str to value; module: where it is defined."""

    def __init__(self, module, name, bases, attributes):
        self.module = module
        self.name = name
        self.bases = bases
        self.attributes = attributes

    def lookup(self, name):
        """The value of an attribute of the class or its bases in ROM, else KeyError."""
        if name in self.attributes:
            return self.attributes[name]
        for base in self.bases:
            if isinstance(base, Class):
                try:
                    return base.lookup(name)
                except KeyError:
                    pass
        raise KeyError(name)


class Wrapped(Value):
    """kind: "staticmethod" or "classmethod"."""

    def __init__(self, kind, function):
        self.kind = kind
        self.function = function


class Property(Value):
    """functions: getter, setter and deleter, None where there is none."""

    def __init__(self, functions):
        self.functions = functions


class Dict(Value):
    """items: list of (key, value)."""

    def __init__(self, items=()):
        self.items = list(items)


class Generator(Value):
    """What a generator function returned: only its type can be used."""


class GeneratorType(Value):
    """type() of a generator."""


class RomModule(Value):
    """A module of a package in ROM; name is dotted."""

    def __init__(self, name):
        self.name = name


class NativeModule(Value):
    """A module in C."""

    def __init__(self, name):
        self.name = name


class Native(Value):
    """An object of C: `name` of a module in C, or of `builtins`; symbol: its C name, or None.

    certain: whether every configuration has it.
    """

    def __init__(self, module, name, symbol, certain):
        self.module = module
        self.name = name
        self.symbol = symbol
        self.certain = certain


class Variable(Value):
    """A name whose value is in RAM, because it changes or is made on the device.

    module: dotted name; name: of the module's global, or "Class.attribute".
    written: whether it is assigned to after the import.
    """

    def __init__(self, module, name, written):
        self.module = module
        self.name = name
        self.written = written
        # What the build knows to be its first value; else the device makes it
        self.has_initial = False
        self.initial = None

    def set_initial(self, value):
        if isinstance(value, Variable) or (isinstance(value, Native) and value.symbol is None):
            raise NotInRom("its first value is known on the device only")
        self.has_initial = True
        self.initial = value


NONE_TYPES = (type(None), bool, type(...))


def is_constant(value):
    """Whether a value stands for itself, tuples of such values included."""
    if type(value) is tuple:
        return all(is_constant(x) for x in value)
    return type(value) in (*NONE_TYPES, int, float, complex, str, bytes)
