# SPDX-License-Identifier: MIT
"""Whether a built image is the one that a release says it is.

The image, the ELF file and the record of the build beside it are opened and compared with each
other, with the board's page and manifest, and with this checkout.
"""

import dataclasses
import re
import subprocess

from . import TOP, FirmwareError, contents, elf, esp32, image, record, sources

# What a program of the ESP32 family leaves free of its partition, for the next release's.
SPARE = 64 << 10
MICROPYTHON_BANNER = re.compile(rb"MicroPython (v[\w.+-]+) on (\d{4}-\d\d-\d\d)")


@dataclasses.dataclass(frozen=True)
class Expected:
    """What this checkout would build. Versions are as in "v1.2.3"; commits as git's names."""

    version: str
    micropython: str
    commit: str | None
    micropython_commit: str | None


def expected(version):
    """``Expected`` of this checkout for a release's version."""
    done = subprocess.run(
        [TOP / "ci" / "fetch-micropython", "--version"], capture_output=True, text=True
    )
    if done.returncode:
        raise FirmwareError("micropython/ is empty: run ci/fetch-micropython")
    # Which files are frozen is known from the manifests, which take packages from there.
    library = ("lib/micropython-lib",)
    sources.fetch(library, _git)
    sources.require(library)
    found, pinned = sources.commit(sources.MICROPYTHON), sources.pinned_micropython()
    if found and found != pinned:
        raise FirmwareError(
            f"micropython/ is at {found}, but this repository names {pinned}: "
            f"git submodule update micropython"
        )
    return Expected(version, f"v{done.stdout.strip()}", sources.commit(TOP), pinned)


def _git(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise FirmwareError(done.stderr)


@dataclasses.dataclass(frozen=True)
class Checked:
    """An image that is what it should be."""

    variant: object
    path: object
    parsed: object
    record: dict


def check_image(path, variant, this):
    """The image as Checked; FirmwareError with the first thing that is not as ``this`` says."""
    parsed = _parse(path, variant)
    _check_strings(path, variant, parsed, this)
    built = record.read(path)
    _check_record(path, variant, built, this)
    _check_sdk(path, variant, built)
    program = elf.Elf(path.with_name("firmware.elf").read_bytes())
    _check_program(path, variant, parsed, program)
    return Checked(variant, path, parsed, built)


def _parse(path, variant):
    try:
        chip, kind, parsed = image.identify(path.read_bytes())
    except image.ImageError as error:
        raise FirmwareError(f"{path} is {error}") from None
    if (chip, kind) != (variant.chip, "image"):
        raise FirmwareError(f"{path} is a file for {chip} ({kind}), not {variant.board}'s image")
    found = image.variant_of(parsed, chip)
    if found != variant:
        name = found.build_name if found else "none of the boards here"
        raise FirmwareError(f"{path} was built as {name}, not {variant.build_name}")
    if variant.port == "esp32" and parsed.spare < SPARE:
        raise FirmwareError(
            f"{path} leaves {parsed.spare} bytes of the application's partition free, "
            f"{SPARE} are wanted: boards/esp32/{variant.partitions}"
        )
    return parsed


def _check_strings(path, variant, parsed, this):
    data = b"\0".join(parsed.parts())
    if f"TinyWeb {this.version} ".encode() not in data:
        raise FirmwareError(f"{path} does not show {this.version} in its banner: build it again")
    banner = MICROPYTHON_BANNER.search(data)
    found = banner[1].decode() if banner else "none"
    if found != this.micropython:
        raise FirmwareError(
            f"{path} holds MicroPython {found}; this checkout has {this.micropython}"
        )


def _check_record(path, variant, built, this):
    for name, found, wanted in (
        ("of the build", built["build"], variant.build_name),
        ("of the version", f"v{built['version']}", this.version),
        ("of MicroPython", built["micropython"]["version"], this.micropython),
        ("of the commit", built["source"]["commit"], this.commit),
    ):
        if found != wanted:
            raise FirmwareError(f"{path}: its record {name} says {found}, this checkout {wanted}")
    if built["source"]["changed"]:
        raise FirmwareError(
            f"{path} was built with changes that are in no commit: commit or undo them, and build "
            f"it again"
        )
    if built["own"]:
        raise FirmwareError(f"{path} is a firmware of one's own: {', '.join(built['own'])}")
    if built["partial"]:
        raise FirmwareError(f"{path} was built with PARTIAL=1, so parts of it may be missing")
    if not built["colours"]:
        raise FirmwareError(
            f"{path} was built without npm, so its editor shows texts in one colour: "
            f"ci/install-deps web, and build it again"
        )
    found = built["micropython"]["commit"]
    if found != this.micropython_commit:
        raise FirmwareError(
            f"{path} was built from MicroPython's commit {found or 'unknown (no git)'}, this "
            f"repository names {this.micropython_commit}"
        )
    if not built["components"]:
        raise FirmwareError(f"{path}: its record does not say whose code it holds")
    unknown = [name for name, commit in built["micropython"]["submodules"].items() if not commit]
    if unknown:
        raise FirmwareError(f"{path}: at which commit {', '.join(unknown)} were is not known")


def _check_sdk(path, variant, built):
    """An image of a release is built with the ESP-IDF that MicroPython recommends."""
    if variant.port != "esp32":
        return
    pinned, _ = esp32.supported_versions()
    if built["sdk"]["version"] != pinned:
        raise FirmwareError(
            f"{path} was built with {built['sdk']['name']} {built['sdk']['version']}; a release "
            f"takes {pinned}, which MicroPython recommends"
        )


def _check_program(path, variant, parsed, program):
    machine = elf.MACHINES[variant.architecture]
    if program.machine != machine:
        raise FirmwareError(
            f"{path.with_name('firmware.elf')} is for the machine {program.machine}, "
            f"{variant.chip} has {machine}"
        )
    if difference := _difference(parsed, program):
        raise FirmwareError(f"{path} and firmware.elf beside it differ: {difference}")
    try:
        found = list(contents.differences(program, variant, contents.has_romfs(variant, parsed)))
    except contents.ContentsError as error:
        raise FirmwareError(f"{path.with_name('firmware.elf')}: {error}") from None
    if found:
        raise FirmwareError("\n".join(f"{path} {text}" for text in found))


def _joined(segments):
    """The segments as {address: bytes}, those in one piece of memory as one.

    esptool cuts a section of RAM in two where the part in flash behind it has to start at a page.
    """
    pieces = {}
    end = None
    for segment in sorted(segments, key=lambda segment: segment.address):
        if segment.address != end:
            start = segment.address
        pieces[start] = pieces.get(start, b"") + segment.data
        end = segment.address + len(segment.data)
    return pieces


def _difference(parsed, program):
    """Which section of a program an image does not hold, or None."""
    pieces = _joined(parsed.segments())
    for section in program.sections:
        # The ESP-IDF writes the ELF file's own checksum into this one.
        if not section.allocated or not section.data or section.name == ".flash.appdesc":
            continue
        for address, data in pieces.items():
            start = section.address - address
            if 0 <= start < len(data):
                if data[start : start + len(section.data)] != section.data:
                    return f"{section.name} has other bytes"
                break
        else:
            return f"{section.name} is missing"
    return None
