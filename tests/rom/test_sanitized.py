# SPDX-License-Identifier: MIT
"""Objects in ROM under gcc's sanitizers of addresses and undefined behaviour, with assertions.

The program runs several times in one process, as a soft reset has it on a board: what the first
run has left behind is memory that is freed.
"""

import os
import subprocess

import pytest

from support.simulator import TOP, environment, sanitized

# The first test builds the simulator.
pytestmark = pytest.mark.timeout(400)

RUNS = 4
PROGRAMS = TOP / "tests" / "rom" / "programs"
MODULES = ["asyncio", "asyncio.core", "asyncio.stream", "sample.parts.state", "sample.constants"]
MODULES += [
    ".".join(x.relative_to(TOP / "frozen").with_suffix("").parts).removesuffix(".__init__")
    for x in sorted((TOP / "frozen" / "tinyweb").glob("*.py"))
]


@pytest.fixture(scope="module")
def simulator():
    return sanitized()


def run(simulator, folder, program, *args, heap="200k", restarts=RUNS):
    """Runs the program in `folder`, where it may leave files."""
    return subprocess.run(
        simulator.command(program, args, heap),
        cwd=folder,
        env=environment({"RESTARTS": str(restarts)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("program", ["everything.py", "use.py"])
def test_restarts_and_collections(simulator, program, tmp_path):
    args = MODULES if program == "everything.py" else ()
    done = run(simulator, tmp_path, PROGRAMS / program, *args)
    assert done.returncode == 0, done.stderr[-4000:]
    once = done.stdout[: len(done.stdout) // RUNS]
    assert len(once.splitlines()) > 20
    assert done.stdout == once * RUNS


def test_memory_behind_an_object_is_not_read_unseen(simulator, tmp_path):
    """The sanitizer knows the objects."""
    program = tmp_path / "program.py"
    program.write_text(
        "import tinyweb, uctypes\n"
        "word = uctypes.bytearray_at(id(tinyweb) % 2**31, 200)\n"
        "print(word[:4] != bytes(4))\n"
        "print(bytes(word))\n"
    )
    done = run(simulator, tmp_path, program, restarts=1)
    assert done.returncode != 0
    assert done.stdout == "True\n"
    assert "global-buffer-overflow" in done.stderr
    assert "rom_context_tinyweb" in done.stderr


def test_all_is_built_with_sanitizers(simulator):
    symbols = subprocess.run(["nm", simulator], capture_output=True, text=True, check=True).stdout
    assert "__asan_init" in symbols and "__ubsan_handle" in symbols
    assert os.access(simulator.path, os.X_OK)
