# SPDX-License-Identifier: MIT
"""docs/comparison.md: what it says of this server has a test, or is said not to be there yet."""

import re

import pytest

from support.simulator import TOP

LINK = re.compile(r"\]\(\.\./(tests/[^)]+)\)")


def rows():
    """The rows of the tables of features, as lists of cells."""
    for line in (TOP / "docs" / "comparison.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 2 and cells[0]:
            yield cells


@pytest.mark.parametrize("cells", list(rows()), ids=lambda cells: cells[0])
def test_row(cells):
    assert len(cells) == 8
    assert all(cells)
    feature, ours = cells[:2]
    tests = LINK.findall(ours)
    assert tests or "not yet" in ours or feature == "installed by"
    for name in tests:
        assert re.search(r"^def test_", (TOP / name).read_text(encoding="utf-8"), re.M)
