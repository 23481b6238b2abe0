# SPDX-License-Identifier: MIT
"""Runs the application sys.argv[3] and prints at its end how much was allocated in all, and
how much is in use for good.
"""

import gc
import sys

import micropython


def report():
    total = micropython.mem_total()
    gc.collect()
    print("mem_total", total, "in_use", gc.mem_alloc())


sys.atexit(report)
__import__(sys.argv[3])
