# SPDX-License-Identifier: MIT
"""docs/memory.md tells what importing each public module takes, as bench/imports.py prints it."""

import re
import subprocess
import sys

import pytest

from bench import imports
from support.simulator import TOP

# A row of the table: the module, and its bytes.
ROW = re.compile(r"^\| `tinyweb\.(\w+)` \| ([\d ]+) \| .* \|$", re.M)


def rows(text):
    """{module: bytes} of the table in a text."""
    return {name: int(size.replace(" ", "")) for name, size in ROW.findall(text)}


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
    for file in [*(TOP / "docs").glob("*.md"), *(TOP / "examples").glob("*.py")]:
        text = file.read_text(encoding="utf-8")
        found.update(re.findall(r"^(?:from|import) tinyweb\.(\w+)", text, re.M))
        for names in re.findall(r"^from tinyweb import (.+)", text, re.M):
            found.update(re.findall(r"\w+", names))
    return found


def test_every_module_takes_something(printed):
    assert printed.keys() == imports.MODULES.keys()
    assert all(size > 0 for size in printed.values())
    # login imports sessions and passwords, and this counts.
    assert printed["login"] > printed["sessions"]


def test_page_has_every_module(printed):
    page = rows((TOP / "docs" / "memory.md").read_text(encoding="utf-8"))
    assert page.keys() == printed.keys()
    assert public() <= page.keys()
