# SPDX-License-Identifier: MIT
"""`make firmware`: what it says when something is missing, and what it does with idf.py."""

import os
import shutil
import subprocess
import sys

import pytest

from firmware import TOP, contents, esp32, esp8266, image, record, table
from support import images, simulator
from support.micropython import RECOMMENDED_IDF

VARIABLES = ("ESP_SDK", "IDF_PATH", "CROSS_COMPILE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def environment(**variables):
    env = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    return {**env, **{k: str(v) for k, v in variables.items()}}


def make_firmware(*arguments, **variables):
    return subprocess.run(
        ["make", "-s", "firmware", *arguments],
        cwd=TOP,
        env=environment(**variables),
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def no_sysroot():
    """Skips where the compiler brings the vendor's SDK itself."""
    gcc = shutil.which("xtensa-lx106-elf-gcc")
    if gcc:
        done = subprocess.run([gcc, "-print-sysroot"], capture_output=True, text=True)
        if os.path.exists(f"{done.stdout.strip()}/usr/include/user_interface.h"):
            pytest.skip("the compiler in PATH has the vendor's SDK")


def test_says_that_the_sdk_is_missing(no_sysroot):
    done = make_firmware("BOARD=ESP8266_TINYWEB", "VARIANT=FLASH_1M")
    assert done.returncode != 0
    assert "ESP_SDK is not set." in done.stderr
    assert "micropython/ports/esp8266/README.md" in done.stderr
    command = "make firmware BOARD=ESP8266_TINYWEB VARIANT=FLASH_1M ESP_SDK="
    assert command in done.stderr


def test_says_which_files_the_sdk_lacks(tmp_path):
    for name in esp8266.SDK_FILES[:-1]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    done = make_firmware(f"ESP_SDK={tmp_path}")
    assert done.returncode != 0
    assert f"ESP_SDK={tmp_path} lacks:\n  {esp8266.SDK_FILES[-1]}\n\n" in done.stderr


def test_says_that_the_compiler_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSS_COMPILE", "no-such-compiler-")
    for name in esp8266.SDK_FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setenv("ESP_SDK", str(tmp_path))
    with pytest.raises(esp8266.FirmwareError, match="no-such-compiler-gcc was not found"):
        esp8266.check(table.get("ESP8266_TINYWEB"))


def test_says_which_boards_and_variants_there_are():
    done = make_firmware("BOARD=ESP9000")
    assert f"There are: {', '.join(sorted({board for board, _ in table.load()}))}" in done.stderr
    done = make_firmware("BOARD=ESP8266_TINYWEB", "VARIANT=FLASH_1G")
    assert "There are: FLASH_1M;" in done.stderr


def idf(folder, version="5.4.2"):
    """A folder that names itself as a version of the ESP-IDF."""
    file = folder / "tools" / "cmake" / "version.cmake"
    file.parent.mkdir(parents=True)
    names = ("MAJOR", "MINOR", "PATCH")
    file.write_text(
        "".join(f"set(IDF_VERSION_{n} {v})\n" for n, v in zip(names, version.split("."), strict=1))
    )
    return folder


def test_says_that_the_idf_is_missing():
    done = make_firmware("BOARD=ESP32_TINYWEB")
    assert done.returncode != 0
    assert "IDF_PATH is not set." in done.stderr
    assert f"recommends ESP-IDF {RECOMMENDED_IDF}" in done.stderr


def test_refuses_an_idf_that_the_port_does_not_support(tmp_path):
    done = make_firmware("BOARD=ESP32_TINYWEB", IDF_PATH=idf(tmp_path, "6.0.0"))
    assert f"IDF_PATH={tmp_path} is v6.0, which this MicroPython does not support" in done.stderr
    done = make_firmware("BOARD=ESP32_TINYWEB", IDF_PATH=tmp_path / "tools")
    assert "has no tools/cmake/version.cmake" in done.stderr


def test_says_that_the_idf_was_not_set_up(tmp_path, monkeypatch):
    monkeypatch.setenv("IDF_PATH", str(idf(tmp_path)))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert f'". {tmp_path}/export.sh" sets it' in esp32.problem()


def test_recommended_versions_are_the_ports():
    recommended, others = esp32.supported_versions()
    lock = TOP / "micropython" / "ports" / "esp32" / "lockfiles" / "dependencies.lock.esp32"
    assert f"version: {recommended[1:]}" in lock.read_text()
    assert recommended not in others


# Stands in for idf.py: notes its arguments and leaves the files of a build.
IDF_PY = """\
#!{python}
import json, os, pathlib, shutil, sys
build = pathlib.Path(sys.argv[sys.argv.index("-B") + 1])
shutil.copytree("{outputs}", build, dirs_exist_ok=True)
(build / "arguments.json").write_text(json.dumps(
    [sys.argv[1:], os.environ["SOURCE_DATE_EPOCH"], os.environ["MICROPY_GIT_TAG"]]))
"""

# Stands in for the ESP-IDF's module, which the port's makeimg.py imports.
GEN_ESP32PART = """\
APP_TYPE = 0
class PartitionTable:
    @staticmethod
    def from_binary(data):
        import sys
        sys.path.insert(0, "{ci}")
        from firmware import image
        for partition in image.parse_partitions(data):
            partition.__dict__["type"] = partition.kind
            yield partition
"""


def test_esp32_build_calls_idf_and_takes_its_files(tmp_path):
    """The port's Makefile and makeimg.py run; only idf.py's own work is given."""
    variant = table.get("ESP32_TINYWEB", "OTA")
    frozen = contents.manifest_files(variant)
    outputs = tmp_path / "outputs"
    for name, data in {
        "bootloader/bootloader.bin": images.esp32_app(variant, table.version(), 64),
        "partition_table/partition-table.bin": images.partition_table(
            list(images.partitions(variant))
        ),
        "micropython.bin": images.esp32_app(variant, table.version(), frozen=frozen),
        "micropython.elf": images.program(variant, table.version(), frozen=frozen).elf(),
        "micropython.map": (
            "Linker script and memory map\n\n .text  0x400d0020  0x10 "
            f"{tmp_path}/checkout/build/esp-idf/main_esp32/libmain_esp32.a(x.c.obj)\n"
        ).encode(),
        "sdkconfig": b'CONFIG_IDF_TARGET="esp32"\n',
    }.items():
        (outputs / name).parent.mkdir(parents=True, exist_ok=True)
        (outputs / name).write_bytes(data)
    path = idf(tmp_path / "idf")
    module = path / "components" / "partition_table" / "gen_esp32part.py"
    module.parent.mkdir(parents=True)
    module.write_text(GEN_ESP32PART.format(ci=TOP / "ci"))
    tool = path / "tools" / "idf.py"
    tool.write_text(IDF_PY.format(python=sys.executable, outputs=outputs))
    tool.chmod(0o755)

    # In a checkout of its own, so that a real build is not overwritten.
    folder = tmp_path / "checkout"
    folder.mkdir()
    for part in ("boards", "ci", "cmodules", "frozen", "Makefile", "requirements.txt"):
        copy = shutil.copytree if (TOP / part).is_dir() else shutil.copyfile
        copy(TOP / part, folder / part)
    for part in (".venv", "micropython", "web"):
        (folder / part).symlink_to(TOP / part)
    # Its mpy-cross need not be built again.
    simulator.build(64)
    shutil.copytree(TOP / "build" / "mpy-cross", folder / "build" / "mpy-cross")

    done = subprocess.run(
        ["make", "-s", "firmware", "BOARD=ESP32_TINYWEB", "VARIANT=OTA", "PARTIAL=1"],
        cwd=folder,
        env=environment(
            IDF_PATH=path, PATH=f"{tool.parent}:{os.environ['PATH']}", SOURCE_DATE_EPOCH=1700000000
        ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result = folder / "build" / "ESP32_TINYWEB-OTA" / "firmware_esp32_ota.bin"
    assert done.stdout.splitlines()[-1] == str(result)
    assert image.identify(result.read_bytes())[:2] == ("esp32", "image")
    text = (result.parent / "firmware.map").read_text()
    assert " ./build/esp-idf/main_esp32/libmain_esp32.a(x.c.obj)\n" in text
    built = record.read(result)
    assert built["build"] == "ESP32_TINYWEB-OTA" and built["partial"]
    assert built["colours"] == (folder / "build" / "highlight" / "highlight.js").exists()
    assert built["sdk"]["version"] == "v5.4.2"
    assert [part["name"] for part in built["components"]] == ["MicroPython"]
    arguments = (result.parent / "arguments.json").read_text()
    for expected in (
        '"MICROPY_BOARD=ESP32_TINYWEB"',
        f'"MICROPY_BOARD_DIR={folder}/boards/ESP32_TINYWEB"',
        '"MICROPY_BOARD_VARIANT=OTA"',
        f'"-DUSER_C_MODULES={folder}/cmodules/micropython.cmake"',
        '"build"',
        '"1700000000"',
    ):
        assert expected in arguments
