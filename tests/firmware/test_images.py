# SPDX-License-Identifier: MIT
"""Checks of finished images: what flashing tools read, sizes, contents."""

import json
import os
import re
import subprocess
import sys

import pytest

from firmware import TOP, checks, contents, image, record, table
from support import images

IROM0 = range(0x40200000, 0x40300000)
IRAM = range(0x40100000, 0x40108000)
DRAM = range(0x3FFE8000, 0x40000000)

# What is left of the FLASH_1M image's flash for patches that a user builds in.
SPARE_1M = 20 * 1024


def test_esptool_reads_it(built, tmp_path):
    """The vendor's tool agrees on chip, checksum and flash parameters."""
    data = built.path.read_bytes()
    if built.kind == "merged":
        data = data[built.variant.files["image"] :]
    file = tmp_path / "image.bin"
    file.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "esptool", "--chip", built.variant.chip, "image-info", file],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = done.stdout
    checksums = re.findall(r"Checksum: 0x[0-9a-f]+ \((\w+)\)", report)
    assert checksums == ["valid"]
    assert "(invalid" not in report
    assert re.search(r"Flash mode: (\w+)", report)[1].lower() == built.variant.flash_mode
    assert re.search(r"Flash size: (\w+)", report)[1] == built.variant.flash_size


def test_header_is_what_the_flash_table_says(built):
    if built.variant.port == "esp8266":
        header, size = built.parsed.header, built.parsed.flash_size
    elif built.kind == "app":
        header, size = built.parsed.header, built.parsed.flash_size
        assert built.parsed.chip == built.variant.chip
    else:
        header, size = built.parsed.bootloader.header, built.parsed.bootloader.flash_size
        assert built.parsed.app.chip == built.variant.chip
    assert (header.flash_mode, size) == (built.variant.flash_mode, built.variant.flash_size)


def test_sizes_are_within_the_limits(built):
    if built.variant.port == "esp8266":
        limits = table.memory_limits(built.variant)
        iram, *dram = built.parsed.header.segments
        assert iram.address == IRAM.start
        assert len(iram.data) <= limits["iram1_0_seg"]
        assert all(s.address in DRAM for s in dram)
        assert len(built.parsed.irom0) <= limits["irom0_0_seg"]
        assert image.IROM0_OFFSET + limits["irom0_0_seg"] < built.variant.flash_bytes
    elif built.kind != "app":
        # Parsing compared the application with its partition.
        end = max(p.offset + p.size for p in built.parsed.partitions)
        assert end <= built.variant.flash_bytes
        assert built.parsed.spare >= checks.SPARE


def test_1m_image_leaves_room(built):
    """The 1 MiB image has 20 KiB of flash to spare with all that it freezes."""
    if built.variant.name != "firmware_esp8266_1m":
        return
    limit = table.memory_limits(built.variant)["irom0_0_seg"]
    assert limit - len(built.parsed.irom0) >= SPARE_1M


def test_partitions_are_those_of_the_flash_table(built):
    """The partition table in an ESP32 image is the one that the flash table names."""
    if built.variant.port != "esp32" or built.kind == "app":
        return
    found = [(p.name, p.kind, p.subtype, p.offset, p.size) for p in built.parsed.partitions]
    assert found == list(images.partitions(built.variant))
    apps = [p.offset for p in built.parsed.partitions if p.kind == 0]
    assert apps[0] == built.variant.files["app"]


def test_freezes_what_its_manifest_names(built):
    """All of it, nothing else, and nothing twice. Which modules are in ROM, the ELF file tells."""
    names = image.frozen_modules(built.parsed.parts())
    expected = contents.manifest_files(built.variant)
    if built.elf is not None:
        names += contents.rom_files(built.elf)
    elif "asyncio/core.py" not in names:
        expected &= set(names)
    assert len(names) == len(set(names))
    assert set(names) == expected
    if built.elf is not None:
        assert {"asyncio/core.py", "tinyweb/server.py", "examples/hello_world.py"} <= set(names)


def test_holds_what_its_page_says(built):
    """The parts that boards/contents.toml names, unless the image was asked to be partial."""
    if built.elf is None:
        pytest.skip("no ELF file beside the image")
    file = built.path.with_name(record.NAME)
    partial = file.exists() and json.loads(file.read_text())["partial"]
    romfs = contents.has_romfs(built.variant, built.parsed)
    assert not list(contents.differences(built.elf, built.variant, romfs, partial=partial))


def test_names_version_and_board(built):
    text = built.text()
    assert f"TinyWeb v{table.version()} ".encode() in text
    assert built.variant.build_name.encode() + b"\0" in text
    assert re.search(rb"MicroPython v1\.\d+\.\d+ on 20\d\d-\d\d-\d\d", text)


def test_contains_no_path_of_the_machine_that_built_it(built):
    text = built.text()
    found = set(re.findall(rb"/(?:home|root|usr|opt|tmp|work|build|github)/[\w.+/-]{3,}", text))
    assert str(TOP).encode() not in text
    assert not found


def test_elf_and_map_name_no_folder_of_the_builder(built):
    """They are published with the image."""
    if built.elf is None:
        pytest.skip("no ELF file beside the image")
    folders = [str(TOP), os.environ.get("ESP_SDK"), os.environ.get("IDF_PATH")]
    for name in ("firmware.elf", "firmware.map"):
        data = built.path.with_name(name).read_bytes()
        assert not [f for f in folders if f and f.encode() in data], name
