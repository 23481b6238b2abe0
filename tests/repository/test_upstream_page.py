# SPDX-License-Identifier: MIT
"""docs/upstream.md names every means by which MicroPython is bent, and nothing that is gone."""

import re

from support.simulator import TOP

PAGE = (TOP / "docs" / "upstream.md").read_text(encoding="utf-8")
MAKEFILES = [*TOP.glob("boards/*/*.mk"), *TOP.glob("ports/*/Makefile")]


def test_what_makefiles_override_is_named():
    found = set()
    for file in MAKEFILES:
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"^override (\w+)", text, re.M))
        found |= set(re.findall(r"--wrap=\w+", text))
        found |= set(re.findall(r"(?<= )-f(?:no-)?common\b", text))
    assert {"MICROPY_PY_SSL", "ESPTOOL", "-fcommon", "--wrap=tcp_err"} <= found
    assert not {name for name in found if name not in PAGE}
    for name in re.findall(r"--wrap=\w+", PAGE):
        assert name in found, f"{name} is no longer used"


def test_sources_that_depend_on_the_version_are_named():
    found = {
        file.name
        for folder in ("ports", "cmodules", "boards")
        for file in (TOP / folder).rglob("*.[ch]")
        if "MICROPY_VERSION" in file.read_text(encoding="utf-8")
    }
    assert found
    assert not {name for name in found if f"[{name}]" not in PAGE}


def test_files_that_stand_before_others_are_named():
    board = TOP / "boards" / "ESP8266_TINYWEB"
    for file in [*board.glob("picolibc/**/*.h"), *board.glob("modules/*.py")]:
        assert file.name in PAGE or f"`{file.stem}`" in PAGE, file


def test_every_row_has_a_reason_a_test_and_an_end():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "](" in line]
    bends = [row for row in rows if row.count(" | ") == 3]
    assert len(bends) >= 16
    for row in bends:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert all(cells), row
        assert "(../tests/" in cells[2], row
