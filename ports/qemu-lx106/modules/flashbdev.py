# SPDX-License-Identifier: MIT
"""The flash as a block device, through the same functions as on the chip."""

import esp


class FlashBdev:
    """Block device with MicroPython's extended protocol (offsets within blocks)."""

    SEC_SIZE = 4096

    def __init__(self, start_sec, blocks):
        self.start_sec = start_sec
        self.blocks = blocks

    def readblocks(self, n, buf, off=0):
        esp.flash_read((n + self.start_sec) * self.SEC_SIZE + off, buf)

    def writeblocks(self, n, buf, off=None):
        if off is None:
            esp.flash_erase(n + self.start_sec)
            off = 0
        esp.flash_write((n + self.start_sec) * self.SEC_SIZE + off, buf)

    def ioctl(self, op, arg):
        if op == 4:  # number of blocks
            return self.blocks
        if op == 5:  # bytes per block
            return self.SEC_SIZE
        if op == 6:  # erase a block
            esp.flash_erase(arg + self.start_sec)
            return 0


_start = esp.flash_user_start() // FlashBdev.SEC_SIZE
bdev = FlashBdev(_start, esp.flash_size() // FlashBdev.SEC_SIZE - _start)
