# SPDX-License-Identifier: MIT
"""The scripts of the build, where there is no compiler."""

import os
import shutil
import subprocess

import pytest

from support.simulator import TOP


@pytest.fixture
def checkout(tmp_path):
    """A copy of ci/ whose scripts find no emcc: neither in build/ nor among the commands."""
    shutil.copytree(TOP / "ci", tmp_path / "ci")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("sh", "dirname", "sed", "sort", "head", "tail", "printf", "realpath", "python3"):
        (commands / name).symlink_to(shutil.which(name))
    return tmp_path


@pytest.mark.parametrize("script", ["fetch-emscripten", "build-page", "make-try"])
def test_without_a_compiler_it_says_so(checkout, script):
    done = subprocess.run(
        [checkout / "ci" / script, "--if-there"],
        env={**os.environ, "PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "There is no emscripten 3.1.69 here; ci/fetch-emscripten fetches it." in done.stderr
    assert done.stdout == ""
