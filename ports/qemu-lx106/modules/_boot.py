# SPDX-License-Identifier: MIT
# Runs before boot.py: mounts the flash, and formats it first when it is blank.

import gc

import vfs
from flashbdev import bdev

gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
try:
    vfs.mount(bdev, "/")
except OSError:
    import inisetup

    inisetup.setup(bdev)

gc.collect()
