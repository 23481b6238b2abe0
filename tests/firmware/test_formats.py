# SPDX-License-Identifier: MIT
"""Reading images: what is whole is read as esptool reads it, what is not is refused."""

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
    board, kind, parsed = image.identify(images.make(variant))
    assert (board, kind) == (variant.board, "image")
    assert image.frozen_modules(parsed.parts()) == ["_boot.py", "tinyweb/__init__.py"]


@pytest.mark.parametrize(
    ("variant", "data"),
    [(ESP8266, images.esp8266(ESP8266)), (ESP32, images.esp32_app(ESP32))],
    ids=["esp8266", "esp32"],
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
    data = images.esp32(d2wd)[: 0x10000 - 0x1000]
    data += images.esp32_app(d2wd, padding=0x160000)
    with pytest.raises(image.ImageError, match="its partition"):
        image.parse_esp32_flash(data)


def test_overlapping_partitions_are_refused():
    rows = [("a", 1, 2, 0x9000, 0x6000), ("b", 0, 0, 0xE000, 0x1000)]
    with pytest.raises(image.ImageError, match="overlaps"):
        image.parse_partitions(images.partition_table(rows))
