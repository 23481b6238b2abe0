# SPDX-License-Identifier: MIT
"""The flash table as objects: boards/flash.toml and the boards' own.

python -m firmware.table PORT: prints the board and variant of each image of one of MicroPython's
ports, as a JSON list. For the workflow, which builds each in a job of its own.
"""

import dataclasses
import functools
import json
import re
import sys
import tomllib

from . import BOARDS, TOP, FirmwareError

VERSION_FILE = TOP / "frozen" / "tinyweb" / "__init__.py"


@dataclasses.dataclass(frozen=True)
class Variant:
    """One image of a board; ``variant`` is "" for the board's main image."""

    board: str
    variant: str
    port: str
    chip: str
    family: str
    architecture: str
    suffix: str
    manifest: str
    flash_mode: str
    flash_freq: str
    detect_size: bool
    files: dict
    name: str
    title: str
    flash_size: str
    chip_id: int | None = None
    layout: str = ""
    partitions: str = ""
    improv: bool = True

    @property
    def build_name(self):
        """What MicroPython calls it in ``sys.implementation._build``."""
        return f"{self.board}-{self.variant}" if self.variant else self.board

    @property
    def build_dir(self):
        return TOP / "build" / self.build_name

    @property
    def partition_file(self):
        """The partition table's source (ESP32)."""
        return BOARDS / "esp32" / self.partitions

    @property
    def flash_options(self):
        """What esptool's write-flash is told besides the address, wherever it is called."""
        detect = ("--flash-size", "detect") if self.detect_size else ()
        return ("--flash-mode", self.flash_mode, *detect)

    @property
    def flash_bytes(self):
        return size_bytes(self.flash_size)

    def file_name(self, kind, version):
        """The release's file for ``kind``, a key of ``files``; ``version`` as in "v1.2.3"."""
        if kind not in self.files:
            raise FirmwareError(f"{self.build_name} has no file of the kind {kind}")
        suffix = "" if kind == "image" else f"-{kind}"
        return f"{self.name}-{version}{suffix}.{self.suffix}"


def size_bytes(text):
    """``"2MB"`` as esptool writes it, or ``"572K"`` and ``"0x10"`` as linker scripts do."""
    match = re.fullmatch(r"(0x[0-9a-fA-F]+|\d+)\s*([KM]?)B?", text)
    if not match:
        raise ValueError(f"not a size: {text!r}")
    return int(match[1], 0) * {"": 1, "K": 1 << 10, "M": 1 << 20}[match[2]]


@functools.cache
def chips():
    """What boards/flash.toml says of each chip, its port's lines included, as {name: dict}."""
    common = tomllib.loads((BOARDS / "flash.toml").read_text())
    found = {}
    for name, chip in common["chips"].items():
        port = common["ports"][chip["port"]]
        files = {**chip.get("files", {}), **port.get("files", {})}
        found[name] = {**port, **chip, "files": files}
    return found


def chip_of_id(port, chip_id):
    """The name of the chip that has a number in the images of a port, or None."""
    for name, chip in chips().items():
        if chip["port"] == port and chip.get("chip_id") == chip_id:
            return name
    return None


@functools.cache
def load():
    """All variants of all boards, as {(board, variant): Variant}."""
    result = {}
    for path in sorted(BOARDS.glob("*/flash.toml")):
        board = path.parent.name
        entry = tomllib.loads(path.read_text())
        if entry["chip"] not in chips():
            raise FirmwareError(f"{path}: boards/flash.toml has no chip {entry['chip']!r}")
        for variant, own in entry["variants"].items():
            result[board, variant] = Variant(
                board=board,
                variant=variant,
                chip=entry["chip"],
                **{**chips()[entry["chip"]], **own},
            )
    return result


def get(board, variant=""):
    """The Variant, or FirmwareError that lists the names there are."""
    variants = load()
    if (board, variant) in variants:
        return variants[board, variant]
    boards = sorted({name for name, _ in variants})
    if board not in boards:
        raise FirmwareError(f"No board is called {board!r}. There are: {', '.join(boards)}")
    names = ", ".join(v for b, v in variants if b == board and v)
    raise FirmwareError(
        f"{board} has no variant {variant!r}. There are: {names}; without VARIANT= "
        f"the board's main image is meant"
    )


def version():
    """The version that images show, without "v": ``tinyweb.__version__``."""
    try:
        text = VERSION_FILE.read_text()
    except OSError:
        return "0.0.0"
    match = re.search(r'^__version__ = "([^"]+)"$', text, re.M)
    return match[1] if match else "0.0.0"


def memory_limits(variant):
    """Lengths in bytes of the memories in a variant's linker script, by name."""
    text = (BOARDS / variant.board / variant.layout).read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return {
        name: size_bytes(length.strip())
        for name, length in re.findall(r"(\w+) *: *org *= *\w+, *len *= *(\w+)", text)
    }


def main(argv):
    (port,) = argv
    images = [" ".join(filter(None, key)) for key, v in load().items() if v.port == port]
    print(json.dumps(images))


if __name__ == "__main__":
    main(sys.argv[1:])
