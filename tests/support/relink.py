# SPDX-License-Identifier: MIT
"""Links a simulator's objects once more, with functions of a test in the place of others."""

import os
import pathlib
import re
import subprocess

from support.simulator import COUNTS, TOP, linkable

COVERAGE = pathlib.Path(__file__).with_name("coverage.c")


class Parts:
    """What `linkable(bits)` was linked of.

    folder: that of the build. objects, libraries: lists of paths, str.
    """

    def __init__(self, bits):
        made = linkable(bits).path
        self.bits = bits
        self.folder = made.parent
        # The folder may have objects of earlier sources.
        text = made.with_suffix(".map").read_text(encoding="utf-8")
        self.objects = re.findall(rf"^LOAD ({re.escape(str(self.folder))}/.*\.o)$", text, re.M)
        self.libraries = re.findall(r"^LOAD (/.*/libmbed\S*)$", text, re.M)

    def link(self, out, wrapped, *more):
        """Links them to the program `out`, with each of `wrapped` (--wrap of ld) in another place.

        more: sources, objects, and options of the compiler. Returns the program's path: another
        one where it counts what it executes.
        """
        flags = ["-no-pie", f"-m{self.bits}", "-Wl,--gc-sections"]
        flags += [f"-Wl,--wrap={name}" for name in wrapped]
        counting = []
        if COUNTS:
            # Where support.coverage finds what the addresses in its trace are.
            name = f"{self.folder.name}-{os.getpid()}-{out.parent.name}"
            counting = self._counting(out, wrapped)
            out = TOP / "build" / "coverage" / name
        command = ["cc", *flags, *more, *self.objects, *counting, *self.libraries, "-lm"]
        subprocess.run([*command, "-o", out], check=True)
        return out

    def _counting(self, out, wrapped):
        """An object that writes down what was executed, by the system's own functions."""
        counting = out.with_suffix(".counting.o")
        compiler = ["cc", "-r", "-nostdlib", "-O2", f"-m{self.bits}", "-no-pie"]
        library = ["-Wl,--whole-archive", "-lgcov", "-Wl,--no-whole-archive"]
        subprocess.run([*compiler, "-o", counting, COVERAGE, *library], check=True)
        renamed = [f"--redefine-sym={name}=__real_{name}" for name in wrapped]
        subprocess.run(["objcopy", *renamed, counting], check=True)
        return [counting]
