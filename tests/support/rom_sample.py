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


# Of py/gc.c: see heap.c.
HEAP = ("gc_init", "gc_alloc", "gc_free", "gc_realloc", "gc_collect_end", "gc_sweep_all", "getenv")


def build(out, bits=32, **environment):
    """Builds the simulator with the package in build/`out`; a Simulator."""
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
        [TOP / "ci" / "build-simulator", str(bits)],
        env={**os.environ, **paths, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Simulator(pathlib.Path(done.stdout.splitlines()[-1]), bits)


@functools.cache
def sample(bits=32):
    """The simulator with the package in ROM."""
    return build(f"simulator-{bits}-sample", bits)


@functools.cache
def sanitized(bits=32):
    """The same with gcc's sanitizers, which know the objects in the heap: see heap.c.

    It runs its program RESTARTS times: see restarts.c.
    """
    plain = sample(bits).path.parent
    out = plain.with_name(f"simulator-{bits}-sanitized")
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
    wrapped = ",".join(f"--wrap={name}" for name in ("main", "realpath", *HEAP))
    return build(
        out.name,
        bits,
        # With assertions. The other name that cmodules/rom gives io.IOBase would count as an
        # object of its own, without slots; memcpy() of nothing from nowhere is MicroPython's, and
        # so is the sum of hashes of a tuple, which turns.
        CFLAGS_EXTRA=f"-UNDEBUG -DHP_CHECKS=1 $(if $(filter %/modio.o %/gc.o,$@),,{SANITIZERS}"
        " -fno-sanitize-recover=all -fno-sanitize=nonnull-attribute)"
        " $(if $(filter %/objtuple.o,$@),-fwrapv)"
        " $(if $(filter %/gc.o,$@),-Dmemset=heap_memset -Dmemcpy=heap_memcpy)",
        LDFLAGS_EXTRA=f"{SANITIZERS} -Wl,{wrapped} {HERE / 'restarts.c'} {HERE / 'heap.c'}"
        f" -DHP_CHECKS=1 {TOP / 'tests/prove/holds.c'}"
        f" -I{TOP / 'cmodules/httpparse/core'}",
    )
