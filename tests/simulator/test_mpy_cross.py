# SPDX-License-Identifier: MIT
"""mpy-cross is built for the machine, whatever the environment says of the firmware."""

import os
import shutil
import subprocess

from support.simulator import TOP


def test_takes_nothing_that_is_meant_for_the_firmware(tmp_path):
    """A checkout's first build may be one with a manifest and with flags of its own."""
    manifest = tmp_path / "manifest.py"
    manifest.write_text("")
    flags = {"CFLAGS_EXTRA": "-DNOT_MEANT", "LDFLAGS_EXTRA": "-lnot_meant", "COPT": "-O7"}
    flags |= {"CC": "not_meant", "CFLAGS": "-DNOT_MEANT", "CROSS_COMPILE": "not_meant-"}
    (tmp_path / "ci").mkdir()
    for name in ("build-mpy-cross", "lock"):
        shutil.copy(TOP / "ci" / name, tmp_path / "ci")
    (tmp_path / "micropython").symlink_to(TOP / "micropython")
    # make prints its commands, and runs none.
    done = subprocess.run(
        [tmp_path / "ci" / "build-mpy-cross", "1"],
        env=os.environ | flags | {"FROZEN_MANIFEST": str(manifest), "MAKEFLAGS": "nw"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "mpy-cross/main.o" in done.stdout
    for word in ("MICROPY_MODULE_FROZEN_MPY", "frozen_content", "NOT_MEANT", "not_meant", "-O7"):
        assert word not in done.stdout
