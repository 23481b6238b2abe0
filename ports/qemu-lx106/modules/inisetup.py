# SPDX-License-Identifier: MIT
"""First start with a blank flash."""

import vfs

_BOOT = """\
# This file is executed on every boot.
import gc
gc.collect()
"""


def _is_blank(bdev):
    buf = bytearray(64)
    for off in range(0, bdev.SEC_SIZE, len(buf)):
        bdev.readblocks(0, buf, off)
        if any(b != 0xFF for b in buf):
            return False
    return True


def setup(bdev):
    """Makes a file system with a boot.py; leaves a flash that is not blank alone."""
    if not _is_blank(bdev):
        print("The flash holds no file system that can be mounted. To format it:")
        print("import vfs, flashbdev")
        print("vfs.VfsLfs2.mkfs(flashbdev.bdev)")
        return
    print("Performing initial setup")
    vfs.VfsLfs2.mkfs(bdev)
    vfs.mount(vfs.VfsLfs2(bdev), "/")
    with open("boot.py", "w") as f:
        f.write(_BOOT)
