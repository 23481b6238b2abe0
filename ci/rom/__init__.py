# SPDX-License-Identifier: MIT
"""Modules in ROM: what the import of a frozen module builds, placed in flash by the build.

docs/rom.md explains the step. It runs inside MicroPython's tools/makemanifest.py, which every
port's build calls; frozen/manifest_rom.py is the way in.

manifest     names packages in manifests, and takes the place of mpy-tool.py for them
source       takes the statements out of a module that have to run on the device
parts        statements of a class that have to, too
text         leaves statements out
bytecode     runs the body of a module at build time
values       what that makes
native       the modules in C: their names and C objects
linker       all packages together: references, and the order of initialization
writer       the values as C constants
report       heap saved and flash spent by each module
micropython  the names inside MicroPython that all this relies on
"""


class RomError(Exception):
    """The build cannot go on; the text says what to do."""


class NotInRom(Exception):
    """A value that the device has to make; the text says why."""
