# SPDX-License-Identifier: MIT
"""What a linked MicroPython program holds, and what it should hold.

Interned strings, modules in C and the names of frozen files are read from the tables that the
program itself uses, so that they are what `import` finds, not what a build was asked for. What
should be there is said by boards/contents.toml and the boards' manifests. Structures:
micropython/py/qstr.h (_qstr_pool_t), py/objmodule.c (mp_builtin_module_table), py/obj.h (object
representations A and C), py/frozenmod.h.
"""

import contextlib
import functools
import io
import json
import struct
import sys
import tomllib

from . import BOARDS, TOP, sources, table

# One word for each member before the strings: prev, total_prev_len, alloc, len, then the
# tables of hashes and of lengths, where the configuration has them.
POOL_LENGTH = 3
MODULE_TABLES = ("mp_builtin_module_table", "mp_builtin_extensible_module_table")


class ContentsError(ValueError):
    """The program has no such table: it is not a MicroPython of the expected kind."""


def _symbols(program):
    """{name: Symbol} of the symbols that lie in a section."""
    return {s.name: s for s in program.symbols() if s.section and s.size}


def _words(program, symbol):
    return struct.unpack(f"<{symbol.size // 4}I", program.at(symbol.value, symbol.size))


def _text(program, address):
    """The C string at an address."""
    section = program.section_at(address)
    start = address - section.address
    return section.data[start : section.data.index(b"\0", start)].decode()


def _pools(program, symbols):
    """The pools of interned strings, the first one first, as (length before, [texts])."""
    by_address = {s.value: s for s in symbols.values()}
    symbol = symbols.get("mp_qstr_frozen_const_pool")
    found = []
    while symbol:
        words = _words(program, symbol)
        length = words[POOL_LENGTH]
        texts = [_text(program, address) for address in words[len(words) - length :]]
        found.append((words[1] & 0x7FFFFFFF, texts))
        # The first pool has none before it; a symbol may lie at address 0 all the same.
        symbol = by_address.get(words[0]) if words[0] else None
    if not found or found[-1][0]:
        raise ContentsError("no pool of interned strings")
    return found[::-1]


def strings(program):
    """All interned strings of an Elf, by number."""
    result = []
    for before, texts in _pools(program, _symbols(program)):
        if before != len(result):
            raise ContentsError("the pools of interned strings do not follow one another")
        result += texts
    return result


def _number(word):
    """The number of the interned string that an object is."""
    if word & 7 == 2:  # representation A
        return word >> 3
    if word & 0xFF80000F == 6:  # representation C
        return word >> 4
    raise ContentsError(f"0x{word:x} is no interned string")


def builtin_modules(program):
    """Names of the modules in C that ``import`` finds, as a set."""
    symbols = _symbols(program)
    texts = strings(program)
    found = set()
    for name in MODULE_TABLES:
        if name not in symbols:
            raise ContentsError(f"no {name}")
        found |= {texts[_number(word)] for word in _words(program, symbols[name])[::2]}
    return found


def rom_files(program):
    """Names of the frozen files that modules in ROM were made of (cmodules/rom)."""
    symbols = _symbols(program)
    table = symbols.get("rom_modules")
    if table is None:
        return []
    # An mp_map_t: flags and number of entries, allocated entries, pointer to (name, module).
    _, count, at = _words(program, table)
    if not count:
        return []
    section = program.section_at(at)
    start = at - section.address
    words = struct.unpack_from(f"<{2 * count}I", section.data, start)
    texts = strings(program)
    names = {texts[_number(word)] for word in words[::2] if word}
    packages = {name.rpartition(".")[0] for name in names}
    return [
        name.replace(".", "/") + ("/__init__.py" if name in packages else ".py")
        for name in sorted(names)
    ]


def frozen_files(program):
    """Names of the frozen files, such as "tinyweb/server.py", those in ROM behind the others."""
    symbol = _symbols(program).get("mp_frozen_names")
    if symbol is None:
        raise ContentsError("no table of frozen files")
    names = program.at(symbol.value, symbol.size).split(b"\0")
    return [name.decode() for name in names[: names.index(b"")]] + rom_files(program)


def importable(program):
    """Top-level names that ``import`` finds in the program, frozen or in C, as a set."""
    return builtin_modules(program) | _top_level(frozen_files(program))


def _top_level(files):
    """The names that ``import`` finds frozen files by."""
    return {name.split("/")[0].removesuffix(".py").removesuffix(".mpy") for name in files}


@functools.cache
def _table(path=BOARDS / "contents.toml"):
    return tomllib.loads(path.read_text())


def features(entry, romfs):
    """What a Variant's image has and what it is without: ``(imports, names), (imports, names)``.

    romfs: whether the image's flash has a place for ROMFS.
    """
    said = _table()[entry.port]
    imports, names = {*said["imports"], "bluetooth"}, {*said["names"], "VfsRom"}
    board = json.loads((BOARDS / entry.board / "board.json").read_text())
    without = set(said["without"].get(entry.build_name, ()))
    if "BLE" not in board["features"]:
        without.add("bluetooth")
    if not romfs:
        without.add("VfsRom")
    return (imports - without, names - without), (imports & without, names & without)


def manifest_files(entry, manifest=None):
    """Names of the files that a manifest freezes, as a set; by default the Variant's own.

    MicroPython's own code executes it, which needs lib/micropython-lib.
    """
    (imports, _), _ = features(entry, False)
    board = BOARDS / entry.board
    own = BOARDS / entry.manifest
    return set(_execute(manifest or own, own, board, entry.port, int("tls" in imports)))


@functools.cache
def _execute(manifest, own, board, port_name, tls):
    variables = {
        "MPY_DIR": sources.MICROPYTHON,
        "MPY_LIB_DIR": sources.MICROPYTHON / "lib" / "micropython-lib",
        "PORT_DIR": sources.MICROPYTHON / "ports" / port_name,
        "BOARD_DIR": board,
        "TINYWEB_TOP": TOP,
        "TINYWEB_TLS": tls,
        "TINYWEB_MANIFEST": own,
    }
    tools = str(sources.MICROPYTHON / "tools")
    sys.path.insert(0, tools)
    try:
        import manifestfile
    finally:
        sys.path.remove(tools)
    files = manifestfile.ManifestFile(
        manifestfile.MODE_FREEZE, {name: str(value) for name, value in variables.items()}
    )
    # Manifests print what they leave out; the build did so already.
    with contextlib.redirect_stdout(io.StringIO()):
        files.execute(str(manifest))
    return frozenset(file.target_path for file in files.files())


def has_romfs(entry, parsed):
    """Whether the flash of a parsed image has a place for ROMFS."""
    if entry.port == "esp8266":
        return "FLASH_ROMFS" in table.memory_limits(entry)
    return any(partition.name == "romfs" for partition in parsed.partitions)


def differences(program, entry, romfs, manifest=None, partial=False):
    """Sentences that say where a program is not what its board's page and manifest say.

    romfs: whether the image's flash has a place for ROMFS. manifest: one that was frozen
    instead of the Variant's own; what it leaves out of that is not missed. partial: nothing
    that the page names is missed.
    """
    found, texts = importable(program), set(strings(program))
    frozen, expected = set(frozen_files(program)), manifest_files(entry, manifest)
    (imports, names), (no_imports, no_names) = features(entry, romfs)
    if partial:
        imports, names = set(), set()
    if manifest:
        official = manifest_files(entry)
        imports -= _top_level(official - expected)
        no_imports -= _top_level(expected - official)
    for text, difference in (
        ("lacks what its page says it has", (imports - found) | (names - texts)),
        ("has what its page says it is without", (no_imports & found) | (no_names & texts)),
        ("lacks files of its manifest", expected - frozen),
        ("has files that are not in its manifest", frozen - expected),
    ):
        if difference:
            yield f"{text}: {', '.join(sorted(difference))}"
