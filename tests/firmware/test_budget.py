# SPDX-License-Identifier: MIT
"""What the ESP8266's images take of their flash, known without the vendor's SDK.

The images say it exactly (test_images), but few machines can build them. What this repository
adds to MicroPython can be measured everywhere.
"""

import re

import pytest

from firmware import TOP, growth, table
from support import simulator

# irom0 of each variant without cmodules/ and frozen/, with all of MicroPython's submodules:
# MicroPython 1.28.0, the release's, GCC 12.2 of Debian 12. A complete build tells it: what it
# takes, less what `taken` counts. For the 2 MiB image that includes what modules in ROM take.
WITHOUT_OURS = {"": 645_264, "FLASH_1M": 475_873}
# What frozen code takes of flash for each byte of its .mpy file: 1.01 for tinyweb and
# 1.11 for the examples were measured.
FROZEN_FACTOR = 1.06
# Objects of cmodules/ that FLASH_1M is built without.
LEFT_OUT_OBJECTS = (
    "modtinyweb_program.o",
    "modtinyweb_background.o",
    "modtinyweb_terminal.o",
    "modtinyweb_improv.o",
    "modtinyweb_reception.o",
    "modtinyweb_websocket.o",
    "core/websocket.o",
    "core/accept.o",
)
# To be left for what users build in.
SPARE = 20 * 1024
# How far docs/memory.md may be from what is measured.
NEAR = 4 * 1024


@pytest.fixture
def taken(linked, module_objects):
    """``taken(variant)``: bytes of irom0 that C modules and frozen packages take."""
    program, _ = linked

    def count(variant):
        small = variant == "FLASH_1M"
        modules = program.section(".irom0.text").size
        for name, (_, unit) in module_objects.items():
            if small and name.endswith(LEFT_OUT_OBJECTS):
                modules -= sum(section.size for section in unit.sections if section.allocated)
        # Makes mpy-cross.
        simulator.build(64)
        frozen = growth.frozen_bytes(TOP / "build" / "mpy-cross" / "mpy-cross", variant)
        return modules, round(frozen * FROZEN_FACTOR)

    return count


def test_1m_image_has_room(taken):
    limit = table.memory_limits(table.get("ESP8266_TINYWEB", "FLASH_1M"))["irom0_0_seg"]
    modules, frozen = taken("FLASH_1M")
    left = limit - WITHOUT_OURS["FLASH_1M"] - modules - frozen
    if left < SPARE:
        pytest.fail(
            f"FLASH_1M: about {left} bytes of {limit} would be left, {SPARE} are wanted. "
            f"Modules take {modules}, frozen packages {frozen}. Make them smaller, freeze "
            f"less in manifest_1m.py, or leave out a part of MicroPython (board.md)."
        )


@pytest.mark.parametrize("variant", ["", "FLASH_1M"])
def test_memory_page_tells_what_the_images_take(variant, taken):
    text = (TOP / "docs" / "memory.md").read_text(encoding="utf-8")
    row = {"": "2 MiB", "FLASH_1M": "1 MiB"}[variant]
    (cells,) = re.findall(rf"^\| irom0: program in flash \({row}\)[^|]*\|(.*)\|$", text, re.M)
    limit, used, left = (int(c.replace(" ", "")) for c in cells.split("|") if c.strip())
    assert limit == table.memory_limits(table.get("ESP8266_TINYWEB", variant))["irom0_0_seg"]
    assert left == limit - used
    measured = WITHOUT_OURS[variant] + sum(taken(variant))
    assert abs(used - measured) < NEAR, (
        f"docs/memory.md says that {row} of flash hold {used} bytes, about {measured} do: "
        f"take the figures of the images that make sizes prints"
    )
