# SPDX-License-Identifier: MIT
"""Prints how many bytes of heap the import of module sys.argv[1] takes for good.

Modules sys.argv[2:] are there before, and not counted. asyncio is part of it unless one of them
imports it: some servers import it with themselves, some at their first use.
"""

import gc
import sys

for name in sys.argv[2:]:
    __import__(name)
gc.collect()
before = gc.mem_alloc()
__import__(sys.argv[1])
__import__("asyncio")
gc.collect()
print(gc.mem_alloc() - before)
