# SPDX-License-Identifier: MIT
"""What the ESP32 tells of its heap, of the memory that tests/support/budget.c limits."""

import os
import struct

HEAP_DATA = 4


def idf_heap_info(capabilities):
    """[(size, free bytes, largest free block, least free bytes ever)] of each region."""
    with open(os.getenv("BUDGET"), "rb") as file:
        limit, used, peak, _ = struct.unpack("<iiii", file.read(16))
    return [(limit, limit - used, limit - used, limit - peak)]
