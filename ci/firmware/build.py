# SPDX-License-Identifier: MIT
"""ci/build-firmware BOARD [VARIANT]: build an image and print its path as the last line.

    --partial          leave out parts whose sources (submodules of MicroPython) are missing
    --manifest FILE    freeze what this manifest names; it includes "$(TINYWEB_MANIFEST)"
    --modules FOLDER   C modules of your own, beside those of this repository
    --partitions FILE  partition table of your own (ESP32)

With one of the last three the build is a firmware of your own, in build/own/.

The environment names what is not in this repository: ESP_SDK the vendor SDK of the
ESP8266, IDF_PATH the ESP-IDF. What is missing is named together with where its vendor
documents it, and the exit status is 2. So it is where the image does not hold what its
board's page says (boards/contents.toml).
"""

import argparse
import contextlib
import dataclasses
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

from . import TOP, FirmwareError, contents, elf, esp32, esp8266, image, record, sources, table
from .own import Own


def environment():
    """Variables for MicroPython's make, so that equal sources give equal images."""
    env = dict(os.environ)
    # A make that called this must not pass on its own flags and variables.
    for name in (
        *("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BOARD", "VARIANT", "PORT", "BITS", "PARTIAL"),
        *("FROZEN_MANIFEST", "USER_C_MODULES", "PARTITIONS", "TINYWEB_PARTIAL"),
    ):
        env.pop(name, None)
    version = subprocess.run(
        [TOP / "ci" / "fetch-micropython", "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    # Else MicroPython's version would be made from this repository's tags.
    env["MICROPY_GIT_TAG"] = env["MICROPY_GIT_HASH"] = f"v{version}"
    if "SOURCE_DATE_EPOCH" not in env:
        env["SOURCE_DATE_EPOCH"] = date_of_sources()
    env["LC_ALL"] = "C.UTF-8"
    env["MICROPY_MPYCROSS"] = str(TOP / "build" / "mpy-cross" / "mpy-cross")
    return env


def date_of_sources():
    """The date of the last commit, in seconds since 1970, as text; FirmwareError without one."""
    date = said = ""
    with contextlib.suppress(OSError):
        command = ["git", "-C", TOP, "log", "-1", "--format=%ct"]
        done = subprocess.run(command, capture_output=True, text=True)
        date, said = done.stdout.strip(), done.stderr
    if "dubious ownership" in said:
        raise FirmwareError(
            f"git does not look into {TOP}, which belongs to another user. To allow it:\n"
            f"  git config --global --add safe.directory '*'\n"
            f"or, for one command, as in a container, these in its environment:\n"
            f"  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'"
        )
    if not date:
        raise FirmwareError(
            "Without git history the date of the sources is not known: set SOURCE_DATE_EPOCH"
        )
    return date


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


def start_anew(job, state):
    """Remove a build folder that was made from something else than ``state`` says.

    Neither make nor CMake sees that options on a command line changed, that a submodule came
    or that a file of settings is another one.
    """
    text = "\n".join(
        [
            state,
            sources.fingerprint(job.submodules),
            # Not what happens to be in the environment of the caller.
            *(f"{name}={value}" for name, value in sorted(job.env.items()) if name in DECISIVE),
            table.version(),
        ]
    )
    stamp = job.out / "configuration"
    if job.out.exists() and (not stamp.exists() or stamp.read_text() != text):
        shutil.rmtree(job.out)
    job.out.mkdir(parents=True, exist_ok=True)
    stamp.write_text(text)


# Variables that decide what the compilers make.
DECISIVE = ("SOURCE_DATE_EPOCH", "MICROPY_GIT_TAG", "MICROPY_GIT_HASH", "TINYWEB_PARTIAL")


@dataclasses.dataclass(frozen=True)
class Job:
    """One build: of which Variant, where to, in which environment, from what of the user's."""

    entry: object
    out: object
    env: dict
    log: object
    own: object
    submodules: tuple
    jobs: int


def check_contents(job, image_path, partial):
    """FirmwareError where the program that was linked is not what the board's page says."""
    program = elf.Elf(image_path.with_name("firmware.elf").read_bytes())
    _, _, parsed = image.identify(image_path.read_bytes())
    found = list(
        contents.differences(
            program, job.entry, contents.has_romfs(job.entry, parsed), job.own.manifest, partial
        )
    )
    if found:
        image_path.unlink()
        raise FirmwareError("\n".join(f"{job.entry.build_name} {text}" for text in found))


def build(board, variant="", partial=False, own=None):
    """Build one image; returns the path of the file that is flashed.

    partial: whether parts may be absent whose sources are, which are named on stderr.
    own: what a user gives for a firmware of their own (firmware.own).
    """
    entry = table.get(board, variant)
    own = own or Own()
    module = esp8266 if entry.port == "esp8266" else esp32
    own.check(entry)
    module.check(entry)
    out = own.build_dir(entry)
    with locked(out.with_name(f"{out.name}.lock")):
        log = Log(out.with_name(f"{out.name}.log"))
        env = environment()
        if partial:
            env["TINYWEB_PARTIAL"] = "1"
        log.run([TOP / "ci" / "build-mpy-cross", str(jobs())], env=env)
        sources.fetch(module.SUBMODULES, log.run)
        if not partial:
            sources.require(module.SUBMODULES)
        job = Job(entry, out, env, log, own, module.SUBMODULES, jobs())
        result = module.build(job, start_anew)
        for line in log.lines("Left out"):
            print(line, file=sys.stderr)
        check_contents(job, result, partial)
        record.write(job, result, module.tools(job), partial)
    return result


def main(argv):
    parser = argparse.ArgumentParser(
        prog="ci/build-firmware",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("board")
    parser.add_argument("variant", nargs="?", default="")
    parser.add_argument("--partial", action="store_true")
    parser.add_argument("--manifest", type=pathlib.Path)
    parser.add_argument("--modules", type=pathlib.Path)
    parser.add_argument("--partitions", type=pathlib.Path)
    options = parser.parse_args(argv)
    try:
        own = Own(options.manifest, options.modules, options.partitions)
        print(build(options.board, options.variant, options.partial, own))
    except FirmwareError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
