# SPDX-License-Identifier: MIT
"""Small images in the formats of the chips, for tests of what handles images.

They hold no program. esptool accepts them, and tests/firmware checks that it does.
"""

import hashlib
import re
import struct

from firmware import TOP, image, table

MODES = {mode: code for code, mode in enumerate(image.FLASH_MODES)}
SIZES_8266 = {text: code for code, text in image.ESP8266_SIZES.items()}
SIZES_32 = {text: code for code, text in image.ESP32_SIZES.items()}
FREQ_40M = 0


def left_out_of_1m():
    """Names of the files that the manifest leaves out of the FLASH_1M image."""
    text = (TOP / "boards" / "ESP8266_TINYWEB" / "manifest.py").read_text(encoding="utf-8")
    return re.findall(r'"(\w+\.py)"', text.split("without = (\n")[1].split(")")[0])


def strings(variant, version):
    """What a program of the variant shows of itself, and the names of frozen modules."""
    return (
        f"TinyWeb v{version} module\0{variant.build_name}\0"
        "MicroPython v1.26.1 on 2025-01-01\0_boot.py\0tinyweb/__init__.py\0\0"
    ).encode()


def _image(segments, mode, size_code, entry, extended=b""):
    """Header, segments and checksum; ``extended`` is the ESP32's second half of the header."""
    out = bytearray(
        struct.pack("<BBBBI", 0xE9, len(segments), MODES[mode], size_code << 4 | FREQ_40M, entry)
    )
    out += extended
    checksum = 0xEF
    for address, data in segments:
        data += b"\0" * (-len(data) % 4)
        out += struct.pack("<II", address, len(data)) + data
        for byte in data:
            checksum ^= byte
    out += b"\0" * (15 - len(out) % 16) + bytes([checksum])
    return bytes(out)


def esp8266(variant, version="1.2.3", padding=4096):
    """An image for offset 0; ``padding``: bytes of other content in irom0."""
    ram = [(0x40100000, b"\x11" * 64), (0x3FFE8000, b"\x22" * 32), (0x3FFE8020, b"\x33" * 16)]
    size = SIZES_8266[variant.flash_size]
    head = _image(ram, variant.flash_mode, size, 0x40100004)
    irom0 = strings(variant, version) + hashlib.sha256(b"tinyweb").digest() * (padding // 32)
    irom0 += b"\0" * (-len(irom0) % 4)
    length = image.IROM0_OFFSET + len(irom0)
    body = (
        head + b"\xff" * (image.IROM0_OFFSET - 4 - len(head)) + struct.pack("<I", length) + irom0
    )
    return body + hashlib.md5(body[4:]).digest()


def esp32_app(variant, version="1.2.3", padding=4096):
    """A bootloader or application image with its SHA-256 sum."""
    content = strings(variant, version) + hashlib.sha256(b"tinyweb").digest() * (padding // 32)
    extended = struct.pack("<B3sHBHHI", 0xEE, b"\0\0\0", variant.chip_id, 0, 0, 0xFFFF, 0)
    extended += b"\1"
    data = _image(
        [(0x3F400020, content), (0x400D0020, b"\x44" * 64)],
        variant.flash_mode,
        SIZES_32[variant.flash_size],
        0x400D0020,
        extended,
    )
    return data + hashlib.sha256(data).digest()


def partition_table(rows):
    """The binary form of [(name, type, subtype, offset, size)]."""
    out = b"".join(
        struct.pack("<HBBII16sI", 0x50AA, kind, subtype, offset, size, name.encode(), 0)
        for name, kind, subtype, offset, size in rows
    )
    out += image.PARTITION_MD5_MAGIC + hashlib.md5(out).digest()
    return out + b"\xff" * (0xC00 - len(out))


KINDS = {"app": 0, "data": 1}
SUBTYPES = {"nvs": 2, "phy": 1, "ota": 0, "factory": 0, "ota_0": 0x10, "ota_1": 0x11}


def port_partitions(variant):
    """Rows for ``partition_table`` from the port's CSV file that the variant names."""
    from firmware import TOP

    text = (TOP / "micropython" / "ports" / "esp32" / variant.partitions).read_text()
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, kind, subtype, offset, size, *_ = (cell.strip() for cell in line.split(","))
            number = SUBTYPES[subtype] if subtype in SUBTYPES else int(subtype, 0)
            yield name, KINDS[kind], number, int(offset, 0), int(size, 0)


def esp32(variant, version="1.2.3"):
    """What the port calls firmware.bin: it starts at 0x1000."""
    parts = {
        0x1000: esp32_app(variant, version, padding=64),
        0x8000: partition_table(list(port_partitions(variant))),
        variant.files["app"]: esp32_app(variant, version),
    }
    out = b""
    for offset, data in parts.items():
        out += b"\xff" * (offset - 0x1000 - len(out)) + data
    return out


def make(variant, version="1.2.3"):
    return (esp8266 if variant.chip == "esp8266" else esp32)(variant, version)


def write_all(folder, version="1.2.3", only=None):
    """One image for each variant, laid out as ``make firmware`` leaves them in build/."""
    for variant in table.load().values():
        if only and variant.build_name not in only:
            continue
        out = folder / variant.build_name
        out.mkdir(parents=True)
        (out / f"{variant.name}.bin").write_bytes(make(variant, version))
