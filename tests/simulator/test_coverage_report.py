# SPDX-License-Identifier: MIT
"""What `make coverage` says of frozen modules: instructions, lines, branches and reasons."""

from support import coverage

CONTENT = """
// frozen bytecode for file tinyweb/a.py, scope tinyweb_a_f
static const byte fun_data_tinyweb_a_f[13] = {
    0x21,0x0e, // prelude
    0x17,0x3c, // names: f, x
    0x80,0x22,0x25, // code info
    0xb0, // LOAD_FAST 0
    0x44,0x42, // POP_JUMP_IF_FALSE 2
    0x51, // LOAD_CONST_NONE
    0x63, // RETURN_VALUE
    0x63, // RETURN_VALUE
};
"""


def test_instructions_of_a_function():
    ((file, array, code),) = coverage.instructions(CONTENT)
    assert (file, array) == ("tinyweb/a.py", "fun_data_tinyweb_a_f")
    assert code[2] == (4, b"\x80\x22\x25", "code info")
    assert code[4] == (8, b"\x44\x42", "POP_JUMP_IF_FALSE 2")


def test_lines_of_instructions():
    # Two bytes of code, then a line more; 5 bytes, then one; 18 bytes, then 500
    info = b"\x22\x25\x92\xf4"
    assert [coverage.line_of(info, n) for n in (0, 1, 2, 6, 7, 8)] == [1, 1, 2, 2, 3, 3]
    assert coverage.line_of(info, 9) == 3 + 0x1F4


def test_what_is_not_covered_needs_a_reason(capsys):
    counted = {"a.c": {(1, 0): 1, (1, 1): 0}, "b.c": {(n, 0): 1 for n in range(98)}}
    assert coverage.print_kind("some", counted, {"a.c": [1, "no memory"]}) == []
    assert "50.0 %     1 of    2  a.c" in capsys.readouterr().out
    assert coverage.print_kind("some", counted, {}) == [
        "a.c: 1 branches are not covered, 0 have a reason"
    ]
    assert coverage.print_kind("some", counted, {"a.c": [1, ""], "c.c": [1, ""]}) == [
        "c.c: has a reason, but is no file"
    ]
