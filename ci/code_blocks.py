# SPDX-License-Identifier: MIT
"""Blocks of Python in the documentation, and the programs that they make together.

A block that uses names which it does not define continues those above it on its page. The sentence
above it says so, with the word "continues"; or a sentence before says of all that follow that they
"continue each other".
"""

import re

BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```\n", re.M | re.S)
RUN = re.compile(r"^( *)app\.run\(.*\)$", re.M)
# A page's templates: blocks that begin with the file's name.
TEMPLATE = re.compile(r"^```html\n<!-- (.*?) -->\n(.*?)^```", re.M | re.S)


class Block:
    """A block of a page: its text, and the paragraph above it."""

    def __init__(self, page, text, above):
        self.page, self.text = page, text
        self.paragraph = re.split(r"\n\s*\n|^#.*\n|```\n", above.rstrip(), flags=re.M)[-1]
        self.is_prompt = text.startswith(">>> ")
        together = re.search(r"continue\s+(each\s+other|these\s+lines)", above)
        self.continues = "continues" in self.paragraph or bool(together)
        self.continues &= not re.search(r"^app = ", text, re.M)

    @property
    def program(self):
        """The block as a program: of what was typed at a prompt, with a look at the answers."""
        if not self.is_prompt:
            return self.text
        lines = ["def _shown(value, text):", "    assert value == text, (value, text)", ""]
        for typed, printed in re.findall(r"^>>> (.*)\n((?:(?!>>>).*\n)*)", self.text, re.M):
            printed = printed.strip()
            lines.append(f"_shown({typed}, {printed})" if printed else typed)
        return "\n".join(lines) + "\n"


def blocks(page, text):
    """The blocks of a page, whose file is called `page`, in order."""
    return [Block(page, m[1], text[: m.start()]) for m in BLOCK.finditer(text)]


def chains(page_blocks):
    """The programs of a page: lists of blocks, each with those that continue it."""
    found = []
    for block in page_blocks:
        if not block.continues or not found:
            found.append([block])
        elif "top of the page" in block.paragraph:
            found[0].append(block)
        else:
            found[-1].append(block)
    return found


def files(page, text):
    """{path: text} of what the programs of a page find beside them."""
    found = {"www/index.html": "<h1>Hello</h1>\n", "static/style.css": "h1 { color: teal }\n"}
    if page == "templates.md":
        found.update({f"templates/{name}": html for name, html in TEMPLATE.findall(text)})
    return found
