# SPDX-License-Identifier: MIT
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.served import served
from support.simulator import TOP

HARNESS = Path(__file__).with_name("harness.mjs")
# What the scripts say where no compiler is to be had.
NO_COMPILER = 3


def made(*command):
    """The path that a script of ci/ prints last; skips where there is no compiler for it."""
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    if done.returncode == NO_COMPILER:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr[-4000:]
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def micropython():
    """The JavaScript of MicroPython as WebAssembly."""
    return made("ci/build-page", "--if-there")


@pytest.fixture
def node(micropython):
    """Return a function that runs JavaScript in node, with harness.mjs; it returns its result."""
    if not shutil.which("node"):
        pytest.skip("node is missing: ci/install-deps node")

    def run(script):
        program = f"import {{ boot, text, wait, run }} from {json.dumps(HARNESS.as_uri())};\n"
        program += f"run(async () => {{\n{script}\n}});\n"
        done = subprocess.run(
            ["node", "--input-type=module", "--eval", program],
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "MICROPYTHON": micropython.as_uri()},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture(scope="module")
def try_page(tmp_path_factory):
    """The folder of a site that has the page below project/try/, and the page's URL."""
    folder = tmp_path_factory.mktemp("site")
    made("ci/make-try", "--if-there", folder / "project/try")
    with served(folder) as url:
        yield folder / "project/try", f"{url}project/try/"
