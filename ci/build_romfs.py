# SPDX-License-Identifier: MIT
"""Makes an image of ROMFS from a folder; ci/build-romfs is its command line.

build_romfs.py MPY_CROSS FOLDER IMAGE [SITE]...

Modules (.py) are compiled. What is in the folders SITE (by default www) is compressed, as
ci/pack-assets does: it is for app.static(), which sends such files as they are. Everything else
stays as it is, since programs open it themselves. The same files make the same image, byte for
byte.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import site_files
from mpremote.romfs import VfsRomWriter


class Refused(Exception):
    """Why there is no image, a sentence."""


def compiled(mpy_cross, name, path):
    """The bytecode of a module, for every chip; `name` is what tracebacks show."""
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, "module.mpy")
        done = subprocess.run(
            [mpy_cross, "-s", name, "-o", target, path],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Refused(done.stderr.strip())
        return target.read_bytes()


def contents(mpy_cross, folder, sites):
    """{name: bytes} of what the image gets."""
    found = {}
    for name, path in site_files.files(folder):
        data = path.read_bytes()
        if "__pycache__" in path.parts:
            continue
        if any(name.startswith(f"{site}/") for site in sites):
            name, data = site_files.packed(name, data)
        elif name.endswith(".py"):
            name, data = f"{name[:-3]}.mpy", compiled(mpy_cross, name, path)
        if not name.isascii():
            raise Refused(f"names in ROMFS are ASCII, not {name}")
        if name in found:
            raise Refused(f"there are two files that become {name}")
        found[name] = data
    if not found:
        raise Refused(f"there is nothing in {folder}")
    return found


def image(files):
    """The image that has `files`, {name: bytes}."""
    writer = VfsRomWriter()
    here = []
    for name in sorted(files, key=lambda name: name.split("/")):
        *folders, last = name.split("/")
        while here != folders[: len(here)]:
            writer.closedir()
            here.pop()
        for part in folders[len(here) :]:
            writer.opendir(part)
            here.append(part)
        writer.mkfile(last, files[name])
    for _ in here:
        writer.closedir()
    return writer.finalise()


def main(arguments):
    if len(arguments) < 3:
        print(__doc__.strip().splitlines()[2], file=sys.stderr)
        return 1
    mpy_cross, folder, target, *sites = arguments
    try:
        files = contents(mpy_cross, pathlib.Path(folder), sites or ["www"])
    except Refused as exc:
        print(exc, file=sys.stderr)
        return 1
    data = image(files)
    pathlib.Path(target).parent.mkdir(parents=True, exist_ok=True)
    # An interrupted run leaves no half image behind.
    new = pathlib.Path(f"{target}.new")
    new.write_bytes(data)
    os.replace(new, target)
    for name, content in files.items():
        print(f"{len(content):>8} {name}")
    print(f"{target}: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
