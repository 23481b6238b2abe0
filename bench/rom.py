# SPDX-License-Identifier: MIT
"""What the packages of a manifest take of a chip's heap, in ROM and frozen ordinarily.

    python -m bench.rom MANIFEST

builds two simulators from the manifest, imports in them each module that it gives to rom(), and
prints a table: `make rom-heap FROZEN_MANIFEST=MANIFEST`, see docs/rom.md.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from bench import TOP
from bench.memory import import_heap

# What the board's manifest freezes is measured elsewhere, and there before a user's module.
BEFORE = ("asyncio", "tinyweb")
OURS = (*BEFORE, "examples")
HEAD = "| module | frozen ordinarily | in ROM |"


def build(manifest, rom):
    """The 32-bit simulator from a manifest, a path; rom: whether packages are in ROM."""
    done = subprocess.run(
        [TOP / "ci" / "build-simulator", "32"],
        env={**os.environ, "FROZEN_MANIFEST": str(manifest), "ROM": str(int(rom))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Path(done.stdout.splitlines()[-1])


def modules(simulator):
    """{module: None, or why it is not in ROM} of the packages beside this project's."""
    report = (simulator.parent / "rom_report.txt").read_text(encoding="utf-8")
    found = re.findall(r"^(\S+) +\d+ +\d+ +-?\d+(?: |$)", report, re.M)
    found = {name: None for name in found if name != "all"}
    found.update(re.findall(r"^Not in ROM: (\S+): (.*)$", report, re.M))
    return {k: v for k, v in sorted(found.items()) if k.partition(".")[0] not in OURS}


def measure(manifest):
    """{module: (bytes ordinarily, bytes in ROM, why it is not)}, or an error's text instead.

    Each module is imported alone, with all that it imports but asyncio and tinyweb.
    """
    ordinary, rom = build(manifest, False), build(manifest, True)
    result = {}
    for name, reason in modules(rom).items():
        try:
            sizes = [max(0, import_heap(x, name, *BEFORE)) for x in (ordinary, rom)]
        except subprocess.CalledProcessError as error:
            result[name] = error.stderr.strip().splitlines()[-1]
        else:
            result[name] = (*sizes, reason)
    return result


def table(measured):
    """The lines of the table, and of what cannot be in it."""
    yield HEAD
    yield "|---|--:|--:|"
    errors = []
    for name, found in measured.items():
        if isinstance(found, str):
            errors.append(f"{name} cannot be imported in the simulator: {found}")
            continue
        before, now, reason = found
        yield f"| `{name}` | {before} | {now} |"
        if reason:
            errors.append(f"{name} is not in ROM: {reason}")
    if errors:
        yield ""
        yield from errors


def main(arguments):
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        return "usage: make rom-heap FROZEN_MANIFEST=FILE, a manifest that calls rom()"
    measured = measure(Path(arguments[0]).resolve())
    if not measured:
        return f"{arguments[0]} puts no package into ROM: it has no rom()"
    print("\n".join(table(measured)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
