# SPDX-License-Identifier: MIT
"""The flash behind the program, as a block device; in the place of the port's module.

The port's device ends where the image's header says, whatever the chip has and whatever file
system is there. A file system that another header made would then be "corrupt": littlefs is
mounted only with the number of blocks it was made with. Here an older one is found and kept.
"""

import esp

# The SDK keeps its parameters in the last 20 KiB of the size that the header says. The emulated
# board has no SDK, and no program in its flash, but ROMFS at its end.
_SDK_BLOCKS = getattr(esp, "SDK_BLOCKS", 5)


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


def _flash_blocks():
    """Blocks of the flash by the image's header, but not more than the chip has."""
    size = esp.flash_size()
    # The JEDEC ID's capacity, a power of two; a chip ignores address bits that it lacks, so
    # beyond its end it would begin anew.
    power = esp.flash_id() >> 16 & 0xFF
    if 20 <= power <= 24:
        size = min(size, 1 << power)
    return size // FlashBdev.SEC_SIZE


def _littlefs_blocks(bdev):
    """Blocks of the littlefs at the start of a device, 0 where none is.

    Each of the first two blocks may hold the superblock, the newer one by its revision
    (littlefs, SPEC.md).
    """
    found = newest = 0
    for n in (0, 1):
        block = bytearray(32)
        bdev.readblocks(n, block)
        if block[8:16] == b"littlefs":
            revision = int.from_bytes(block[:4], "little")
            if not found or revision - newest & 0x80000000 == 0:
                newest = revision
                found = int.from_bytes(block[28:32], "little")
    return found


def whole():
    """The device that a file system made now gets: all of the flash that is free for it."""
    start = esp.flash_user_start() // FlashBdev.SEC_SIZE
    if 0 < start < 256:
        start += 1  # Native code
    return FlashBdev(start, _flash_blocks() - _SDK_BLOCKS - start)


def _find():
    bdev = whole()
    if bdev.blocks < 2:
        return None
    blocks = _littlefs_blocks(bdev)
    if blocks > bdev.blocks:
        print("The file system has", blocks * 4, "KiB; by the image's header there is room for")
        print(bdev.blocks * 4, "KiB. Write the image again with esptool's --flash-size detect.")
        return None
    if blocks >= 2:
        bdev.blocks = blocks
    return bdev


bdev = _find()
