# SPDX-License-Identifier: MIT
"""examples.thermostat, a whole application, in the heap of the small chip.

Each test does little here and much by `make soak-application`: THERMOSTAT_RUNS fresh starts,
THERMOSTAT_SECONDS of use, THERMOSTAT_REQUESTS mixed requests.
"""

import itertools
import os
import time

from thermostat.mix import Mix
from thermostat.visitor import Visitor

RUNS = int(os.environ.get("THERMOSTAT_RUNS", "3"))
SECONDS = int(os.environ.get("THERMOSTAT_SECONDS", "10"))
REQUESTS = int(os.environ.get("THERMOSTAT_REQUESTS", "4000"))
# How many between two looks at the heap.
STEP = 100_000
HEAP = "38k"
# From a fresh start
FRESH_HEAP = "34k"

# The ports of the chips set such a threshold before anything else runs, and have three slots.
PROGRAM = """\
    import gc, sys
    gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
    import tinyweb
    webserver = tinyweb.webserver
    tinyweb.webserver = lambda **options: webserver(max_concurrency=3, **options)
    import examples.thermostat as thermostat

    thermostat.run(sys.argv[2], int(sys.argv[1]))
"""
# Looks at the heap when no request is under way, whose own objects would stand in it.
LOOKING_PROGRAM = PROGRAM.replace(
    "    thermostat.run(",
    """\
    import asyncio
    wanted = asyncio.Event()
    seen = []

    @thermostat.app.route("/look", methods=["POST"])
    async def look(req, resp):
        seen.clear()
        wanted.set()

    @thermostat.app.route("/seen")
    async def get_seen(req, resp):
        return seen

    async def watch():
        while True:
            await wanted.wait()
            wanted.clear()
            await asyncio.sleep_ms(200)
            seen.append(thermostat.app.memory())

    asyncio.create_task(watch())
    thermostat.run(""",
)


def is_well(server):
    """Whether nothing has failed so far."""
    log = server.log()
    assert "Error" not in log, log


def test_everything_answers_from_a_fresh_start(serve, tmp_path):
    for _ in range(RUNS):
        server = serve(PROGRAM, bits=32, heap=FRESH_HEAP, cwd=tmp_path)
        with Visitor(server) as visitor:
            visitor.use_all()
        is_well(server)
        server.stop()


def test_use_for_a_long_time(serve, tmp_path):
    """A page every second, while both streams are open."""
    server = serve(PROGRAM, bits=32, heap=HEAP, cwd=tmp_path)
    with Visitor(server) as visitor:
        visitor.use_all()
        targets = itertools.cycle((19.0, 20.5, 22.0))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            visitor.page()
            target = next(targets)
            visitor.set_by_socket(target)
            visitor.hears(target)
            time.sleep(0.5)
        visitor.set_by_rest(21.0)
    # Who comes after that finds everything, too, once the server has noticed who has gone.
    time.sleep(4)
    with Visitor(server) as visitor:
        visitor.use_all()
    is_well(server)


def heap_of(visitor):
    """(bytes of the largest free piece, free bytes) while both streams are open."""
    visitor.client.post("/look").raise_for_status()
    until = time.monotonic() + 30
    while not (seen := visitor.client.get("/seen").json()):
        assert time.monotonic() < until
        time.sleep(0.3)
    return seen[0]["largest"], seen[0]["free"]


def test_heap_stays_in_large_pieces(serve, tmp_path):
    """The largest piece after many requests is at least 90 % of that after 1 000."""
    server = serve(LOOKING_PROGRAM, bits=32, heap=HEAP, cwd=tmp_path)
    with Visitor(server) as visitor:
        visitor.use_all()
        mix = Mix(visitor)
        mix.run(1000)
        before = heap_of(visitor)
        print(f"\nafter 1000 requests: largest piece {before[0]}, free {before[1]}")
        for number in range(1000, REQUESTS, STEP):
            mix.run(min(STEP, REQUESTS - number))
            after = heap_of(visitor)
            print(f"after {min(number + STEP, REQUESTS)}: {after[0]}, {after[1]}", flush=True)
            assert after[0] >= 0.9 * before[0]
        mix.close()
    is_well(server)
