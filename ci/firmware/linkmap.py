# SPDX-License-Identifier: MIT
"""What the link map of a program says that each object takes of the image."""

import re

# Behind the list of what was thrown away.
_START = "Linker script and memory map"
# An input section. The name has a line of its own where it is long.
_SECTION = re.compile(
    r"^ (\.[\w.$*+-]+|COMMON)(?:\n)? +0x([0-9a-f]+) +0x([0-9a-f]+) (\S.*)$", re.M
)
# In memory only, or in the ELF file only.
_NOT_IN_IMAGE = re.compile(
    r"^(\.(s?bss|noinit|debug|comment|note|riscv\.attributes|xt|xtensa|stab|gnu|symtab)|COMMON)"
)
# Strings of all objects, which the linker merges and counts as the first object's.
_MERGED = re.compile(r"\.str\d+\.\d+$")


def sections(text):
    """Yield ``(section, bytes, object)`` of each input section that is in the image.

    text: the map that GNU ld writes. object: a path, with ``(member)`` for one of a library.

    Raises ValueError for a text that is no such map.
    """
    _, found, linked = text.partition(_START)
    if not found:
        raise ValueError("this is no link map of GNU ld")
    for name, address, size, path in _SECTION.findall(linked):
        if int(address, 16) and int(size, 16) and not _NOT_IN_IMAGE.match(name):
            yield name, int(size, 16), path


def taken(text, pattern):
    """Bytes of the image that come from the objects whose path matches a regular expression.

    Without string literals, which belong to nobody.
    """
    return sum(
        size
        for name, size, path in sections(text)
        if re.search(pattern, path) and not _MERGED.search(name)
    )
