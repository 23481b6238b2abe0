# SPDX-License-Identifier: MIT
"""MicroPython's own tests on the board, as far as they test what the port adds to it.

All of MicroPython's tests for boards can be run by hand:

    ci/run-emulator "$(make -s emulator)"
    cd micropython/tests && ./run-tests.py -t PORT -d basics float micropython extmod stress
"""

import pathlib
import re
import subprocess
import sys

from board.emulator import TOP

# Object representation, floats, and integers of 64 bits and more.
TESTS = """
    basics/int_big_div.py basics/int_big_mul.py basics/int_divmod_intbig.py
    basics/memoryview_intbig.py basics/struct1_intbig.py
    float/builtin_float_pow.py float/builtin_float_round.py float/float1.py
    float/float2int_fp30_intbig.py float/float_array.py float/float_divmod.py
    float/float_format.py float/float_parse.py float/float_struct.py float/int_big_float.py
    float/math_domain.py float/math_fun.py float/string_format.py
""".split()


def test_arithmetic_and_representation(board, tmp_path):
    board.close()
    tests = TOP / "micropython" / "tests"
    done = subprocess.run(
        [sys.executable, "run-tests.py", "-t", board.port, "-j1", "-r", tmp_path, *TESTS],
        cwd=tests,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    # run-tests.py skips what it believes a board cannot do.
    skipped = {"float_divmod", "int_big_float"}
    if (tests / "float" / "string_format_fp30.py").exists():
        skipped.add("string_format")  # in MicroPython 1.25
    told = re.search(r"tests skipped: (.*)", done.stdout)[1].split()
    assert {pathlib.Path(name).stem for name in told} == skipped
    passed = re.search(r"^(\d+) tests passed", done.stdout, flags=re.M)
    assert int(passed[1]) == len(TESTS) - len(skipped), done.stdout
