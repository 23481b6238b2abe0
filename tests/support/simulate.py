# SPDX-License-Identifier: MIT
"""The simulated world: links it with the simulator, and runs seeds. See tests/simulate/README.md.

python -m support.simulate [--bits 32|64] ... in the folder tests/ is what `make simulate` calls.
"""

import argparse
import os
import pathlib
import subprocess
import sys

from support.relink import Parts
from support.simulator import TOP, search_path

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "simulate"
SOURCES = [
    *sorted(FOLDER.glob("*.c")),
    pathlib.Path(__file__).with_name("faults.c"),
]
APPLICATION = FOLDER / "application.py"
# What comes from the world and not from the system; each name where the simulator uses it.
WRAPPED = """
    gc_alloc gc_free gc_realloc accept bind clock_gettime __clock_gettime64 close fcntl fcntl64
    __fcntl_time64 fsync getrandom gettimeofday __gettimeofday64 listen lseek64 malloc open64 poll
    read recv rename send setsockopt __setsockopt64 socket stat64 __stat64_time64 statvfs64 time
    __time64 unlink usleep write
""".split()


def link(bits, folder):
    """Links the simulator's objects with the world; the path of the program, in `folder`."""
    parts = Parts(bits)
    clock = [path for path in parts.objects if path.endswith("/unix_mphal.o")]
    used = subprocess.run(["nm", "-u", *clock], capture_output=True, text=True, check=True).stdout
    # The parsers once more, with assertions of what holds between two calls
    core = TOP / "cmodules" / "httpparse" / "core"
    parsers = sorted(core.glob("*.c"))
    plain = {f"/httpparse/core/{file.stem}.o" for file in parsers}
    parts.objects = [path for path in parts.objects if not path.endswith(tuple(plain))]
    parsers.append(TOP / "tests" / "prove" / "holds.c")
    flags = ["-O1", "-g", "-Wall"]
    if "__clock_gettime64" in used:
        flags += ["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64", "-DTIME64_NAMES"]
    includes = [
        parts.folder,
        TOP / "micropython",
        TOP / "micropython/ports/unix",
        TOP / "boards/SIMULATOR",
        core,
    ]
    flags += [f"-I{path}" for path in includes]
    flags += [f"-DTINYWEB_SIMULATOR_BITS={bits}", "-DMODULE_UNIX", "-DHP_CHECKS=1"]
    return parts.link(folder / f"world-{bits}", WRAPPED, *flags, *SOURCES, *parsers)


# The servers that are run: slots, hooks or none, size of the heap, and what the ticks show at the
# start, in ms. Ticks turn at 2**30 ms, their differences at 2**29, and milliseconds in 32 bits at
# 2**32. Warming up takes 45 s; the turn comes soon after it.
_WARM = 45_000
WORLDS = [
    (3, "none", "256k", 1_000),
    (2, "hooks", "256k", (1 << 30) - _WARM),
    (1, "none", "256k", (1 << 29) - _WARM),
    (6, "hooks", "256k", (1 << 32) - _WARM),
    (3, "hooks", "256k", (1 << 31) - _WARM),
    (4, "none", "256k", 1_000),
]


def run(
    program,
    seed=0,
    seeds=1,
    *,
    application=APPLICATION,
    items=None,
    plan=None,
    seconds=None,
    settings=None,
):
    """Runs the seeds `seed` to `seed + seeds - 1`; the CompletedProcess (text) of the first world
    that has found something, or of the last one.

    program: what link() returned. items: numbers of the items that are kept, of a single seed.
    plan: path of a file with a plan, in the place of the seed's.
    seconds: after which no more seeds are begun, in each world. settings: further ones of the
    environment: SIMULATE_BOOT, what the ticks show at the start, in ms; SIMULATE_SLEEP, for how
    long the machine sleeps at a time while no client is there, in ms; SIMULATE_TIME, what the wall
    clock shows at the start, in s since 1970.
    A seed's world is its number modulo that of WORLDS.
    """
    done = None
    for number in range(min(seeds, len(WORLDS))):
        first = seed + number
        slots, hooks, heap, boot = WORLDS[first % len(WORLDS)]
        given = {
            **search_path(),
            "SIMULATE_SEED": str(first),
            "SIMULATE_SEEDS": str((seeds - number + len(WORLDS) - 1) // len(WORLDS)),
            "SIMULATE_STEP": str(len(WORLDS)),
            "SIMULATE_BOOT": str(boot),
        }
        if items is not None:
            given["SIMULATE_ITEMS"] = ",".join(map(str, items))
        if plan is not None:
            given["SIMULATE_PLAN"] = str(plan)
        if seconds is not None:
            given["SIMULATE_SECONDS"] = str(seconds)
        done = subprocess.run(
            [program, "-X", f"heapsize={heap}", application, str(slots), hooks],
            env={**os.environ, **given, **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            break
    return done


def main():
    """Runs seeds, on the command line."""
    parser = argparse.ArgumentParser(description="Run the server in a simulated world.")
    parser.add_argument("--bits", type=int, default=32, choices=[32, 64], help="of the simulator")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--items", help="numbers of the items of a seed that are kept: 1,2,5")
    parser.add_argument("--seconds", type=int, help="for how long each world runs at most")
    options = parser.parse_args()
    folder = TOP / "build" / "simulate"
    folder.mkdir(parents=True, exist_ok=True)
    program = link(options.bits, folder)
    items = options.items and options.items.split(",")
    done = run(program, options.seed, options.seeds, items=items, seconds=options.seconds)
    print(done.stdout, end="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
