# SPDX-License-Identifier: MIT
"""Two builds of the same sources in different folders give the same bytes."""

import os
import shutil
import subprocess

import pytest

from firmware import TOP, esp8266

# A build from nothing on a loaded machine, twice.
pytestmark = pytest.mark.timeout(600)


def build(folder):
    done = subprocess.run(
        [folder / "ci" / "build-firmware", "ESP8266_TINYWEB", "FLASH_1M"],
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    out = folder / "build" / "ESP8266_TINYWEB-FLASH_1M"
    return [(out / name).read_bytes() for name in ("firmware_esp8266_1m.bin", "firmware.elf")]


def test_another_checkout_gives_the_same_image(tmp_path):
    if not os.environ.get("ESP_SDK") or esp8266.missing_from_sdk(esp8266.sdk_path()):
        pytest.skip("needs the vendor's SDK in ESP_SDK")
    results = []
    for name in ("one", "another/deeper"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        for part in ("boards", "ci", "cmodules", "frozen", "requirements.txt"):
            copy = shutil.copytree if (TOP / part).is_dir() else shutil.copyfile
            copy(TOP / part, folder / part)
        (folder / ".venv").symlink_to(TOP / ".venv")
        (folder / "micropython").symlink_to(TOP / "micropython")
        results.append(build(folder))
    assert results[0] == results[1]
