# SPDX-License-Identifier: MIT
"""The REPL over a serial port, as a person and as tools use it."""

import time

import pytest
from board.terminal import CTRL_C, CTRL_D, CTRL_E, PROMPT

BANNER = "MicroPython v1."


def test_banner_after_hard_reset(terminal):
    terminal.send("import machine; machine.reset()\r")
    terminal.read_until("machine.reset()\r\n")
    banner = terminal.read_until(PROMPT, timeout=20)
    assert BANNER in banner
    assert 'Type "help()" for more information.' in banner
    assert terminal.execute("1 + 1") == "2\n"


def test_banner_after_soft_reset(terminal):
    text = terminal.soft_reset()
    assert "MPY: soft reboot" in text
    assert BANNER in text


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("1 + 1", "2\n"),
        ("2 ** 100", "1267650600228229401496703205376\n"),
        ("'%.3f' % (1 / 3)", "'0.333'\n"),
        ("b'\\xff' * 3", "b'\\xff\\xff\\xff'\n"),
        ("[x * x for x in range(5)]", "[0, 1, 4, 9, 16]\n"),
        ("x = 5", ""),
        ("print('a\\nb')", "a\nb\n"),
    ],
)
def test_expression(terminal, line, answer):
    assert terminal.execute(line) == answer


def test_exception_has_a_traceback(terminal):
    answer = terminal.execute("1 / 0")
    assert answer.startswith("Traceback (most recent call last):\n")
    assert answer.endswith("ZeroDivisionError: divide by zero\n")


def test_blocks_are_indented(terminal):
    terminal.send("def double(n):\r")
    terminal.read_until("\r\n... ")
    terminal.send("return 2 * n\r")
    terminal.read_until("\r\n... ")
    # The prompt indents by itself; Backspace takes that back and ends the block.
    terminal.send("\x7f\r")
    terminal.read_until(PROMPT)
    assert terminal.execute("double(21)") == "42\n"


def test_line_editing_and_history(terminal):
    assert terminal.execute("6 * 8\x7f7") == "42\n"
    # Cursor up brings the line back.
    assert terminal.execute("\x1b[A") == "42\n"


def test_tab_completion(terminal):
    terminal.execute("import sys")
    terminal.send("sys.imp\t")
    terminal.read_until("sys.implementation")
    terminal.send(CTRL_C)
    terminal.read_until(PROMPT)


def test_paste_mode(terminal):
    answer = terminal.paste(
        """
        def fibonacci(n):
            a, b = 0, 1
            for _ in range(n):
                a, b = b, a + b
            return a

        for n in (1, 10, 50):
            print(fibonacci(n))
        """
    )
    assert answer == "1\n55\n12586269025\n"


def test_long_paste_loses_nothing(terminal):
    """More than the input buffer holds, sent without waiting for the echo."""
    terminal.execute("total = 0")
    lines = "".join(f"total += {n}\r" for n in range(200))
    terminal.send(CTRL_E + lines + CTRL_D)
    terminal.read_until(PROMPT, timeout=30)
    assert terminal.execute("total") == f"{sum(range(200))}\n"


def test_raw_repl(terminal):
    printed, error = terminal.raw("for i in range(3):\n    print(i, end=' ')")
    assert printed == "0 1 2 "
    assert error == ""


def test_raw_repl_takes_utf8(terminal):
    printed, error = terminal.raw("print('grüße €', len('€'))")
    assert (printed, error) == ("grüße € 1\n", "")


def test_raw_repl_reports_exceptions_apart(terminal):
    printed, error = terminal.raw("print('before')\nraise ValueError('why')")
    assert printed == "before\n"
    assert error.startswith("Traceback")
    assert error.endswith("ValueError: why\n")


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "import time; time.sleep(100)",
        "import time\nwhile True: time.sleep_ms(1)",
        "import asyncio\nasync def f(): await asyncio.sleep(100)\nasyncio.run(f())",
        "import sys; sys.stdin.read(1)",
        "import socket\ns = socket.socket()\ns.bind(('0.0.0.0', 4321))\ns.listen(1)\ns.accept()",
    ],
    ids=["loop", "sleep", "short sleeps", "asyncio", "stdin", "accept"],
)
def test_ctrl_c(terminal, program):
    terminal.start_paste(program)
    time.sleep(0.2)
    terminal.send(CTRL_C)
    assert "KeyboardInterrupt" in terminal.read_until(PROMPT)
    assert terminal.execute("1 + 1") == "2\n"


def test_output_is_complete(terminal):
    answer = terminal.execute("for i in range(2000): print(i)\r\r", timeout=30)
    answer += terminal.execute("")
    numbers = [int(word) for word in answer.split() if word.isdigit()]
    assert numbers == list(range(2000))


def test_soft_reset_forgets_variables(terminal):
    terminal.execute("x = 1")
    terminal.soft_reset()
    assert "NameError" in terminal.execute("x")


def test_heap_is_the_chips(terminal, esp8266):
    answer = terminal.execute("import gc; gc.collect(); gc.mem_free() + gc.mem_alloc()")
    assert 37 * 1024 < int(answer) <= 38 * 1024
