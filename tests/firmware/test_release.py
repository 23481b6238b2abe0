# SPDX-License-Identifier: MIT
"""`make release`: a complete and consistent dist/, or a reason why not."""

import hashlib
import json
import re
import shutil
import subprocess
import sys

import pytest

from firmware import TOP, FirmwareError, contents, image, release, sources, table, webpage
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


@pytest.fixture(autouse=True)
def whole_tree(monkeypatch):
    """A checkout whose submodules are there, wherever this one got MicroPython from."""
    monkeypatch.setattr(sources, "missing", lambda names: [])


@pytest.fixture(scope="module")
def images_of_all(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    images.write_all(folder)
    return folder


@pytest.fixture
def image_folder(images_of_all, tmp_path):
    """A folder with one image for each variant."""
    return shutil.copytree(images_of_all, tmp_path / "build")


def write(image_folder, tmp_path, **options):
    out = tmp_path / "dist"
    names = release.write(VERSION, image_folder, out, changelog=CHANGELOG, page=False, **options)
    return out, names


def test_names_are_those_that_people_look_for(image_folder, tmp_path):
    _, names = write(image_folder, tmp_path)
    expected = {"SHA256SUMS", "RELEASE_NOTES.md", "LICENSES.txt", "sizes.md", "sizes.json"}
    expected |= {"release.json", "sbom-v1.2.3.cdx.json", "provenance-v1.2.3.intoto.jsonl"}
    for variant in table.load().values():
        kinds = set(variant.files) & {"image", "merged", "app"}
        expected |= {variant.file_name(kind, VERSION) for kind in kinds}
        expected |= {f"{variant.name}-v1.2.3.{suffix}" for suffix in ("elf", "map")}
    assert "firmware_esp8266_1m-v1.2.3.bin" in expected
    # The C3 starts from address 0, so its image is a merged one.
    assert "firmware_esp32-v1.2.3-merged.bin" in expected
    assert "firmware_esp32c3-v1.2.3-merged.bin" not in expected
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
    updates = json.loads((out / "release.json").read_text())["images"]
    assert updates["ESP32_TINYWEB-OTA"] == {
        "version": "1.2.3",
        "file": "firmware_esp32_ota-v1.2.3-app.bin",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert all(name.endswith("-OTA") for name in updates)
    assert image.identify(data)[:2] == ("esp32", "app")
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
    with pytest.raises(FirmwareError, match=": ESP32_C3_TINYWEB, .*, ESP8266_TINYWEB-FLASH_1M"):
        write(tmp_path / "build", tmp_path)
    out, names = write(tmp_path / "build", tmp_path, partial=True)
    assert [n for n in names if n.endswith(".bin")] == ["firmware_esp8266-v1.2.3.bin"]
    assert "images for ESP32_C3_TINYWEB, " in (out / "RELEASE_NOTES.md").read_text()


def test_nothing_is_written_when_there_is_no_image(tmp_path):
    with pytest.raises(FirmwareError):
        write(tmp_path / "build", tmp_path, partial=True)
    assert not (tmp_path / "dist").exists()


ESP8266, ESP32 = table.get("ESP8266_TINYWEB"), table.get("ESP32_TINYWEB")


@pytest.mark.parametrize(
    ("variant", "options", "reason"),
    [
        (ESP8266, {"version": "1.2.2"}, "does not show v1.2.3"),
        (ESP8266, {"micropython": "v1.99.0"}, "holds MicroPython v1.99.0; this checkout has v1."),
        (ESP32, {"chip_id": 2}, "bootloader is for esp32, the application for esp32s2"),
        (ESP32, {"padding": 0x1E0000}, "leaves .* of the application's partition free, 65536 are"),
        (ESP32, {"chip_id": 18}, "for a chip that no board here has, number 18"),
        (ESP8266, {"without": ["btree"]}, "lacks what its page says it has: btree"),
        (ESP32, {"without": ["VfsRom"]}, "lacks what its page says it has: VfsRom"),
        (ESP32, {"without": ["bluetooth"]}, "lacks what its page says it has: bluetooth"),
        (ESP8266, {"frozen": images.FROZEN}, "lacks files of its manifest: .*tinyweb/server.py"),
        (ESP8266, {"record": {"build": "ANOTHER"}}, "of the build says ANOTHER"),
        (ESP8266, {"record": {"version": "1.2.2"}}, "of the version says v1.2.2"),
        (ESP8266, {"record": {"source": {"commit": "0" * 40}}}, "of the commit says 0000"),
        (ESP8266, {"record": {"source": {"changed": True}}}, "changes that are in no commit"),
        (ESP8266, {"record": {"partial": True}}, "PARTIAL=1"),
        (ESP8266, {"record": {"colours": False}}, "ci/install-deps web"),
        (ESP8266, {"record": {"own": {"manifest": "mine.py"}}}, "firmware of one's own: manifest"),
        (ESP8266, {"record": {"micropython": {"commit": "1" * 40}}}, "MicroPython's commit 1111"),
        (ESP8266, {"record": {"micropython": {"commit": None}}}, "commit unknown"),
        (
            ESP8266,
            {"record": {"micropython": {"submodules": {"lib/axtls": None}}}},
            "at which commit lib/axtls were is not known",
        ),
        (ESP8266, {"record": {"format": 0}}, "build again"),
        (ESP32, {"record": {"sdk": {"version": "v5.3"}}}, "with An SDK v5.3; a release takes v5."),
    ],
    ids=lambda value: None if isinstance(value, dict) else getattr(value, "name", None),
)
def test_image_that_is_not_what_the_release_says_is_refused(variant, options, reason, tmp_path):
    options = {"version": "1.2.3", **options}
    images.write(tmp_path / "build", variant, **options)
    with pytest.raises(FirmwareError, match=reason):
        write(tmp_path / "build", tmp_path, partial=True)
    assert not (tmp_path / "dist").exists()


def test_section_in_two_segments_is_whole(tmp_path):
    """As esptool writes the code in RAM of an ESP32-C3."""
    variant = table.get("ESP32_C3_TINYWEB")
    path = images.write(tmp_path / "build", variant, cut=True)
    _, _, parsed = image.identify(path.read_bytes())
    assert len(parsed.segments()) == 3
    write(tmp_path / "build", tmp_path, partial=True)


def test_image_with_files_of_another_manifest_is_refused(tmp_path):
    frozen = ["mine.py", *contents.manifest_files(ESP8266)]
    images.write(tmp_path / "build", ESP8266, frozen=frozen)
    with pytest.raises(FirmwareError, match="has files that are not in its manifest: mine.py"):
        write(tmp_path / "build", tmp_path, partial=True)


def test_image_of_another_variant_is_refused(image_folder, tmp_path):
    one, other = ESP8266, table.get("ESP8266_TINYWEB", "FLASH_1M")
    path = image_folder / other.build_name / f"{other.name}.bin"
    path.write_bytes(images.make(one))
    with pytest.raises(FirmwareError, match="built as ESP8266_TINYWEB, not ESP8266_TINYWEB-FL"):
        write(image_folder, tmp_path)


def test_image_and_program_belong_together(image_folder, tmp_path):
    """Each is whole, and the record knows them: only their bytes tell."""
    path = image_folder / "ESP8266_TINYWEB" / "firmware_esp8266.bin"
    path.write_bytes(images.make(ESP8266, "1.2.3", without=["btree"]))
    record = images.build_record(ESP8266, path)
    path.with_name("build.json").write_text(json.dumps(record))
    with pytest.raises(FirmwareError, match="firmware.elf beside it differ"):
        write(image_folder, tmp_path)


@pytest.mark.parametrize("name", ["build.json", "firmware.elf", "firmware_esp32.bin"])
def test_image_comes_with_its_record_and_its_program(image_folder, tmp_path, name):
    file = image_folder / "ESP32_TINYWEB" / name
    file.unlink()
    with pytest.raises(FirmwareError, match=f"{name}|Missing in .*ESP32_TINYWEB"):
        write(image_folder, tmp_path)


def test_record_of_another_file_is_refused(image_folder, tmp_path):
    """A copy of an image over another one is seen, however whole it is."""
    path = image_folder / "ESP32_TINYWEB" / "firmware_esp32.bin"
    path.with_name("firmware.elf").write_bytes(b"another")
    with pytest.raises(FirmwareError, match="firmware.elf is not the file that was built"):
        write(image_folder, tmp_path)


def test_release_needs_the_package_library(image_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "missing", lambda names: list(names))
    with pytest.raises(FirmwareError, match="micropython/lib/micropython-lib is not there"):
        write(image_folder, tmp_path)


def test_notes_name_what_the_images_were_built_with(image_folder, tmp_path):
    out, _ = write(image_folder, tmp_path)
    text = (out / "RELEASE_NOTES.md").read_text()
    row = f"| firmware_esp8266 | {images.micropython_version()} | An SDK v5.6.7 | gcc 14.2.0 |"
    assert row in text


def test_damaged_image_is_refused(image_folder, tmp_path):
    path = image_folder / "ESP32_TINYWEB" / "firmware_esp32.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FirmwareError, match=str(path)):
        write(image_folder, tmp_path)


def test_elf_and_map_are_part_of_the_release(image_folder, tmp_path):
    folder = image_folder / "ESP32_TINYWEB"
    (folder / "firmware.map").write_text("map")
    out, _ = write(image_folder, tmp_path)
    program = (folder / "firmware.elf").read_bytes()
    assert (out / "firmware_esp32-v1.2.3.elf").read_bytes() == program
    assert (out / "firmware_esp32-v1.2.3.map").read_text() == "map"


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
    for manifest, chips_with_two in (
        ("manifest.json", {"esp32", "esp32s2", "esp32s3", "esp32c3"}),
        ("manifest-one-program.json", set()),
    ):
        builds = {build["chipFamily"]: build["parts"] for build in found[manifest]["builds"]}
        assert builds == {
            family: [
                {
                    "path": f"firmware_{chip}{'_ota' * (chip in chips_with_two)}-v1.2.3.bin",
                    "offset": offset,
                }
            ]
            for family, chip, offset in (
                ("ESP8266", "esp8266", 0),
                ("ESP32", "esp32", 0x1000),
                ("ESP32-S2", "esp32s2", 0x1000),
                ("ESP32-S3", "esp32s3", 0),
                ("ESP32-C3", "esp32c3", 0),
                ("ESP32-C6", "esp32c6", 0),
            )
        }
    assert len(found) == len(webpage.groups(variants)) + len(variants)


def test_make_release_says_what_is_wrong():
    done = subprocess.run(
        ["make", "-s", "release", "VERSION=v99.0.0"], cwd=TOP, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"__init__.py says v{table.version()}" in done.stderr
