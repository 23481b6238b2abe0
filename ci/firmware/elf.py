# SPDX-License-Identifier: MIT
"""Sections and symbols of a 32-bit little-endian ELF file, without binutils."""

import dataclasses
import struct

SHT_SYMTAB = 2
SHT_NOBITS = 8
SHF_WRITE = 1
SHF_ALLOC = 2
SHF_EXECINSTR = 4
STT_OBJECT = 1
STT_FUNC = 2
EM_XTENSA = 94
EM_RISCV = 243
# By the architecture of a chip in boards/flash.toml.
MACHINES = {"xtensa": EM_XTENSA, "riscv": EM_RISCV}


@dataclasses.dataclass(frozen=True)
class Section:
    name: str
    kind: int
    flags: int
    address: int
    data: bytes
    size: int
    link: int

    @property
    def allocated(self):
        return bool(self.flags & SHF_ALLOC)


@dataclasses.dataclass(frozen=True)
class Symbol:
    name: str
    value: int
    size: int
    kind: int
    section: int


def _text(table, offset):
    return table[offset : table.index(b"\0", offset)].decode()


class Elf:
    """``Elf(bytes)``; ValueError when it is not one of the kind above."""

    def __init__(self, data):
        if data[:6] != b"\x7fELF\x01\x01":
            raise ValueError("not a 32-bit little-endian ELF file")
        self.machine, self.entry = struct.unpack_from("<2xH4xI", data, 16)
        (offset,) = struct.unpack_from("<I", data, 32)
        size, count, names = struct.unpack_from("<HHH", data, 46)
        headers = [struct.unpack_from("<10I", data, offset + i * size) for i in range(count)]
        raw = [b"" if h[1] == SHT_NOBITS else data[h[4] : h[4] + h[5]] for h in headers]
        self.sections = [
            Section(
                name=_text(raw[names], h[0]),
                kind=h[1],
                flags=h[2],
                address=h[3],
                data=content,
                size=h[5],
                link=h[6],
            )
            for h, content in zip(headers, raw, strict=True)
        ]

    def section(self, name):
        """The section of that name; KeyError when there is none or more than one."""
        found = [s for s in self.sections if s.name == name]
        if len(found) != 1:
            raise KeyError(f"{len(found)} sections are called {name}")
        return found[0]

    def symbols(self):
        """All symbols with a name, as Symbol."""
        for table in self.sections:
            if table.kind != SHT_SYMTAB:
                continue
            strings = self.sections[table.link].data
            for at in range(0, len(table.data), 16):
                name, value, size, info, _, index = struct.unpack_from("<IIIBBH", table.data, at)
                if name:
                    yield Symbol(_text(strings, name), value, size, info & 15, index)

    def section_at(self, address):
        """The section whose content an address of the program lies in; KeyError without one."""
        for section in self.sections:
            if section.allocated and 0 <= address - section.address < len(section.data):
                return section
        raise KeyError(hex(address))

    def at(self, address, size):
        """``size`` bytes at an address of the program; KeyError outside of it."""
        section = self.section_at(address)
        start = address - section.address
        if start + size > len(section.data):
            raise KeyError(hex(address))
        return section.data[start : start + size]
