# SPDX-License-Identifier: MIT
"""Every line and every branch of the core is executed by the tests in this folder.

They run once more with a program that counts, without sanitizers, always with the same
examples. Branches are those of the code as written: -O0.
"""

import collections
import gzip
import json
import os
import subprocess
import sys

import pytest
from host import core

from support.simulator import TOP

# All other tests of the folder run once more in its set-up.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """{core's file: {line: (count, [counts of its branches])}}"""
    folder = tmp_path_factory.mktemp("coverage")
    tests = sorted((TOP / "tests" / "host").glob("test_*.py"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        # Where CI is set, hypothesis has another profile, which does not look at the seed.
        + ["--hypothesis-profile=default"]
        + ["-k", "not compiles and not includes and not coverage", *tests],
        cwd=TOP,
        env={
            **os.environ,
            "HOST_COVERAGE": str(folder),
            "HYPOTHESIS_EXAMPLES": "60",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    subprocess.run(
        ["gcov", "--json-format", "--branch-probabilities", *folder.glob("*.gcda")],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    found = collections.defaultdict(dict)
    for report in folder.glob("*.gcov.json.gz"):
        for file in json.loads(gzip.decompress(report.read_bytes()))["files"]:
            if str(core.CORE) not in file["file"]:
                continue
            lines = found[os.path.basename(file["file"])]
            for line in file["lines"]:
                # A header's function counts wherever it is compiled in
                count, branches = lines.get(line["line_number"], (0, []))
                more = [branch["count"] for branch in line["branches"]]
                branches = branches or [0] * len(more)
                lines[line["line_number"]] = (
                    count + line["count"],
                    [a + b for a, b in zip(branches, more, strict=False)],
                )
    return found


@pytest.mark.parametrize("name", sorted(file.name for file in core.sources()))
def test_every_line_and_branch(name, counted):
    text = (core.CORE / name).read_text(encoding="utf-8").splitlines()
    missed = [
        f"{name}:{number}: {count} times, branches {branches}: {text[number - 1].strip()}"
        for number, (count, branches) in sorted(counted.get(name, {}).items())
        if count == 0 or 0 in branches
    ]
    assert not missed, "\n".join(missed)


def test_the_count_is_of_the_core(counted):
    # chars.c holds constants only
    assert {file.name for file in core.sources()} - {"chars.c"} <= set(counted)
    assert sum(len(lines) for lines in counted.values()) > 800
