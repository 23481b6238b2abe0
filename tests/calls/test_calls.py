# SPDX-License-Identifier: MIT
"""Random calls under sanitizers: a few seeds; `make calls` runs more. See README.md."""

import collections

import pytest

from support import calls
from support.simulator import sanitized

# The first test builds the simulator.
pytestmark = pytest.mark.timeout(400)

SEEDS = (1, 2, 3)
# Types of which Python makes no objects, and what always raises.
NEVER = {"_tinyweb.request", "_tinyweb.response", "aio.generator"}
NEVER |= {
    f"{kind}.{method}" for kind in ("done", "result", "parts") for method in ("send", "throw")
}


@pytest.fixture(scope="module")
def runs():
    simulator = sanitized()
    return [calls.Run(simulator, seed) for seed in SEEDS]


def test_nothing_is_found(runs):
    for run in runs:
        assert run.fault == "", run.output[-4000:]
    assert sum(run.calls for run in runs) > 10000


def test_everything_is_called(runs):
    """Each function of C has been called, and has returned."""
    called, returned = collections.Counter(), collections.Counter()
    for run in runs:
        for name, (times, good) in run.names.items():
            called[name] += times
            returned[name] += good
    # What Python code has is not of C.
    names = [
        name
        for name in called
        if name.split(".")[0] not in ("slot", "request", "response", "route")
    ]
    assert len(names) > 100
    assert [name for name in names if not called[name]] == []
    assert [name for name in names if not returned[name] and name not in NEVER] == []
