# SPDX-License-Identifier: MIT
"""The documentation's site, for the tests that look at it."""

import subprocess

import pytest

from support.simulator import TOP


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site. A link that leads nowhere fails the build."""
    out = tmp_path_factory.mktemp("site") / "site"
    command = [TOP / "ci" / "make-docs", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return out
