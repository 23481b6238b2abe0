# SPDX-License-Identifier: MIT
"""Requests per second with wrk, in rounds that take every program in turn."""

import json
import statistics
import subprocess
import tempfile

from bench import FOLDER
from bench.messages import KEEP_ALIVE, SHAPES, drive, request
from bench.programs import CEILING, running

CONNECTIONS = 8
WARM_UP = 100


def sample(simulator, program, mode, shape, seconds):
    """One run of wrk; a dict with rate (requests/s), cpu (µs a request) and errors."""
    message = request(shape, mode)
    with (
        tempfile.NamedTemporaryFile(prefix="bench-") as file,
        running(simulator, program, mode) as server,
    ):
        file.write(message)
        file.flush()
        drive(server.host, server.port, message, WARM_UP, mode == KEEP_ALIVE)
        before = server.cpu_seconds()
        wrk = subprocess.run(
            ["wrk", "--threads", "1", "--connections", str(CONNECTIONS)]
            + ["--duration", f"{seconds}s", "--script", FOLDER / "throughput.lua"]
            + [f"http://{server.host}:{server.port}/", "--", file.name],
            capture_output=True,
            text=True,
            check=True,
        )
        cpu = server.cpu_seconds() - before
    counts = json.loads(wrk.stdout.splitlines()[-1])
    return {
        "rate": counts["requests"] * 1e6 / counts["microseconds"],
        "cpu": cpu * 1e6 / max(1, counts["requests"]),
        "errors": counts["errors"],
    }


def measure(simulator, programs, rounds, seconds, say):
    """{program: {mode: {shape: result}}}; a result has the medians over the rounds.

    of_ceiling is the median of the ratios to the ceiling's rate in the same round.
    say: called with a line of text before each round.
    """
    cases = [
        (program, mode, shape)
        for shape in SHAPES
        for mode in dict.fromkeys(mode for program in programs for mode in program.apps)
        for program in programs
        if mode in program.apps
    ]
    samples = {(program.key, mode, shape): [] for program, mode, shape in cases}
    for number in range(rounds):
        say(f"requests/s, round {number + 1} of {rounds}")
        for program, mode, shape in cases:
            result = sample(simulator, program, mode, shape, seconds)
            samples[program.key, mode, shape].append(result)
    results = {}
    for (key, mode, shape), taken in samples.items():
        ceiling = samples[CEILING, mode, shape]
        ratios = [own["rate"] / best["rate"] for own, best in zip(taken, ceiling, strict=True)]
        results.setdefault(key, {}).setdefault(mode, {})[shape] = {
            "requests_per_second": round(statistics.median(one["rate"] for one in taken)),
            "of_ceiling": round(statistics.median(ratios), 3),
            "cpu_microseconds": round(statistics.median(one["cpu"] for one in taken), 1),
            "rounds": [round(one["rate"]) for one in taken],
            "errors": sum(one["errors"] for one in taken),
        }
    return results
