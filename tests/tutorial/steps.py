# SPDX-License-Identifier: MIT
"""What the tutorial says is to be done, read from its pages.

A block of code with `title="FILE"` is that file. With `title="FILE, below LINE"` it is put below
that line of the file, and with `title="FILE, the last line"` it replaces the last one. Any other
words behind the comma are of an alternative, which is not taken. Commands have a line above them
that says where they are typed.
"""

import dataclasses
import pathlib
import re
import shlex

from support.simulator import TOP

FOLDER = TOP / "docs" / "tutorial"
BOARD, SIMULATOR = "On a board", "In the simulator"
WHERE = {
    f"**{BOARD}:**": {BOARD},
    f"**{SIMULATOR}:**": {SIMULATOR},
    f"**{BOARD}, and {SIMULATOR[0].lower()}{SIMULATOR[1:]}:**": {BOARD, SIMULATOR},
}


@dataclasses.dataclass
class Block:
    """A block of code: its language, options such as {"title": ...}, text, and where it counts."""

    page: str
    language: str
    options: dict
    text: str
    where: set

    @property
    def file(self):
        """The name of the file that it is of, "" where it is of none."""
        return self.options.get("title", "").partition(", ")[0]

    @property
    def change(self):
        """What is to be done with the file, "" where the block is the whole of it."""
        return self.options.get("title", "").partition(", ")[2]

    @property
    def is_alternative(self):
        return bool(self.change) and self.change != "the last line" and "below " not in self.change


def pages():
    """The names of the tutorial's pages, in order."""
    first = (FOLDER / "index.md").read_text(encoding="utf-8")
    return re.findall(r"^\| \[\d\. .*?\]\((.*?)\.md\)", first, re.M)


def blocks(page):
    """The blocks of a page, in order."""
    found, inside, above = [], None, ""
    for line in (FOLDER / f"{page}.md").read_text(encoding="utf-8").splitlines():
        if inside is None and (fence := re.match(r"```(\w+)(.*)", line)):
            options = dict(word.split("=", 1) for word in shlex.split(fence[2]))
            inside = Block(page, fence[1], options, "", WHERE.get(above, set()))
        elif line == "```":
            found.append(inside)
            inside, above = None, ""
        elif inside is not None:
            inside.text += line + "\n"
        elif line:
            above = line
    assert inside is None
    return found


def save(block, folder: pathlib.Path):
    """Do with the files in `folder` what a block says."""
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    if not block.change:
        path.write_text(block.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if block.change == "the last line":
        lines[-1:] = [block.text]
    else:
        line = block.change.removeprefix("below ") + "\n"
        assert lines.count(line) == 1, f"{line!r} is not one line of {block.file}"
        lines.insert(lines.index(line) + 1, block.text)
    path.write_text("".join(lines), encoding="utf-8")
