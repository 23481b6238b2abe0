# SPDX-License-Identifier: MIT
"""Each test on the emulated board fails where something stores to flash: see flash_watch.py."""

import time

import pytest
from board.emulator import Emulator
from board.terminal import PROMPT, Terminal

pytestmark = pytest.mark.usefixtures("emulated")

# id() of an address with 31 bits is negative.
PREPARE = "import machine, tinyweb; mem = machine.mem32; a = id(tinyweb) & 0x7FFFFFFF; b = []"
STORE = "mem[a] = mem[a]"


@pytest.mark.parametrize("reset", [False, True])
def test_store_to_a_module_in_rom_is_found(reset):
    """Although it stores what is there already."""
    board = Emulator()
    with Terminal(board.port) as terminal:
        terminal.interrupt(20)
        if reset:
            terminal.send("import machine; machine.reset()\r")
            terminal.read_until("()\r\n")
            terminal.read_until(PROMPT, timeout=20)
        terminal.execute(PREPARE)
        assert board.watch.store() is None
        terminal.send(STORE + "\r")
        deadline = time.monotonic() + 20
        while board.watch.store() is None and time.monotonic() < deadline:
            terminal.read_for(0.1)
    with pytest.raises(AssertionError, match="has stored to flash") as raised:
        board.stop()
    assert "machine_mem_subscr() at 0x402" in str(raised.value)


def test_loads_and_stores_to_ram_are_none():
    with Emulator() as board, Terminal(board.port) as terminal:
        terminal.interrupt(20)
        terminal.execute(PREPARE)
        assert terminal.execute("c = mem[a]; mem[id(b)] = mem[id(b)]; 1") == "1\n"
