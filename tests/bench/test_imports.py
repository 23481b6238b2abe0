# SPDX-License-Identifier: MIT
"""docs/comparison.md tells what importing each public module takes, as bench/imports.py says."""

import re
import subprocess
import sys

import pytest

from bench import imports
from support.simulator import TOP

# A row of the table: the module, its bytes, and those without modules in ROM.
ROW = re.compile(r"^\| `tinyweb\.(\w+)` \| ([\d ]+) \| ([\d ]+) \| .* \|$", re.M)


def rows(text):
    """{module: (bytes, bytes)} of the table in a text."""
    return {
        name: tuple(int(size.replace(" ", "")) for size in sizes)
        for name, *sizes in ROW.findall(text)
    }


@pytest.fixture(scope="module")
def printed():
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return rows(done.stdout)


def public():
    """The modules that the pages and the examples import."""
    found = set()
    for file in [*(TOP / "docs").glob("*.md"), *(TOP / "frozen" / "examples").glob("*.py")]:
        text = file.read_text(encoding="utf-8")
        found.update(re.findall(r"^(?:from|import) tinyweb\.(\w+)", text, re.M))
        for names in re.findall(r"^from tinyweb import (.+)", text, re.M):
            found.update(re.findall(r"\w+", names))
    return found


def test_every_module_takes_something(printed):
    assert printed.keys() == imports.MODULES.keys()
    assert all(ordinary > 0 for _, ordinary in printed.values())
    # login imports sessions and passwords, and this counts.
    assert printed["login"][1] > printed["sessions"][1]


def test_modules_in_rom_take_next_to_nothing(printed):
    """Where a module has variables, a block or two of 16 bytes for them."""
    assert all(in_rom <= 64 for in_rom, _ in printed.values()), printed


@pytest.fixture(scope="module")
def page():
    return rows((TOP / "docs" / "comparison.md").read_text(encoding="utf-8"))


def test_page_has_every_module(printed, page):
    assert page.keys() == printed.keys()
    assert public() <= page.keys()


def test_page_is_up_to_date(printed, page):
    # A few names more or less are no reason to measure anew: `python -m bench.imports --update`.
    for name, sizes in printed.items():
        for on_page, size in zip(page[name], sizes, strict=True):
            assert abs(on_page - size) <= max(192, size // 8), name


def test_update_writes_what_was_measured(printed, page, tmp_path, monkeypatch):
    file = tmp_path / "docs" / "comparison.md"
    file.parent.mkdir()
    text = (TOP / "docs" / "comparison.md").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(imports, "TOP", tmp_path)
    grown = {name: tuple(size + 4096 for size in sizes) for name, sizes in page.items()}
    imports.update(list(imports.table(grown)))
    updated = file.read_text(encoding="utf-8")
    assert rows(updated) == grown
    assert ROW.sub("", updated) == ROW.sub("", text)
