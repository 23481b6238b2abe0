# SPDX-License-Identifier: MIT
"""Prints how many bytes of heap the import of module sys.argv[1] takes for good.

asyncio is part of it: some servers import it with themselves, some at their first use.
"""

import gc
import sys

gc.collect()
before = gc.mem_alloc()
__import__(sys.argv[1])
__import__("asyncio")
gc.collect()
print(gc.mem_alloc() - before)
