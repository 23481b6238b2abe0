# SPDX-License-Identifier: MIT
"""What the boards freeze: a superset of the official images, and it compiles."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from firmware import BOARDS, TOP
from support import simulator

MICROPYTHON = TOP / "micropython"
LIBRARY = MICROPYTHON / "lib" / "micropython-lib"


class Recorder:
    """Executes a manifest and notes what it names, without looking for packages."""

    def __init__(self, port, board_dir, found=True, **variables):
        self.variables = {
            "MPY_DIR": MICROPYTHON,
            "PORT_DIR": MICROPYTHON / "ports" / port,
            "BOARD_DIR": board_dir,
            "TINYWEB_TOP": TOP,
            **variables,
        }
        self.found = found
        self.packages = set()
        self.files = set()
        self.folders = [pathlib.Path()]

    def path(self, text):
        for name, value in self.variables.items():
            text = text.replace(f"$({name})", str(value))
        return self.folders[-1] / text

    def include(self, manifest, **options):
        path = self.path(manifest)
        if path.is_dir():
            path /= "manifest.py"
        self.folders.append(path.parent)
        previous = os.getcwd()
        os.chdir(path.parent)
        exec(
            compile(path.read_text(), path, "exec"),
            {
                "include": self.include,
                "require": self.require,
                "freeze": self.freeze,
                "module": self.module,
                "package": self.package,
                "metadata": lambda **_: None,
                "options": _Options(options),
            },
        )
        os.chdir(previous)
        self.folders.pop()

    def require(self, name, **_):
        if not self.found:
            raise ValueError(f"Package '{name}' not found in any known library.")
        self.packages.add(name)

    def freeze(self, path, script=None, opt=None):
        folder = self.path(path)
        names = [script] if isinstance(script, str) else script
        files = [folder / n for n in names] if names else folder.rglob("*.py")
        self.files |= {str(f.relative_to(folder)) for f in files}

    def module(self, name, base_path=".", opt=None):
        assert (self.path(base_path) / name).is_file()
        self.files.add(name)

    def package(self, name, files=None, base_path=".", opt=None):
        folder = self.path(base_path)
        found = [folder / name / f for f in files] if files else (folder / name).rglob("*.py")
        self.files |= {str(f.relative_to(folder)) for f in found}


class _Options:
    def __init__(self, given):
        self.given = given

    def defaults(self, **defaults):
        self.given = {**defaults, **self.given}

    def __getattr__(self, name):
        return self.given.get(name)


def run(port, manifest, board="", **options):
    recorder = Recorder(port, BOARDS / board, **options)
    recorder.include(str(manifest))
    return recorder


CASES = {
    "ESP8266": (
        "esp8266",
        "ESP8266_TINYWEB/manifest.py",
        "boards/ESP8266_GENERIC/manifest_2MiB.py",
    ),
    "ESP8266-FLASH_1M": ("esp8266", "ESP8266_TINYWEB/manifest_1m.py", "boards/manifest.py"),
    "ESP32": ("esp32", "esp32/manifest.py", "boards/manifest.py"),
}


@pytest.mark.parametrize("case", CASES)
def test_freezes_all_that_the_official_image_does(case):
    port, ours, official = CASES[case]
    port_dir = MICROPYTHON / "ports" / port
    board_dir = (BOARDS / ours).parent
    mine = run(port, BOARDS / ours, TINYWEB_TLS=1, BOARD_DIR=board_dir)
    theirs = run(port, port_dir / official, BOARD_DIR=(port_dir / official).parent)
    assert theirs.packages
    # Of bundle-networking, the image of 1 MiB has what needs no TLS.
    bundle = {"bundle-networking"} if case == "ESP8266-FLASH_1M" else set()
    assert theirs.packages - bundle <= mine.packages
    assert not bundle or {"ntptime", "requests", "webrepl"} <= mine.packages
    # What the board's page names as left out.
    left_out = {"espnow.py"} if case == "ESP8266-FLASH_1M" else set()
    assert theirs.files - left_out <= mine.files
    assert not left_out & mine.files


@pytest.mark.parametrize("case", CASES)
def test_without_the_package_library_it_says_what_is_left_out(case, capsys):
    port, ours, _ = CASES[case]
    mine = run(port, BOARDS / ours, TINYWEB_TLS=0, found=False)
    left_out = [x for x in capsys.readouterr().out.splitlines() if x.startswith("Left out")]
    package = "webrepl" if case == "ESP8266-FLASH_1M" else "bundle-networking"
    assert f"Left out, lib/micropython-lib is missing: {package}" in left_out
    assert not mine.packages
    assert "_boot.py" in mine.files and "asyncio/core.py" in mine.files


@pytest.mark.parametrize(
    ("case", "architecture"),
    [("ESP8266", "xtensa"), ("ESP8266-FLASH_1M", "xtensa"), ("ESP32", "xtensawin")],
)
def test_frozen_code_compiles(case, architecture, tmp_path):
    """MicroPython's own tool executes the manifest, and its compiler takes every file."""
    # Makes mpy-cross, and a list of interned strings for mpy-tool.
    strings = simulator.build(64).path.parent / "genhdr" / "qstrdefs.preprocessed.h"
    port, ours, _ = CASES[case]
    (tmp_path / "genhdr").mkdir()
    shutil.copy(strings, tmp_path / "genhdr")
    library = LIBRARY if (LIBRARY / "README.md").exists() else MICROPYTHON / "lib"
    variables = {
        "MPY_DIR": MICROPYTHON,
        "MPY_LIB_DIR": library,
        "PORT_DIR": MICROPYTHON / "ports" / port,
        "BOARD_DIR": (BOARDS / ours).parent,
        "TINYWEB_TOP": TOP,
        "TINYWEB_TLS": 0,
    }
    done = subprocess.run(
        [
            *(sys.executable, MICROPYTHON / "tools" / "makemanifest.py"),
            *("-o", tmp_path / "frozen_content.c", "-b", tmp_path),
            *(f"-f=-march={architecture}", "--mpy-tool-flags="),
            *(x for name, value in variables.items() for x in ("-v", f"{name}={value}")),
            BOARDS / ours,
        ],
        # Modules in ROM need what only a build has collected.
        env={"MICROPY_MPYCROSS": str(TOP / "build" / "mpy-cross" / "mpy-cross"), "ROM": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    mine = run(port, BOARDS / ours, TINYWEB_TLS=0, BOARD_DIR=(BOARDS / ours).parent)
    ours = [name for name in mine.files if name.startswith(("tinyweb/", "examples/"))]
    # What runs the user's main.py is in all that have the device's pages.
    assert ("main.py" in mine.files) == (case != "ESP8266-FLASH_1M")
    assert "tinyweb/server.py" in ours and "examples/hello_world.py" in ours
    for name in ours:
        assert (tmp_path / "frozen_mpy" / name).with_suffix(".mpy").exists()
    if case != "ESP8266-FLASH_1M":
        frozen = TOP / "frozen"
        sources = {str(f.relative_to(frozen)) for f in (frozen / "tinyweb").rglob("*.py")}
        # What the build makes of web/device/.
        sources.add("tinyweb/device/assets.py")
        if port == "esp8266":
            # There is one place for a program.
            names = ("fetch", "image", "release", "update")
            sources -= {f"tinyweb/device/{name}.py" for name in names}
        examples = {name for name in ours if name.startswith("examples/")}
        assert set(ours) == sources | examples
        assert {"examples/__init__.py", "examples/thermostat.py"} <= examples


UNREACHED = {
    # An SSLContext leads to it, and an image without TLS has none.
    ("tinyweb/setup.py", "tls"),
    # Where it is not there, check() does without.
    ("tinyweb/server.py", "checks"),
    ("tinyweb/replies.py", "refusals"),
}


def test_image_of_1_mib_is_whole():
    """What is left out for want of room is not imported by what is there."""
    port, ours, _ = CASES["ESP8266-FLASH_1M"]
    mine = run(port, BOARDS / ours, TINYWEB_TLS=0, BOARD_DIR=(BOARDS / ours).parent)
    found = {name for name in mine.files if name.startswith("tinyweb/")}
    folder = TOP / "frozen" / "tinyweb"
    missing = {f.stem for f in folder.glob("*.py")} - {pathlib.Path(n).stem for n in found}
    assert missing
    for name in found:
        text = (folder.parent / name).read_text(encoding="utf-8")
        for module in missing:
            pattern = rf"(from|import) tinyweb\.{module}\b|from tinyweb import .*\b{module}\b"
            if (name, module) not in UNREACHED:
                assert not re.search(pattern, text), f"{name} imports {module}"


def test_sha1_of_images_without_tls(run_mpy, tmp_path):
    """The frozen hashlib extends the built-in one; hashes as CPython has them."""
    import hashlib

    cases = [b"", b"abc", b"x" * 55, b"x" * 56, b"x" * 64, bytes(range(256)) * 3]
    expected = [[hashlib.sha1(c).hexdigest(), hashlib.sha256(c).hexdigest()] for c in cases]
    modules = BOARDS / "ESP8266_TINYWEB" / "modules"
    program = f"""
import sys
sys.path.insert(0, {str(modules)!r})
import hashlib
for case in {cases!r}:
    h = hashlib.sha1(case[:10])
    h.update(case[10:])
    print(h.digest().hex(), hashlib.sha256(case).digest().hex())
"""
    for bits in (64, 32):
        done = run_mpy(program, bits=bits)
        assert [line.split() for line in done.stdout.splitlines()] == expected
