# SPDX-License-Identifier: MIT
"""What the fuzz harnesses in Python share; they run in the simulator.

A harness is a program NAME.py that defines check(data), raises where something does not hold, and
ends with run(check). In a simulator with FUZZ=1 libFuzzer makes the inputs, and the program's
arguments are its own; elsewhere the arguments are files with inputs.
"""

import gc
import os
import sys

try:
    import _fuzz
except ImportError:
    _fuzz = None

# Inputs between which the heap is looked at, and bytes that it may have more than after the first
# of these: strings that are interned, and what the collector takes for a pointer.
_OFTEN = 2048
_SLACK = 32768


def raises(allowed, f, *args):
    """The result of f(*args), or None where it raises an exception that is documented."""
    try:
        return f(*args)
    except allowed:
        return None


def finished(generator):
    """What a coroutine that waits for nothing returns."""
    try:
        next(generator)
    except StopIteration as exc:
        return exc.value
    raise AssertionError("it waits")


class Cutter:
    """A stream of `data` that gives at most so many bytes at a time as `sizes`, over and over."""

    def __init__(self, data, sizes):
        self.data = data
        self.sizes = sizes
        self.at = self.turn = 0

    def take(self, n):
        """The next 1 to `n` bytes, b"" at the end."""
        if self.sizes:
            n = min(n, self.sizes[self.turn % len(self.sizes)] % 64 + 1)
            self.turn += 1
        part = self.data[self.at : self.at + n]
        self.at += len(part)
        return part


class _Heap:
    # Fails where the inputs leave something behind.

    def __init__(self, check):
        self.check = check
        self.count = 0
        self.base = None

    def __call__(self, data):
        self.check(data)
        self.count += 1
        if self.count % _OFTEN == 0:
            gc.collect()
            used = gc.mem_alloc()
            if self.base is None:
                self.base = used
            assert used < self.base + _SLACK, f"the heap grows: {self.base} to {used}"


def run(check):
    """Call `check` with the inputs; its exceptions end the program."""
    if _fuzz is not None:
        # By its first argument libFuzzer starts the program once more.
        again = os.getenv("HARNESS") or sys.argv[0]
        sys.exit(_fuzz.run(_Heap(check), [again] + sys.argv[1:]))
    for name in sys.argv[1:]:
        with open(name, "rb") as file:
            data = file.read()
        try:
            check(data)
        except Exception:
            print("input", name)
            raise
    print(len(sys.argv) - 1, "inputs")
