# SPDX-License-Identifier: MIT
"""The boards of the ESP32 family without an ESP-IDF: the port's CMake files run with theirs.

The ESP-IDF's project.cmake is replaced by one that prints what the board set and stops
before any compiler is asked for. What the ESP-IDF makes of the settings is seen by
test_kconfig, where there is one.
"""

import json
import re

import pytest

from firmware import BOARDS, TOP, sources, table
from support import images
from support.cmake import run_cmake

PORT = TOP / "micropython" / "ports" / "esp32"
VARIANTS = [variant for variant in table.load().values() if variant.port == "esp32"]
MAIN = [variant for variant in VARIANTS if not variant.variant]
SECTOR = 4096
APP_ALIGNMENT = 0x10000


def settings(sdkconfig):
    """{name: value} of a combined sdkconfig, the last one of each, as the ESP-IDF takes it."""
    return dict(re.findall(r"^CONFIG_(\w+)=(.*)$", sdkconfig, re.M))


def official(variant):
    """MicroPython's own board whose settings a board takes."""
    text = (BOARDS / variant.board / "mpconfigboard.cmake").read_text()
    return re.search(r"^set\(TINYWEB_OFFICIAL_BOARD (\w+)\)$", text, re.M)[1]


each_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.build_name)
each_board = pytest.mark.parametrize("variant", MAIN, ids=lambda v: v.board)


@each_variant
def test_board_configures(configure, variant):
    result = configure(variant)
    assert (result["IDF_TARGET"] or "esp32") == variant.chip
    assert result["MICROPY_FROZEN_MANIFEST"] == str(BOARDS / "esp32" / "manifest.py")
    assert result["MICROPY_MANIFEST_TINYWEB_TOP"] == str(TOP)
    assert f'TINYWEB_VERSION="{table.version()}"' in result["defines"]
    assert settings(result["sdkconfig"])["APP_REPRODUCIBLE_BUILD"] == "y"
    # Improv beside the prompt: the module, and what takes packets out of what is typed.
    assert 'TINYWEB_IMPROV="tinyweb.device.improv"' in result["defines"]
    assert result["LINKING"] == "-Wl,--wrap=readline"


@each_board
def test_missing_submodule_ends_the_build(tmp_path, idf, variant):
    done = run_cmake(tmp_path, idf, variant.board, BOARDS / variant.board, partial="")
    missing = sources.missing(["lib/berkeley-db-1.xx", "lib/micropython-lib"])
    if missing:
        assert done.returncode != 0
        assert f"micropython/{missing[0]} is not there" in done.stderr
    else:
        assert done.returncode == 0, done.stderr


@each_variant
def test_flash_table_agrees_with_the_configuration(configure, variant):
    result = configure(variant)
    found = settings(result["sdkconfig"])
    assert found["PARTITION_TABLE_CUSTOM"] == "y"
    assert found["PARTITION_TABLE_CUSTOM_FILENAME"] == f'"{variant.partition_file}"'
    sizes = re.findall(r"^CONFIG_ESPTOOLPY_FLASHSIZE_(\w+)=y$", result["sdkconfig"], re.M)
    assert sizes[-1] == variant.flash_size


@each_board
def test_board_has_all_settings_of_the_official_one(configure, variant):
    """The prompt on native USB, Bluetooth and memory are those of MicroPython's own board."""
    ours, theirs = configure(variant), configure(official(variant))
    mine, upstream = settings(ours["sdkconfig"]), settings(theirs["sdkconfig"])
    differ = {name for name in upstream if mine.get(name) != upstream[name]}
    # Instead of DTLS, TLS has buffers only while it needs them. An image says what it is.
    told = {"APP_EXCLUDE_PROJECT_NAME_VAR", "APP_EXCLUDE_PROJECT_VER_VAR"}
    assert differ == {"PARTITION_TABLE_CUSTOM_FILENAME", "MBEDTLS_SSL_PROTO_DTLS"} | told
    assert {mine[name] for name in told} == {"n"}
    added = set(mine) - set(upstream)
    assert added == {"APP_REPRODUCIBLE_BUILD", "MBEDTLS_DYNAMIC_BUFFER"}
    assert theirs["defines"] <= ours["defines"]
    header = (BOARDS / variant.board / "mpconfigboard.h").read_text()
    assert f'#include "boards/{official(variant)}/mpconfigboard.h"' in header


@pytest.mark.parametrize(
    ("build_name", "expected"),
    [
        ("ESP32_TINYWEB-SPIRAM", {"SPIRAM": "y", "COMPILER_OPTIMIZATION_SIZE": "y"}),
        ("ESP32_TINYWEB-UNICORE", {"FREERTOS_UNICORE": "y"}),
        ("ESP32_TINYWEB-D2WD", {"ETH_USE_SPI_ETHERNET": "n"}),
        ("ESP32_S3_TINYWEB", {"SPIRAM": "y", "SPIRAM_MODE_QUAD": "y"}),
        ("ESP32_S3_TINYWEB-SPIRAM_OCT", {"SPIRAM": "y", "SPIRAM_MODE_OCT": "y"}),
        ("ESP32_S2_TINYWEB", {"SPIRAM": "y", "SPIRAM_IGNORE_NOTFOUND": "y"}),
    ],
)
def test_variant_takes_the_ports_settings(configure, build_name, expected):
    variant = next(v for v in VARIANTS if v.build_name == build_name)
    found = settings(configure(variant)["sdkconfig"])
    assert {name: found.get(name) for name in expected} == expected


@each_variant
def test_name_in_the_banner_is_the_boards(configure, variant):
    """A variant of MicroPython's board would bring the official name."""
    defines = configure(variant)["defines"]
    assert not [d for d in defines if d.startswith("MICROPY_HW_BOARD_NAME")]
    own = {"SPIRAM", "OTA", "SPIRAM_OCT"}
    named = [d for d in defines if d.startswith("TINYWEB_VARIANT_NAME")]
    assert bool(named) == (variant.variant in own)


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v.variant == "OTA"], ids=lambda v: v.board
)
def test_ota_has_two_equal_partitions(configure, variant):
    rows = list(images.partitions(variant))
    assert [name for name, *_ in rows if name == "otadata"]
    sizes = [size for _, kind, _, _, size in rows if kind == 0]
    assert len(sizes) == 2 and sizes[0] == sizes[1]
    found = settings(configure(variant)["sdkconfig"])
    assert found["COMPILER_OPTIMIZATION_SIZE"] == "y"
    assert found["BOOTLOADER_APP_ROLLBACK_ENABLE"] == "y"


@each_variant
def test_partitions_fit(variant):
    """Within the flash, in order, aligned, with room for a file system behind them."""
    end = variant.files["partition_table"] + SECTOR
    for name, kind, _, offset, size in images.partitions(variant):
        assert offset >= end, name
        assert not offset % (APP_ALIGNMENT if kind == 0 else SECTOR) and not size % SECTOR, name
        end = offset + size
    assert variant.flash_bytes - end >= 256 << 10
    apps = [offset for _, kind, _, offset, _ in images.partitions(variant) if kind == 0]
    assert apps[0] == variant.files["app"]


@each_variant
def test_romfs_where_there_is_a_partition_for_it(configure, variant):
    found = [size for name, *_, size in images.partitions(variant) if name == "romfs"]
    assert bool(found) == (variant.variant not in ("OTA", "D2WD"))
    assert f"MICROPY_VFS_ROM={len(found)}" in configure(variant)["defines"]


def test_every_source_of_every_module_is_built(configure):
    """CMake and make build the same files."""
    found = set(configure(MAIN[0])["SOURCES"].split(";"))
    expected = {str(p) for p in (TOP / "cmodules").rglob("*.c")}
    assert found == expected


def test_modules_are_compiled_with_the_options_of_the_idf(configure):
    """MicroPython 1.26 gives them none."""
    options = configure(MAIN[0])["OPTIONS"].split(";")
    assert "-ffunction-sections" in options
    assert "$<$<COMPILE_LANGUAGE:C>:-O2>" in options
    assert f"-ffile-prefix-map={TOP}=." in options


def test_commands_of_a_build_have_them():
    """In the builds that there are: what the compiler was called with, for each copy."""
    builds = list((TOP / "build").glob("*/compile_commands.json"))
    if not builds:
        pytest.skip("no build for the ESP32: make firmware makes one")
    for build in builds:
        found = [
            command["command"]
            for command in json.loads(build.read_text(encoding="utf-8"))
            if command["file"].startswith(str(TOP / "cmodules"))
        ]
        assert found, build
        for command in found:
            assert re.search(r" -O[s2]( |$)", command), command
            assert " -ffunction-sections" in command, command
            assert " -ffile-prefix-map=" in command, command


def test_make_builds_the_same_sources(module_objects):
    expected = {p.relative_to(TOP / "cmodules") for p in (TOP / "cmodules").rglob("*.c")}
    assert set(module_objects) == {str(p.with_suffix(".o")) for p in expected}
