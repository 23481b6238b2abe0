# SPDX-License-Identifier: MIT
"""Images as they lie in flash: ESP8266, ESP32 and ESP32 partition tables.

Formats: esptool's documentation, "Firmware Image Format", and the ESP-IDF's "Partition
Tables". MicroPython's port puts both parts of an ESP8266 image into one file, see
ports/esp8266/makeimg.py.
"""

import dataclasses
import hashlib
import struct

from . import table

MAGIC = 0xE9
IROM0_OFFSET = 0x9000
IROM0_ADDRESS = 0x40200000 + IROM0_OFFSET
PARTITION_MAGIC = 0x50AA
PARTITION_MD5_MAGIC = b"\xeb\xeb" + b"\xff" * 14
SECTOR = 0x1000
# What the memory management unit maps at once.
APP_ALIGNMENT = 0x10000
FLASH_MODES = ("qio", "qout", "dio", "dout")
# High nibble of the header's fourth byte.
ESP8266_SIZES = {0: "512KB", 1: "256KB", 2: "1MB", 3: "2MB", 4: "4MB", 8: "8MB", 9: "16MB"}
ESP32_SIZES = {0: "1MB", 1: "2MB", 2: "4MB", 3: "8MB", 4: "16MB"}


class ImageError(ValueError):
    """What is wrong with an image."""


@dataclasses.dataclass(frozen=True)
class Segment:
    address: int
    data: bytes


@dataclasses.dataclass(frozen=True)
class Header:
    """The image header at the start of each image and what follows it."""

    flash_mode: str
    size_code: int
    freq_code: int
    entry: int
    segments: list
    end: int  # first byte after the checksum


def _header(data, offset, fixed):
    """Parse header and segments at ``offset``; ``fixed`` is the header's length."""
    if len(data) < offset + fixed or data[offset] != MAGIC:
        raise ImageError(f"no image at 0x{offset:x}: its first byte is not 0x{MAGIC:x}")
    _, count, mode, size_freq, entry = struct.unpack_from("<BBBBI", data, offset)
    if mode >= len(FLASH_MODES):
        raise ImageError(f"unknown flash mode {mode}")
    at = offset + fixed
    segments = []
    checksum = 0xEF
    for _ in range(count):
        if at + 8 > len(data):
            raise ImageError("the image ends within a segment header")
        address, size = struct.unpack_from("<II", data, at)
        at += 8
        content = data[at : at + size]
        if len(content) != size:
            raise ImageError("the image ends within a segment")
        for byte in content:
            checksum ^= byte
        segments.append(Segment(address, content))
        at += size
    # The checksum is the last byte of a 16-byte row.
    end = offset + ((at - offset) | 15) + 1
    if end > len(data) or data[end - 1] != checksum:
        raise ImageError("wrong checksum")
    return Header(FLASH_MODES[mode], size_freq >> 4, size_freq & 15, entry, segments, end)


@dataclasses.dataclass(frozen=True)
class Esp8266Image:
    header: Header
    irom0: bytes
    flash_size: str
    chip: str = "esp8266"

    def parts(self):
        """All bytes that the program consists of, for searches."""
        return [s.data for s in self.segments()]

    def segments(self):
        """What is where in the chip's memory, as Segment."""
        return [Segment(IROM0_ADDRESS, self.irom0), *self.header.segments]


def parse_esp8266(data):
    """An image for offset 0 as the port makes it; ImageError when it is not whole."""
    header = _header(data, 0, 8)
    if not all(0x3FFE8000 <= s.address < 0x40108000 for s in header.segments):
        raise ImageError("loads to addresses that the ESP8266 does not have")
    if header.end + 4 > IROM0_OFFSET:
        raise ImageError("the part loaded into RAM overlaps irom0")
    (length,) = struct.unpack_from("<I", data, IROM0_OFFSET - 4)
    if len(data) != length + 16:
        raise ImageError(f"{len(data)} bytes, but it says {length} and a checksum of 16")
    # The first four bytes are those that flashing tools change.
    if hashlib.md5(data[4:length]).digest() != data[length:]:
        raise ImageError("wrong MD5 sum")
    try:
        size = ESP8266_SIZES[header.size_code]
    except KeyError:
        raise ImageError(f"unknown flash size {header.size_code}") from None
    return Esp8266Image(header, data[IROM0_OFFSET:length], size)


@dataclasses.dataclass(frozen=True)
class Esp32Image:
    header: Header
    chip: str  # name in boards/flash.toml
    flash_size: str
    data: bytes
    size: int

    def parts(self):
        return [s.data for s in self.segments()]

    def segments(self):
        return self.header.segments


def parse_esp32(data, offset=0):
    """A bootloader or application image at ``offset``; more data may follow it."""
    header = _header(data, offset, 24)
    (chip_id,) = struct.unpack_from("<H", data, offset + 12)
    chip = table.chip_of_id("esp32", chip_id)
    if chip is None:
        raise ImageError(f"for a chip that no board here has, number {chip_id} in the header")
    end = header.end
    if data[offset + 23] == 1:
        digest = hashlib.sha256(data[offset:end]).digest()
        if data[end : end + 32] != digest:
            raise ImageError("wrong SHA-256 sum")
        end += 32
    try:
        size = ESP32_SIZES[header.size_code]
    except KeyError:
        raise ImageError(f"unknown flash size {header.size_code}") from None
    return Esp32Image(header, chip, size, data[offset:end], end - offset)


@dataclasses.dataclass(frozen=True)
class Partition:
    name: str
    kind: int  # 0 app, 1 data
    subtype: int
    offset: int
    size: int


def parse_partitions(data, offset=0):
    """The partition table at ``offset``; ImageError when its MD5 or its order is wrong."""
    found = []
    at = offset
    while True:
        entry = data[at : at + 32]
        if len(entry) < 32:
            raise ImageError("the partition table has no end")
        if entry == b"\xff" * 32:
            break
        if entry[:16] == PARTITION_MD5_MAGIC:
            if hashlib.md5(data[offset:at]).digest() != entry[16:]:
                raise ImageError("wrong MD5 sum of the partition table")
        elif struct.unpack_from("<H", entry)[0] == PARTITION_MAGIC:
            kind, subtype, start, size, name = struct.unpack_from("<2xBBII16s", entry)
            name = name.rstrip(b"\0").decode()
            if start % (APP_ALIGNMENT if kind == 0 else SECTOR) or size % SECTOR:
                raise ImageError(f"partition {name!r} is not aligned")
            if found and start < found[-1].offset + found[-1].size:
                raise ImageError(f"partition {name!r} overlaps the one before")
            found.append(Partition(name, kind, subtype, start, size))
        else:
            raise ImageError(f"no partition table at 0x{offset:x}")
        at += 32
    if not found:
        raise ImageError(f"no partition table at 0x{offset:x}")
    return found


@dataclasses.dataclass(frozen=True)
class Esp32Flash:
    """Bootloader, partition table and application, as they lie behind one another."""

    start: int  # flash offset that the file's first byte belongs to
    bootloader: Esp32Image
    partitions: list
    app: Esp32Image

    @property
    def chip(self):
        return self.bootloader.chip

    @property
    def spare(self):
        """Bytes of the application's partition that it leaves free."""
        return next(p.size for p in self.partitions if p.kind == 0) - self.app.size

    def parts(self):
        return self.app.parts()

    def segments(self):
        return self.app.segments()


def _bootloader(data):
    """``(start, bootloader)``: the flash offset of the first byte, and what is at its place.

    A file begins with the bootloader, or, with one that has an offset of its own, at the
    start of flash.
    """
    offsets = {name: chip["files"]["image"] for name, chip in table.chips().items()}
    if data[:1] == bytes([MAGIC]):
        bootloader = parse_esp32(data)
        return offsets[bootloader.chip], bootloader
    errors = []
    for offset in sorted(set(offsets.values()) - {0}):
        try:
            bootloader = parse_esp32(data, offset)
        except ImageError as error:
            errors.append(str(error))
            continue
        if offsets[bootloader.chip] == offset:
            return 0, bootloader
        errors.append(f"the {bootloader.chip} does not start from 0x{offset:x}")
    raise ImageError(", ".join(errors))


def parse_esp32_flash(data):
    """The port's firmware.bin (starts with the bootloader) or a merged image (starts at 0)."""
    start, bootloader = _bootloader(data)
    files = table.chips()[bootloader.chip]["files"]
    partitions = parse_partitions(data, files["partition_table"] - start)
    apps = [p for p in partitions if p.kind == 0]
    if not apps:
        raise ImageError("no partition for an application")
    app = parse_esp32(data, apps[0].offset - start)
    if app.chip != bootloader.chip:
        raise ImageError(
            f"the bootloader is for {bootloader.chip}, the application for {app.chip}"
        )
    if app.size > apps[0].size:
        raise ImageError(f"the application has {app.size} bytes, its partition {apps[0].size}")
    end = max(p.offset + p.size for p in partitions)
    if end > table.size_bytes(bootloader.flash_size):
        raise ImageError(f"the partitions end at 0x{end:x}, the flash has {bootloader.flash_size}")
    return Esp32Flash(start, bootloader, partitions, app)


def identify(data):
    """``(chip, kind, parsed)`` of a file's bytes; both names are those of boards/flash.toml."""
    errors = []
    for port, kind, parse in (
        ("esp8266", "image", parse_esp8266),
        ("esp32", "flash", parse_esp32_flash),
        ("esp32", "app", parse_esp32),
        ("esp32", "partition_table", parse_partitions),
    ):
        try:
            parsed = parse(data)
            if kind == "app" and parsed.size != len(data):
                raise ImageError(f"{len(data) - parsed.size} bytes behind the image")
        except (ImageError, IndexError, struct.error) as error:
            errors.append(f"{port} {kind}: {error}")
            continue
        if kind == "flash":
            offset = table.chips()[parsed.chip]["files"]["image"]
            return parsed.chip, "image" if parsed.start == offset else "merged", parsed
        # One partition table is like the other, whichever chip it is for.
        return getattr(parsed, "chip", port), kind, parsed
    raise ImageError("no image of a board here\n  " + "\n  ".join(errors))


def variant_of(parsed, chip):
    """The Variant by the name that MicroPython keeps in ``sys.implementation._build``.

    None for a program of the chip that names none.
    """
    data = b"\0".join(parsed.parts())
    for variant in table.load().values():
        if variant.chip == chip and variant.build_name.encode() + b"\0" in data:
            return variant
    return None


def frozen_modules(parts):
    """Names of the frozen files, e.g. ``tinyweb/__init__.py``, in the image's order.

    MicroPython keeps them as strings behind one another with an empty one at the end;
    the boards' manifests freeze _boot.py first, so the table starts there.
    """
    for data in parts:
        at = data.find(b"_boot.py\0")
        while at >= 0:
            names = data[at : data.find(b"\0\0", at)].split(b"\0")
            if len(names) > 1 and all(name.endswith((b".py", b".mpy")) for name in names):
                return [name.decode("ascii") for name in names]
            at = data.find(b"_boot.py\0", at + 1)
    raise ImageError("no table of frozen modules")
