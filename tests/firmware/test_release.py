# SPDX-License-Identifier: MIT
"""`make release`: a complete and consistent dist/, or a reason why not."""

import json
import re
import subprocess
import sys

import pytest

from firmware import TOP, FirmwareError, image, release, table, webpage
from support import images

VERSION = "v1.2.3"
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2025-01-31

### Added

- Something.

## [1.2.2]

- Older.

[1.2.3]: https://example.org
"""


@pytest.fixture
def image_folder(tmp_path):
    """A folder with one image for each variant."""
    images.write_all(tmp_path / "build")
    return tmp_path / "build"


def write(image_folder, tmp_path, **options):
    out = tmp_path / "dist"
    names = release.write(VERSION, image_folder, out, changelog=CHANGELOG, page=False, **options)
    return out, names


def test_names_are_those_that_people_look_for(image_folder, tmp_path):
    _, names = write(image_folder, tmp_path)
    expected = {"SHA256SUMS", "RELEASE_NOTES.md", "sizes.md", "sizes.json"}
    for name in ("firmware_esp8266", "firmware_esp8266_1m"):
        expected.add(f"{name}-v1.2.3.bin")
    for name in ("esp32", "esp32_spiram", "esp32_ota", "esp32_unicore", "esp32_d2wd"):
        expected |= {f"firmware_{name}-v1.2.3{kind}.bin" for kind in ("", "-merged", "-app")}
    assert set(names) == expected


def test_checksums_are_right(image_folder, tmp_path):
    out, names = write(image_folder, tmp_path)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=out, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len(names) - 1


def test_merged_file_is_what_esptool_makes(image_folder, tmp_path):
    out, _ = write(image_folder, tmp_path)
    merged = tmp_path / "merged.bin"
    subprocess.run(
        [
            *(sys.executable, "-m", "esptool", "--chip", "esp32", "merge-bin", "-o", merged),
            *("0x1000", out / "firmware_esp32-v1.2.3.bin"),
        ],
        check=True,
        capture_output=True,
    )
    assert (out / "firmware_esp32-v1.2.3-merged.bin").read_bytes() == merged.read_bytes()


def test_app_file_is_the_application_alone(image_folder, tmp_path):
    out, _ = write(image_folder, tmp_path)
    data = (out / "firmware_esp32_ota-v1.2.3-app.bin").read_bytes()
    assert image.identify(data)[:2] == ("ESP32_TINYWEB", "app")
    assert b"ESP32_TINYWEB-OTA\0" in data


def test_every_file_of_a_release_is_known_to_the_flasher(image_folder, tmp_path):
    out, names = write(image_folder, tmp_path)
    kinds = {
        name: image.identify((out / name).read_bytes())[1] for name in names if ".bin" in name
    }
    for name, kind in kinds.items():
        suffix = re.search(r"-(merged|app)\.bin$", name)
        assert kind == (suffix[1] if suffix else "image")


def test_notes_are_the_changelogs_section_and_the_sizes(image_folder, tmp_path):
    out, _ = write(image_folder, tmp_path)
    text = (out / "RELEASE_NOTES.md").read_text()
    assert text.startswith("### Added\n\n- Something.\n")
    assert "Older" not in text and "example.org" not in text
    assert "| firmware_esp8266_1m | irom0 (program in flash) |" in text
    assert "Not part of this release" not in text


def test_size_report_counts_the_image(image_folder, tmp_path):
    out, _ = write(image_folder, tmp_path)
    report = json.loads((out / "sizes.json").read_text())
    rows = {row["memory"]: row for row in report["firmware_esp8266_1m"]}
    data = (out / "firmware_esp8266_1m-v1.2.3.bin").read_bytes()
    assert rows["file"]["used"] == len(data)
    assert rows["irom0 (program in flash)"] == {
        "memory": "irom0 (program in flash)",
        "used": len(data) - image.IROM0_OFFSET - 16,
        "limit": 585728,
    }


def test_missing_images_are_named(tmp_path):
    images.write_all(tmp_path / "build", only={"ESP8266_TINYWEB"})
    with pytest.raises(FirmwareError, match="ESP8266_TINYWEB-FLASH_1M, ESP32_TINYWEB, "):
        write(tmp_path / "build", tmp_path)
    out, names = write(tmp_path / "build", tmp_path, partial=True)
    assert [n for n in names if n.endswith(".bin")] == ["firmware_esp8266-v1.2.3.bin"]
    assert "images for ESP8266_TINYWEB-FLASH_1M, " in (out / "RELEASE_NOTES.md").read_text()


def test_nothing_is_written_when_there_is_no_image(tmp_path):
    with pytest.raises(FirmwareError):
        write(tmp_path / "build", tmp_path, partial=True)
    assert not (tmp_path / "dist").exists()


def test_image_of_another_version_is_refused(tmp_path):
    images.write_all(tmp_path / "build", version="1.2.2")
    with pytest.raises(FirmwareError, match="does not show v1.2.3"):
        write(tmp_path / "build", tmp_path)


def test_image_of_another_variant_is_refused(image_folder, tmp_path):
    one, other = table.get("ESP8266_TINYWEB"), table.get("ESP8266_TINYWEB", "FLASH_1M")
    path = image_folder / other.build_name / f"{other.name}.bin"
    path.write_bytes(images.make(one))
    with pytest.raises(FirmwareError, match="built as ESP8266_TINYWEB, not ESP8266_TINYWEB-FL"):
        write(image_folder, tmp_path)


def test_damaged_image_is_refused(image_folder, tmp_path):
    path = image_folder / "ESP32_TINYWEB" / "firmware_esp32.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FirmwareError, match=str(path)):
        write(image_folder, tmp_path)


def test_elf_and_map_are_part_of_the_release(image_folder, tmp_path):
    folder = image_folder / "ESP32_TINYWEB"
    (folder / "firmware.elf").write_bytes(b"program")
    (folder / "firmware.map").write_text("map")
    out, names = write(image_folder, tmp_path)
    assert (out / "firmware_esp32-v1.2.3.elf").read_bytes() == b"program"
    assert (out / "firmware_esp32-v1.2.3.map").read_text() == "map"
    assert "firmware_esp32_ota-v1.2.3.elf" not in names


@pytest.mark.parametrize("given", ["", "1.2.3", "v1.2", "v1.2.3.4", "latest", "v1.2.4"])
def test_version_must_be_the_one_that_images_show(given):
    with pytest.raises(FirmwareError, match="VERSION="):
        release.check_version(given, expected="1.2.3")


def test_version_must_be_in_the_changelog():
    with pytest.raises(FirmwareError, match="no section"):
        release.notes("v1.2.4", CHANGELOG)
    with pytest.raises(FirmwareError, match="no section"):
        release.notes("v1.2.30", CHANGELOG)


def test_prerelease_is_a_version():
    assert release.check_version("v1.2.3-rc.1", expected="1.2.3-rc.1") == "v1.2.3-rc.1"


def test_this_repository_names_one_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?", table.version())


def test_this_repositorys_version_has_notes():
    assert "### Added" in release.notes(f"v{table.version()}", release.CHANGELOG.read_text())


def test_manifests_take_names_and_offsets_from_the_flash_table():
    variants = list(table.load().values())
    found = webpage.manifests(VERSION, variants)
    assert found["manifest.json"]["builds"] == [
        {
            "chipFamily": "ESP8266",
            "parts": [{"path": "firmware_esp8266-v1.2.3.bin", "offset": 0}],
        },
        {
            "chipFamily": "ESP32",
            "parts": [{"path": "firmware_esp32-v1.2.3.bin", "offset": 0x1000}],
        },
    ]
    assert len(found) == 1 + len(variants)


def test_make_release_says_what_is_wrong():
    done = subprocess.run(
        ["make", "-s", "release", "VERSION=v99.0.0"], cwd=TOP, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"__init__.py says v{table.version()}" in done.stderr
