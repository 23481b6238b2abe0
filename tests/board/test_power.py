# SPDX-License-Identifier: MIT
"""The power is cut at every step of the emulated board's flash, and in the middle of each.

What the board does to its flash is noted once, while it changes a file. Each state in between, and
each with half of a step, is then mounted by the firmware's littlefs in the simulator. Some start a
board.
"""

import json
import os
import pathlib

import pytest
from board.calls import A2, Plan
from board.emulator import Emulator
from board.terminal import OPEN_SECONDS, Terminal
from board.test_faults import Client, started
from make_flash import BLOCK_COUNT

from support.simulator import run

pytestmark = [pytest.mark.usefixtures("emulated"), pytest.mark.timeout(1200)]

PROGRAMS = pathlib.Path(__file__).parent / "programs"
SECTOR = 4096
ALL = os.environ.get("BOARD_FAULTS") == "all"
OLD_FILE, NEW_FILE = "old" * 900, "another" * 700


@pytest.fixture(scope="module")
def server(emulated, tmp_path_factory):
    server = started(tmp_path_factory.mktemp("power"))
    yield server
    server.stop()


class Notes:
    """What the board does to its flash: a sector's number that is erased, or (offset, bytes)."""

    def __init__(self, calls):
        self.steps = []
        self._calls = calls

    def __enter__(self):
        program = Plan("flash_program", seen=self._program)
        erase = Plan("flash_erase_sector", seen=self._erase)
        self._calls.watch(program, erase)
        return self

    def __exit__(self, *_):
        self._calls.watch()

    def _program(self, gdb, registers):
        offset, buffer, length = registers[A2 : A2 + 3]
        self.steps.append((offset, gdb.read(buffer, length)))

    def _erase(self, gdb, registers):
        self.steps.append(registers[A2])


def change(client, what, new):
    """Changes something; returns what is there then, as text."""
    if what == "key":
        return client.ask("POST", "/key")[1].decode()
    if what == "settings":
        client.settings("n" if new else "o")
        return ("n" if new else "o") * 200
    text = NEW_FILE if new else OLD_FILE
    client.put(text.encode())
    return text


@pytest.mark.parametrize("what", ["settings", "key", "upload"])
def test_power_is_cut_at_every_step(server, what, tmp_path):
    client = Client(server.host, server.port, None)
    client.patience = 60
    old = change(client, what, new=False)
    before = tmp_path / "before.img"
    before.write_bytes(server.flash.read_bytes())
    with Notes(server.board.watch) as notes:
        new = change(client, what, new=True)
    steps = [step if isinstance(step, int) else (step[0], step[1].hex()) for step in notes.steps]
    file = tmp_path / "notes.json"
    file.write_text(json.dumps({"steps": steps, "old": old, "new": new}), encoding="utf-8")
    after = tmp_path / "after.img"
    done = run(
        PROGRAMS / "cuts.py",
        folder=tmp_path,
        bits=64,
        heap="64m",
        args=[before, BLOCK_COUNT, file, what, after],
        timeout=600,
    )
    *wrong, last = done.stdout.splitlines()
    assert not wrong, done.stdout
    cuts, _, seen = last.partition(" ")
    print(f"\n{what}: {len(notes.steps)} steps, {cuts} cuts")
    assert seen == "[False, True]"
    assert int(cuts) == 2 * len(notes.steps) + 1 > 5
    # The steps are all that the board has done.
    assert after.read_bytes() == server.flash.read_bytes()
    # A board starts from some of them.
    starts = 4 if ALL else int(what == "upload")
    for number in range(starts):
        at = (2 * number + 1) * len(notes.steps) // (2 * starts)
        start(tmp_path, before.read_bytes(), notes.steps, at, what, {old, new})


SHOW = {
    "settings": "from tinyweb.device import settings; print(settings.read()['mine'])",
    "key": "from tinyweb import sign; print(sign.load_key('session.key').hex())",
    "upload": "from tinyweb import uploads; uploads.clean(''); print(open('data.bin').read())",
}


def start(folder, flash, steps, number, what, wanted):
    """Starts a board with its flash after so many steps and half of the next one."""
    data = bytearray(flash)
    for step in steps[:number]:
        do(data, step)
    do(data, steps[number], 2)
    image = folder / f"cut-{number}.img"
    image.write_bytes(data)
    with Emulator("--flash", image) as board, Terminal(board.port) as terminal:
        terminal.interrupt(10 + OPEN_SECONDS)
        printed, error = terminal.raw(SHOW[what], timeout=30)
        assert error == ""
        assert printed.strip() in wanted


def do(data, step, part=1):
    """A step, or the first `part`-th of it."""
    if isinstance(step, int):
        at, new = step * SECTOR, b"\xff" * (SECTOR // part)
    else:
        at = step[0]
        new = bytes(a & b for a, b in zip(step[1], data[at:], strict=False))
        new = new[: len(step[1]) // part]
    data[at : at + len(new)] = new
