# SPDX-License-Identifier: MIT
"""Code of the user modules that is compiled with byte loads must not load bytes from flash.

The ESP8266 raises LoadStoreError for that; an emulator does not. Constants lie in flash, and
code gets at them by a literal that the linker fills in: an address that comes from such a
literal may be the base of a 32-bit load, and of no other.
"""

import re
import subprocess

import pytest

BYTE_LOADS = {"l8ui", "l16ui", "l16si"}
# Their result is an address if one operand is.
ARITHMETIC = {"mov", "add", "addi", "addmi", "addx2", "addx4", "addx8", "sub", "or", "movnez"}
ARITHMETIC |= {"moveqz", "movltz", "movgez"}
# Their first operand is no result.
NO_RESULT = re.compile(r"s(8|16|32)i|b\w+|j|jx|ret|callx?0|ss[lrai]\w*|nop|memw|isync|wsr\..*")

SECTION = re.compile(r"(?:Disassembly of section|RELOCATION RECORDS FOR) \[?([^\]:\s]+)")
INSTRUCTION = re.compile(r" +([0-9a-f]+):\t[0-9a-f ]+\t([\w.]+)(?:\t(.*))?$")
RELOCATION = re.compile(r"\s+([0-9a-f]+): R_XTENSA_SLOT0_OP\t([^+]+)(?:\+0x([0-9a-f]+))?$")


def linked_literals(listing):
    """The places (section, offset) of words that the linker fills in, of objdump -r."""
    found = set()
    section = None
    for line in listing.splitlines():
        if match := SECTION.match(line):
            section = match[1]
        elif match := re.match(r"([0-9a-f]+) R_XTENSA_32\s+\S+", line):
            found.add((section, int(match[1], 16)))
    return found


def flash_reads(disassembly, literals):
    """Byte loads whose base comes from a literal of `literals`, as lines of objdump -dr."""
    found = []
    addresses = set()  # registers that hold one
    section = loaded = None
    for line in disassembly.splitlines():
        if match := SECTION.match(line):
            section = match[1]
        elif re.match(r"[0-9a-f]+ <", line):
            addresses = set()
        elif match := RELOCATION.match(line):
            place = match[2], int(match[3] or "0", 16)
            if loaded and place in literals:
                addresses.add(loaded)
        elif match := INSTRUCTION.match(line):
            name = match[2].removesuffix(".n")
            operands = [o.strip() for o in (match[3] or "").split(",")]
            loaded = None
            if name in BYTE_LOADS and operands[1] in addresses:
                found.append(f"{section}: {line}")
            if name == "l32r":
                loaded = operands[0]
            if name.startswith("call"):
                addresses &= {"a12", "a13", "a14", "a15"}
            if NO_RESULT.fullmatch(name):
                continue
            keeps = name.startswith("mov") and len(name) > 4 and operands[0] in addresses
            if name in ARITHMETIC and (keeps or addresses & set(operands[1:])):
                addresses.add(operands[0])
            else:
                addresses.discard(operands[0])
    return found


def byte_loads(disassembly):
    """The byte loads, as lists of operands."""
    found = [m for line in disassembly.splitlines() if (m := INSTRUCTION.match(line))]
    return [m[3].split(", ") for m in found if m[2] in BYTE_LOADS]


def examine(path, cross):
    """(number of byte loads, those from constants) of an object file."""
    disassembly = cross("objdump", "-dr", str(path))
    literals = linked_literals(cross("objdump", "-r", str(path)))
    return len(byte_loads(disassembly)), flash_reads(disassembly, literals)


def test_no_byte_of_flash_is_loaded(module_objects, members_only, cross):
    with_byte_loads = set()
    for name, (path, _) in module_objects.items():
        count, found = examine(path, cross)
        assert not found, name
        if count:
            with_byte_loads.add(name)
    # What reads only buffers and structures in RAM, and is called for every byte
    hot = ("head", "framing", "request", "body", "response", "multipart", "form")
    hot = {f"httpparse/core/{name}.o" for name in hot}
    assert hot <= with_byte_loads
    # Strings, and constant bytes objects of programs, are read by the others
    binding = {n for n in with_byte_loads if n.startswith("httpparse/mod")}
    assert binding <= members_only
    assert "httpparse/core/text.o" not in with_byte_loads


def test_only_members_are_loaded_by_bytes(module_objects, members_only, cross):
    """Each lies behind two words, or on the stack, at a1.

    A string, which may lie in flash, is read from its front.
    """
    for name in members_only:
        loads = byte_loads(cross("objdump", "-d", str(module_objects[name][0])))
        assert loads, name
        assert not [load for load in loads if load[1] != "a1" and int(load[2], 0) < 8], name


SOURCES = {
    "a table": (
        "extern const unsigned char t[]; int f(int i) { return t[i]; }",
        True,
    ),
    "a string": (
        'int f(int i) { static const char s[] = "0123456789abcdef"; return s[i & 15]; }',
        True,
    ),
    "words": (
        "static const unsigned t[] = { 1, 7, 3 };"
        "int f(const unsigned char *p) { return t[p[0] & 1] + p[1]; }",
        False,
    ),
    "a buffer": (
        "int f(const unsigned char *p) { int n = 0; while (*p != 7) n += *p++; return n; }",
        False,
    ),
    "a table of tables": (
        'static const char *const t[] = { "ab", "cd" };'
        "int f(int i, const char **p) { p[0] = t[i]; return p[1][0]; }",
        False,
    ),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("literals", ["-mtext-section-literals", "-mno-text-section-literals"])
def test_the_check_itself(name, literals, cross, tmp_path):
    source, bad = SOURCES[name]
    out = tmp_path / "a.o"
    subprocess.run(
        [
            *("xtensa-lx106-elf-gcc", "-Os", "-mlongcalls", "-mno-force-l32", literals),
            *("-ffunction-sections", "-c", "-x", "c", "-", "-o", out),
        ],
        input=source,
        text=True,
        check=True,
    )
    count, found = examine(out, cross)
    assert bool(found) == bad
    if name == "a buffer":
        assert count > 0
