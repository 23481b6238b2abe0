# SPDX-License-Identifier: MIT
"""The server in a simulated world: seeds, what they have found, and that they find faults."""

import os
import re

import pytest

from support import simulate

# The world is compiled and linked first.
pytestmark = pytest.mark.timeout(600)

# Seeds that run with every change. `make simulate` runs more.
SEEDS = {32: 600, 64: 300}
PLANTED = simulate.FOLDER / "planted.py"

# Shrunk plans of seeds that have found something, and the number of their world.
FOUND = {
    # After a request that made no sense the rest of it is read for a moment. Meanwhile the slot
    # got another client's connection, and that client's request was read as such a rest.
    "slot given away while it lingers": (
        0,
        """
        0 3 0 173 1 0 0 2
        0 4 0 137 2 0 0 2
        0 1 0 351 1 0 0 1
        1 1 25 142 45 0 5 0
        0 5 0 687 2 0 0 2
        1 5 19 262 5 0 5 0
        """,
    ),
    # The connection was closed with the next request unread, though not by the parser: it was
    # reset, and the answer that was on its way with it.
    "next request unread at the end": (
        0,
        """
        0 1 0 145 3 0 0 0
        0 5 0 829 3 0 0 1
        0 0 0 939 0 0 0 0
        1 0 17 219 17 1 7 0
        1 0 18 51 29 1 3 0
        0 2 0 943 0 0 578 2
        """,
    ),
    # The same where the handler had been too slow.
    "next request unread after 503": (
        0,
        """
        0 2 0 961 0 0 0 0
        1 2 6 56 43 0 5 0
        1 2 15 1085 33 1 0 0
        """,
    ),
    # The answer to a request that made no sense had the date of the request before it.
    "old date": (
        2,
        """
        0 0 0 0 0 0 0 0
        1 0 0 0 0 0 0 0
        0 1 0 9000 0 0 0 0
        1 1 25 0 0 0 0 0
        """,
    ),
    # A handler is too slow, swallows its cancellation, and what cancels it again finds no memory:
    # its client asked once more, and that request had the rest of the time of the first one.
    "request behind one that was too slow": (
        4,
        """
        0 0 0 192 0 0 0 0
        1 0 7 0 0 0 0 0
        1 0 7 0 0 0 0 0
        4 0 0 2321 0 1 0 0
        """,
    ),
    # While others wait a connection is given up, and its request comes in the call that closes it:
    # the first one, and the next one of a kept connection. The judge has to know that this is so.
    "first request while its connection is given up": (
        0,
        """
        7 0 0 1000 0 0 0 0
        0 0 0 188 0 0 0 0
        1 0 5 330 0 0 0 0
        0 2 0 0 0 0 0 0
        1 2 25 0 0 0 0 0
        0 3 0 323 0 0 0 0
        0 6 0 175 0 0 0 0
        0 7 0 214 0 0 0 0
        0 8 0 130 0 0 0 0
        1 8 16 0 1030 0 0 0
        """,
    ),
    "next request while its connection is given up": (
        5,
        """
        7 0 0 1000 0 0 0 0
        0 3 0 215 0 0 0 0
        1 3 17 0 16 0 0 0
        1 3 13 0 238 0 0 0
        0 5 0 0 0 0 0 0
        0 7 0 0 0 0 0 0
        0 8 0 0 0 0 0 0
        0 11 0 469 0 0 0 0
        """,
    ),
    # A connection has expired, but a flood of frames is read before its task runs. Its first byte
    # comes meanwhile.
    "first request when its connection has expired": (
        3,
        """
        7 0 0 250 0 0 0 0
        0 0 0 781 0 0 0 0
        1 0 31 1402 0 0 0 0
        0 14 0 0 0 0 0 0
        1 14 4 0 2171 0 0 0
        """,
    ),
    # A handler fails when its answer has begun: the connection was closed with the next request
    # unread, and so was the answer to the request before lost.
    "answer before one that is cut off": (
        0,
        """
        0 2 0 0 0 0 0 0
        1 2 15 0 0 0 0 0
        1 2 12 0 0 1 0 0
        1 2 33 139 0 1 3 0
        """,
    ),
    # A client that is too slow to ask takes the answer, 408, slowly, too. The server has closed
    # the connection meanwhile: the judge has to know that this is its end.
    "answer that is taken slowly": (
        3,
        """
        0 1 0 0 0 0 0 0
        0 4 0 0 0 0 0 0
        0 5 0 337 0 0 0 0
        0 6 0 0 0 0 50 0
        1 6 4 0 0 0 0 0
        1 6 24 0 0 0 0 0
        3 6 0 38 839 0 0 0
        0 7 0 303 0 0 0 0
        0 8 0 0 0 0 0 0
        1 8 7 0 0 0 0 0
        0 9 0 313 0 0 0 0
        0 10 0 0 0 0 0 0
        1 10 6 0 0 0 0 0
        0 11 0 0 0 0 0 0
        1 11 7 0 0 0 0 0
        """,
    ),
    # Seed 5119298. More follows behind the last request than is read at once: the connection was
    # closed with the rest unread, and reset.
    "much behind the last request": (
        2,
        """
        0 1 0 100 0 0 0 0
        0 2 0 0 0 0 0 0
        1 2 16 0 134 0 3 0
        1 2 33 1380 0 1 0 0
        1 2 27 0 0 1 0 0
        """,
    ),
    # Seed 6028457. A client asks shortly before its time is over. While the loop is busy with a
    # flood of frames nobody reads that.
    "request that is in time and read late": (
        5,
        """
        7 0 0 1000 0 0 0 0
        0 1 0 281 0 0 0 0
        1 1 24 0 1985 0 0 0
        0 3 0 258 0 0 0 0
        1 3 31 2521 24 0 0 0
        0 6 0 185 0 0 135 0
        1 6 13 1536 0 0 0 0
        0 7 0 189 0 0 0 0
        1 7 24 0 993 0 0 0
        1 7 2 0 0 0 0 0
        0 8 0 344 0 0 0 0
        """,
    ),
    # What follows was found in a server from before these faults were mended: seeds 2, 186, 74,
    # 28, 506 and 1339. An error handler that waits, for a client that stalls:
    "two queues": (
        0,
        """
        0 1 0 0 0 0 0 0
        1 1 16 0 0 0 0 0
        3 1 0 7 3989 0 0 0
        """,
    ),
    # A handler that yields None, and one that swallows its cancellation:
    "yielded None": (
        0,
        """
        0 0 0 0 0 0 0 0
        1 0 10 0 0 0 0 0
        2 0 0 0 46 0 0 0
        """,
    ),
    "swallowed cancellation": (
        0,
        """
        0 0 0 0 0 0 0 0
        1 0 7 0 0 0 0 0
        2 0 2 2 46 0 0 0
        """,
    ),
    # An allocation that fails while nobody is there, and some at the end of a WebSocket:
    "watchdog without memory": (0, "4 0 0 0 35 1 0 0"),
    "guest without memory": (
        0,
        """
        0 0 0 0 0 0 0 0
        1 0 31 284 0 0 0 0
        4 0 0 73 0 24 0 0
        """,
    ),
    # Pings without a pause:
    "flood of pings": (
        0,
        """
        7 0 0 500 0 0 0 0
        0 3 0 701 0 0 0 1
        0 4 0 526 0 0 0 0
        1 4 31 3681 0 0 0 0
        """,
    ),
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    return {bits: simulate.link(bits, tmp_path_factory.mktemp("world")) for bits in SEEDS}


@pytest.mark.parametrize("bits", SEEDS)
def test_seeds(programs, bits):
    done = simulate.run(programs[bits], 0, SEEDS[bits])
    assert done.returncode == 0, done.stdout[-20000:]


@pytest.mark.parametrize("bits", SEEDS)
@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(programs, bits, name, tmp_path):
    world, plan = FOUND[name]
    file = tmp_path / "plan"
    file.write_text(plan, encoding="utf-8")
    done = simulate.run(programs[bits], world, plan=file)
    assert done.returncode == 0, done.stdout[-20000:]


# Times in ms.
WEEK = 7 * 24 * 3600 * 1000
WARM = 40_000


def week():
    """A plan: a client now and then, many in the middle of the week, and a clock that is set."""
    kinds = [0, 13, 28, 6, 30, 19, 17, 25, 3, 16]
    times = [i * WEEK // 8 for i in range(9)]
    times += [WEEK // 2 - 25_000 + i * 4_000 for i in range(13)]
    for i, at in enumerate(times):
        # Those of them that keep their connection let the server end it.
        yield f"0 {i} 0 {at} {i % 4} 0 0 1"
        yield f"1 {i} {kinds[i % len(kinds)]} 4 900 0 0 0"
    for day, seconds in enumerate([3600, -7200, 86400, -40000000, 40000000]):
        yield f"6 0 0 {(day + 1) * 86_400_000} {seconds} 0 0 0"


@pytest.mark.parametrize("bits", [29, 30, 31, 32])
def test_week(programs, bits, tmp_path):
    """The clock of `bits` bits turns in the middle of the week.

    The machine sleeps for up to 20 s while no client is there, or this would take half a minute.
    """
    plan = tmp_path / "plan"
    plan.write_text("\n".join(week()), encoding="utf-8")
    boot = (1 << bits) - WEEK // 2 - WARM
    settings = {"SIMULATE_BOOT": str(boot), "SIMULATE_SLEEP": "20000", "SIMULATE_CPU": "60"}
    done = simulate.run(programs[32], plan=plan, settings=settings)
    assert done.returncode == 0, done.stdout[-20000:]


DAY = 24 * 3600 * 1000
# What a clock that was never set shows at the start of an ESP8266, and what is right then.
UNSET, RIGHT = 946_684_800, 1_893_456_000


def days(clock):
    """A plan of 50 days: clients now and then, and around each turn of ticks or differences.

    clock: (day, s): when the wall clock is set, and by how much.
    """
    turns = [(1 << 29) * i - WARM for i in range(1, 9)]
    times = [day * DAY + 40_000_000 for day in range(0, 51, 7)]
    times += [turn + ms for turn in turns for ms in (-900, 400)]
    kinds = [0, 13, 28, 6, 30, 19, 17, 25, 3, 16]
    for i, at in enumerate(times):
        yield f"0 {i} {at // DAY} {at % DAY} {i % 4} 0 0 1"
        yield f"1 {i} {kinds[i % len(kinds)]} 4 900 0 0 0"
    for day, seconds in clock:
        yield f"6 0 {day} 1000 {seconds} 0 0 0"


CLOCKS = {
    "never-set": (UNSET, ()),
    # As by NTP: first of all, then a little, then after years in which it was wrong.
    "set": (UNSET, ((1, RIGHT - UNSET), (8, -7), (15, 9), (20, -RIGHT // 8), (29, RIGHT // 8))),
    # Back to what it showed at the start, and forwards again.
    "lost": (RIGHT, ((9, UNSET - RIGHT), (30, RIGHT - UNSET), (40, 2**31 - RIGHT))),
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_50_days(programs, clock, tmp_path):
    """Ticks turn four times, the last time together with those of 32 bits.

    The machine sleeps while no client is there; SIMULATE_SLEEP=0 for the test lets it stay awake.
    """
    start, changes = CLOCKS[clock]
    plan = tmp_path / "plan"
    plan.write_text("\n".join(days(changes)), encoding="utf-8")
    sleep = os.environ.get("SIMULATE_SLEEP", "20000")
    settings = {"SIMULATE_BOOT": "0", "SIMULATE_SLEEP": sleep, "SIMULATE_CPU": "3600"}
    settings["SIMULATE_TIME"] = str(start)
    done = simulate.run(programs[32], plan=plan, settings=settings)
    assert done.returncode == 0, done.stdout[-20000:]


def test_planted_fault_is_found_shrunk_and_replayed(programs, tmp_path):
    """An application exchanges the answers of two clients: two requests are enough to see it."""
    found = simulate.run(programs[32], 0, 900, application=PLANTED)
    assert found.returncode == 1, found.stdout
    message = "the answer is that of request"
    seed = int(re.search(rf"^seed (\d+): .*{message}", found.stdout, re.M)[1])
    # What the seed does is the same when it is run alone, and once more.
    alone, again = (simulate.run(programs[32], seed, application=PLANTED) for _ in range(2))
    assert message in alone.stdout
    assert alone.stdout == again.stdout
    # Two clients and a request of each are left.
    lines = re.findall(r"^plan: (.*)$", alone.stdout, re.M)
    assert sorted(int(line.split()[0]) for line in lines) == [0, 0, 1, 1], alone.stdout
    # They are enough.
    plan = tmp_path / "plan"
    plan.write_text("\n".join(lines), encoding="utf-8")
    assert message in simulate.run(programs[32], seed, application=PLANTED, plan=plan).stdout
