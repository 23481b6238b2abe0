# SPDX-License-Identifier: MIT
"""The stubs pass a type checker, and so do the documentation's examples with them."""

import os
import re
import subprocess
import sys

from support.simulator import TOP

STUBS = TOP / "cmodules" / "httpparse"


def mypy(file, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", file],
        env={**os.environ, "MYPYPATH": str(STUBS)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_stubs(tmp_path):
    status, output = mypy(STUBS / "httpparse.pyi", tmp_path)
    assert status == 0, output


def test_the_examples_with_the_stubs(tmp_path):
    text = (TOP / "docs" / "httpparse.md").read_text(encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text("\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)))
    status, output = mypy(program, tmp_path)
    assert status == 0, output


WRONG = """\
import httpparse
httpparse.Request(size="512")
httpparse.Request().keep(1)
httpparse.Request().nothing
httpparse.Response().begin(200, 11, True)
httpparse.reason(200) + 1
"""


def test_what_is_wrong_is_found(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(WRONG)
    status, output = mypy(program, tmp_path)
    assert status == 1
    assert re.findall(r"program.py:(\d+): error:", output) == ["2", "3", "4", "5", "6"]
