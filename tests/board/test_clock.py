# SPDX-License-Identifier: MIT
"""tinyweb.device.clock on the emulated board, with a time server on this computer."""

import calendar

import pytest

from support.sntp import answer, server

pytestmark = pytest.mark.usefixtures("emulated")

NOON = calendar.timegm((2027, 7, 1, 12, 0, 0))
SYNC = """
import asyncio, time
from tinyweb.device import clock

try:
    asyncio.run(clock.sync("10.0.2.2:{port}"))
except OSError as exc:
    print(exc)
print(time.gmtime()[:5])
"""


def sync(board, *answers):
    with server(*answers) as port:
        printed, error = board.terminal.raw(SYNC.format(port=port), timeout=30)
    assert error == ""
    return printed.splitlines()


def test_sets_the_clock(board):
    assert sync(board, lambda request: answer(request, NOON)) == ["(2027, 7, 1, 12, 0)"]


def test_after_2036_another_era_has_begun(board):
    late = calendar.timegm((2036, 3, 1, 12, 0, 0))
    assert sync(board, lambda request: answer(request, late)) == ["(2036, 3, 1, 12, 0)"]


def test_answers_to_other_questions_count_for_nothing(board):
    sync(board, lambda request: answer(request, NOON))
    said = sync(
        board,
        lambda request: b"",
        lambda request: answer(request, 0)[:47],
        lambda request: answer(request, 0, token=bytes(8)),
        lambda request: answer(request, 0, first=0x23),
    )
    assert said[0].endswith(" does not answer")
    assert said[1].startswith("(2027, 7, 1, 12, ")
    # Among others, the right one is found.
    later = calendar.timegm((2027, 8, 1, 12, 0, 0))
    said = sync(
        board,
        lambda request: answer(request, 0, token=bytes(8)),
        lambda request: answer(request, later),
    )
    assert said == ["(2027, 8, 1, 12, 0)"]


@pytest.mark.parametrize("wrong", [{"stratum": 0}, {"stratum": 16}, {"first": 0xE4}])
def test_server_that_does_not_know_the_time(board, wrong):
    sync(board, lambda request: answer(request, NOON))
    said = sync(board, lambda request: answer(request, 0, **wrong))
    assert said[0] == "the time server does not know the time"
    assert said[1].startswith("(2027, 7, 1, 12, ")
