# SPDX-License-Identifier: MIT
"""Measures tinyweb, other MicroPython web servers and a bare loop in one simulator.

`make bench` runs it; docs/benchmarks.md describes the method.
"""

import pathlib

TOP = pathlib.Path(__file__).resolve().parents[1]
FOLDER = TOP / "bench"
BUILD = TOP / "build" / "bench"
