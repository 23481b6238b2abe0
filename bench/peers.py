# SPDX-License-Identifier: MIT
"""Downloads programs that a file of requirements names, without what they depend on.

Those of bench/requirements.txt are the servers that bench/ measures beside this project's.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from bench import BUILD, FOLDER

REQUIREMENTS = FOLDER / "requirements.txt"
PEERS = BUILD / "peers"


def pins(requirements=REQUIREMENTS):
    """The requirement lines, by the distribution's name."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return {line.partition("==")[0]: line for line in lines if line and not line.startswith("#")}


def version(name):
    """The pinned version of distribution `name`."""
    return pins()[name].partition("==")[2].split()[0]


def fetch(name, requirements=REQUIREMENTS, file=None):
    """Returns the folder with a distribution's package, after downloading it if it is not there.

    name: of the distribution. requirements: path of the file that pins it. file: one of the
    package's files, as ``package/file.py``; by default there is an ``__init__`` and the package
    has the distribution's name. pip checks the pinned hash. Raises RuntimeError when the package
    cannot be had.
    """
    pin = pins(requirements)[name]
    folder = PEERS / name
    stamp = folder / ".requirement"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == pin:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    PEERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PEERS) as scratch:
        package = _download(pin, file or f"{name}/__init__.py", pathlib.Path(scratch))
        shutil.copytree(package, folder / package.name)
    stamp.write_text(pin, encoding="utf-8")
    return folder


def _download(pin, file, scratch):
    requirement = scratch / "requirements.txt"
    requirement.write_text(pin + "\n", encoding="utf-8")
    unpacked = scratch / "unpacked"
    unpacked.mkdir()
    # Archives made for MicroPython's own installer have no build file, so pip gives up
    # after it has checked and unpacked them: --no-clean leaves what it unpacked.
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        + ["--no-deps", "--no-compile", "--no-clean", "--target", scratch / "installed"]
        + ["--requirement", requirement],
        env={**os.environ, "TMPDIR": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    for place in (scratch / "installed", unpacked):
        for found in sorted(place.glob(f"**/{file}")):
            return found.parent
    raise RuntimeError(f"{pin.split()[0]} could not be downloaded:\n{pip.stderr}")
