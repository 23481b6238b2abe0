# SPDX-License-Identifier: MIT
"""Where the ESP8266's images have ROMFS. What the ESP32's have is in test_cmake."""

import re

import pytest

from firmware import BOARDS, TOP, table
from support import images

BOARD = BOARDS / "ESP8266_TINYWEB"
# What the CPU reads as memory: the first megabyte of the flash.
MAPPED = range(0x40200000, 0x40300000)
SECTOR = 4096


def regions(variant):
    """{name: range of addresses} of the variant's linker script."""
    text = (BOARD / table.get("ESP8266_TINYWEB", variant).layout).read_text(encoding="utf-8")
    found = {}
    for name, start, size, unit in re.findall(
        r"(\w+) *: *org *= *(0x\w+), *len *= *(\d+)(K?)", text
    ):
        size = int(size) * (1024 if unit else 1)
        found[name] = range(int(start, 0), int(start, 0) + size)
    return found


def test_partition_lies_between_the_program_and_the_file_system():
    found = regions("")
    rom, program = found["FLASH_ROMFS"], found["irom0_0_seg"]
    assert rom.start == program.stop and not rom.start % SECTOR
    # The port puts the file system behind program and ROMFS: as in the official image.
    assert rom.stop == MAPPED.stop


@pytest.mark.parametrize("variant", ["", "FLASH_1M"])
def test_it_is_there_where_the_board_has_it(variant):
    text = (BOARD / "mpconfigboard.h").read_text(encoding="utf-8")
    large, _, rest = text.split("#if TINYWEB_FLASH_2M")[1].partition("#else")
    assert re.search(r"^#define MICROPY_VFS_ROM +\(1\)$", large, re.M)
    assert "MICROPY_VFS_ROM" not in rest
    assert ("FLASH_ROMFS" in regions(variant)) == (variant == "")


@pytest.mark.parametrize("chip", ["ESP8266", "ESP32"])
def test_documents_tell_its_size(chip):
    text = (TOP / "docs" / "static.md").read_text(encoding="utf-8")
    (kib,) = re.findall(rf"^\|[^|]*{chip}[^|]*\| (\d+) KiB \|$", text, re.M)
    if chip == "ESP8266":
        found = {len(regions("")["FLASH_ROMFS"])}
    else:
        found = {
            size
            for variant in table.load().values()
            if variant.port == "esp32"
            for name, *_, size in images.partitions(variant)
            if name == "romfs"
        }
    assert found == {int(kib) * 1024}
