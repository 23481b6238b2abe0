# SPDX-License-Identifier: MIT
"""A simulator in which the test decides which allocations fail."""

import mmap
import os
import pathlib
import re
import struct
import subprocess

from support.simulator import COUNTS, TOP, Simulator, linkable

SOURCE = pathlib.Path(__file__).with_name("faults.c")


def link(bits, folder):
    """Links the objects of the simulator that `linkable(bits)` made with faults.c."""
    made = linkable(bits).path
    # What it was linked from; the folder may have objects of earlier sources.
    text = made.with_suffix(".map").read_text(encoding="utf-8")
    objects = re.findall(rf"^LOAD ({re.escape(str(made.parent))}/.*\.o)$", text, re.M)
    libraries = re.findall(r"^LOAD (/.*/libmbed\S*)$", text, re.M)
    out = folder / f"faults-{bits}"
    wrapped = [f"-Wl,--wrap={name}" for name in ("gc_alloc", "gc_free", "gc_realloc")]
    flags = ["-O2", f"-m{bits}", "-Wl,--gc-sections", *wrapped]
    sources = [SOURCE]
    if COUNTS:
        flags.append("-no-pie")
        libraries.append("-lgcov")
        sources.append(SOURCE.with_name("coverage.c"))
        # Where support.coverage finds what the addresses in its trace are.
        out = TOP / "build" / "coverage" / f"{made.parent.name}-{os.getpid()}-{folder.name}"
    subprocess.run(["cc", *flags, "-o", out, *sources, *objects, *libraries, "-lm"], check=True)
    return Simulator(out, bits)


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
