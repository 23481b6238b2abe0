# SPDX-License-Identifier: MIT
"""Simulators with the package of tests/rom/sample in ROM, by a manifest of the user's own."""

import functools
import os
import pathlib
import shutil
import subprocess

from support.simulator import TOP, Simulator

HERE = pathlib.Path(__file__).parent
PACKAGES = TOP / "tests" / "rom"
MANIFEST = """
include({boards!r})
package("sample", base_path={packages!r})
rom("sample")
"""
# What the sanitized simulator compiles anew: everything that sees an object in ROM. The rest,
# such as the file systems, is as in the other one.
SANITIZED = (
    *("py", "rom", "tinyweb", "httpparse"),
    *("extmod/modasyncio.o", "frozen_content.o", "main.o"),
)
SANITIZERS = "-fsanitize=address,undefined"


def build(out, **environment):
    """Builds the 32-bit simulator with the package in build/`out`; a Simulator."""
    folder = TOP / "build" / "rom"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.py"
    boards = str(TOP / "boards" / "SIMULATOR" / "manifest.py")
    text = MANIFEST.format(boards=boards, packages=str(PACKAGES))
    if not manifest.exists() or manifest.read_text() != text:
        manifest.write_text(text)
    paths = {"FROZEN_MANIFEST": str(manifest), "SIMULATOR_OUT": str(TOP / "build" / out)}
    # Compiles in two thirds of the time.
    paths["COPT"] = "-O1"
    done = subprocess.run(
        [TOP / "ci" / "build-simulator", "32"],
        env={**os.environ, **paths, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Simulator(pathlib.Path(done.stdout.splitlines()[-1]), 32)


@functools.cache
def sample():
    """The simulator with the package in ROM."""
    return build("simulator-32-sample")


@functools.cache
def sanitized():
    """The same with gcc's sanitizers, which runs its program RESTARTS times: see restarts.c."""
    plain = sample().path.parent
    out = plain.with_name("simulator-32-sanitized")
    # The copy's own make does not see what its objects depend on: with other interned strings,
    # those that stay would take one name for another.
    if out.exists() and os.path.getmtime(out) < os.path.getmtime(plain / "simulator"):
        shutil.rmtree(out)
    if not out.exists():
        copy = out.with_name(out.name + "-copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(plain, copy)
        (copy / "simulator").unlink()
        for name in SANITIZED:
            for file in [copy / name] if name.endswith(".o") else copy.glob(name + "/**/*.o"):
                file.unlink()
        copy.rename(out)
    return build(
        out.name,
        # With assertions. The other name that cmodules/rom gives io.IOBase would count as an
        # object of its own, without slots; memcpy() of nothing from nowhere is MicroPython's.
        CFLAGS_EXTRA=f"-UNDEBUG $(if $(filter %/modio.o,$@),,{SANITIZERS}"
        " -fno-sanitize-recover=all -fno-sanitize=nonnull-attribute)",
        LDFLAGS_EXTRA=f"{SANITIZERS} -Wl,--wrap=main,--wrap=realpath {HERE / 'restarts.c'}",
    )
