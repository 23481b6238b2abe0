# SPDX-License-Identifier: MIT
"""A program served by the emulated board, as support.simulator.Server is by the simulator."""

import contextlib
import pathlib
import re
import socket
import subprocess
import tempfile
import time

from board.emulator import TOP, Emulator
from board.terminal import OPEN_SECONDS, Terminal

PORT = 8081


def adapted(program, copy):
    """Writes `program` as the board needs it to the path `copy`, and returns that."""
    source = program.read_text(encoding="utf-8")
    # The board's clients come from outside, and on a loaded machine it is slower than they are.
    source = source.replace('"127.0.0.1"', '"0.0.0.0"').replace("_timeout=1,", "_timeout=3,")
    copy.write_text(source.replace("_timeout=1)", "_timeout=3)"), encoding="utf-8")
    return copy


class BoardServer:
    """Boots a board with a program in its flash, and serves it; stop() ends the board.

    program: path of a program as start_server() takes it. cwd: folder whose files are beside the
    program. arguments, options: further ones of Emulator. host, port, url: where this computer
    reaches it. board: the Emulator. flash: path of its flash.
    """

    def __init__(self, program, *, folder, cwd=None, timeout=60, arguments=(), **options):
        folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.flash = folder / "flash.img"
        # From a file the board compiles it without holding its text in RAM.
        files = [adapted(program, folder / "program.py")]
        for name in re.findall(r"^import (\w+)", program.read_text(encoding="utf-8"), re.M):
            module = program.with_name(f"{name}.py")
            if module.exists():
                files.append(adapted(module, folder / module.name))
        files += sorted(pathlib.Path(cwd).iterdir()) if cwd is not None else []
        subprocess.run([TOP / "ci" / "make-flash", self.flash, *files], check=True)
        with contextlib.ExitStack() as stack:
            self.board = stack.enter_context(
                Emulator("--flash", self.flash, *arguments, forward=(PORT,), **options)
            )
            self._terminal = stack.enter_context(Terminal(self.board.port))
            self._terminal.interrupt(10 + OPEN_SECONDS)
            self._terminal.start_raw(
                f"import sys\nsys.argv[:] = ['program.py', '{PORT}', '0.0.0.0']\nimport program\n"
            )
            self.host, self.port = self.board.address(PORT)
            self.url = f"http://{self.host}:{self.port}"
            self._wait(timeout)
            self._stack = stack.pop_all()

    def _wait(self, timeout):
        # QEMU takes connections itself, and ends them at once while nobody listens on the board.
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with socket.create_connection((self.host, self.port), timeout=0.5) as probe:
                try:
                    if probe.recv(1) == b"":
                        time.sleep(0.1)
                except TimeoutError:
                    return
                except ConnectionError:
                    time.sleep(0.1)
        raise AssertionError(f"the server did not listen in time:\n{self.log()}")

    def log(self):
        """What the program has printed so far."""
        self._terminal.read_for(0.2)
        return self._terminal.transcript

    def stop(self):
        self._stack.close()
