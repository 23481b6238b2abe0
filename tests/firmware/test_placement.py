# SPDX-License-Identifier: MIT
"""Where code and data of the user modules lie in the ESP8266's memories.

Flash (irom0) is read through a cache, only in aligned 32-bit words; iram1 has 32 KiB, of
which the SDK and the port leave about 2 KiB, that native code of users also wants; each
byte of .data and .bss is one that the system's heap does not have.
"""

import collections
import re

import pytest

from firmware import BOARDS, TOP, elf

IROM0 = range(0x40200000, 0x40300000)
IRAM_SIZE = 32 * 1024
# For functions that users compile to machine code.
IRAM_FREE = 1536


def module_names():
    return sorted(p.parent.name for p in (TOP / "cmodules").glob("*/micropython.mk"))


def test_each_module_has_its_line_in_the_linker_script():
    text = (BOARDS / "ESP8266_TINYWEB" / "placement.ld").read_text()
    # A module whose name a checkout's folder may have too is named with its files' prefix: else
    # the line would take every object of the build.
    lines = r"^ *\*(\w+)/(?:mod\w+)?\*\.o\(\.literal\* \.text\*\)$"
    assert re.findall(lines, text, re.M) == module_names()


def test_modules_have_no_writable_data(module_objects):
    """Nothing in .data or .bss: RAM is taken by objects that programs make."""
    found = {
        (name, section.name, section.size)
        for name, (_, program) in module_objects.items()
        for section in program.sections
        if section.allocated and section.flags & elf.SHF_WRITE and section.size
    }
    assert not found


def test_linker_script_puts_modules_into_flash(linked):
    program, defined = linked
    outside = {
        symbol.name: hex(symbol.value)
        for symbol in program.symbols()
        if symbol.name in defined and symbol.value not in IROM0
    }
    assert defined
    assert not outside


def test_linker_script_leaves_nothing_of_modules_in_ram(linked):
    program, _ = linked
    sizes = {s.name: s.size for s in program.sections if s.allocated and s.size}
    # What the script itself puts there: the gaps between exception vectors, and the
    # two words that say where .bss is.
    assert sizes.pop(".text") == 48
    assert sizes.pop(".rodata") == 8
    assert set(sizes) == {".irom0.text"}


def functions(listing):
    """{function: [(mnemonic, operands)]} of an objdump -d listing."""
    result = collections.defaultdict(list)
    name = None
    for line in listing.splitlines():
        if match := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            name = match[1]
        elif match := re.match(r" +[0-9a-f]+:\t[0-9a-f ]+\t(\S+)(?:\t(.*))?$", line):
            result[name].append((match[1], match[2] or ""))
    return result


BYTE_LOADS = {"l8ui", "l16ui", "l16si"}


def test_objects_with_byte_loads_have_no_constants_in_bytes(module_objects, members_only, cross):
    """Code that loads bytes must not have byte-sized constants: those would be in flash.

    With -mforce-l32, the port's default, the compiler makes a 32-bit load and a shift of
    each byte load. An object that has byte loads was compiled without it; then strings and
    tables of bytes would raise LoadStoreError on the chip, and nowhere else. Objects of the
    binding that load nothing but members may hand strings on (test_flash_reads.py).
    """
    found = []
    for name, (path, program) in module_objects.items():
        loads = [
            mnemonic
            for body in functions(cross("objdump", "-d", str(path))).values()
            for mnemonic, _ in body
            if mnemonic in BYTE_LOADS
        ]
        if not loads or name in members_only:
            continue
        for section in program.sections:
            if not section.name.startswith(".rodata") or not section.size:
                continue
            if ".str" in section.name or section.size % 4:
                found.append((name, section.name, section.size))
    assert not found


# On finished images, where the ELF lies beside them.


def test_image_keeps_modules_in_flash(built, module_objects):
    if built.variant.port != "esp8266" or built.elf is None:
        pytest.skip("no ELF file of an ESP8266 beside the image")
    defined = {
        symbol.name
        for _, program in module_objects.values()
        for symbol in program.symbols()
        if symbol.kind == elf.STT_FUNC and symbol.section
    }
    places = {s.name: s.value for s in built.elf.symbols() if s.name in defined}
    # The linker drops functions that nothing calls.
    assert len(places) > len(defined) // 2
    assert not {name: hex(at) for name, at in places.items() if at not in IROM0}


def test_image_leaves_iram_for_native_code(built):
    if built.variant.port != "esp8266":
        pytest.skip("not an image of an ESP8266")
    assert IRAM_SIZE - len(built.parsed.header.segments[0].data) >= IRAM_FREE


def test_image_of_the_elf(built):
    """The image was made from the ELF beside it."""
    if built.variant.port != "esp8266" or built.elf is None:
        pytest.skip("no ELF file of an ESP8266 beside the image")
    irom0 = built.elf.section(".irom0.text")
    assert built.parsed.irom0[: irom0.size] == irom0.data
    assert built.parsed.header.segments[0].data[: built.elf.section(".text").size] == (
        built.elf.section(".text").data
    )
