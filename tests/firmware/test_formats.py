# SPDX-License-Identifier: MIT
"""Reading images: what is whole is read as esptool reads it, what is not is refused."""

import dataclasses
import re
import subprocess
import sys

import pytest

from firmware import image, table
from support import images

VARIANTS = list(table.load().values())
ESP8266 = table.get("ESP8266_TINYWEB")
ESP32 = table.get("ESP32_TINYWEB")


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.build_name)
def test_whole_images_are_identified(variant):
    chip, kind, parsed = image.identify(images.make(variant))
    assert (chip, kind) == (variant.chip, "image")
    assert image.variant_of(parsed, chip) == variant
    assert image.frozen_modules(parsed.parts()) == ["_boot.py", "tinyweb/__init__.py"]


@pytest.mark.parametrize(
    ("variant", "data"),
    [
        (ESP8266, images.esp8266(ESP8266)),
        *((v, images.esp32_app(v)) for v in VARIANTS if v.port == "esp32" and not v.variant),
    ],
    ids=lambda x: x.chip if isinstance(x, table.Variant) else "",
)
def test_esptool_reads_the_same(variant, data, tmp_path):
    file = tmp_path / "image.bin"
    file.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "esptool", "--chip", variant.chip, "image-info", file],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Checksum: 0x[0-9a-f]+ \(valid\)", done.stdout)
    assert "(invalid" not in done.stdout
    assert f"Flash size: {variant.flash_size}" in done.stdout
    header = image.identify(data)[2].header
    assert f"Segments: {len(header.segments)}" in done.stdout
    assert f"Entry point: 0x{header.entry:x}" in done.stdout


@pytest.mark.parametrize("at", [0, 1, 8, 12, 40, 160, 0x8FFF, 0x9000, 0x9100, -1])
def test_changed_esp8266_image_is_refused(at):
    data = bytearray(images.esp8266(ESP8266))
    data[at] ^= 1
    with pytest.raises(image.ImageError):
        image.identify(bytes(data))


@pytest.mark.parametrize("at", [0, 12, 40, 0x7000, 0x7000 + 16, 0xF000, 0xF000 + 60, -1])
def test_changed_esp32_image_is_refused(at):
    data = bytearray(images.esp32(ESP32))
    data[at] ^= 1
    with pytest.raises(image.ImageError):
        image.parse_esp32_flash(bytes(data))


@pytest.mark.parametrize("size", [0, 7, 100, 0x8FFF, 0x9010])
@pytest.mark.parametrize("variant", [ESP8266, ESP32], ids=["esp8266", "esp32"])
def test_cut_image_is_refused(variant, size):
    with pytest.raises(image.ImageError):
        image.identify(images.make(variant)[:size])


def test_application_larger_than_its_partition_is_refused():
    d2wd = table.get("ESP32_TINYWEB", "D2WD")
    size = next(size for _, kind, _, _, size in images.partitions(d2wd) if kind == 0)
    data = images.esp32(d2wd)[: 0x10000 - 0x1000]
    data += images.esp32_app(d2wd, padding=size)
    with pytest.raises(image.ImageError, match="its partition"):
        image.parse_esp32_flash(data)


def test_overlapping_partitions_are_refused():
    rows = [("a", 1, 2, 0x9000, 0x8000), ("b", 0, 0, 0x10000, 0x1000)]
    with pytest.raises(image.ImageError, match="overlaps"):
        image.parse_partitions(images.partition_table(rows))


@pytest.mark.parametrize("row", [("a", 0, 0, 0x18000, 0x10000), ("a", 1, 2, 0x9000, 0x800)])
def test_partitions_that_are_not_aligned_are_refused(row):
    with pytest.raises(image.ImageError, match="'a' is not aligned"):
        image.parse_partitions(images.partition_table([row]))


def test_partitions_behind_the_end_of_flash_are_refused():
    small = dataclasses.replace(ESP32, flash_size="2MB")
    with pytest.raises(image.ImageError, match="0x220000, the flash has 2MB"):
        image.parse_esp32_flash(images.esp32(small))


def test_image_for_a_chip_that_no_board_has_is_refused():
    """What the image says decides, whatever else it looks like."""
    other = dataclasses.replace(ESP32, chip_id=18)
    for data in (images.esp32(other), images.esp32_app(other)):
        with pytest.raises(image.ImageError, match="for a chip that no board here has, number 18"):
            image.identify(data)


def test_merged_image_of_another_chip_is_told_apart():
    """Both chips start from 0x1000; only the number in the header differs."""
    s2 = table.get("ESP32_S2_TINYWEB")
    for variant in (ESP32, s2):
        data = b"\xff" * 0x1000 + images.esp32(variant)
        assert image.identify(data)[:2] == (variant.chip, "merged")


def test_bootloader_at_the_place_of_another_chip_is_refused():
    c3 = table.get("ESP32_C3_TINYWEB")
    with pytest.raises(image.ImageError, match="esp32c3 does not start from 0x1000"):
        image.parse_esp32_flash(b"\xff" * 0x1000 + images.esp32(c3))


def test_application_for_another_chip_than_the_bootloader_is_refused():
    c3, c6 = table.get("ESP32_C3_TINYWEB"), table.get("ESP32_C6_TINYWEB")
    data = images.esp32(c3)[: c3.files["app"]] + images.esp32_app(c6)
    with pytest.raises(image.ImageError, match="for esp32c3, the application for esp32c6"):
        image.parse_esp32_flash(data)
