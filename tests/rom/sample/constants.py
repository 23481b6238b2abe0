# SPDX-License-Identifier: MIT
from micropython import const

_HIDDEN = const(42)
LARGE = 1 << 70
NEGATIVE = -7
TEXT = "a text that is longer than what is interned, and says nothing else"
BYTES = b"\x00\xff" * 3
TABLE = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
CODES = {200: "OK", 404: "Not Found", b"x": _HIDDEN, None: True}


def look(name):
    return TABLE.get(name, _HIDDEN)


def code(number):
    return CODES[number]
