# SPDX-License-Identifier: MIT
"""A model of MicroPython's esp32.Partition over files, for the simulator.

The folder that FLASH in the environment names has a file for each partition, as support/ota.py
makes them. As in flash, erasing sets all bits and writing clears some. Power fails at the step
whose number the file `cut` has: it is done by half, the file `dark` appears, and nothing goes on
until somebody kills the process. Where there is a file `worn`, no bit of the first byte that is
written can be set any more.
"""

import hashlib
import os
import struct
import time
from binascii import crc32

_FOLDER = os.getenv("FLASH")
_SECTOR = 4096


def _path(name):
    return _FOLDER + "/" + name


def _read(name):
    try:
        with open(_path(name)) as file:
            return file.read().strip()
    except OSError:
        return None


_steps = 0


def _step(change, at, old, new):
    # One erasing or writing.
    global _steps
    cut = _read("cut")
    if cut is not None and _steps == int(cut):
        half = len(new) // 2
        change(at, new[:half] + old[half:])
        open(_path("dark"), "w").close()
        while True:
            time.sleep(1)
    _steps += 1
    change(at, new if _read("worn") is None else b"\0" + new[1:])


class Partition:
    TYPE_APP = 0
    TYPE_DATA = 1
    BOOT = 0
    RUNNING = 1

    def __init__(self, which):
        if which == self.RUNNING:
            which = _read("running")
        elif which == self.BOOT:
            raise NotImplementedError
        self._label = which
        try:
            self._size = os.stat(_path(which + ".bin"))[6]
        except OSError:
            raise OSError(2) from None

    @classmethod
    def find(cls, type=TYPE_APP, subtype=0xFF, label=None, block_size=_SECTOR):
        if (type, subtype, label, block_size) != (cls.TYPE_DATA, 0, None, _SECTOR):
            raise NotImplementedError
        return [cls("otadata")]

    def info(self):
        data = self._label == "otadata"
        subtype = 0x10 + int(self._label[-1]) if self._label.startswith("ota_") else 0
        return (int(data), subtype, 0x10000 * (subtype + 1), self._size, self._label, False)

    def get_next_update(self):
        # As esp_ota_get_next_update_partition(): the next one, which may be the same.
        names = []
        for name in ("ota_0", "ota_1"):
            try:
                os.stat(_path(name + ".bin"))
                names.append(name)
            except OSError:
                pass
        if not names:
            raise OSError(2)
        at = names.index(self._label) + 1 if self._label in names else 0
        return Partition(names[at % len(names)])

    def _get(self, at, n):
        if at < 0 or at + n > self._size:
            raise OSError(-0x104)  # ESP_ERR_INVALID_SIZE
        with open(_path(self._label + ".bin"), "rb") as file:
            file.seek(at)
            return file.read(n)

    def _change(self, at, data):
        with open(_path(self._label + ".bin"), "r+b") as file:
            file.seek(at)
            file.write(data)

    def _erase(self, at, n):
        for sector in range(at, at + n, _SECTOR):
            _step(self._change, sector, self._get(sector, _SECTOR), b"\xff" * _SECTOR)

    def _write(self, at, data):
        old = self._get(at, len(data))
        _step(self._change, at, old, bytes(a & b for a, b in zip(old, data)))  # noqa: B905

    def readblocks(self, block, buf, offset=0):
        buf[:] = self._get(block * _SECTOR + offset, len(buf))

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            self._erase(block * _SECTOR, len(buf))
        self._write(block * _SECTOR + (offset or 0), bytes(buf))

    def ioctl(self, op, arg):
        if op == 4:
            return self._size // _SECTOR
        if op == 5:
            return _SECTOR
        if op == 6:
            self._erase(arg * _SECTOR, _SECTOR)
            return 0

    def set_boot(self):
        # As esp_ota_set_boot_partition(): the image is looked at in flash first.
        if not _is_image(self):
            raise OSError(-0x1503, "ESP_ERR_OTA_VALIDATE_FAILED")
        told = _told()
        # The next number that leads here, in the place of the older one.
        number = max(told)[0] if told else 0
        while True:
            number += 1
            if (number - 1) % 2 == int(self._label[-1]):
                break
        sector = 1 - max(told)[1] if told else 0
        _tell(sector, number, 0)

    @classmethod
    def mark_app_valid_cancel_rollback(cls):
        for number, sector in _told():
            if (number - 1) % 2 == int(_read("running")[-1]):
                _tell(sector, number, 2)


def _is_image(place):
    # Its length is where the segments lead; what follows is its SHA-256.
    head = place._get(0, 24)
    if head[0] != 0xE9:
        return False
    at = 24
    for _ in range(head[1]):
        at += 8 + struct.unpack("<I", place._get(at + 4, 4))[0]
    at += 16 - at % 16
    digest = hashlib.sha256()
    for start in range(0, at, 512):
        digest.update(place._get(start, min(512, at - start)))
    return digest.digest() == place._get(at, 32)


def _told():
    # (sequence number, sector) of what otadata has.
    told = []
    for sector in (0, 1):
        entry = Partition("otadata")._get(sector * _SECTOR, 32)
        number, _, crc = struct.unpack("<I20xII", entry)
        if number != 0xFFFFFFFF and crc == crc32(entry[:4], 0xFFFFFFFF):
            told.append((number, sector))
    return told


def _tell(sector, number, state):
    head = struct.pack("<I", number)
    entry = head + b"\xff" * 20 + struct.pack("<II", state, crc32(head, 0xFFFFFFFF))
    Partition("otadata").writeblocks(sector, entry + b"\xff" * (_SECTOR - 32))


# What tinyweb.tls asks before a connection: (size, free, largest free, least free) of each.
HEAP_DATA = 4


def idf_heap_info(kind):
    return [(200000, 150000, 110000, 100000)]
