# SPDX-License-Identifier: MIT
"""What the images of the ESP32 family take, also where nobody can build them.

python -m firmware.growth             what each image takes today, about
python -m firmware.growth --record    the figures of images in build/, for boards/sizes.toml

The figures come from the link map of a build. What has changed since is compiled for the ESP8266,
whose compiler every machine of this project has: code for the other chips grows like it.
"""

import dataclasses
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from . import BOARDS, TOP, FirmwareError, contents, elf, image, linkmap, modules, record, table

FIGURES = BOARDS / "sizes.toml"
# What tinyweb brings into every image.
PACKAGES = ("tinyweb", "examples")
# Parts of a link map.
MODULES = r"/cmodules/"
FROZEN = r"frozen_content\.c\."


@dataclasses.dataclass(frozen=True)
class Sources:
    """How large the sources are, in bytes of the ESP8266's code."""

    modules: int  # objects of cmodules/, what of them is loaded
    frozen: int  # .mpy files of PACKAGES


@dataclasses.dataclass(frozen=True)
class Figures:
    """What the last build of an image told. Sizes in bytes."""

    commit: str  # what it was built from
    micropython: str
    idf: str
    compiler: str
    note: str  # how that build differs from one with the vendor's own tools
    app: int  # the program, as its partition holds it
    modules: int  # what cmodules/ takes of it
    frozen: int  # what frozen_content.c takes of it
    sources: Sources

    def today(self, now):
        """Bytes that the program takes with the sources of today, about."""
        per_byte = self.frozen / self.sources.frozen
        return (
            self.app
            + round(self.modules * (now.modules / self.sources.modules - 1))
            + round((now.frozen - self.sources.frozen) * per_byte)
        )


def load(path=FIGURES):
    """{build name: Figures} of the images that were built."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Figures(**{**entry, "sources": Sources(**entry["sources"])})
        for name, entry in entries.items()
    }


def partition_size(variant):
    """Bytes of the partition that holds a variant's program."""
    for line in variant.partition_file.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("#")[0].split(",")]
        if cells[1:2] == ["app"]:
            return int(cells[4], 0)
    raise FirmwareError(f"{variant.partition_file} has no partition for a program")


def frozen_bytes(mpy_cross, variant=""):
    """Bytes of the .mpy files of PACKAGES that an image has, compiled for the ESP8266.

    mpy_cross: the program. variant: the ESP8266's variant whose manifest names them.

    Raises FirmwareError if a file cannot be compiled.
    """
    names = contents.manifest_files(table.get("ESP8266_TINYWEB", variant))
    total = 0
    with tempfile.TemporaryDirectory(prefix="frozen-") as folder:
        out = Path(folder) / "out.mpy"
        pages = Path(folder) / "tinyweb" / "device" / "assets.py"
        over = TOP / "build" / "highlight"
        command = [TOP / "ci" / "pack-assets", TOP / "web" / "device", pages]
        command += ["--bare", "--over", over]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        roots = (TOP / "frozen", Path(folder))
        for name in sorted(names):
            if name.startswith(tuple(f"{package}/" for package in PACKAGES)):
                source = next(root / name for root in roots if (root / name).exists())
                command = [mpy_cross, "-O3", "-march=xtensa", "-s", name, "-o", out, source]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    raise FirmwareError(done.stderr)
                total += out.stat().st_size
    return total


def loaded_bytes(programs):
    """Bytes of the sections of object files, as Elf, that are loaded."""
    return sum(s.size for program in programs for s in program.sections if s.allocated)


def measure(mpy_cross):
    """Sources of this checkout; needs the ESP8266's compiler. mpy_cross: the program."""
    with tempfile.TemporaryDirectory(prefix="modules-") as folder:
        paths = modules.compile_objects(folder).values()
        size = loaded_bytes(elf.Elf(path.read_bytes()) for path in paths)
    return Sources(size, frozen_bytes(mpy_cross))


def describe(variant, now):
    """The lines of boards/sizes.toml for a variant's image in build/.

    now: the Sources of this checkout, which it was built from.
    """
    path = variant.build_dir / f"{variant.name}.bin"
    _, kind, parsed = image.identify(path.read_bytes())
    app = parsed if kind == "app" else parsed.app
    text = path.with_name("firmware.map").read_text(errors="replace")
    built = json.loads(path.with_name(record.NAME).read_text())
    return "\n".join(
        [
            f'["{variant.build_name}"]',
            f'commit = "{built["source"]["commit"][:7]}"',
            f'micropython = "{built["micropython"]["version"].removeprefix("v")}"',
            f'idf = "{built["sdk"]["version"].removeprefix("v")}"',
            f'compiler = "GCC {built["compiler"]["version"]}"',
            'note = ""',
            f"app = {app.size}",
            f"modules = {linkmap.taken(text, MODULES)}",
            f"frozen = {linkmap.taken(text, FROZEN)}",
            f"sources = {{ modules = {now.modules}, frozen = {now.frozen} }}",
        ]
    )


def main(argv):
    if argv not in ([], ["--record"]):
        print(__doc__, file=sys.stderr)
        return 1
    now = measure(TOP / "build" / "mpy-cross" / "mpy-cross")
    for (board, variant), entry in table.load().items():
        if argv and entry.port == "esp32" and (entry.build_dir / f"{entry.name}.bin").exists():
            print(describe(table.get(board, variant), now), end="\n\n")
        elif not argv and (figures := load().get(entry.build_name)):
            size, limit = figures.today(now), partition_size(entry)
            print(f"{entry.build_name}: about {size} bytes of {limit}, {limit - size} free")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FirmwareError as e:
        sys.exit(str(e))
