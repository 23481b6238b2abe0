# SPDX-License-Identifier: MIT
"""Fixtures of the core's tests."""

import pytest
from host import core


@pytest.fixture(scope="module")
def harnesses():
    """The core with AddressSanitizer and UndefinedBehaviorSanitizer, in both word sizes."""
    with core.running(64, 32) as found:
        yield found


@pytest.fixture(params=[0, 1], ids=["64-bit", "32-bit"])
def harness(request, harnesses):
    """Each of them in turn."""
    return harnesses[request.param]
