# SPDX-License-Identifier: MIT
"""What is called directly on the ESP8266 is within the reach of a call, 512 KiB.

The C library is in the chip's ROM and its RAM, and so is division. The linker of an image refuses
a direct call of them, but that takes the vendor's SDK.
"""

import re

CALL = re.compile(r"\tcall0\t.*\n\s+[0-9a-f]+: R_XTENSA_SLOT0_OP\t([\w.$]+)")
# The parser and MicroPython's core, which the board's placement.ld has near each other
NEAR = re.compile(r"(hp|httpparse|mp|m|nlr|vstr|qstr)_\w+")
FAR = "httpparse/modhttpparse_lwip.o"


def direct_calls(path, cross):
    """The functions of other sections that an object calls directly."""
    found = set(CALL.findall(cross("objdump", "-dr", str(path))))
    return {name for name in found if not name.startswith(".text.")}


def test_the_parser_calls_directly_what_is_near(module_objects, cross):
    called = set()
    for name, (path, _) in module_objects.items():
        if name.startswith("httpparse/") and name != FAR:
            called |= direct_calls(path, cross)
    # Else the calls are of another kind, or were not found
    assert {"hp_copy", "mp_raise_ValueError"} <= called
    assert not {name for name in called if not NEAR.fullmatch(name)}


def test_nothing_else_is_called_directly(module_objects, cross):
    for name, (path, _) in module_objects.items():
        if name == FAR or not name.startswith("httpparse/"):
            assert not direct_calls(path, cross), name
