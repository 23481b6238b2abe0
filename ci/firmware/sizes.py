# SPDX-License-Identifier: MIT
"""ci/firmware-sizes IMAGE...: what an image takes of each memory, and what is left.

Without arguments: the images that `make firmware` left in build/.
"""

import json
import pathlib
import sys

from . import FirmwareError, elf, image, table


def program_of(path):
    """The Elf that lies beside an image, or None."""
    for candidate in (path.with_suffix(".elf"), path.with_name("firmware.elf")):
        if candidate.exists():
            return elf.Elf(candidate.read_bytes())
    return None


def measure(path):
    """``(variant, [(what, used, limit or None)])`` of an image file, sizes in bytes."""
    path = pathlib.Path(path)
    chip, kind, parsed = image.identify(path.read_bytes())
    variant = image.variant_of(parsed, chip)
    if variant is None:
        raise FirmwareError(f"{path} is an image for {chip} that names none of the boards here")
    rows = [("file", path.stat().st_size, None)]
    if variant.port == "esp8266":
        limits = table.memory_limits(variant)
        rows.append(("irom0 (program in flash)", len(parsed.irom0), limits["irom0_0_seg"]))
        iram = parsed.header.segments[0]
        rows.append(("iram1 (program in RAM)", len(iram.data), limits["iram1_0_seg"]))
        if program := program_of(path):
            names = (".data", ".rodata", ".bss")
            sizes = [program.section(name).size for name in names]
            dram = limits["dram0_0_seg"]
            rows.append(("dram0 (data, constants, variables)", sum(sizes), dram))
            rows += [(f"  of it {n}", s, None) for n, s in zip(names, sizes, strict=True)]
            heap = [s.size for s in program.symbols() if s.name == "heap" and s.size > 8192]
            rows += [("  of it MicroPython's heap", size, None) for size in heap]
    else:
        app = parsed if kind == "app" else parsed.app
        limit = None
        if kind != "app":
            limit = next(p.size for p in parsed.partitions if p.kind == 0)
        rows.append(("application", app.size, limit))
    return variant, rows


def number(value):
    return "" if value is None else f"{value:,}".replace(",", " ")


def markdown(measured):
    """A table of what ``measure`` returned for each image."""
    lines = ["| image | memory | used | limit | left |", "|---|---|--:|--:|--:|"]
    for variant, rows in measured:
        for what, used, limit in rows:
            left = None if limit is None else limit - used
            cells = (variant.name, what.strip(), number(used), number(limit), number(left))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def as_json(measured):
    return json.dumps(
        {
            variant.name: [{"memory": w.strip(), "used": u, "limit": n} for w, u, n in rows]
            for variant, rows in measured
        },
        indent=2,
    )


def main(argv):
    if argv and argv[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 1
    paths = argv or [
        path
        for variant in table.load().values()
        if (path := variant.build_dir / f"{variant.name}.bin").exists()
    ]
    if not paths:
        print("There is no image in build/; make firmware builds one", file=sys.stderr)
        return 2
    try:
        print(markdown([measure(path) for path in paths]), end="")
    except (FirmwareError, image.ImageError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
