# SPDX-License-Identifier: MIT
"""Whether the 1 MiB image of the ESP8266 still fits, known without the vendor's SDK.

The image itself says it exactly (test_images), but few machines can build it. What this
repository adds to MicroPython can be measured everywhere.
"""

import subprocess

import pytest

from firmware import TOP, table
from support import simulator
from support.images import left_out_of_1m

# irom0 of FLASH_1M without cmodules/ and frozen/, with all of MicroPython's submodules:
# MicroPython 1.26.1, GCC 12.2 of Debian 12.
WITHOUT_OURS = 501_420
# What frozen code takes of flash for each byte of its .mpy file: 1.01 for tinyweb and
# 1.11 for the examples were measured.
FROZEN_FACTOR = 1.06
# Objects of cmodules/ that this image is built without.
LEFT_OUT_OBJECTS = ("modtinyweb_websocket.o", "core/websocket.o", "core/accept.o")
# To be left for what users build in.
SPARE = 20 * 1024


def mpy_bytes(folder, packages):
    """Size of the .mpy files of frozen packages, compiled for the ESP8266."""
    # Makes mpy-cross.
    simulator.build(64)
    total = 0
    for package in packages:
        for source in sorted((TOP / "frozen" / package).rglob("*.py")):
            if source.name in left_out_of_1m():
                continue
            out = folder / "out.mpy"
            subprocess.run(
                [
                    TOP / "build" / "mpy-cross" / "mpy-cross",
                    *("-O3", "-march=xtensa", "-s", source.relative_to(TOP / "frozen"), "-o", out),
                    source,
                ],
                check=True,
            )
            total += out.stat().st_size
    return total


def test_1m_image_has_room(linked, module_objects, tmp_path):
    program, _ = linked
    limit = table.memory_limits(table.get("ESP8266_TINYWEB", "FLASH_1M"))["irom0_0_seg"]
    modules = program.section(".irom0.text").size
    for name, (_, unit) in module_objects.items():
        if name.endswith(LEFT_OUT_OBJECTS):
            modules -= sum(section.size for section in unit.sections if section.allocated)
    frozen = round(mpy_bytes(tmp_path, ("tinyweb", "examples")) * FROZEN_FACTOR)
    left = limit - WITHOUT_OURS - modules - frozen
    if left < SPARE:
        pytest.fail(
            f"FLASH_1M: about {left} bytes of {limit} would be left, {SPARE} are wanted. "
            f"Modules take {modules}, frozen packages {frozen}. Make them smaller, freeze "
            f"less in manifest_1m.py, or leave out a part of MicroPython (board.md)."
        )
