# SPDX-License-Identifier: MIT
"""Calls of functions of the emulated board's program that fail, by breakpoints of QEMU.

The program is the one that everybody has: nothing in it knows of this.
"""

import dataclasses
import queue
import threading
import time

from .flash_watch import LENGTH, START
from .gdb import A0, PC, Gdb, function_at, symbols

# Registers when a function is called: A0 is where it returns to, A1 the stack's pointer, and A2
# its first argument. A2 is what it returns, too.
A1 = A0 + 1
A2 = A0 + 2
# addi a1, a1, ...: how most functions begin. Its third byte is the number that is added.
ADDI_SP = b"\x12\xc1"


@dataclasses.dataclass
class Plan:
    """Of the calls of the function `name`, `skip` succeed, `fail` then return `result`.

    only: a function of the registers that says whether a call counts. seen: a function of the Gdb
    and the registers that is called for each call that counts. count: calls so far. callers: the
    names of the functions whose calls have failed.
    """

    name: str
    result: int = 0
    skip: int = 0
    fail: int = 0
    only: object = None
    seen: object = None
    count: int = 0
    callers: list = dataclasses.field(default_factory=list)


class Calls:
    """The `debugger` of an Emulator: its functions may be called while the board runs.

    path, image: as for Gdb and for symbols(). paused: leave the board as it is. plans: what to
    watch from the start on. A store to flash is found as by FlashWatch.
    """

    def __init__(self, path, image, paused=False, plans=()):
        self._image = image
        self._gdb = Gdb(path)
        self._gdb.accepted(b"Z2,%x,%x" % (START, LENGTH))
        self._plans = {}
        self._first = {}
        self._wishes = queue.SimpleQueue()
        self._stored = None
        self._change(self._gdb, self._at(plans))
        if not paused:
            self._gdb.send(b"c")
        threading.Thread(target=self._run, daemon=True).start()

    def watch(self, *plans):
        """From now on the calls of these functions count, and no others."""
        self.while_it_stands(self._change, self._at(plans))

    def _at(self, plans):
        return {symbols(self._image)[plan.name]: plan for plan in plans}

    def _change(self, gdb, plans):
        for address in self._plans.keys() - plans.keys():
            gdb.accepted(b"z0,%x,1" % address)
        for address in plans.keys() - self._plans.keys():
            self._first[address] = gdb.read(address, 3)
            gdb.accepted(b"Z0,%x,1" % address)
        self._plans = plans

    def while_it_stands(self, function, *args):
        """Calls function(gdb, *args) while the board stands, and returns its result."""
        answer = queue.SimpleQueue()
        self._wishes.put((function, args, answer))
        until = time.monotonic() + 20
        while answer.empty():
            assert time.monotonic() < until, "the board does not stop"
            # A board that stands already, or is about to go on, does not hear it.
            self._gdb.wake()
            time.sleep(0.01)
        result, error = answer.get()
        if error is not None:
            raise error
        return result

    def store(self):
        """Which function has stored to flash, as text; None if none has."""
        return self._stored

    def close(self):
        self._gdb.close()

    def _run(self):
        try:
            while True:
                if b"watch:" in self._gdb.receive():
                    counter = self._gdb.registers()[PC]
                    self._stored = f"{function_at(self._image, counter)}() at {counter:#x}"
                registers = self._gdb.registers()
                plan = self._plans.get(registers[PC])
                self._grant_wishes()
                if plan is not None:
                    self._called(plan, registers)
                self._gdb.send(b"c")
        except OSError:
            # The board has ended, or somebody has closed this.
            return

    def _grant_wishes(self):
        while not self._wishes.empty():
            function, args, answer = self._wishes.get()
            try:
                answer.put((function(self._gdb, *args), None))
            except AssertionError as exc:
                answer.put((None, exc))

    def _called(self, plan, registers):
        counts = plan.only is None or plan.only(registers)
        if counts:
            plan.count += 1
            if plan.seen is not None:
                plan.seen(self._gdb, registers)
        if counts and plan.skip < plan.count <= plan.skip + plan.fail:
            plan.callers.append(function_at(self._image, registers[A0]))
            values = list(registers)
            values[A2] = plan.result
            values[PC] = registers[A0]
            self._gdb.set_registers(values)
        elif registers[PC] in self._plans:
            self._go_beyond(registers)

    def _go_beyond(self, registers):
        """Lets the board do the first instruction of a function, which is a breakpoint."""
        address = registers[PC]
        first = self._first[address]
        if first.startswith(ADDI_SP):
            values = list(registers)
            values[A1] += int.from_bytes(first[2:3], "little", signed=True)
            values[PC] += len(first)
            self._gdb.set_registers(values)
        else:
            self._gdb.accepted(b"z0,%x,1" % address)
            self._gdb.ask(b"s")
            self._gdb.accepted(b"Z0,%x,1" % address)
