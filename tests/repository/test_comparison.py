# SPDX-License-Identifier: MIT
"""docs/comparison.md: each row says what this server has, and links to the test that holds it."""

import re

import pytest

from support.simulator import TOP

LINK = re.compile(r"\]\(\.\./(tests/[^)]+)\)")


def rows():
    """The rows of the tables of features, as lists of cells."""
    text = (TOP / "docs" / "comparison.md").read_text(encoding="utf-8")
    for line in text.split("\n## Memory of each module\n")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 2 and cells[0]:
            yield cells


@pytest.mark.parametrize("cells", list(rows()), ids=lambda cells: cells[0])
def test_row(cells):
    assert len(cells) == 8
    assert all(cells)
    tests = LINK.findall(cells[1])
    assert tests
    for name in tests:
        assert re.search(r"^def test_", (TOP / name).read_text(encoding="utf-8"), re.M)
