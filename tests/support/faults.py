# SPDX-License-Identifier: MIT
"""A simulator in which the test decides which allocations fail."""

import mmap
import pathlib
import struct

from support.relink import Parts
from support.simulator import Simulator

SOURCE = pathlib.Path(__file__).with_name("faults.c")


def link(bits, folder):
    """Links the simulator's objects with faults.c; a Simulator in `folder`."""
    wrapped = ("gc_alloc", "gc_free", "gc_realloc")
    return Simulator(Parts(bits).link(folder / f"faults-{bits}", wrapped, "-O2", SOURCE), bits)


class Faults:
    """The file at `path` that tells the simulator what fails; `environment` names it."""

    def __init__(self, folder):
        self.path = folder / "faults"
        self.path.write_bytes(bytes(mmap.PAGESIZE))
        with open(self.path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.environment = {"FAULTS": str(self.path)}

    def plan(self, skip, fail=1):
        """From now, `skip` allocations succeed and the next `fail` do not; 0 is none."""
        self._map[0:12] = struct.pack("=iii", skip, 0, 0)
        self._map[4:8] = struct.pack("=i", fail)

    def end(self):
        """No more faults; returns how many allocations have failed."""
        self._map[4:8] = bytes(4)
        return self.failed

    @property
    def failed(self):
        """How many allocations have failed since plan()."""
        return struct.unpack("=i", self._map[8:12])[0]
