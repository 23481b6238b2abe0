# SPDX-License-Identifier: MIT
"""A package that a user freezes and puts into ROM: it works as it does from a file."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from support import rom_sample
from support.simulator import TOP

# The build of a simulator, while others work.
pytestmark = pytest.mark.timeout(400)

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rom")


@pytest.fixture(scope="module")
def simulator():
    return rom_sample.sample()


@pytest.fixture(scope="module")
def report(simulator):
    return (simulator.path.parent / "rom_report.txt").read_text()


def run(simulator, program, path=".frozen"):
    done = subprocess.run(
        simulator.command(program),
        env={**os.environ, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def code(simulator, text, path=".frozen"):
    done = subprocess.run(
        [simulator, "-c", text],
        env={**os.environ, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return (done.stdout + done.stderr).strip()


def test_package_in_rom_does_what_a_file_does(simulator):
    """A package of the file system, which sys.path names first, is the ordinary import."""
    program = HERE / "programs" / "use.py"
    from_file = run(simulator, program, f"{HERE}:.frozen")
    in_rom = run(simulator, program)
    assert len(in_rom.splitlines()) == 30
    assert in_rom == from_file


def test_each_build_gives_the_same(simulator, folder):
    """The order of Python's sets changes from one process to the next."""
    shutil.copytree(simulator.path.parent / "genhdr", folder / "genhdr")
    micropython = TOP / "micropython"
    manifest = folder / "manifest.py"
    manifest.write_text(
        f"include({str(TOP / 'frozen' / 'manifest_rom.py')!r})\n"
        f"package('sample', base_path={str(HERE)!r})\nrom('sample')\n"
    )
    out = folder / "frozen_content.c"
    command = [sys.executable, micropython / "tools" / "makemanifest.py", "-o", out, "-b", folder]
    for name, path in (("MPY_DIR", "."), ("MPY_LIB_DIR", "lib"), ("PORT_DIR", "ports/unix")):
        command += ["-v", f"{name}={micropython / path}"]
    built = []
    for seed in "12":
        subprocess.run(
            [*command, manifest],
            cwd=micropython / "ports",
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "MICROPY_MPYCROSS": str(TOP / "build" / "mpy-cross" / "mpy-cross"),
            },
            capture_output=True,
            check=True,
        )
        built.append(out.read_text())
        out.unlink()
    assert "rom_table_" in built[0]
    assert built[0] == built[1]


HEAP = """
import gc
gc.collect()
before = gc.mem_alloc()
import {}
gc.collect()
print(gc.mem_alloc() - before)
"""


def test_import_takes_a_tenth_of_the_heap(simulator):
    modules = "sample, sample.shapes, sample.constants"
    in_rom = int(code(simulator, HEAP.format(modules)))
    from_file = int(code(simulator, HEAP.format(modules), f"{HERE}:.frozen"))
    assert 0 < in_rom < from_file / 10


def test_file_takes_precedence_where_sys_path_names_it_first(simulator, folder):
    (folder / "sample.py").write_text("print('the file')")
    assert code(simulator, "import sample", f"{folder}:.frozen") == "the file"
    assert code(simulator, "import sample", f".frozen:{folder}") == ""


def test_what_a_program_puts_into_sys_modules_wins(simulator):
    program = (
        "import sys; sys.modules['sample.shapes'] = 5\nfrom sample import shapes\nprint(shapes)"
    )
    assert code(simulator, program) == "5"
    program = "import sys; sys.modules['sample'] = 6; import sample; print(sample)"
    assert code(simulator, program) == "6"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("m.VERSION = 1", "AttributeError: module 'sample' is in ROM: 'VERSION' cannot be set"),
        ("del m.greet", "AttributeError: module 'sample' is in ROM: 'greet' cannot be set"),
        ("m.new = 1", "AttributeError: module 'sample' is in ROM: 'new' cannot be set"),
        ("m.Shape.sides = 1", "AttributeError: class 'Shape' is in ROM: 'sides' cannot be set"),
        ("del m.Shape.sides", "AttributeError: class 'Shape' is in ROM: 'sides' cannot be set"),
        ("m.__dict__['x'] = 1", "TypeError: module 'sample' is in ROM: it has no variable 'x'"),
        ("m.TABLE['one'] = 2", "TypeError:"),
        ("m.nothing", "AttributeError: module 'sample' has no attribute 'nothing'"),
    ],
)
def test_what_cannot_be_done_says_so(simulator, statement, error):
    assert error in code(simulator, f"import sample as m; {statement}")


def test_variables_can_be_set_from_elsewhere(simulator):
    program = "from sample.parts import state; state.count = 5; state.step(); print(state.count)"
    assert code(simulator, program) == "6"


def test_import_that_fails_is_tried_again(simulator):
    """The device makes what a module has in RAM; where that fails, the module is not imported."""
    program = """
import time
real = time.ticks_ms
try:
    import micropython
    micropython.heap_lock()
    try:
        import sample.parts.state
    finally:
        micropython.heap_unlock()
except MemoryError:
    print("no memory")
import sample.parts.state
print(sample.parts.state.items)
"""
    assert code(simulator, program) == "no memory\n[]"


def test_report_tells_what_each_module_saves_and_why_names_are_in_ram(report):
    lines = {x.split()[0]: x.split() for x in report.splitlines() if x.startswith("sample")}
    assert int(lines["sample.shapes"][1]) > 1000
    assert int(lines["sample.constants"][2]) == 0
    assert "In RAM: sample.parts.state.items: a list can be changed" in report
    assert "Not in ROM: sample.writer: it writes to globals()" in report
    assert report.count("Not in ROM: sample") == 1


def test_manifest_of_the_docs_says_what_this_one_does():
    text = (TOP / "docs" / "rom.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(.*?)^```", text, re.M | re.S)[1]
    pattern = r'^(\w+)\("?(\w*)'
    calls = re.findall(pattern, block.replace("mypackage", "sample"), re.M)
    assert calls[1:] == re.findall(pattern, rom_sample.MANIFEST.read_text(), re.M)[1:]
    assert block.splitlines()[0] == 'include("$(TINYWEB_MANIFEST)")'
