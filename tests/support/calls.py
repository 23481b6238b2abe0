# SPDX-License-Identifier: MIT
"""Random calls of all that httpparse and _tinyweb have, under sanitizers: tests/calls/README.md.

python -m support.calls [--bits 32|64] ... in the folder tests/ is what `make calls` calls.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

from support.simulator import environment, sanitized

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "calls" / "program.py"
# Steps of a seed; one makes some four calls.
STEPS = 3000
# Seconds of the processor that a seed takes at most: it needs two.
CPU = 60
FAULT = re.compile(
    r"(ERROR: AddressSanitizer.*?(?: on|:)|runtime error:.*|Assertion `.*|.*Error: .*)"
)


class Run:
    """What a seed has done.

    fault: "" or what was found. calls: how many. names: {name: (calls, of which returned)}.
    """

    def __init__(self, simulator, seed, steps=(), count=STEPS, trace=False):
        words = [str(seed), str(count), *(["trace"] if trace else []), *map(str, steps)]
        with tempfile.TemporaryDirectory() as folder:
            www = pathlib.Path(folder) / "www"
            (www / "folder").mkdir(parents=True)
            (www / "a.txt").write_text("text")
            (www / "a.html").write_text("<p>")
            done = subprocess.run(
                simulator.command(PROGRAM, words, "400k"),
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 5)),
            )
        text = done.stdout.decode(errors="replace")
        self.output = text + done.stderr.decode(errors="replace")
        found = re.search(r"^calls (\d+)$", text, re.M)
        self.calls = int(found[1]) if found else 0
        self.fault = ""
        if done.returncode != 0 or not found:
            place = re.search(r"#\d+ \S+ in (\S+) \S*/cmodules/", self.output)
            what = [f"exit status {done.returncode}", *FAULT.findall(self.output)[:1]]
            self.fault = ", ".join(what + ([place[1]] if place else []))
        rows = re.findall(r"^(\S+) (\d+) (\d+)$", text, re.M)
        self.names = {name: (int(calls), int(good)) for name, calls, good in rows}


def shrink(simulator, seed, fault, count=STEPS):
    """The steps of a seed that are left when each one is needed for the fault: a list."""
    steps = list(range(count))
    size = len(steps)
    while size:
        at = 0
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            if fewer and Run(simulator, seed, fewer).fault == fault:
                steps = fewer
            else:
                at += size
        size //= 2
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bits", type=int, default=32, choices=(32, 64))
    parser.add_argument("--seed", type=int, help="run this one alone, and print what it calls")
    parser.add_argument("--steps", help="of that seed only these, as in 5,7,60")
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    simulator = sanitized(options.bits)
    if options.seed is not None:
        steps = [int(step) for step in options.steps.split(",")] if options.steps else ()
        run = Run(simulator, options.seed, steps, trace=True)
        print(run.output)
        return 1 if run.fault else 0
    begin = time.monotonic()
    total = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        seeds = range(options.first, options.first + options.seeds)
        for seed, run in zip(
            seeds, pool.map(lambda seed: Run(simulator, seed), seeds), strict=True
        ):
            total["calls"] += run.calls
            if run.fault:
                total["faults"] += 1
                print(f"seed {seed}: {run.fault}", flush=True)
                print(run.output[-3000:])
                if total["faults"] == 1:
                    steps = shrink(simulator, seed, run.fault)
                    print(Run(simulator, seed, steps, trace=True).output)
                    print(
                        f"ci/calls --seed {seed} --steps {','.join(map(str, steps))}", flush=True
                    )
            elif seed % 100 == 0:
                print(f"seed {seed}: {total['calls']} calls", flush=True)
    seconds = time.monotonic() - begin
    print(
        f"{options.seeds} seeds, {total['calls']} calls, {total['faults']} faults, {seconds:.0f} s"
    )
    return 1 if total["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
