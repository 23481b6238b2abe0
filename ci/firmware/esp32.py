# SPDX-License-Identifier: MIT
"""The ESP32's image: MicroPython's port, idf.py of the ESP-IDF."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess

from . import BOARDS, TOP, FirmwareError, image, sources, without_folders

PORT = TOP / "micropython" / "ports" / "esp32"
SUBMODULES = ("lib/berkeley-db-1.xx", "lib/micropython-lib")

NO_IDF = """\
{board} is built with Espressif's ESP-IDF, which is not part of this repository.
{problem}

The pinned MicroPython recommends ESP-IDF {recommended}{others}.
Where that is documented:
  the port's README   micropython/ports/esp32/README.md
  the ESP-IDF         https://docs.espressif.com/projects/esp-idf/en/{recommended}/{chip}/get-started/
After ./install.sh {chip} and ". ./export.sh" in the ESP-IDF's folder:
  make firmware BOARD={board}{variant}
docs/building.md has the details.\
"""


def supported_versions():
    """``(recommended, others)`` ESP-IDF versions by the pinned port's README, e.g. "v5.4.2"."""
    text = (PORT / "README.md").read_text()
    match = re.search(
        r"recommended version of ESP-IDF for MicroPython is (v[\d.]*\d)\.\s+"
        r"MicroPython\s+also supports ([v\d., and]+)",
        text,
    )
    if not match:
        raise FirmwareError(f"{PORT / 'README.md'} no longer says which ESP-IDF it supports")
    return match[1], re.findall(r"v\d+(?:\.\d+)+", match[2])


def idf_version(path):
    """The version that tools/cmake/version.cmake of an ESP-IDF names, or None."""
    try:
        text = (path / "tools" / "cmake" / "version.cmake").read_text()
    except OSError:
        return None
    parts = [re.search(rf"IDF_VERSION_{p} (\d+)", text) for p in ("MAJOR", "MINOR", "PATCH")]
    if not all(parts):
        return None
    major, minor, patch = (int(p[1]) for p in parts)
    return f"v{major}.{minor}.{patch}" if patch else f"v{major}.{minor}"


def problem():
    """What stands in the way of a build, or None."""
    recommended, others = supported_versions()
    if not os.environ.get("IDF_PATH"):
        return "IDF_PATH is not set."
    path = pathlib.Path(os.environ["IDF_PATH"])
    found = idf_version(path)
    if found is None:
        return f"IDF_PATH={path} has no tools/cmake/version.cmake."
    if found not in (recommended, *others):
        return f"IDF_PATH={path} is {found}, which this MicroPython does not support."
    if not shutil.which("idf.py"):
        return f'idf.py is not in PATH: ". {path}/export.sh" sets it.'
    return None


def check(entry):
    """FirmwareError that says what is missing, before anything is built."""
    if text := problem():
        recommended, others = supported_versions()
        raise FirmwareError(
            NO_IDF.format(
                board=entry.board,
                chip=entry.chip,
                variant=f" VARIANT={entry.variant}" if entry.variant else "",
                problem=text,
                recommended=recommended,
                others=f" and supports {', '.join(others)}" if others else "",
            )
        )


def make_arguments(entry, build_dir, modules=TOP / "cmodules" / "micropython.cmake"):
    """Arguments of the port's make; it hands them to idf.py."""
    arguments = [
        f"BUILD={build_dir}",
        f"BOARD={entry.board}",
        f"BOARD_DIR={BOARDS / entry.board}",
        f"USER_C_MODULES={modules}",
    ]
    if entry.variant:
        arguments.append(f"BOARD_VARIANT={entry.variant}")
    return arguments


def build(job, start_anew):
    """Build and return the path of the image, the ELF and the map beside it."""
    entry, out = job.entry, job.out
    arguments = make_arguments(entry, out, job.own.list_of_modules(entry, out))
    if job.own.manifest:
        arguments.append(f"FROZEN_MANIFEST={job.own.manifest}")
    make = ["make", "-C", PORT, *arguments]
    partitions = job.own.partitions.read_text() if job.own.partitions else ""
    start_anew(job, "\n".join([*map(str, make), configuration(entry), partitions]))
    job.own.list_of_modules(entry, out)
    if job.own.partitions and not (out / "sdkconfig").exists():
        # The ESP-IDF takes these before the board's and the variant's settings.
        (out / "sdkconfig").write_text(
            "CONFIG_PARTITION_TABLE_CUSTOM=y\n"
            f'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="{job.own.partitions}"\n'
        )
    # Frozen code holds indices of interned strings, so it is made anew each time.
    (out / "frozen_content.c").unlink(missing_ok=True)
    job.log.run(make, env=job.env)
    # Bootloader, partition table and application, as the port joins them.
    result = out / f"{entry.name}.bin"
    shutil.copyfile(out / "firmware.bin", result)
    for suffix in ("elf", "map"):
        shutil.copyfile(out / f"micropython.{suffix}", out / f"firmware.{suffix}")
    without_folders(out / "firmware.map", {TOP: ".", os.environ["IDF_PATH"]: "IDF_PATH"})
    image.parse_esp32_flash(result.read_bytes())
    return result


def configuration(entry):
    """What decides about the whole build and is not in its command, as text."""
    text = sources.settings([*BOARDS.glob("*.cmake"), BOARDS / "esp32", BOARDS / entry.board])
    path = pathlib.Path(os.environ["IDF_PATH"])
    return "\n".join([text, str(path), str(idf_version(path)), str(sources.commit(path))])


def tools(job):
    """``(compiler, SDK, the SDK's folder)``: {"name", "version"} and what else is known."""
    path = pathlib.Path(os.environ["IDF_PATH"])
    compiler = {"name": "GCC", "version": "unknown"}
    with contextlib.suppress(OSError, KeyError, ValueError):
        project = json.loads((job.out / "project_description.json").read_text())
        text = subprocess.run(
            [project["c_compiler"], "--version"], capture_output=True, text=True
        ).stdout
        name, _, version = text.splitlines()[0].rpartition(" ")
        compiler = {"name": name, "version": version}
    sdk = {"name": "ESP-IDF", "version": idf_version(path), "commit": sources.commit(path)}
    return compiler, sdk, path
