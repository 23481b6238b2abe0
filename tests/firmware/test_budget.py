# SPDX-License-Identifier: MIT
"""Whether the 1 MiB image of the ESP8266 still fits, known without the vendor's SDK.

The image itself says it exactly (test_images), but few machines can build it. What this
repository adds to MicroPython can be measured everywhere.
"""

import re
import subprocess

import pytest

from firmware import TOP, table
from support import simulator

# irom0 of FLASH_1M without cmodules/ and frozen/, with all of MicroPython's submodules:
# MicroPython 1.26.1, GCC 12.2 of Debian 12.
WITHOUT_OURS = 512_348
# What frozen code takes of flash for each byte of its .mpy file: 1.01 for tinyweb and
# 1.11 for the examples were measured.
FROZEN_FACTOR = 1.06
# To be left for what users build in.
SPARE = 20 * 1024


def left_out():
    """What the image is without: the names of files that its manifest has."""
    text = (TOP / "boards" / "ESP8266_TINYWEB" / "manifest.py").read_text(encoding="utf-8")
    return re.findall(r'"(\w+\.py)"', text.split("without = (\n")[1].split(")")[0])


def mpy_bytes(folder, packages):
    """Size of the .mpy files of frozen packages, compiled for the ESP8266."""
    # Makes mpy-cross.
    simulator.build(64)
    total = 0
    for package in packages:
        for source in sorted((TOP / "frozen" / package).rglob("*.py")):
            if source.name in left_out():
                continue
            out = folder / "out.mpy"
            subprocess.run(
                [
                    TOP / "build" / "mpy-cross" / "mpy-cross",
                    *("-march=xtensa", "-s", source.relative_to(TOP / "frozen"), "-o", out),
                    source,
                ],
                check=True,
            )
            total += out.stat().st_size
    return total


def test_1m_image_has_room(linked, tmp_path):
    program, _ = linked
    limit = table.memory_limits(table.get("ESP8266_TINYWEB", "FLASH_1M"))["irom0_0_seg"]
    modules = program.section(".irom0.text").size
    frozen = round(mpy_bytes(tmp_path, ("tinyweb", "examples")) * FROZEN_FACTOR)
    left = limit - WITHOUT_OURS - modules - frozen
    if left < SPARE:
        pytest.fail(
            f"FLASH_1M: about {left} bytes of {limit} would be left, {SPARE} are wanted. "
            f"Modules take {modules}, frozen packages {frozen}. Make them smaller, freeze "
            f"less in manifest_1m.py, or leave out a part of MicroPython (board.md)."
        )
