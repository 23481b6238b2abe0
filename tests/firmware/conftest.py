# SPDX-License-Identifier: MIT
"""Which images the tests look at.

    pytest tests/firmware [--image FILE]...

Without --image they are those that `make firmware` left in build/.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from firmware import BOARDS, TOP, elf, esp8266, image, modules, table
from support.cmake import configure, idf  # noqa: F401


def pytest_addoption(parser):
    parser.addoption(
        "--image",
        action="append",
        metavar="FILE",
        help="firmware image to check instead of those in build/ (may be given more than once)",
    )


@dataclasses.dataclass(frozen=True)
class Built:
    """An image and, where they lie beside it, what it was linked from."""

    path: pathlib.Path
    kind: str
    parsed: object
    variant: object  # firmware.table.Variant
    elf: object  # firmware.elf.Elf or None

    def text(self):
        """All bytes of the program, for searches."""
        return b"\0".join(self.parsed.parts())


def _newest_source(variant):
    """The time of the last change of what a variant's image is made from."""
    folders = [TOP / "boards" / variant.board, TOP / "boards" / variant.port]
    files = [f for s in (*folders, TOP / "frozen", TOP / "cmodules") for f in s.rglob("*")]
    files += [f for f in (TOP / "boards").iterdir() if f.is_file()]
    return max(f.stat().st_mtime for f in files if "__pycache__" not in f.parts)


def _built_images():
    """Images in build/, as pytest parameters: those older than their sources are skipped."""
    for variant in table.load().values():
        path = variant.build_dir / f"{variant.name}.bin"
        if not path.exists():
            continue
        marks = ()
        if path.stat().st_mtime < _newest_source(variant):
            marks = (pytest.mark.skip(f"{path.name} in build/ is older than its sources"),)
        yield pytest.param(path, id=path.name, marks=marks)


def pytest_generate_tests(metafunc):
    if "built" not in metafunc.fixturenames:
        return
    given = metafunc.config.getoption("image", default=None)
    if given:
        images = [pytest.param(pathlib.Path(p), id=pathlib.Path(p).name) for p in given]
    else:
        images = list(_built_images())
    if not images:
        reason = "no image: make firmware builds one with the vendor's SDK, or give --image"
        images = [pytest.param(None, id="none", marks=pytest.mark.skip(reason))]
    metafunc.parametrize("built", images, indirect=True)


@pytest.fixture(scope="session")
def _load_image():
    loaded = {}

    def load(path):
        if path not in loaded:
            chip, kind, parsed = image.identify(path.read_bytes())
            variant = image.variant_of(parsed, chip)
            assert variant, f"{path} names none of the boards here"
            program = path.with_name("firmware.elf")
            if not program.exists():
                program = path.with_suffix(".elf")
            loaded[path] = Built(
                path=path,
                kind=kind,
                parsed=parsed,
                variant=variant,
                elf=elf.Elf(program.read_bytes()) if program.exists() else None,
            )
        return loaded[path]

    return load


@pytest.fixture
def built(request, _load_image):
    """Each image in turn, as Built."""
    return _load_image(request.param)


@pytest.fixture(scope="session")
def cross():
    """``cross(tool, *arguments)``: run a tool of the ESP8266's toolchain, return its output."""
    prefix = os.environ.get("CROSS_COMPILE", "xtensa-lx106-elf-")
    if not shutil.which(prefix + "gcc"):
        pytest.skip(f"{prefix}gcc is missing: ci/install-deps firmware")

    def run(tool, *arguments):
        done = subprocess.run([prefix + tool, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def module_objects(cross, tmp_path_factory):
    """{name: (path, Elf)} of the user modules' objects, compiled as for the board.

    Needs no vendor SDK.
    """
    objects = modules.compile_objects(tmp_path_factory.mktemp("objects"))
    return {name: (path, elf.Elf(path.read_bytes())) for name, path in objects.items()}


@pytest.fixture(scope="session")
def members_only():
    """Of the binding, what loads no bytes but members of its objects and the core's structures."""
    names = ("request", "response", "urlencoded")
    return {f"httpparse/modhttpparse_{name}.o" for name in names}


@pytest.fixture(scope="session")
def linked(module_objects, cross, tmp_path_factory):
    """The modules' objects linked by the board's script, unresolved symbols ignored.

    MicroPython's functions, which some call directly, are taken to be where its code begins.
    Returns (Elf, {symbol name: object name}) of what the modules define.
    """
    out = tmp_path_factory.mktemp("link")
    program = out / "modules.elf"
    any_object = next(iter(module_objects.values()))[0]
    build = next(p for p in any_object.parents if (p / "tinyweb_sections.ld").exists())
    listing = cross("nm", "--undefined-only", *(str(path) for path, _ in module_objects.values()))
    undefined = set(re.findall(r" U ((?:httpparse|mp|m|nlr|vstr|qstr)_\w+)$", listing, re.M))
    cross(
        "ld",
        *("-nostdlib", "--unresolved-symbols=ignore-all", "--no-warn-rwx-segments"),
        *(f"--defsym={name}=_irom0_text_start" for name in sorted(undefined)),
        *("-L", str(esp8266.PORT), "-L", str(build)),
        *("-T", str(BOARDS / "ESP8266_TINYWEB" / "flash_1M.ld")),
        *("-Map", str(out / "modules.map"), "-o", str(program)),
        *(str(path) for path, _ in module_objects.values()),
    )
    defined = {
        symbol.name: name
        for name, (_, program) in module_objects.items()
        for symbol in program.symbols()
        if symbol.kind in (elf.STT_FUNC, elf.STT_OBJECT)
        and symbol.section
        and program.sections[symbol.section].allocated
    }
    return elf.Elf(program.read_bytes()), defined
