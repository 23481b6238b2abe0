# SPDX-License-Identifier: MIT
"""Finds stores to the emulated board's code memory, which on the chip is flash.

There a store is a fault; on the emulated board that memory is RAM. A watchpoint of QEMU on all of
it stops the board at the first store, of an equal value too.
"""

from .gdb import PC, Gdb, function_at

# lx106.ld
START = 0x40200000
LENGTH = 0x100000


class FlashWatch:
    """Watches from when it is made. path, image: as for Gdb and for its symbols().

    paused: leave the board as it is.
    """

    def __init__(self, path, image, paused=False):
        self._image = image
        self._gdb = Gdb(path)
        self._gdb.accepted(b"Z2,%x,%x" % (START, LENGTH))
        self._found = None
        if not paused:
            self._gdb.send(b"c")

    def store(self):
        """Which function has stored to flash, as text; None if none has."""
        # Nothing is asked while the board runs: what has come is that it stands.
        if self._found is None and b"watch:" in self._gdb.said():
            counter = self._gdb.registers()[PC]
            self._found = f"{function_at(self._image, counter)}() at {counter:#x}"
        return self._found

    def close(self):
        """Let the board go on without."""
        self._gdb.close()
