# SPDX-License-Identifier: MIT
"""A short run of every fuzz harness with each fuzzer, and its seeds through the other word size.

FUZZ_SECONDS makes the run longer. tests/fuzz/run.py runs the harnesses by hand.
"""

import concurrent.futures
import os
import shutil
import subprocess

import pytest
from fuzz import run

from support.simulator import environment

SECONDS = int(os.environ.get("FUZZ_SECONDS", "3"))


def built(kind, *folders):
    """All harnesses, each compiled in another process."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda name: kind(name, *folders), run.names()))


def run_shortly(fuzzers):
    """All fuzzers at once; none finds anything."""
    for fuzzer in fuzzers:
        fuzzer.start(SECONDS)
    for fuzzer in fuzzers:
        line, clean = fuzzer.finish()
        assert clean, "\n".join([" ".join(line), fuzzer.log.read_text(errors="replace")])
        # A harness that ran nothing would find nothing
        assert int(line[1]) > len(fuzzer.inputs) > 0


@pytest.mark.timeout(600)
def test_a_short_run_finds_nothing(tmp_path):
    """All harnesses at once, from their seeds and from what earlier runs found."""
    if shutil.which("clang") is None:
        pytest.skip("clang is not installed")
    run_shortly(built(run.LibFuzzer, tmp_path))


@pytest.mark.timeout(600)
def test_a_short_run_of_afl_finds_nothing(tmp_path):
    if shutil.which("afl-fuzz") is None:
        pytest.skip("AFL++ is not installed")
    run_shortly(built(run.Afl, tmp_path, tmp_path))


@pytest.mark.parametrize("name", run.names())
def test_seeds_and_regressions_on_32_bits(name, tmp_path):
    program = run.compile_harness(
        name, ["gcc", "-m32", "-O1", *run.SANITIZERS], tmp_path / name, run.FOLDER / "replay.c"
    )
    inputs = run.inputs(name, tmp_path / "seeds")
    done = subprocess.run([program, *inputs], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{len(inputs)} inputs\n"


@pytest.mark.parametrize("name", run.names())
def test_valgrind_finds_nothing_in_seeds_and_regressions(name, tmp_path):
    """Uninitialized bytes that decide something, which AddressSanitizer does not see; leaks."""
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed")
    program = run.compile_harness(name, ["gcc", "-O1"], tmp_path / name, run.FOLDER / "replay.c")
    command = ["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", program]
    done = subprocess.run(
        [*command, *run.inputs(name, tmp_path / "seeds")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", run.python_names())
def test_seeds_and_regressions_of_python(name, simulator_any, tmp_path):
    """What the harnesses in Python check, in the simulators as they are: without libFuzzer."""
    inputs = run.inputs(name, tmp_path / "seeds")
    done = subprocess.run(
        simulator_any.command(run.PYTHON / f"{name}.py", inputs, heap=run.HEAP),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{len(inputs)} inputs\n"), done.stdout
    assert inputs


def test_a_harness_in_python_finds_what_is_wrong(simulator, tmp_path):
    """A harness whose expectation does not hold ends with the name of the input."""
    program = tmp_path / "wrong.py"
    program.write_text(
        "from harness import run\n"
        "from tinyweb.conditional import parse_date\n"
        "def check(data):\n"
        "    assert parse_date(data) is None\n"
        "run(check)\n"
    )
    shutil.copy(run.PYTHON / "harness.py", tmp_path)
    inputs = []
    for number, date in enumerate((b"no date", b"Sun, 06 Nov 1994 08:49:37 GMT")):
        inputs.append(tmp_path / str(number))
        inputs[-1].write_bytes(date)
    done = subprocess.run(
        simulator.command(program, inputs), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and f"input {inputs[1]}" in done.stdout
