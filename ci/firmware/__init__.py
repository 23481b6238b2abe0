# SPDX-License-Identifier: MIT
"""Building, checking, releasing and flashing firmware images.

Run as ``ci/build-firmware``, ``ci/make-release`` and ``ci/flash``; tests import the modules.
"""

import pathlib

TOP = pathlib.Path(__file__).resolve().parents[2]
BOARDS = TOP / "boards"


class FirmwareError(Exception):
    """What a user can put right: shown as it is, without a traceback."""


def without_folders(path, folders):
    """Rewrite a text file that names folders of this machine; {folder: what stands for it}."""
    text = path.read_text(errors="replace")
    for folder, name in folders.items():
        text = text.replace(str(folder), name)
    path.write_text(text)
