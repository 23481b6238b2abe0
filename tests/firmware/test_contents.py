# SPDX-License-Identifier: MIT
"""What a program holds, read from its tables; and that the boards' pages tell it."""

import json
import re
import shutil

import pytest
from board import emulator

from firmware import BOARDS, contents, elf, table
from support import images
from support.pages import WORDS
from support.program import Program

VARIANTS = list(table.load().values())
ESP8266 = table.get("ESP8266_TINYWEB")


def program(**options):
    return elf.Elf(images.program(ESP8266, **options).elf())


def test_tables_are_read():
    found = elf.Elf(
        Program(0x40209000, {"gc", "sys", "btree"}, {"VfsFat"}, ["a.py", "b/c.py"]).elf()
    )
    assert contents.strings(found) == ["", "VfsFat", "btree", "gc", "sys"]
    assert contents.builtin_modules(found) == {"btree", "gc", "sys"}
    assert contents.frozen_files(found) == ["a.py", "b/c.py"]
    assert contents.importable(found) == {"a", "b", "btree", "gc", "sys"}


def test_tables_of_a_real_program_are_read():
    """The emulated board's, whose modules and classes the running board names in its tests."""
    if not shutil.which("xtensa-lx106-elf-gcc"):
        pytest.skip("xtensa-lx106-elf-gcc is missing: ci/install-deps board")
    found = elf.Elf(emulator.build().read_bytes())
    assert {"sys", "os", "httpparse", "_tinyweb", "measure"} <= contents.builtin_modules(found)
    assert {"asyncio", "tinyweb", "examples", "flashbdev"} <= contents.importable(found)
    assert not {"btree", "tls", "webrepl"} & contents.importable(found)
    assert "VfsLfs2" in contents.strings(found) and "VfsFat" not in contents.strings(found)


def test_another_program_is_told():
    another = elf.Elf(Program(0x40209000, {"gc", "sys"}, (), ["a.py"]).elf())
    another.sections = [s for s in another.sections if s.kind != elf.SHT_SYMTAB]
    with pytest.raises(contents.ContentsError):
        contents.builtin_modules(another)


def test_differences_are_told_one_by_one():
    files = contents.manifest_files(ESP8266)
    assert not list(contents.differences(program(frozen=files), ESP8266, True))
    found = contents.differences(program(frozen=files, without=["VfsFat", "btree"]), ESP8266, True)
    assert list(found) == ["lacks what its page says it has: VfsFat, btree"]
    found = contents.differences(program(frozen=files), ESP8266, False)
    assert list(found) == ["has what its page says it is without: VfsRom"]
    found = contents.differences(
        program(frozen=(files | {"mine.py"}) - {"tinyweb/sse.py"}), ESP8266, True
    )
    assert list(found) == [
        "lacks files of its manifest: tinyweb/sse.py",
        "has files that are not in its manifest: mine.py",
    ]


def test_partial_image_lacks_what_it_was_asked_to(tmp_path):
    files = contents.manifest_files(ESP8266)
    found = program(frozen=files, without=["btree", "tls", "webrepl"])
    assert list(contents.differences(found, ESP8266, True))
    assert not list(contents.differences(found, ESP8266, True, partial=True))


def test_own_manifest_decides_what_is_frozen(tmp_path):
    """What it leaves out of the board's is not missed; what it adds may be what a board lacks."""
    small = table.get("ESP8266_TINYWEB", "FLASH_1M")
    manifest = tmp_path / "manifest.py"
    manifest.write_text('freeze("$(PORT_DIR)/modules", "_boot.py")\nmodule("upysh.py")\n')
    (tmp_path / "upysh.py").touch()
    files = contents.manifest_files(small, manifest)
    assert files == {"_boot.py", "upysh.py"}
    mine = elf.Elf(images.program(small, frozen=files).elf())
    assert not list(contents.differences(mine, small, False, manifest))
    assert list(contents.differences(mine, small, False))


def test_board_json_decides_about_bluetooth():
    for variant in VARIANTS:
        board = json.loads((BOARDS / variant.board / "board.json").read_text())
        (imports, _), (no_imports, _) = contents.features(variant, True)
        assert ("bluetooth" in imports) == ("BLE" in board["features"])
        assert ("bluetooth" in no_imports) != ("bluetooth" in imports)


# What every MicroPython for these chips has, and a page need not tell.
PLAIN = {"network", "native", "viper", "cryptolib", "framebuf"}


@pytest.mark.parametrize("board", sorted({variant.board for variant in VARIANTS}))
def test_page_tells_what_the_images_have(board):
    text = (BOARDS / board / "board.md").read_text()
    # What all boards of the family have is said once.
    text += "".join((BOARDS / p).read_text() for p in ("esp32/README.md",) if f"../{p}" in text)
    for variant in VARIANTS:
        if variant.board != board:
            continue
        (imports, names), absent = contents.features(variant, True)
        for name in (imports | names) - PLAIN:
            assert WORDS.get(name, f"`{name}`") in text, f"{variant.build_name}: {name}"
        if absent[0] and variant.variant:
            rows = re.findall(r"^\| (.*?) \|", text, re.M)
            for name in (absent[0] | absent[1]) - {"bluetooth"}:
                assert any(WORDS.get(name, f"`{name}`") in row for row in rows), name


def test_symbol_at_address_zero_is_no_pool():
    """The ELF files of the ESP32-C3 have such symbols."""
    variant = table.get("ESP32_C3_TINYWEB")
    program = images.program(variant)
    expected = contents.strings(elf.Elf(program.elf()))
    program.symbols.append(("zero", 0, 4))
    assert contents.strings(elf.Elf(program.elf())) == expected
