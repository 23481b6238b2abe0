# SPDX-License-Identifier: MIT
"""ci/build-firmware BOARD [VARIANT]: build an image and print its path as the last line.

The environment names what is not in this repository: ESP_SDK the vendor SDK of the
ESP8266, IDF_PATH the ESP-IDF. What is missing is named together with where its vendor
documents it, and the exit status is 2.
"""

import contextlib
import fcntl
import os
import subprocess
import sys

from . import TOP, FirmwareError, esp32, esp8266, table

MICROPYTHON = TOP / "micropython"


def environment():
    """Variables for MicroPython's make, so that equal sources give equal images."""
    env = dict(os.environ)
    # A make that called this must not pass on its own flags and variables.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BOARD", "VARIANT", "PORT", "BITS"):
        env.pop(name, None)
    version = _output([TOP / "ci" / "fetch-micropython", "--version"])
    # Else MicroPython's version would be made from this repository's tags.
    env["MICROPY_GIT_TAG"] = env["MICROPY_GIT_HASH"] = f"v{version}"
    if "SOURCE_DATE_EPOCH" not in env:
        date = _output(["git", "-C", TOP, "log", "-1", "--format=%ct"], default="")
        if not date:
            raise FirmwareError(
                "Without git history the date of the sources is not known: set SOURCE_DATE_EPOCH"
            )
        env["SOURCE_DATE_EPOCH"] = date
    env["LC_ALL"] = "C.UTF-8"
    env["MICROPY_MPYCROSS"] = str(TOP / "build" / "mpy-cross" / "mpy-cross")
    return env


def _output(command, default=None):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        if default is None:
            raise
        return default


def jobs():
    return min(os.cpu_count() or 1, 4)


@contextlib.contextmanager
def locked(path):
    """One build of an image at a time in a checkout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Log:
    """Runs commands with their output in a file, shown only when one fails."""

    def __init__(self, path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    def run(self, command, **options):
        with open(self.path, "a") as log:
            log.write(" ".join(map(str, command)) + "\n")
            log.flush()
            result = subprocess.run(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options
            )
        if result.returncode:
            tail = self.path.read_text(errors="replace").splitlines()[-40:]
            raise FirmwareError(
                "\n".join(tail) + f"\nThe build failed; the whole log is in {self.path}"
            )

    def lines(self, start):
        """Lines that start with a text, each once."""
        found = (x for x in self.path.read_text(errors="replace").splitlines())
        return list(dict.fromkeys(x for x in found if x.startswith(start)))


def fetch_submodules(names, log):
    """Take the port's library submodules where MicroPython's git repository is there.

    A source archive has none, and a closed network gives none; the boards leave out
    what needs them.
    """
    if not (MICROPYTHON / ".git").exists():
        return
    missing = [n for n in names if not any((MICROPYTHON / n).iterdir())]
    if not missing:
        return
    command = ["git", "-C", MICROPYTHON, "submodule", "update", "--init", "--depth", "1"]
    with contextlib.suppress(FirmwareError, subprocess.TimeoutExpired):
        log.run(
            [*command, "--quiet", "--", *missing],
            timeout=300,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )


def build(board, variant=""):
    """Build one image; returns the path of the file that is flashed."""
    entry = table.get(board, variant)
    module = esp8266 if entry.chip == "esp8266" else esp32
    module.check(entry)
    with locked(TOP / "build" / f"{entry.build_name}.lock"):
        log = Log(TOP / "build" / f"{entry.build_name}.log")
        env = environment()
        with locked(TOP / "build" / "mpy-cross.lock"):
            # Not the ESP-IDF's compiler, nor flags meant for the target.
            log.run(
                [
                    "make",
                    "-C",
                    MICROPYTHON / "mpy-cross",
                    f"-j{jobs()}",
                    f"BUILD={TOP / 'build' / 'mpy-cross'}",
                ],
                env={k: v for k, v in env.items() if k not in ("CC", "CFLAGS", "CROSS_COMPILE")},
            )
        fetch_submodules(module.SUBMODULES, log)
        image = module.build(entry, env, log, jobs())
        for line in log.lines("Left out"):
            print(line, file=sys.stderr)
    return image


def main(argv):
    if not 1 <= len(argv) <= 2 or argv[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 1
    try:
        print(build(*argv))
    except FirmwareError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
