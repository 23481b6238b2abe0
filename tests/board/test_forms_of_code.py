# SPDX-License-Identifier: MIT
"""What a program takes of the heap, by the form in which the board has it: docs/memory.md."""

import re
import subprocess

import build_romfs
import make_flash
import pytest
from board.emulator import Emulator
from board.terminal import PROMPT, Terminal

from support.simulator import TOP

pytestmark = pytest.mark.usefixtures("emulated")

THERMOSTAT = TOP / "frozen" / "examples" / "thermostat.py"
ROOM = 128 * 1024
# Names of modules by their form; what each of them imports is frozen, and there before.
FORMS = {
    ".py": "as_py",
    ".mpy": "as_mpy",
    "in ROMFS": "as_rom",
    "frozen": "examples.thermostat",
}
MEASURE = """
import gc, examples, {others}
gc.collect()
before = gc.mem_alloc()
import {module}
gc.collect()
print(gc.mem_alloc() - before)
"""


@pytest.fixture(scope="module")
def flash(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    subprocess.run([TOP / "ci" / "build-mpy-cross", "2"], check=True, capture_output=True)
    mpy_cross = TOP / "build" / "mpy-cross" / "mpy-cross"
    code = build_romfs.compiled(mpy_cross, "thermostat.py", THERMOSTAT)
    (folder / "as_mpy.mpy").write_bytes(code)
    path = folder / "flash.img"
    sources = [f"{THERMOSTAT}:as_py.py", f"{folder / 'as_mpy.mpy'}:as_mpy.mpy"]
    assert make_flash.main([str(path), *sources]) == 0
    data = bytearray(path.read_bytes())
    rom = build_romfs.image({"as_rom.mpy": code})
    data[-ROOM : len(data) - ROOM + len(rom)] = rom
    path.write_bytes(data)
    return path


def test_page_tells_what_each_form_takes(flash):
    text = THERMOSTAT.read_text(encoding="utf-8")
    names = re.findall(r"^(?:import|from) ([\w.]+)", text, re.M)
    assert "tinyweb.sessions" in names
    taken = {}
    with Emulator("--flash", flash, paused=True) as board, Terminal(board.port) as terminal:
        board.start()
        terminal.read_until(PROMPT, timeout=20)
        for form, module in FORMS.items():
            terminal.soft_reset()
            code = MEASURE.format(others=", ".join(names), module=module)
            printed, error = terminal.raw(code, timeout=60)
            assert error == ""
            taken[form] = int(printed)
    assert taken["frozen"] < taken["in ROMFS"] < taken[".mpy"] <= taken[".py"], taken
    page = (TOP / "docs" / "memory.md").read_text(encoding="utf-8")
    for form, bytes_taken in taken.items():
        (told,) = re.findall(rf"^\| {re.escape(form)} \| ([\d ]+) \|$", page, re.M) or [None]
        assert told and abs(int(told.replace(" ", "")) - bytes_taken) <= 256, taken
