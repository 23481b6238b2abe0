# SPDX-License-Identifier: MIT
"""Cuts the emulated board's power at a write to its flash."""

import pathlib
import tempfile
import threading
import time

from board.emulator import Emulator, build
from board.gdb import PC, Gdb, symbols

# Every write to the flash begins at one of these (ports/qemu-lx106/flash.c).
WRITES = ("flash_program", "flash_erase_sector")


class PowerCut(Gdb):
    """The board of the socket `path`, which may go on until it has begun so many writes."""

    def __init__(self, path, image):
        super().__init__(path)
        known = symbols(image)
        self._addresses = [known[name] for name in WRITES]
        self.send(b"c")

    def arm(self, left):
        """Let the board stand before the write that follows `left` others."""
        self.wake()
        self.receive()
        for address in self._addresses:
            self.accepted(b"Z0,%x,1" % address)
        self._left = left
        self.send(b"c")

    def is_off(self):
        """Whether it stands; a write that is none of the last goes on."""
        if b"T05" not in self.said():
            return False
        if self._left == 0:
            return True
        self._left -= 1
        # Over the break point: where one is, the board would stop again.
        here = self.registers()[PC]
        self.accepted(b"z0,%x,1" % here)
        self.ask(b"s")
        self.accepted(b"Z0,%x,1" % here)
        self.send(b"c")
        return False


class Failing:
    """A board with the flash in the file `flash`, and the power that fails; a context manager.

    board: the Emulator.
    """

    def __init__(self, flash):
        self._folder = tempfile.TemporaryDirectory(prefix="power-")
        gdb = pathlib.Path(self._folder.name, "gdb")
        self.board = Emulator("--flash", flash, "--gdb", gdb, forward=(80,), debugger=None)
        self._power = PowerCut(gdb, build())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # It stands, if the power is off: nothing more is written.
        self.board.stop()
        self._power.close()
        self._folder.cleanup()

    def cut(self, left, work, timeout=60):
        """Call work(), which ends when the power is off, and cut that after `left` writes.

        Returns whether it was cut; else work() has come to its end.
        """
        self._power.arm(left)
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        end = time.monotonic() + timeout
        while thread.is_alive():
            assert time.monotonic() < end, "neither the end nor a write"
            if self._power.is_off():
                return True
            time.sleep(0.002)
        return False
