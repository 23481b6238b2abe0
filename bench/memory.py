# SPDX-License-Identifier: MIT
"""Heap on the 32-bit simulator, whose objects have the size of the chips'.

All servers are frozen into the simulator that is used here, as they would be into a
firmware image; from .py files their bytecode alone would fill a small heap.
"""

import re
import subprocess

from bench import BUILD, FOLDER, TOP
from bench.messages import KEEP_ALIVE, WrongAnswer, drive, request
from bench.programs import APPS, Ended, build, running
from tests.support.simulator import environment

# The budget's question: how many requests, and how many at a time.
REQUESTS, AT_ONCE = 30, 3
STEP = 256
LARGEST = 1 << 20


def simulator(programs):
    """Builds the 32-bit simulator with the peers among `programs` frozen; returns its path."""
    if not any(program.frozen and program.folders for program in programs):
        return build(32)
    lines = [
        "# SPDX-License-Identifier: MIT",
        f'include("{TOP}/boards/SIMULATOR/manifest.py")',
        f'module("pkg_resources.py", base_path="{APPS}/shims", opt=3)',
    ]
    for program in programs:
        if program.frozen:
            for folder in program.folders:
                lines.append(f'package("{program.module}", base_path="{folder}", opt=3)')
    text = "\n".join(lines) + "\n"
    manifest = BUILD / "peers.py"
    if not manifest.is_file() or manifest.read_text(encoding="utf-8") != text:
        manifest.write_text(text, encoding="utf-8")
    return build(32, manifest)


def import_heap(simulator, module, *before):
    """Bytes of heap that importing `module` takes for good, after the modules `before`."""
    done = subprocess.run(
        [simulator, FOLDER / "probes" / "import_heap.py", module, *before],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def allocated(simulator, program, mode, count, message=None, expected=None):
    """(total, in use) bytes of heap at the end of a run that served `count` requests.

    message, expected: another request than the browser's for the page, and its answer.

    The first is micropython.mem_total(), what was ever allocated; the second what a
    collection leaves, the imported modules and the application included.
    """
    with running(simulator, program, mode, probe="mem_total.py") as server:
        message = message or request("browser", mode)
        drive(server.host, server.port, message, count, mode == KEEP_ALIVE, expected=expected)
        output = server.interrupt()
    found = re.search(r"mem_total (\d+) in_use (\d+)", output)
    if not found:
        raise RuntimeError(f"{program.title} did not print its heap:\n{output}")
    return int(found[1]), int(found[2])


def allocation(simulator, program, mode, count, message=None, expected=None):
    """{bytes_per_request, in_use}, from runs that differ by `count` browser-sized requests."""
    warm_up = 20
    before, _ = allocated(simulator, program, mode, warm_up, message, expected)
    after, in_use = allocated(simulator, program, mode, warm_up + count, message, expected)
    return {"bytes_per_request": round((after - before) / count), "in_use": in_use}


def serves(simulator, program, mode, heap):
    """Whether the program answers all requests with a heap of `heap` bytes."""
    try:
        with running(simulator, program, mode, heap=heap, timeout=5) as server:
            message = request("browser", mode)
            keep_alive = mode == KEEP_ALIVE
            drive(server.host, server.port, message, REQUESTS, keep_alive, AT_ONCE, timeout=2)
    except (Ended, WrongAnswer, OSError):
        return False
    return True


def smallest_heap(simulator, program, mode, step=STEP):
    """The smallest -X heapsize=, in bytes, with which the program serves, three times of three.

    None when not even LARGEST is enough.
    """
    too_small, enough = 0, step
    while not serves(simulator, program, mode, enough):
        too_small, enough = enough, enough * 2
        if enough > LARGEST:
            return None
    while enough - too_small > step:
        middle = (too_small + enough) // 2 // step * step
        if serves(simulator, program, mode, middle):
            enough = middle
        else:
            too_small = middle
    # One success near the limit may be luck in where the objects came to lie.
    while not all(serves(simulator, program, mode, enough) for _ in range(2)):
        enough += step
    return enough


def measure(simulator, programs, count, step, say):
    """{program: {"import": bytes, mode: {bytes_per_request, in_use, smallest_heap}}}.

    A program that is not frozen has only bytes_per_request.
    """
    results = {}
    for program in (program.as_frozen() for program in programs):
        say(f"heap of {program.title}")
        result = results[program.key] = {}
        if program.module is not None and program.frozen:
            result["import"] = import_heap(simulator, program.module)
        for mode in program.apps:
            result[mode] = allocation(simulator, program, mode, count)
            if program.frozen:
                result[mode]["smallest_heap"] = smallest_heap(simulator, program, mode, step)
            else:
                del result[mode]["in_use"]
    return results
