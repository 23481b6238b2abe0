# SPDX-License-Identifier: MIT
"""Which MicroPython the tests run on, and what its versions do differently."""

import subprocess

from support.simulator import TOP

_FOUND = subprocess.run(
    [TOP / "ci" / "fetch-micropython", "--version"], capture_output=True, text=True, check=True
)

VERSION = tuple(int(part) for part in _FOUND.stdout.split("."))
"""The version in micropython/ as numbers: (1, 28, 0)."""

INTERRUPTED = 130 if VERSION >= (1, 27) else 1
"""Exit status of a simulator whose program KeyboardInterrupt ends."""

RECOMMENDED_IDF = "v5.5.1" if VERSION >= (1, 27) else "v5.4.2"
"""The version of the ESP-IDF that ports/esp32/README.md recommends."""
