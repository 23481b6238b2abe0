# SPDX-License-Identifier: MIT
"""make bench-board runs and reports every figure; none is judged beyond what must hold."""

import json
import subprocess
import sys

import pytest

from bench import board, pages
from support.simulator import TOP

# Instructions, which no load of the computer changes, and bytes of heap: docs/benchmarks.md has
# what was counted. Nothing may take a tenth more again: a quick run counts the date, too.
MOST = {"hello world": (56_000, 192), "form": (93_000, 448)}

# The same of the whole way, from frame to frame, but for the driver and the clock, whose
# interrupts come by this computer's time; how many frames TCP takes differs a little.
MOST_FRAMES = 160_000

# What a transfer takes of a bare loop's instructions, of what it takes of this server's.
LEAST_THROUGHPUT = {"file from ROMFS": 0.2, "upload to littlefs": 0.8}

# Opening the device's pages, with and without the password's hash.
MOST_SECONDS = {"first": 1.5, "second": 0.3}

# The board's image is built with a manifest of its own.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """(table, JSON) of a quick run with this project's server alone."""
    file = tmp_path_factory.mktemp("bench") / "board.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.board", "--quick", "--json", file],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("request_name", ["hello world", "form"])
def test_request(report, request_name):
    table, results = report
    found = results["requests"][request_name]["tinyweb"]
    assert set(found["phases"]) == {"wake", "parse", "route", "handler", "send"}
    assert all(instructions > 0 for instructions in found["phases"].values())
    assert found["instructions"] == sum(found["phases"].values())
    # The same work each time; only reading the clock takes more or less.
    assert max(found["rounds"]) < 1.05 * min(found["rounds"])
    instructions, heap = MOST[request_name]
    assert found["instructions"] <= instructions
    assert 0 < found["heap"] <= heap
    assert found["with_collector"] > 0
    assert f"{found['instructions']:,}".replace(",", " ") in table


def test_rows_from_frame_to_frame(report):
    table, results = report
    found = results["frames"]["hello world"]["tinyweb"]
    assert list(found) == ["driver, clock", "lwIP", "socket", "tinyweb", "MicroPython"]
    assert all(instructions > 1000 for instructions in found.values())
    # What comes from memory has neither frames nor a socket, and no loop that accepts it.
    served = results["requests"]["hello world"]["tinyweb"]["instructions"]
    assert served < sum(found.values()) - found["driver, clock"] <= MOST_FRAMES
    assert f"{found['lwIP']:,}".replace(",", " ") in table


@pytest.mark.parametrize("kind", LEAST_THROUGHPUT)
def test_large_files(report, kind):
    table, results = report
    found = results["transfers"][kind]
    assert found["python"] >= LEAST_THROUGHPUT[kind] * found["tinyweb"]
    assert f"{found['tinyweb']:,}".replace(",", " ") in table


@pytest.mark.parametrize("which", ["first", "second"])
def test_opening_the_pages(report, which):
    """From the connection to the last byte, in seconds of the chip's 80 MHz."""
    table, results = report
    found = results["pages"][which]
    assert all(instructions > 100_000 for instructions in found.values())
    assert pages.seconds(sum(found.values())) <= MOST_SECONDS[which]
    assert f"{sum(found.values()):,}".replace(",", " ") in table


def test_the_parser_in_c_is_the_cheaper_one(report):
    _, results = report
    for kept in board.NAMES:
        for shape in ("small", "browser"):
            c = results["parsers"]["httpparse (C)"][kept][shape]
            python = results["parsers"]["in Python"][kept][shape]
            assert 0 < 10 * c["instructions"] < python["instructions"]
            assert 0 < c["heap"] < python["heap"]


def test_heap_and_sections(report):
    _, results = report
    heap = results["heap"]["tinyweb"]
    assert 38_912 > heap["boot"] > heap["imported"] > heap["serving"] > 0
    assert 0 < results["slot"] < 4096
    assert results["collection"] > 0
    assert results["sections"][".irom"] > 100_000


@pytest.mark.parametrize("change", ["status", "cut", "other"])
def test_wrong_answer_is_refused(change):
    answer = b"HTTP/1.1 200 OK\r\n\r\npage"
    board.check([["answer", repr(answer)]], b"page")
    answer = {
        "status": answer.replace(b"200", b"500"),
        "cut": answer[:-1],
        "other": answer.replace(b"page", b"Page"),
    }[change]
    with pytest.raises(board.Failed):
        board.check([["answer", repr(answer)]], b"page")
