# SPDX-License-Identifier: MIT
"""equivalent.txt names mutants that there are, each once and with a reason."""

from mutate import mutants, run


def test_each_line_is_a_mutant_of_the_core():
    names = {mutant.name for file in run.sources() for mutant in mutants.of(file)}
    assert set(run.equivalent()) <= names


def test_each_line_stands_once_below_a_reason():
    lines = [
        line
        for line in run.EQUIVALENT.read_text("utf-8").splitlines()
        if line[:2] not in ("", "# ")
    ]
    assert len(lines) == len(set(lines)) == len(run.equivalent())
    assert all(run.equivalent().values())


def test_mutants_of_a_line_have_names_of_their_own():
    found = [mutant for file in run.sources() for mutant in mutants.of(file)]
    assert len({mutant.name for mutant in found}) == len(found) > 3000
