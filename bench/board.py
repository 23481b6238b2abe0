# SPDX-License-Identifier: MIT
"""What a request costs on the emulated board: instructions and heap; see docs/benchmarks.md.

`make bench-board` runs it. The programs in bench/onboard serve requests from memory, with
interrupts masked and QEMU counting instructions.
"""

import argparse
import ast
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

from bench import BUILD, FOLDER, TOP, frames, pages, peers, transfers
from bench.messages import CLOSE, FILE, board_requests, request
from bench.parsing import CYCLES, LX106
from bench.report import number, table
from tests.board.emulator import Emulator, build
from tests.board.terminal import Terminal

ONBOARD = FOLDER / "onboard"
# No more files than these, as littlefs takes the longer to find one the more there are.
PROGRAMS = [ONBOARD / f"{name}.py" for name in ("drive", "parsers", "tinyweb_app", "microdot_app")]
PROGRAMS.append(FOLDER / "apps" / "page.py")
OURS, PEER = "tinyweb", "microdot"
PHASES = {1: "wake", 2: "parse", 3: "route", 4: "handler", 5: "send"}
HANDLER = 4
# Fields that an application keeps, for the parsers
NAMES = {"no field": (), "three fields": (b"host", b"user-agent", b"cookie")}
# Bytes: the chip's heap, and one in which no request needs a collection
CHIP_HEAP = "38912"
LARGE_HEAP = "131072"
# What follows an application's import to build it, by the program
HEAP_APPLICATION = """
import gc
def free():
    gc.collect()
    return gc.mem_free()
boot = free()
import {module}
imported = free()
{application}
print("heap", boot, imported, free())
"""
APPLICATIONS = {
    OURS: """
app = tinyweb.webserver()
async def index(request, response): pass
app.add_route("/", index)
app.start("0.0.0.0", 8081)
""",
    PEER: """
import asyncio
app = microdot.Microdot()
async def index(request): pass
app.get("/")(index)
asyncio.create_task(app.start_server("0.0.0.0", 8081))
async def settle(): await asyncio.sleep_ms(100)
asyncio.run(settle())
""",
}


class Failed(Exception):
    """A program on the board ended with an exception or a wrong answer."""


class Session:
    """A board with the programs in its flash; a context manager that ends it.

    image: path, str or None for the usual one.
    """

    def __init__(self, image=None):
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        folder = pathlib.Path(self._folder.name)
        (folder / "page.html").write_bytes(FILE)
        flash = folder / "flash.img"
        make = [TOP / "ci" / "make-flash", flash, folder / "page.html", *PROGRAMS]
        subprocess.run(make, check=True)
        self._board = Emulator("--icount", "--flash", flash, image=image, debugger=None)
        self._terminal = Terminal(self._board.port)
        self._terminal.interrupt(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._terminal.__exit__()
        self._board.stop()
        self._folder.cleanup()

    def run(self, source):
        """Runs `source` after a soft reset; returns [[first word, rest of the line], ...]."""
        self._terminal.soft_reset()
        printed, error = self._terminal.raw(source, timeout=120)
        if error:
            raise Failed(error)
        return [line.split(" ", 1) for line in printed.splitlines()]


def instructions(cycles):
    return round(cycles / CYCLES)


def tuples(text):
    """The numbers and tuples in a line that were printed side by side."""
    return ast.literal_eval(re.sub(r"(?<=[\d)]) (?=[\d(])", ", ", f"[{text}]"))


def cost_of_mark(session):
    """Cycles that a mark set by Python code takes."""
    ((_, text),) = session.run("import drive\ndrive.calibrate()")
    costs = {cycles for _, cycles in tuples(text)}
    return min(costs)


def split(parts, program, mark):
    """{phase: instructions} of [(number, cycles), ...].

    mark: cycles of a mark set by Python code, as our handlers do before they send; those that
    are set by C code cost next to nothing.
    """
    cycles = dict.fromkeys(PHASES, 0)
    for phase, spent in parts:
        cycles[phase] += spent
    if program == OURS:
        cycles[HANDLER] -= mark
    return {PHASES[phase]: instructions(spent) for phase, spent in cycles.items()}


def served(session, program, message, answer, warm_up, rounds, collector):
    """The board's lines about requests to `program`, whose answer is right."""
    lines = session.run(
        f"import drive, {program}_app as app\n"
        f"drive.served(app.serve, {message!r}, {warm_up}, {rounds}, {collector})"
    )
    check(lines, answer)
    return lines


def once(session, program, message, answer, rounds):
    """Without collections. {instructions, phases, heap, rounds} of one request."""
    mark = cost_of_mark(session)
    lines = served(session, program, message, answer, 3, rounds, False)
    measured = [tuples(text) for word, text in lines if word == "phases"]
    results = [(split(parts, program, mark), heap) for heap, *parts in measured]
    totals = [sum(phases.values()) for phases, _ in results]
    # The one in the middle: the clock's code takes some instructions more or less.
    middle = statistics.median_low(totals)
    phases, heap = results[totals.index(middle)]
    return {"instructions": middle, "phases": phases, "heap": heap, "rounds": totals}


def with_collector(session, program, message, answer, rounds):
    """With the collector. {with_collector} of one request, the mean of many."""
    lines = served(session, program, message, answer, 8, 4 * rounds, True)
    totals = [int(text) for word, text in lines if word == "round"]
    return {"with_collector": instructions(sum(totals) / len(totals))}


def check(lines, body):
    """Raises Failed unless the board printed an answer with that body."""
    answer = ast.literal_eval(next(text for word, text in lines if word == "answer"))
    head, _, got = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0] or got != body:
        raise Failed(f"wrong answer: {answer[:400]!r}")


def parsers(session):
    """{parser: {kept: {request: {instructions, heap}}}}"""
    mark = cost_of_mark(session)
    results = {}
    for parser, title in (("c", "httpparse (C)"), ("python", "in Python")):
        for kept, names in NAMES.items():
            for shape in ("small", "browser"):
                lines = session.run(
                    f"import drive, parsers\n"
                    f"drive.parsed(lambda s: parsers.{parser}(s, {names!r}),"
                    f" {request(shape, CLOSE)!r})"
                )
                heap, *parts = tuples(lines[0][1])
                cycles = sum(spent for _, spent in parts)
                method, path, fields, length = ast.literal_eval(lines[1][1])
                if (method, path, length) != (b"GET", b"/", None) or len(fields) > len(names):
                    raise Failed(f"{parser} parser: {lines[1][1]}")
                found = {"instructions": instructions(cycles - mark), "heap": heap}
                results.setdefault(title, {}).setdefault(kept, {})[shape] = found
    return results


def heap(session, program):
    """Free bytes of heap {boot, imported, serving}."""
    source = HEAP_APPLICATION.format(module=program, application=APPLICATIONS[program])
    ((_, text),) = session.run(source)
    return dict(zip(("boot", "imported", "serving"), map(int, text.split()), strict=True))


def slot_heap(session):
    """Bytes of heap that another connection at the same time takes, with buffers of 512 bytes."""
    # In a function, and not the first one: what a global name takes is no part of it, nor what the
    # collector takes for pointers in frames that had other words before.
    ((_, text),) = session.run(
        "import gc, tinyweb\nfrom tinyweb.connection import new_slot\n"
        "app = tinyweb.webserver(buffer_size=512)\n"
        "def taken(make):\n"
        "    make()\n    gc.collect()\n    before = gc.mem_alloc()\n    kept = make()\n"
        "    gc.collect()\n    return gc.mem_alloc() - before\n"
        "print('slot', taken(lambda: new_slot(app)))\n"
    )
    return int(text)


def collection(session):
    """Instructions of gc.collect() with the heap of a serving application."""
    lines = session.run("import drive, tinyweb_app\ndrive.collection()")
    return instructions(tuples(lines[0][1])[0][1])


def sections(image):
    """{section: bytes} of the image."""
    done = subprocess.run(
        [f"{LX106}size", "-A", image], capture_output=True, text=True, check=True
    )
    found = {}
    for line in done.stdout.splitlines():
        words = line.split()
        # Debugging information has no address.
        if len(words) == 3 and words[1].isdigit() and int(words[2]) > 0:
            found[words[0]] = int(words[1])
    return found


def peer_image(heap):
    """The image with Microdot frozen beside this project's modules; returns its path.

    heap: bytes, str.
    """
    manifest = BUILD / "board-manifest.py"
    text = (
        "# SPDX-License-Identifier: MIT\n"
        f'include("{TOP}/ports/qemu-lx106/manifest.py")\n'
        f'package("{PEER}", base_path="{peers.fetch(PEER)}", opt=3)\n'
    )
    BUILD.mkdir(parents=True, exist_ok=True)
    if not manifest.is_file() or manifest.read_text(encoding="utf-8") != text:
        manifest.write_text(text, encoding="utf-8")
    settings = {
        "FROZEN_MANIFEST": str(manifest),
        "EMULATOR_OUT": str(BUILD / "emulator"),
        "HEAP_SIZE": heap,
    }
    done = subprocess.run(
        [TOP / "ci" / "build-emulator"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    image = BUILD / f"board-{heap}.elf"
    shutil.copyfile(done.stdout.splitlines()[-1], image)
    return str(image)


def measure_alone(results, say):
    """What concerns this project only, and the parsers, in the image as it is."""
    image = str(build())
    results["sections"] = sections(image)
    with Session(image) as session:
        say("parsers")
        results["parsers"] = parsers(session)
        results["collection"] = collection(session)
        results["heap"][OURS] = heap(session, OURS)
        results["slot"] = slot_heap(session)
    return image


def measure(quick, say):
    """What requests from memory cost, as a dict for JSON."""
    results = {"programs": {OURS: "tinyweb"}, "heap": {}, "requests": {}}
    image = large = measure_alone(results, say)
    measured = board_requests()
    if quick:
        measured = {name: measured[name] for name in ("hello world", "form")}
    else:
        results["programs"][PEER] = f"Microdot {peers.version(PEER)}"
        large, image = peer_image(LARGE_HEAP), peer_image(CHIP_HEAP)
        with Session(image) as session:
            results["heap"][PEER] = heap(session, PEER)
    rounds = 1 if quick else 8
    for part, board in ((once, large), (with_collector, image)):
        with Session(board) as session:
            for program in results["programs"]:
                say(f"{program}, {part.__doc__.split('.')[0].lower()}")
                for name, (message, answer) in measured.items():
                    found = results["requests"].setdefault(name, {}).setdefault(program, {})
                    found.update(part(session, program, message, answer, rounds))
    return results


def text(results):
    """The report of measure() for people."""
    programs = results["programs"]
    rows = [
        [f"{name}, {programs[key]}", number(found["instructions"])]
        + [number(found["phases"][phase]) for phase in PHASES.values()]
        + [number(found["with_collector"]), number(found["heap"])]
        for name, by_program in results["requests"].items()
        for key, found in by_program.items()
    ]
    head = ["instructions for a request", "all", *PHASES.values(), "with collector", "heap bytes"]
    lines = table(head, rows)
    rows = [
        [f"{parser}, {kept} kept"]
        + [number(one["instructions"]) for one in shapes.values()]
        + [number(one["heap"]) for one in shapes.values()]
        for parser, by_kept in results["parsers"].items()
        for kept, shapes in by_kept.items()
    ]
    head = ["parsing a head", "small: instructions", "browser: instructions"]
    lines += ["", *table([*head, "small: heap bytes", "browser: heap bytes"], rows)]
    rows = [[programs[key], *map(number, free.values())] for key, free in results["heap"].items()]
    lines += ["", *table(["bytes of heap left", "boot", "imported", "serving"], rows)]
    rows = [[name, number(size)] for name, size in results["sections"].items()]
    lines += ["", *table(["section of the image", "bytes"], rows), ""]
    lines.append(f"another connection at the same time: {number(results['slot'])} bytes of heap")
    lines.append(f"collecting memory: {number(results['collection'])} instructions")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="ci/bench-board", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tinyweb alone, fewer requests")
    parser.add_argument("--part", choices=PARTS, help="only this part")
    parser.add_argument(
        "--json", type=pathlib.Path, default=BUILD / "board.json", help="where the results go"
    )
    options = parser.parse_args()
    results, reports = {}, []
    for name, part in PARTS.items():
        if options.part in (None, name):
            found = part.measure(
                options.quick, lambda line: print(line, file=sys.stderr, flush=True)
            )
            reports.append(part.text(found))
            results.update(found)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print("\n".join(reports), end="")


# What measures and reports each part: one that is named like this module is this module.
PARTS = {
    "requests": sys.modules[__name__],
    "frames": frames,
    "transfers": transfers,
    "pages": pages,
}


if __name__ == "__main__":
    main()
