# SPDX-License-Identifier: MIT
"""The server in a simulated world: seeds, what they have found, and that they find faults."""

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
