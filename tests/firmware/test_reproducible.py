# SPDX-License-Identifier: MIT
"""Builds of the same sources in different folders, and of a tree that was repaired."""

import os
import re
import shutil
import subprocess

import pytest

from firmware import TOP, contents, elf, esp8266, sources

pytestmark = [
    # Builds from nothing on a loaded machine.
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not os.environ.get("ESP_SDK") or bool(esp8266.missing_from_sdk(esp8266.sdk_path())),
        reason="needs the vendor's SDK in ESP_SDK",
    ),
]

PARTIAL = ["--partial"] if sources.missing(esp8266.SUBMODULES) else []


def run(command, folder=TOP, **env):
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True
    )


def test_another_checkout_gives_the_same_image():
    done = run([TOP / "ci" / "build-twice", "ESP8266_TINYWEB", "FLASH_1M", *PARTIAL])
    assert done.returncode == 0, done.stdout + done.stderr


def test_command_that_calls_the_ports_makefile(tmp_path):
    """As docs/building.md has it, but for the folders."""
    text = (TOP / "docs" / "building.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^make -C micropython/ports/esp8266 .*\\\n.*$", text, re.M)
    command = command.replace("ESP_SDK=FOLDER", 'ESP_SDK="$ESP_SDK"')
    command = command.replace("$PWD/build/by-hand", str(tmp_path))
    env = {"TINYWEB_PARTIAL": "1"} if PARTIAL else {}
    done = run(["sh", "-c", command], SOURCE_DATE_EPOCH="1700000000", **env)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "firmware.bin").exists()


@pytest.mark.skipif(bool(PARTIAL), reason="needs MicroPython's submodules")
def test_build_folder_of_a_broken_tree_does_not_outlive_the_repair(tmp_path):
    """A fetch failed and left a .git file: no image. PARTIAL=1: one. Repaired: a whole one."""
    (tmp_path / "micropython").mkdir()
    subprocess.run([TOP / "ci" / "copy-sources", tmp_path], check=True)
    shutil.copytree(TOP / "build" / "mpy-cross", tmp_path / "build" / "mpy-cross")
    # MicroPython as it is, but for one submodule.
    name = "berkeley-db-1.xx"
    micropython = tmp_path / "micropython"
    shutil.copytree(
        sources.MICROPYTHON,
        micropython,
        symlinks=True,
        ignore=shutil.ignore_patterns(".git", "tests", "docs", name),
        dirs_exist_ok=True,
    )
    (micropython / "lib" / name).mkdir()
    (micropython / "lib" / name / ".git").write_text("gitdir: nowhere\n")
    command = [tmp_path / "ci" / "build-firmware", "ESP8266_TINYWEB"]

    def build(*options):
        return run([*command, *options], tmp_path, SOURCE_DATE_EPOCH="1700000000")

    def modules():
        program = tmp_path / "build" / "ESP8266_TINYWEB" / "firmware.elf"
        return contents.builtin_modules(elf.Elf(program.read_bytes()))

    done = build()
    assert done.returncode == 2
    assert f"micropython/lib/{name} is not there: the image would lack btree." in done.stderr
    done = build("--partial")
    assert done.returncode == 0, done.stderr
    assert f"Left out, lib/{name} is missing: btree" in done.stderr
    assert "btree" not in modules()
    shutil.copytree(
        sources.MICROPYTHON / "lib" / name, micropython / "lib" / name, dirs_exist_ok=True
    )
    done = build()
    assert done.returncode == 0, done.stderr
    assert "btree" in modules()
