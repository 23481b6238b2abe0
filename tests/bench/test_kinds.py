# SPDX-License-Identifier: MIT
"""No kind of request takes more of the heap than its budget, with objects of the chips' size."""

import pytest

from bench import kinds
from support import simulator

# Of each kind in a row; more of them change the figure by a byte or two.
COUNT = 20
TITLES = [kind.title for kind in (*kinds.KINDS, kinds.SOCKET, kinds.EVENT)]


@pytest.fixture(scope="module")
def measured():
    return kinds.measure(simulator.build(32).path, COUNT)


@pytest.mark.parametrize("title", TITLES)
def test_heap_of_a_request_is_within_its_budget(measured, title):
    budget, taken = measured[title]["budget"], measured[title]["bytes"]
    assert 0 < max(taken.values()) <= budget, f"{title}: {taken}, {budget} are the budget"
