# SPDX-License-Identifier: MIT
"""The heap of the chips, for programs that tests run."""

import os

# Bytes of the ESP8266's heap.
HEAP = 38 * 1024

# What the modules of an ordinary application take of it where they are not in ROM: docs/rom.md.
# A run of the tests without modules in ROM (`ROM=0 make test`) gives each heap so much more, so
# that a program has the same room beside its modules.
MODULES = 14 * 1024 if os.environ.get("ROM") == "0" else 0

_UNITS = {"k": 1 << 10, "m": 1 << 20}


def beside_modules(heap):
    """The size in bytes of the heap for a program that shall have `heap` beside its modules.

    heap: bytes, or a str with the suffix k or m, as MicroPython's ``-X heapsize=`` takes it.
    """
    heap = str(heap)
    return int(heap.rstrip("km")) * _UNITS.get(heap[-1], 1) + MODULES
