# SPDX-License-Identifier: MIT
"""The fast proofs, and that a seeded fault is not proved. `make prove` runs them all."""

import subprocess

import pytest
from prove import mutants, run

from support.simulator import TOP


@pytest.fixture(scope="module")
def cbmc():
    """The path of CBMC."""
    done = subprocess.run(
        [TOP / "ci" / "fetch-cbmc"], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode == 3:
        pytest.skip(f"CBMC is not to be had here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_names_are_unique():
    names = [proof.name for proof in run.proofs()]
    assert len(names) == len(set(names)) > 40


@pytest.mark.timeout(600)
@pytest.mark.parametrize("proof", [p for p in run.proofs() if p.fast], ids=lambda p: p.name)
def test_fast_proof(cbmc, proof):
    _, wrong = proof.run(cbmc, run.CORE)
    assert not wrong, "\n".join(wrong)


def test_each_mutation_is_of_this_core():
    """Each is found once in the core, and the proof that is to catch it is there."""
    names = {proof.name for proof in run.proofs()}
    for mutation in mutants.MUTATIONS:
        assert mutation.caught_by in names
        mutation.mutated()


@pytest.mark.timeout(600)
def test_a_mutation_is_caught(cbmc, tmp_path):
    mutation = next(m for m in mutants.MUTATIONS if m.caught_by == "chunk-size")
    assert mutation.catch(cbmc, tmp_path)
