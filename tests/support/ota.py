# SPDX-License-Identifier: MIT
"""A chip with two partitions for its program: images for it, its flash, and its boot loader.

No chip runs here. The images are esptool's. The flash is files that the simulator's programs reach
by the model of esp32.Partition in ota_modules/. The boot loader is a model of what the ESP-IDF's
does with CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE, by its documentation ("Over The Air Updates", "App
Rollback"); whether an image can be started is esptool's judgement.
"""

import io
import struct
import zlib

from esptool import bin_image

from .simulator import TOP, search_path

MODULES = TOP / "tests" / "support" / "ota_modules"
SECTOR = 4096
NEW, PENDING, VALID, INVALID, ABORTED = range(5)
# The chips with an image here: their class in esptool, and where read-only data and RAM are.
CHIPS = {
    "esp32": (bin_image.ESP32FirmwareImage, 0x3F400020, 0x3FFB0000),
    "esp32s2": (bin_image.ESP32S2FirmwareImage, 0x3F000020, 0x3FFC0000),
    "esp32s3": (bin_image.ESP32S3FirmwareImage, 0x3C000020, 0x3FC90000),
    "esp32c3": (bin_image.ESP32C3FirmwareImage, 0x3C000020, 0x3FC90000),
    "esp32c6": (bin_image.ESP32C6FirmwareImage, 0x42000020, 0x40800000),
}


def description(version, project="micropython"):
    """esp_app_desc_t of a program."""
    return struct.pack(
        "<II8x32s32s16s16s32s32s80x",
        0xABCD5432,
        0,
        version.encode(),
        project.encode(),
        b"",
        b"",
        b"v5.5.1",
        bytes(32),
    )


def image(version="0.2.0", chip="esp32", project="micropython", size=600, described=True):
    """An image with `size` bytes of data behind its description, by esptool."""
    kind, rodata, ram = CHIPS[chip]
    made = kind()
    head = description(version, project) if described else b"no description.." * 16
    filling = bytes(i * i % 251 for i in range(size))
    made.entrypoint = ram
    made.segments = [
        bin_image.ELFSection(b".flash.appdesc", rodata, head + filling, 0),
        bin_image.ELFSection(b".dram0.data", ram, version.encode() * 9, 0),
    ]
    return made.save(None)


def is_startable(data):
    """Whether esptool finds an image at the beginning of `data`, with the right sums."""
    try:
        found = bin_image.ESP32FirmwareImage(io.BytesIO(data))
    except Exception:
        return False
    return found.checksum == found.calculate_checksum() and (
        found.stored_digest is not None and found.stored_digest == found.calc_digest
    )


class Flash:
    """The flash of an ESP32 in the folder `folder`, with `first` in ota_0."""

    def __init__(self, folder, first, sectors=4):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, count in (("ota_0", sectors), ("ota_1", sectors), ("otadata", 2)):
            self.file(name).write_bytes(b"\xff" * SECTOR * count)
        self.write("ota_0", first)
        self.boot()

    @property
    def environment(self):
        """What a program in the simulator needs."""
        return {"FLASH": str(self.folder), **search_path(MODULES)}

    def file(self, name):
        return self.folder / f"{name}.bin"

    def write(self, name, data):
        old = self.file(name).read_bytes()
        self.file(name).write_bytes(data + old[len(data) :])

    def entries(self):
        """{sector: (sequence number, state)} of what otadata has."""
        data = self.file("otadata").read_bytes()
        found = {}
        for sector in (0, 1):
            entry = data[sector * SECTOR :][:32]
            number, state, crc = struct.unpack("<I20xII", entry)
            if number != 0xFFFFFFFF and crc == zlib.crc32(entry[:4], 0xFFFFFFFF):
                found[sector] = (number, state)
        return found

    def tell(self, sector, number, state):
        """Write an entry of otadata."""
        head = struct.pack("<I", number)
        entry = head + b"\xff" * 20 + struct.pack("<II", state, zlib.crc32(head, 0xFFFFFFFF))
        data = bytearray(self.file("otadata").read_bytes())
        data[sector * SECTOR : (sector + 1) * SECTOR] = entry + b"\xff" * (SECTOR - 32)
        self.file("otadata").write_bytes(data)

    def boot(self):
        """Choose the partition that runs, as the boot loader does; its name, or None."""
        for sector, (number, state) in self.entries().items():
            if state == PENDING:
                self.tell(sector, number, ABORTED)
        valid = [
            (number, sector, state)
            for sector, (number, state) in self.entries().items()
            if state not in (INVALID, ABORTED)
        ]
        index = 0
        if valid:
            number, sector, state = max(valid)
            index = (number - 1) % 2
            if state == NEW:
                self.tell(sector, number, PENDING)
        for label in (f"ota_{index}", f"ota_{1 - index}"):
            if is_startable(self.file(label).read_bytes()):
                (self.folder / "running").write_text(label)
                return label
        return None
