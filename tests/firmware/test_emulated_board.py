# SPDX-License-Identifier: MIT
"""The checks of images that make sense for the emulated board's program."""

import re
import shutil
import subprocess

import pytest
from board import emulator

from firmware import TOP, contents, elf, table
from support.pages import WORDS

CODE = range(0x40200000, 0x40300000)


@pytest.fixture(scope="module")
def program():
    if not shutil.which("xtensa-lx106-elf-gcc"):
        pytest.skip("xtensa-lx106-elf-gcc is missing: ci/install-deps board")
    return elf.Elf(emulator.build().read_bytes())


def loaded(program):
    """The bytes of all sections that are loaded."""
    return [s.data for s in program.sections if s.allocated and s.data]


def test_freezes_what_the_chips_images_freeze(program):
    present = set(contents.frozen_files(program))
    chips = contents.manifest_files(table.get("ESP8266_TINYWEB"))
    for package in ("tinyweb/", "examples/"):
        names = {name for name in chips if name.startswith(package)}
        assert names and names <= present


PAGE = (TOP / "docs" / "emulator.md").read_text(encoding="utf-8")


def test_page_names_what_it_lacks(program):
    """Each part of the chip's image that is not here, and nothing that is."""
    lacks = re.findall(r"^\| (.*) \| yes \| no \|$", PAGE, re.M)
    imports, names = contents.features(table.get("ESP8266_TINYWEB"), True)[0]
    found = contents.importable(program) | set(contents.strings(program))
    missing = (imports | names) - found
    assert {"btree", "VfsFat"} <= missing
    for name in missing:
        word = WORDS.get(name, f"`{name}`")
        assert any(word in row for row in lacks), (
            f"docs/emulator.md does not say that {name} lacks"
        )
    for name in re.findall(r"`(\w+)`", " ".join(lacks)):
        assert name not in contents.importable(program), name


def number(text):
    return int(re.sub(r"\s", "", text))


def test_page_tells_its_size(program):
    """Compilers differ by more than the page may be wrong: it has a figure for each."""
    command = ["xtensa-lx106-elf-gcc", "-dumpversion"]
    version = subprocess.check_output(command, text=True).partition(".")[0]
    text = r"(\d+ \d+)\s(?:bytes of code memory \(of 1 MiB\) )?with GCC (\d+)"
    figures = {compiler: number(code) for code, compiler in re.findall(text, PAGE)}
    sizes = {s.name: s.size for s in program.sections if s.allocated}
    assert version in figures, f"docs/emulator.md has no size for GCC {version}: {sizes}"
    # The page is to be right, not to be changed for each byte.
    assert abs(sizes[".irom"] + sizes[".iram"] - figures[version]) < 4096, sizes
    ram = number(re.search(r"It takes (\d+ \d+) bytes of RAM", PAGE)[1])
    assert abs(sizes[".data"] + sizes[".bss"] - ram) < 1024, sizes


def test_has_the_modules_where_the_chip_has_them(program, module_objects):
    defined = {
        symbol.name
        for _, compiled in module_objects.values()
        for symbol in compiled.symbols()
        if symbol.kind == elf.STT_FUNC and symbol.section
    }
    places = {s.name: s.value for s in program.symbols() if s.name in defined}
    assert places
    assert all(address in CODE for address in places.values())


def test_contains_no_path_of_the_machine_that_built_it(program):
    text = b"\0".join(loaded(program))
    assert str(TOP).encode() not in text
    assert not re.findall(rb"/(?:home|root|usr|opt|tmp|work|build)/[\w.+/-]{3,}", text)
