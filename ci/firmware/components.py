# SPDX-License-Identifier: MIT
"""Whose code an image holds: boards/components.toml applied to the build's link map."""

import dataclasses
import functools
import pathlib
import re
import tomllib

from . import BOARDS, TOP, FirmwareError, sources

# An input section that was linked, with its address, size and object, in a map of GNU ld; the
# name of a long section stands on a line of its own.
LINKED = re.compile(r"^ \S*[ \t]+0x([0-9a-f]+)[ \t]+0x([0-9a-f]+)[ \t]+(\S.*)$", re.M)
START = "Linker script and memory map"
OWN = "CMakeFiles/micropython.elf.dir"
SOURCE_FILES = (".c", ".h")


@dataclasses.dataclass(frozen=True)
class Component:
    name: str
    licence: str
    objects: str
    files: list
    url: str = ""
    submodule: str = ""
    optional: bool = False
    ports: tuple = ("esp8266", "esp32")


@functools.cache
def load(path=BOARDS / "components.toml"):
    """All components, as [Component]."""
    return [Component(**entry) for entry in tomllib.loads(path.read_text())["component"]]


def linked(text):
    """Names of the object files, and of members of libraries, that a link map says are linked."""
    if START not in text:
        raise FirmwareError("The link map has no part that says what was linked")
    found = set()
    for address, size, name in LINKED.findall(text[text.index(START) :]):
        # What is only for debuggers has no address.
        if int(address, 16) and int(size, 16) and re.search(r"\.(o|obj|a)\b", name):
            found.add(name.strip())
    return found


def find(text, port, own=False):
    """The components whose code a link map has; FirmwareError for an object that is nobody's.

    own: whether there are C modules of the user's own, which CMake compiles with the program.
    """
    parts = [part for part in load() if port in part.ports]
    found, unknown = [], linked(text)
    for part in parts:
        mine = {name for name in unknown if re.search(part.objects, name)}
        if mine:
            found.append(part)
    nobodys = {n for n in unknown if not any(re.search(part.objects, n) for part in parts)}
    if own:
        nobodys = {name for name in nobodys if not name.startswith(OWN)}
    if nobodys:
        raise FirmwareError(
            "boards/components.toml does not say whose code this is, and under which licence: "
            + ", ".join(sorted(nobodys)[:5])
        )
    return found


def _path(name, sdk):
    """The file that a component's entry names; ``sdk``: the vendor's folder."""
    root, _, rest = name.partition("/")
    if root in ("ESP_SDK", "IDF_PATH"):
        return pathlib.Path(sdk) / rest
    return sources.MICROPYTHON / rest if root == "micropython" else TOP / name


def first_comments(text):
    """What the comments at the start of a C file say."""
    rest, lines = text, []
    while match := re.match(r"\s*(/\*.*?\*/|(?://[^\n]*\n)+)", rest, re.S):
        lines += match[1].splitlines()
        rest = rest[match.end() :]
    plain = (re.sub(r"^\s*(/\*+-?|\*+/|//+|\*)? ?|\s*(\*+/)?\s*$", "", line) for line in lines)
    return "\n".join(plain).strip() + "\n"


def licence_text(part, sdk):
    """The text of a component's licence; FirmwareError where a file of it is missing."""
    texts = []
    for name in part.files:
        path = _path(name, sdk)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise FirmwareError(f"The licence of {part.name}, {path}: {error.strerror}") from None
        texts.append(first_comments(text) if path.suffix in SOURCE_FILES else text)
    return "\n".join(texts)


def describe(map_path, port, sdk, versions, own=False):
    """What the record of a build says of its components.

    sdk: the vendor's folder. versions: {component: version} where it is no submodule's commit.
    own: whether there are C modules of the user's own.
    """
    result = []
    for part in find(map_path.read_text(errors="replace"), port, own):
        version = versions.get(part.name)
        if part.optional and version is None:
            continue
        if part.submodule:
            if sources.missing([part.submodule]):
                continue  # A partial build froze none of it.
            version = sources.commit(sources.MICROPYTHON / part.submodule)
        result.append(
            {
                "name": part.name,
                "version": version,
                "licence": part.licence,
                "url": part.url,
                "text": licence_text(part, sdk),
            }
        )
    return result
