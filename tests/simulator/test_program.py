# SPDX-License-Identifier: MIT
"""program(), the compiler of tinyweb.device: text, and bytecode that mpy-cross has made."""

import subprocess

import pytest

from support.simulator import TOP, build


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("ending", ["py", "mpy"])
def test_a_program_in_a_file(run_mpy, tmp_path, bits, ending):
    """It has the names of the prompt, which keeps its own."""
    build(bits)  # It makes mpy-cross, too.
    source = tmp_path / "twice.py"
    source.write_text("answer = 2 * number\n")
    subprocess.run([TOP / "build" / "mpy-cross" / "mpy-cross", source], check=True)
    done = run_mpy(
        """
        import sys
        from _tinyweb import program
        number = 21
        program(sys.argv[1])()
        print(answer)
        """,
        bits=bits,
        args=(tmp_path / f"twice.{ending}",),
    )
    assert done.stdout == "42\n"


def test_bytecode_that_is_none(run_mpy, tmp_path):
    (tmp_path / "bad.mpy").write_bytes(b"M\0")
    done = run_mpy(
        """
        import sys
        from _tinyweb import program
        try:
            program(sys.argv[1])
        except ValueError as exc:
            print(exc)
        """,
        args=(tmp_path / "bad.mpy",),
    )
    assert done.stdout == "incompatible .mpy file\n"
