# SPDX-License-Identifier: MIT
"""Banner, names and versions, memory, files: what a person looks at first."""

import re

from board.terminal import PROMPT

from firmware import table


def test_banner_after_reset(board):
    terminal = board.terminal
    terminal.send("import machine; machine.reset()\r")
    terminal.read_until("machine.reset()\r\n")
    banner = terminal.read_until(PROMPT, timeout=30)
    assert re.search(r"MicroPython v1\.\d+\.\d+", banner)
    assert f"TinyWeb v{table.version()} " in banner


def test_names_the_board(board, real):
    names = [variant.build_name for variant in table.load().values()]
    assert board.terminal.execute("import sys; sys.implementation._build").strip("'\n") in names


def test_names_the_version(board):
    answer = board.terminal.execute("import tinyweb; tinyweb.__version__")
    assert answer == f"'{table.version()}'\n"


def test_heap_is_free_after_the_import(board):
    """At least 26 of the ESP8266's 38 KiB are left for applications."""
    board.terminal.soft_reset()
    board.terminal.execute("import gc, tinyweb; gc.collect()")
    assert int(board.terminal.execute("gc.mem_free()")) > 26 * 1024


def test_files_survive_a_reset(board):
    terminal = board.terminal
    text = "kept through a reset"
    terminal.paste(f"with open('device-test.txt', 'w') as f:\n    f.write({text!r})\n")
    terminal.soft_reset()
    assert terminal.execute("open('device-test.txt').read()") == f"{text!r}\n"
    terminal.execute("import os; os.remove('device-test.txt')")


def test_modules_of_the_board_import(board, device):
    """What the documentation promises on every image is there."""
    names = ["asyncio", "httpparse", "tinyweb", "examples.hello_world", "json", "socket"]
    if device is not None:
        names += ["network", "machine", "esp", "neopixel", "webrepl", "mip", "ntptime"]
    for name in names:
        board.terminal.soft_reset()
        assert board.terminal.execute(f"import {name}") == "", name
