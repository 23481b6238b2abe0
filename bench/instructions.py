# SPDX-License-Identifier: MIT
"""Instructions that the simulator's process executes for one served request.

callgrind counts every instruction in user mode, the memory collector's included, so that
the figure hardly depends on the machine's load; the kernel's work is not in it.
"""

import contextlib
import pathlib
import subprocess
import tempfile

from bench.messages import KEEP_ALIVE, SHAPES, drive, request
from bench.programs import running


def control(action, pid):
    """Has callgrind_control reset ("--zero") or write out ("--dump") the counts of `pid`."""
    subprocess.run(
        ["callgrind_control", action, str(pid)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )


@contextlib.contextmanager
def counted(simulator, program, mode, message, warm_up, count):
    """Serves `count` requests after `warm_up` and yields the path of callgrind's file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = pathlib.Path(folder) / "out"
        wrapper = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"]
        with running(simulator, program, mode, wrapper=wrapper) as server:
            keep_alive = mode == KEEP_ALIVE
            drive(server.host, server.port, message, warm_up, keep_alive)
            control("--zero", server.pid)
            drive(server.host, server.port, message, count, keep_alive)
            control("--dump", server.pid)
        yield out.with_name("out.1")


def total(file):
    """The instructions that callgrind's `file` counted in all."""
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == "totals":
            return int(value)
    raise ValueError(f"{file} has no totals")


def measure(simulator, programs, warm_up, count, say):
    """{program: {mode: {shape: instructions}}}, each for one request."""
    results = {}
    for program in programs:
        say(f"instructions of {program.title}")
        for mode in program.apps:
            for shape in SHAPES:
                message = request(shape, mode)
                with counted(simulator, program, mode, message, warm_up, count) as file:
                    value = round(total(file) / count)
                results.setdefault(program.key, {}).setdefault(mode, {})[shape] = value
    return results
