# SPDX-License-Identifier: MIT
"""Measures, prints a table and writes the same as JSON; see docs/benchmarks.md."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from bench import BUILD, instructions, kinds, memory, parsing, programs, report, throughput

PARTS = ("throughput", "instructions", "memory", "parsing")


def arguments():
    parser = argparse.ArgumentParser(prog="ci/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, coarser figures")
    parser.add_argument("--rounds", type=int, help="rounds of wrk (default 5; quick 1)")
    parser.add_argument("--seconds", type=int, default=1, help="length of one run of wrk")
    parser.add_argument(
        "--part",
        action="append",
        choices=PARTS,
        help="measure only this; may be given again",
    )
    parser.add_argument(
        "--program",
        action="append",
        choices=[programs.OURS, *programs.PEERS, "original"],
        help="measure only this beside the bare loop; may be given again",
    )
    parser.add_argument(
        "--original",
        type=pathlib.Path,
        metavar="FOLDER",
        help="a checkout of the original tinyweb, to be measured as well",
    )
    parser.add_argument(
        "--json", type=pathlib.Path, default=BUILD / "results.json", help="where the results go"
    )
    return parser.parse_args()


def say(line):
    print(line, file=sys.stderr, flush=True)


def machine(simulator):
    """What a reader needs to know about where the figures come from."""
    banner = subprocess.run(
        [simulator, "-c", "import sys; print(sys.version, sys.implementation[2])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    return {
        "simulator": banner.partition("; ")[2],
        "cpus": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
    }


def chosen(options, simulator):
    """The programs to measure, and the titles of those that this simulator lacks."""
    found = programs.programs(options.program, options.original)
    able = [program for program in found if programs.runs(simulator, program)]
    return able, [program.title for program in found if program not in able]


def main():
    options = arguments()
    parts = options.part or PARTS
    quick = options.quick
    BUILD.mkdir(parents=True, exist_ok=True)
    simulator = programs.build(64)
    able, missing = chosen(options, simulator)
    results = {
        "machine": machine(simulator),
        "programs": {program.key: program.title for program in able},
        "missing": missing,
        "throughput": {},
        "instructions": {},
        "memory": {},
        "kinds": {},
        "parsing": {},
        "sizes": {},
        "budgets": [],
    }
    if "throughput" in parts:
        rounds = options.rounds or (1 if quick else 5)
        results["throughput"] = throughput.measure(simulator, able, rounds, options.seconds, say)
    if "instructions" in parts:
        warm_up, count = (20, 40) if quick else (50, 200)
        results["instructions"] = instructions.measure(simulator, able, warm_up, count, say)
    if "memory" in parts:
        small = memory.simulator(able)
        step = 1024 if quick else 256
        results["memory"] = memory.measure(small, able, 100, step, say)
        say("heap of each kind of request")
        results["kinds"] = kinds.measure(small, 100)
    if "parsing" in parts:
        pieces = (0,) if quick else parsing.PIECES
        results["parsing"] = parsing.measure(say, pieces)
        results["sizes"] = parsing.sizes()
        results["budgets"] = parsing.budgets(results)
    results["comparisons"] = report.comparisons(results)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(report.text(results), end="")


if __name__ == "__main__":
    main()
