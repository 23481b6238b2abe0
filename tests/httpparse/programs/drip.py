# SPDX-License-Identifier: MIT
"""Streams for the test programs, and a runner that reports each test by itself."""

import io
import sys


class Drip(io.IOBase):
    """Gives `data` in pieces of at most `size` bytes; would block before each piece."""

    def __init__(self, data, size=1, block=True):
        self.data = data
        self.at = 0
        self.size = size
        self.block = block
        self.ready = not block
        self.asked = 0

    def readinto(self, buf):
        self.asked += 1
        if not self.ready:
            self.ready = True
            return None
        self.ready = not self.block
        n = min(self.size, len(buf), len(self.data) - self.at)
        buf[:n] = self.data[self.at : self.at + n]
        self.at += n
        return n


class Sink(io.IOBase):
    """Takes at most `size` bytes a write; would block before each write if `block`."""

    def __init__(self, size=100000, block=False):
        self.data = b""
        self.size = size
        self.block = block
        self.ready = not block
        self.writes = 0

    def write(self, buf):
        if not self.ready:
            self.ready = True
            return None
        self.ready = not self.block
        n = min(self.size, len(buf))
        self.data += bytes(buf[:n])
        self.writes += 1
        return n


class Broken(io.IOBase):
    """Fails with an error number."""

    def __init__(self, errno):
        self.errno = errno

    def readinto(self, buf):
        raise OSError(self.errno)

    def write(self, buf):
        raise OSError(self.errno)


def raises(exception, function, *args, **kwargs):
    """Calls the function and returns the exception of the given class that it raises."""
    try:
        result = function(*args, **kwargs)
    except exception as error:
        return error
    raise AssertionError(f"no {exception.__name__} but {result!r}")


def equal(got, wanted):
    if got != wanted or type(got) is not type(wanted):
        raise AssertionError(f"got    {got!r}\nwanted {wanted!r}")


def run(names):
    """Runs every function test_* of the dict, and prints its name behind its outcome."""
    for name in sorted(names):
        if name.startswith("test_"):
            try:
                names[name]()
                print("passed", name)
            except Exception as error:
                sys.print_exception(error, sys.stdout)
                print("failed", name)
