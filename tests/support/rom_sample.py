# SPDX-License-Identifier: MIT
"""The simulator with the package of tests/rom/sample in ROM, by a manifest of the user's own."""

import functools
import os

from support.simulator import TOP, made

MANIFEST = TOP / "tests" / "rom" / "manifest.py"


@functools.cache
def sample(bits=32):
    """The simulator with the package in ROM. The sanitized one has it, too."""
    return made(
        bits,
        FROZEN_MANIFEST=os.fspath(MANIFEST),
        SIMULATOR_OUT=os.fspath(TOP / "build" / f"simulator-{bits}-sample"),
        # Compiles in two thirds of the time.
        COPT="-O1",
    )
