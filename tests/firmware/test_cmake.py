# SPDX-License-Identifier: MIT
"""The ESP32 board without an ESP-IDF: the port's CMake files run with the board's.

The ESP-IDF's project.cmake is replaced by one that prints what the board set and stops
before any compiler is asked for. What the settings make of a real build is not seen here.
"""

import os
import re
import shutil
import subprocess

import pytest

from firmware import BOARDS, TOP, sources, table

BOARD = BOARDS / "ESP32_TINYWEB"
PORT = TOP / "micropython" / "ports" / "esp32"
VARIANTS = [variant for board, variant in table.load() if board == "ESP32_TINYWEB"]

# Instead of what the ESP-IDF does at project(): the user modules are included as the
# port's main component would, and all that the board decided is printed.
PROJECT_CMAKE = """
macro(idf_build_set_property)
endmacro()
macro(project)
    _project(${ARGV} NONE)
    foreach(name USER_C_MODULES MICROPY_FROZEN_MANIFEST MICROPY_DEF_BOARD MICROPY_PY_BTREE
            MICROPY_LIB_DIR MICROPY_MANIFEST_TINYWEB_TOP SDKCONFIG_DEFAULTS)
        message("RESULT ${name}=${${name}}")
    endforeach()
    include(${CMAKE_SOURCE_DIR}/../../py/usermod.cmake)
    message("RESULT SOURCES=${MICROPY_SOURCE_USERMOD}")
endmacro()
"""


@pytest.fixture
def configure(tmp_path):
    """``configure(variant)``: what the board sets, as {name: text}.

    ``partial=""`` leaves it to the board what happens where a submodule is missing, and returns
    how CMake ended.
    """
    if not shutil.which("cmake"):
        pytest.skip("cmake is missing: ci/install-deps firmware")
    idf = tmp_path / "idf"
    (idf / "tools" / "cmake").mkdir(parents=True)
    (idf / "tools" / "cmake" / "project.cmake").write_text(PROJECT_CMAKE)

    def run(variant, partial="1"):
        build = tmp_path / f"build-{variant}"
        done = subprocess.run(
            [
                *("cmake", "-S", PORT, "-B", build, "-Wno-dev"),
                *("-D", "MICROPY_BOARD=ESP32_TINYWEB", "-D", f"MICROPY_BOARD_DIR={BOARD}"),
                *(("-D", f"MICROPY_BOARD_VARIANT={variant}") if variant else ()),
            ],
            env={**os.environ, "IDF_PATH": str(idf), "TINYWEB_PARTIAL": partial},
            capture_output=True,
            text=True,
        )
        if partial != "1":
            return done
        assert done.returncode == 0, done.stdout + done.stderr
        result = dict(re.findall(r"^RESULT (\w+)=(.*)$", done.stderr, re.M))
        result["sdkconfig"] = (build / "sdkconfig.combined").read_text()
        return result

    return run


def setting(sdkconfig, name):
    """The last value of a name in a combined sdkconfig, as the ESP-IDF takes it."""
    return re.findall(rf"^CONFIG_{name}=(.*)$", sdkconfig, re.M)[-1].strip('"')


@pytest.mark.parametrize("variant", VARIANTS)
def test_board_configures(configure, variant):
    result = configure(variant)
    assert result["MICROPY_FROZEN_MANIFEST"] == str(BOARD / "manifest.py")
    assert result["MICROPY_MANIFEST_TINYWEB_TOP"] == str(TOP)
    assert f'TINYWEB_VERSION="{table.version()}"' in result["MICROPY_DEF_BOARD"].split(";")
    assert setting(result["sdkconfig"], "APP_REPRODUCIBLE_BUILD") == "y"
    assert setting(result["sdkconfig"], "BT_NIMBLE_ENABLED") == "y"


def test_missing_submodule_ends_the_build(configure):
    done = configure("", partial="")
    missing = sources.missing(["lib/berkeley-db-1.xx", "lib/micropython-lib"])
    if missing:
        assert done.returncode != 0
        assert f"micropython/{missing[0]} is not there" in done.stderr
    else:
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("variant", VARIANTS)
def test_flash_table_agrees_with_the_configuration(configure, variant):
    sdkconfig = configure(variant)["sdkconfig"]
    entry = table.get("ESP32_TINYWEB", variant)
    assert setting(sdkconfig, "PARTITION_TABLE_CUSTOM_FILENAME") == entry.partitions
    sizes = re.findall(r"^CONFIG_ESPTOOLPY_FLASHSIZE_(\w+)=y$", sdkconfig, re.M)
    assert sizes[-1] == entry.flash_size


@pytest.mark.parametrize(
    ("variant", "text"),
    [("SPIRAM", "CONFIG_SPIRAM=y"), ("UNICORE", "CONFIG_FREERTOS_UNICORE=y")],
)
def test_variant_takes_the_ports_settings(configure, variant, text):
    assert text in configure(variant)["sdkconfig"].splitlines()


@pytest.mark.parametrize("variant", VARIANTS)
def test_romfs_where_there_is_a_partition_for_it(configure, variant):
    result = configure(variant)
    table_file = PORT / setting(result["sdkconfig"], "PARTITION_TABLE_CUSTOM_FILENAME")
    has_partition = bool(re.search(r"^romfs, *data,", table_file.read_text(), re.M))
    assert has_partition == (variant not in ("OTA", "D2WD"))
    # mpconfigboard.h switches it on where the variant does not switch it off.
    off = "MICROPY_VFS_ROM=0" in result["MICROPY_DEF_BOARD"].split(";")
    assert off != has_partition


def test_every_source_of_every_module_is_built(configure):
    """CMake and make build the same files."""
    found = set(configure("")["SOURCES"].split(";"))
    expected = {str(p) for p in (TOP / "cmodules").rglob("*.c")}
    assert found == expected


def test_make_builds_the_same_sources(module_objects):
    expected = {p.relative_to(TOP / "cmodules") for p in (TOP / "cmodules").rglob("*.c")}
    assert set(module_objects) == {str(p.with_suffix(".o")) for p in expected}
