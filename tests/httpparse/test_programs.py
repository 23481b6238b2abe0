# SPDX-License-Identifier: MIT
"""Runs the MicroPython programs beside this file; each of their functions is a test."""

import functools
import pathlib
import re

import pytest

from support import simulator

PROGRAMS = pathlib.Path(__file__).parent / "programs"


def found_tests():
    for file in sorted(PROGRAMS.glob("*.py")):
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.M):
            for bits in (64, 32):
                yield pytest.param(file.stem, name, bits, id=f"{file.stem}-{name}-{bits}")


@functools.cache
def outcomes(program, bits, folder):
    """Runs a program and returns {test's name: (outcome, output)}."""
    done = simulator.run(
        PROGRAMS / f"{program}.py",
        folder=folder,
        bits=bits,
        heap="256k",
        env=simulator.search_path(PROGRAMS),
        timeout=60,
    )
    found = {}
    output = []
    for line in done.stdout.splitlines():
        outcome, _, name = line.partition(" ")
        if outcome in ("passed", "failed") and name.startswith("test_"):
            found[name] = (outcome, "\n".join(output))
            output = []
        else:
            output.append(line)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


@pytest.mark.parametrize(("program", "name", "bits"), list(found_tests()))
def test(program, name, bits, folder):
    outcome, output = outcomes(program, bits, folder)[name]
    assert outcome == "passed", output
