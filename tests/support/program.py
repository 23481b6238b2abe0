# SPDX-License-Identifier: MIT
"""Small ELF files with the tables that a MicroPython program has, for tests of what reads them.

They hold no code. What is in them is chosen by a test; a real program has the same tables.
"""

import struct

from firmware import elf

HEADER, SECTION_HEADER, SYMBOL = 52, 40, 16
SHT_STRTAB = 3


class Program:
    """``Program(address, modules, strings, files)``: ``content`` at ``address``, and ``elf()``.

    modules: names of modules in C; strings: other interned strings; files: names of frozen
    files; text: bytes that stand before the tables.
    """

    def __init__(self, address, modules, strings, files, text=b"", machine=elf.EM_XTENSA):
        self.address = address
        self.machine = machine
        self.content = bytearray(text + b"\0" * (-len(text) % 4))
        self.symbols = []
        texts = ["", *sorted({*modules, *strings})]
        half = len(texts) // 2
        first = self._pool("mp_qstr_const_pool", 0, 0, texts[:half])
        self._pool("mp_qstr_frozen_const_pool", first, half, texts[half:])
        numbers = {name: number for number, name in enumerate(texts)}
        listed = sorted(modules)
        for name, part in (
            ("mp_builtin_module_table", listed[::2]),
            ("mp_builtin_extensible_module_table", listed[1::2]),
        ):
            words = [w for m in part for w in (numbers[m] << 3 | 2, address)]
            self._add(name, struct.pack(f"<{len(words)}I", *words))
        self._add("mp_frozen_names", b"".join(f.encode() + b"\0" for f in files) + b"\0")

    def _add(self, name, data):
        """Append data under a symbol's name and return its address."""
        place = self.address + len(self.content)
        self.symbols.append((name, place, len(data)))
        self.content += data + b"\0" * (-len(data) % 4)
        return place

    def _pool(self, name, previous, before, texts):
        places = []
        for text in texts:
            places.append(self.address + len(self.content))
            self.content += text.encode() + b"\0"
        self.content += b"\0" * (-len(self.content) % 4)
        words = (previous, before | 1 << 31, len(texts), len(texts), 0, *places)
        return self._add(name, struct.pack(f"<{len(words)}I", *words))

    def elf(self):
        """The bytes of an ELF file of this program."""
        strings, table = b"\0", b"\0" * SYMBOL
        for name, place, size in self.symbols:
            table += struct.pack("<IIIBBH", len(strings), place, size, elf.STT_OBJECT, 0, 1)
            strings += name.encode() + b"\0"
        sections = [
            (".irom0.text", 1, elf.SHF_ALLOC, self.address, bytes(self.content)),
            (".data", 1, 0, 0, b""),
            (".rodata", 1, 0, 0, b""),
            (".bss", elf.SHT_NOBITS, 0, 0, b""),
            (".symtab", elf.SHT_SYMTAB, 0, 0, table),
            (".strtab", SHT_STRTAB, 0, 0, strings),
        ]
        names = b"\0" + b"".join(name.encode() + b"\0" for name, *_ in sections) + b".shstrtab\0"
        sections.append((".shstrtab", SHT_STRTAB, 0, 0, names))
        headers, at = b"\0" * SECTION_HEADER, HEADER
        for name, kind, flags, address, data in sections:
            link = len(sections) - 1 if kind == elf.SHT_SYMTAB else 0
            start = names.index(b"\0" + name.encode() + b"\0") + 1
            headers += struct.pack(
                "<10I", start, kind, flags, address, at, len(data), link, 0, 4, 0
            )
            at += len(data)
        head = b"\x7fELF\x01\x01\x01" + b"\0" * 9
        head += struct.pack(
            "<HHIIIIIHHHHHH",
            *(2, self.machine, 1, 0, 0, at, 0, HEADER, 0, 0, SECTION_HEADER),
            *(len(sections) + 1, len(sections)),
        )
        return head + b"".join(data for *_, data in sections) + headers
