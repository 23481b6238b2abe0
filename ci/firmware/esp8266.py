# SPDX-License-Identifier: MIT
"""The ESP8266's image: MicroPython's port, GNU make, the vendor's NONOS SDK."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

from . import BOARDS, TOP, FirmwareError, image, sources, without_folders

PORT = TOP / "micropython" / "ports" / "esp8266"
SUBMODULES = ("lib/axtls", "lib/berkeley-db-1.xx", "lib/micropython-lib")
# What the port compiles against and links.
SDK_FILES = (
    "include/c_types.h",
    "include/user_interface.h",
    "include/espnow.h",
    "include/lwip/tcp.h",
    "include/lwipopts.h",
    "lib/libmain.a",
    "lib/libjson.a",
    "lib/liblwip_open.a",
    "lib/libpp.a",
    "lib/libnet80211.a",
    "lib/libwpa.a",
    "lib/libphy.a",
    "lib/libespnow.a",
)

# How the SDK names itself in its libmain.a, and so in os.uname().release.
SDK_VERSION = re.compile(rb"\d+\.\d+\.\d+(?:-dev)?\([0-9a-f]{7,}\)")

NO_SDK = """\
{board} links Espressif's ESP8266 NONOS SDK, which is not part of this repository.
{problem}

ESP_SDK must name a folder with include/ and lib/ as esp-open-sdk lays them out: the
SDK 2.1.0-18-g61248df, its c_types.h patched for C99, libcrypto.a merged into libwpa.a,
and lwIP (liblwip_open.a with its headers). To fetch one and build with it:
  make firmware BOARD={board}{variant} ESP_SDK="$(ci/fetch-esp-sdk)"
Where that is documented:
  the port's README   micropython/ports/esp8266/README.md
  esp-open-sdk        https://github.com/pfalcon/esp-open-sdk
  the SDK             https://github.com/espressif/ESP8266_NONOS_SDK
docs/building.md has the details.\
"""

NO_COMPILER = """\
{gcc} was not found. On Debian, as root:
  apt-get install --no-install-recommends gcc-xtensa-lx106 binutils-xtensa-lx106 \
picolibc-xtensa-lx106-elf
An esp-open-sdk toolchain in PATH does as well.\
"""


def compiler():
    return os.environ.get("CROSS_COMPILE", "xtensa-lx106-elf-") + "gcc"


def sdk_path():
    """The vendor SDK's folder: ESP_SDK, or the compiler's own where it has one; or None."""
    if os.environ.get("ESP_SDK"):
        return pathlib.Path(os.environ["ESP_SDK"]).expanduser().resolve()
    gcc = shutil.which(compiler())
    if gcc:
        root = subprocess.run([gcc, "-print-sysroot"], capture_output=True, text=True).stdout
        own = pathlib.Path(root.strip() or "/nonexistent") / "usr"
        if (own / "include" / "user_interface.h").exists():
            return own
    return None


def missing_from_sdk(path):
    """Names of needed files that a folder lacks."""
    return [name for name in SDK_FILES if not (path / name).exists()]


def check(entry):
    """FirmwareError that says what is missing, before anything is built."""
    path = sdk_path()
    problem = None
    if path is None:
        problem = "ESP_SDK is not set."
    elif not path.is_dir():
        problem = f"ESP_SDK={path} is not a folder."
    elif missing := missing_from_sdk(path):
        problem = f"ESP_SDK={path} lacks:\n  " + "\n  ".join(missing)
    if problem:
        variant = f" VARIANT={entry.variant}" if entry.variant else ""
        raise FirmwareError(NO_SDK.format(board=entry.board, variant=variant, problem=problem))
    if not shutil.which(compiler()):
        raise FirmwareError(NO_COMPILER.format(gcc=compiler()))


def make_arguments(entry, build_dir):
    """Arguments of the port's make that do not depend on the SDK."""
    arguments = [
        f"BUILD={build_dir}",
        f"BOARD_DIR={BOARDS / entry.board}",
        f"MICROPY_MPYCROSS={TOP / 'build' / 'mpy-cross' / 'mpy-cross'}",
        "MICROPY_MPYCROSS_DEPENDENCY=",
        f"TINYWEB_ESPTOOL={sys.executable} -m esptool",
        f"PYTHON={sys.executable}",
    ]
    if entry.variant:
        arguments.append(f"BOARD_VARIANT={entry.variant}")
    return arguments


def build(job, start_anew):
    """Build and return the path of the image, the ELF and the map beside it."""
    entry, out = job.entry, job.out
    arguments = make_arguments(entry, out)
    arguments.append(f"USER_C_MODULES={job.own.folder_of_modules(out)}")
    if job.own.manifest:
        arguments.append(f"FROZEN_MANIFEST={job.own.manifest}")
    make = ["make", "-C", PORT, f"-j{job.jobs}", f"ESP_SDK={sdk_path()}", *arguments]
    start_anew(job, "\n".join([*map(str, make), configuration(entry)]))
    job.own.folder_of_modules(out)
    # Frozen code holds indices of interned strings and the port's rule looks only at
    # the dates of the Python files, so it is made anew each time.
    (out / "frozen_content.c").unlink(missing_ok=True)
    job.log.run(make, env=job.env)
    without_folders(out / "firmware.map", {TOP: ".", sdk_path(): "ESP_SDK"})
    result = out / f"{entry.name}.bin"
    job.log.run(
        [
            *(sys.executable, "-m", "esptool", "--chip", entry.chip, "merge-bin"),
            *("--output", result),
            *("--flash-mode", entry.flash_mode),
            *("--flash-freq", entry.flash_freq),
            *("--flash-size", entry.flash_size),
            *(hex(entry.files["image"]), out / "firmware.bin"),
        ],
        env=job.env,
    )
    image.parse_esp8266(result.read_bytes())
    return result


def configuration(entry):
    """What decides about the whole build and is not in its command, as text."""
    version = subprocess.run([compiler(), "-v"], capture_output=True, text=True).stderr
    return sources.settings([BOARDS / entry.board]) + "\n" + version


def tools(job):
    """``(compiler, SDK, the SDK's folder)``: {"name", "version"} and what else is known."""
    text = subprocess.run([compiler(), "--version"], capture_output=True, text=True).stdout
    name, _, version = text.splitlines()[0].rpartition(" ")
    path = sdk_path()
    found = SDK_VERSION.search((path / "lib" / "libmain.a").read_bytes())
    digest = hashlib.sha256()
    for file in sorted((path / "lib").glob("*.a")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return (
        {"name": name, "version": version},
        {
            "name": "ESP8266 NONOS SDK",
            "version": found[0].decode() if found else "unknown",
            "sha256 of lib/*.a": digest.hexdigest(),
        },
        path,
    )
