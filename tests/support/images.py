# SPDX-License-Identifier: MIT
"""Small images in the formats of the chips, for tests of what handles images.

They hold no program. esptool accepts them, and tests/firmware checks that it does.
"""

import functools
import hashlib
import json
import struct
import subprocess

from firmware import TOP, contents, elf, image, sources, table
from firmware import esp32 as esp32_port
from firmware import esp8266 as esp8266_port
from firmware import record as build_records
from support.program import Program

MODES = {mode: code for code, mode in enumerate(image.FLASH_MODES)}
SIZES_8266 = {text: code for code, text in image.ESP8266_SIZES.items()}
SIZES_32 = {text: code for code, text in image.ESP32_SIZES.items()}
FREQ_40M = 0
# What a small image freezes, unless a test needs all that the board's manifest names.
FROZEN = ("_boot.py", "tinyweb/__init__.py")


def program(variant, version="1.2.3", micropython=None, frozen=FROZEN, without=()):
    """The Program of a variant's image, with all modules that its page names.

    micropython: version in the banner, by default that of micropython/. frozen: names of
    frozen files. without: names of modules or classes to be left out.
    """
    if variant.port == "esp8266":
        romfs = "FLASH_ROMFS" in table.memory_limits(variant)
    else:
        romfs = any(row[0] == "romfs" for row in partitions(variant))
    (imports, names), _ = contents.features(variant, romfs)
    # The boards' manifests freeze _boot.py first.
    files = sorted(frozen, key=lambda name: name != "_boot.py")
    own = {name.split("/")[0].removesuffix(".py") for name in files}
    text = (
        f"TinyWeb v{version} module\0{variant.build_name}\0"
        f"MicroPython {micropython or micropython_version()} on 2025-01-01\0"
    ).encode()
    return Program(
        image.IROM0_ADDRESS if variant.port == "esp8266" else 0x3F400020,
        # Every MicroPython has some of its own.
        modules={"gc", "machine", "os", "sys"} | imports - own - set(without),
        strings=names - set(without),
        files=files,
        text=text,
        machine=elf.MACHINES[variant.architecture],
    )


@functools.cache
def micropython_version():
    """As in "v1.2.3": what micropython/ holds."""
    done = subprocess.run(
        [TOP / "ci" / "fetch-micropython", "--version"], capture_output=True, text=True
    )
    return f"v{done.stdout.strip()}"


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


def esp8266(variant, version="1.2.3", padding=4096, **options):
    """An image for offset 0; ``padding``: bytes of other content in irom0."""
    ram = [(0x40100000, b"\x11" * 64), (0x3FFE8000, b"\x22" * 32), (0x3FFE8020, b"\x33" * 16)]
    size = SIZES_8266[variant.flash_size]
    head = _image(ram, variant.flash_mode, size, 0x40100004)
    irom0 = bytes(program(variant, version, **options).content) + hashlib.sha256(
        b"tinyweb"
    ).digest() * (padding // 32)
    irom0 += b"\0" * (-len(irom0) % 4)
    length = image.IROM0_OFFSET + len(irom0)
    body = (
        head + b"\xff" * (image.IROM0_OFFSET - 4 - len(head)) + struct.pack("<I", length) + irom0
    )
    return body + hashlib.md5(body[4:]).digest()


def esp32_app(variant, version="1.2.3", padding=4096, chip_id=None, cut=False, **options):
    """A bootloader or application image with its SHA-256 sum.

    cut: whether the program's section is in two segments, as esptool makes of one in RAM where
    the next segment would not come to lie on its page of flash.
    """
    content = bytes(program(variant, version, **options).content)
    end = (len(content) - 16) // 4 * 4 if cut else None
    content += hashlib.sha256(b"tinyweb").digest() * (padding // 32)
    chip_id = variant.chip_id if chip_id is None else chip_id
    extended = struct.pack("<B3sHBHHI", 0xEE, b"\0\0\0", chip_id, 0, 0, 0xFFFF, 0)
    extended += b"\1"
    data = _image(
        [(0x3F400020, content[:end]), (0x400D0020, b"\x44" * 64)]
        + ([(0x3F400020 + end, content[end:])] if cut else []),
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


def partitions(variant):
    """Rows for ``partition_table`` from the CSV file that the variant names."""
    for line in variant.partition_file.read_text().splitlines():
        if line and not line.startswith("#"):
            name, kind, subtype, offset, size, *_ = (cell.strip() for cell in line.split(","))
            number = SUBTYPES[subtype] if subtype in SUBTYPES else int(subtype, 0)
            yield name, KINDS[kind], number, int(offset, 0), int(size, 0)


def esp32(variant, version="1.2.3", **options):
    """What the port calls firmware.bin: it starts with the bootloader."""
    start = variant.files["image"]
    parts = {
        start: esp32_app(variant, version, padding=64),
        variant.files["partition_table"]: partition_table(list(partitions(variant))),
        variant.files["app"]: esp32_app(variant, version, **options),
    }
    out = b""
    for offset, data in parts.items():
        out += b"\xff" * (offset - start - len(out)) + data
    return out


def make(variant, version="1.2.3", **options):
    port = esp8266 if variant.port == "esp8266" else esp32
    return port(variant, version, **options)


def build_record(variant, path, version="1.2.3", changes=None):
    """The record that ``make firmware`` writes beside an image of this checkout."""
    port = esp8266_port if variant.port == "esp8266" else esp32_port
    record = {
        "format": build_records.FORMAT,
        "build": variant.build_name,
        "version": version,
        "sha256": {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in (path, path.with_name("firmware.elf"))
        },
        "source": {"commit": sources.commit(TOP), "changed": False, "date": 1738281600},
        "micropython": {
            "version": micropython_version(),
            "commit": sources.pinned_micropython(),
            "submodules": dict.fromkeys(port.SUBMODULES, "0" * 40),
        },
        "compiler": {"name": "gcc", "version": "14.2.0"},
        "sdk": {
            "name": "An SDK",
            "version": esp32_port.supported_versions()[0] if variant.port == "esp32" else "v5.6.7",
        },
        "components": [
            {
                "name": name,
                "version": "1.0",
                "licence": licence,
                "url": "https://example.org",
                "text": f"The licence of {name}.\n",
            }
            for name, licence in (("MicroPython", "MIT"), ("An SDK", "LicenseRef-vendor"))
        ],
        "esptool": "5.0.0",
        "partial": False,
        "colours": True,
        "own": {},
    }
    for name, value in (changes or {}).items():
        if isinstance(value, dict):
            record[name].update(value)
        else:
            record[name] = value
    return record


def write(folder, variant, version="1.2.3", record=None, **options):
    """One image as ``make firmware`` leaves it in build/; returns its path.

    record: what its record says otherwise than it should.
    """
    out = folder / variant.build_name
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{variant.name}.bin"
    options.setdefault("frozen", sorted(contents.manifest_files(variant)))
    path.write_bytes(make(variant, version, **options))
    for name in ("padding", "chip_id", "cut"):
        options.pop(name, None)
    (out / "firmware.elf").write_bytes(program(variant, version, **options).elf())
    (out / "firmware.map").write_text("")
    text = json.dumps(build_record(variant, path, version, record))
    (out / build_records.NAME).write_text(text)
    return path


def write_all(folder, version="1.2.3", only=None):
    """One image for each variant, laid out as ``make firmware`` leaves them in build/."""
    for variant in table.load().values():
        if not only or variant.build_name in only:
            write(folder, variant, version)
