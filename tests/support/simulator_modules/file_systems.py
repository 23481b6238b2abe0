# SPDX-License-Identifier: MIT
"""File systems in the simulator: a folder of the host, or a RAM disk with one of the board's."""

import os

import vfs

_BLOCK = 512


class Disk:
    """A block device in RAM of `blocks` times 512 bytes."""

    def __init__(self, blocks):
        self.data = bytearray(_BLOCK * blocks)
        self.blocks = blocks

    def readblocks(self, n, buf, offset=0):
        at = n * _BLOCK + offset
        buf[:] = memoryview(self.data)[at : at + len(buf)]

    def writeblocks(self, n, buf, offset=0):
        at = n * _BLOCK + offset
        self.data[at : at + len(buf)] = buf

    def ioctl(self, op, arg):
        return {4: self.blocks, 5: _BLOCK, 6: 0}.get(op)


class FailingDisk(Disk):
    """A Disk whose power is off after `left` writes, until `left` is None again.

    torn: whether the last of them is written by half.
    """

    left = None
    torn = False

    def writeblocks(self, n, buf, offset=0):
        if self.left is not None:
            if self.left == 0:
                raise OSError(5)
            self.left -= 1
            if self.left == 0 and self.torn:
                super().writeblocks(n, memoryview(buf)[: len(buf) // 2], offset)
                raise OSError(5)
        super().writeblocks(n, buf, offset)


def mounted(kind, folder, blocks=256):
    """The path of an empty file system of `kind`; `folder` is the host's, for "posix"."""
    if kind == "posix":
        return folder
    disk = Disk(blocks)
    kind, option = (kind + "-").split("-")[:2]
    kind = getattr(vfs, kind)
    kind.mkfs(disk)
    # LFS keeps times unless it is told not to.
    vfs.mount(kind(disk, mtime=False) if option == "untimed" else kind(disk), "/disk")
    return "/disk"


def mounted_rom(image):
    """The path of the ROMFS whose image is the file `image`."""
    with open(image, "rb") as file:
        vfs.mount(vfs.VfsRom(file.read()), "/rom")
    return "/rom"


def copy(source, target):
    """Copy the folder `source` with all that it has to the folder `target`, which exists."""
    for entry in os.ilistdir(source):
        old = source + "/" + entry[0]
        new = target + "/" + entry[0]
        if entry[1] == 0x4000:
            os.mkdir(new)
            copy(old, new)
            continue
        with open(old, "rb") as file:
            data = file.read()
        with open(new, "wb") as file:
            file.write(data)
