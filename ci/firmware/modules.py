# SPDX-License-Identifier: MIT
"""Compiles cmodules/ as for the ESP8266, which needs its compiler but no vendor SDK.

python -m firmware.modules      prints each object's bytes of text, data and bss
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from firmware import FirmwareError, esp8266, table


def compile_objects(out):
    """Compile into the folder `out`; returns {name: path} of the objects."""
    entry = table.get("ESP8266_TINYWEB")
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(
        [
            *("make", "-C", esp8266.PORT, "tinyweb-objects", "ESP_SDK=/nonexistent"),
            *esp8266.make_arguments(entry, out),
        ],
        # The objects are the same without MicroPython's submodules.
        env={**env, "MICROPY_GIT_TAG": "v0", "MICROPY_GIT_HASH": "v0", "TINYWEB_PARTIAL": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise FirmwareError(done.stdout + done.stderr)
    return {str(path.relative_to(out)): path for path in sorted(pathlib.Path(out).rglob("*.o"))}


def main():
    with tempfile.TemporaryDirectory(prefix="modules-") as folder:
        for name, path in compile_objects(folder).items():
            done = subprocess.run(
                [f"{esp8266.compiler().removesuffix('gcc')}size", path],
                capture_output=True,
                text=True,
                check=True,
            )
            # Under a line of titles: text, data, bss, their sum in two notations, the path
            text, data, bss, *_ = done.stdout.splitlines()[1].split()
            print(name, text, data, bss)


if __name__ == "__main__":
    try:
        main()
    except FirmwareError as e:
        sys.exit(str(e))
