# SPDX-License-Identifier: MIT
"""A limit to the memory that mbedTLS gets in the simulator, as on a chip."""

import mmap
import pathlib
import struct
import subprocess

from .simulator import SIMULATOR_MODULES, search_path

SOURCE = pathlib.Path(__file__).with_name("budget.c")


class Budget:
    """The file that tells the simulator how much there is; `environment` is for its process.

    There esp32.idf_heap_info() tells what is free of it, in one piece.
    """

    def __init__(self, folder, limit):
        library = folder / "budget.so"
        if not library.exists():
            subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        path = folder / "budget"
        path.write_bytes(struct.pack("=i", limit).ljust(mmap.PAGESIZE, b"\0"))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.environment = {
            "LD_PRELOAD": str(library),
            "BUDGET": str(path),
            **search_path(SIMULATOR_MODULES / "heap"),
        }

    def _field(self, index):
        return struct.unpack_from("=i", self._map, 4 * index)[0]

    @property
    def used(self):
        """Bytes that are allocated."""
        return self._field(1)

    @property
    def peak(self):
        """The most bytes that ever were."""
        return self._field(2)

    @property
    def failed(self):
        """How many allocations have found no memory."""
        return self._field(3)

    def set_limit(self, limit):
        """Give it `limit` bytes from now on, and forget the peak."""
        struct.pack_into("=i", self._map, 0, limit)
        struct.pack_into("=i", self._map, 8, self.used)
