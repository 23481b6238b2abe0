# SPDX-License-Identifier: MIT
"""The arithmetic that the chip has in ROM and the emulated board brings along."""

import random
import re
import subprocess

from board.emulator import TOP

RUNTIME = TOP / "ports" / "qemu-lx106" / "runtime"


def test_arithmetic_equals_this_computers(tmp_path):
    """Every function, on the edges of its range and on random operands."""
    sources = sorted(RUNTIME.glob("*.c"))
    text = "".join(source.read_text(encoding="utf-8") for source in sources)
    names = set(re.findall(r"^\w+ __(\w+)\(", text, flags=re.M))
    checker = TOP / "tests" / "board" / "runtime_check.c"
    checked = set(re.findall(r'check(?:_float)?\("(\w+)"', checker.read_text(encoding="utf-8")))
    assert names == checked
    program = tmp_path / "check"
    subprocess.run(
        ["gcc", "-O1", "-Wall", "-Werror", "-Wno-builtin-declaration-mismatch"]
        + [f"-D__{name}=board_{name}" for name in names]
        + ["-o", program, checker, *sources, "-lm"],
        check=True,
    )
    seed = random.randrange(1, 2**63)
    done = subprocess.run(
        [program, "1000000", str(seed)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}"
