# SPDX-License-Identifier: MIT
"""What opening the device's pages costs on the emulated board.

`make bench-board` runs it; see docs/benchmarks.md.
"""

import base64
import contextlib
import http.client
import time

from bench.emulated import SHIFT, Board
from bench.messages import BROWSER_FIELDS
from bench.report import number, table

PASSWORD = "a long sentence is best"
CREDENTIALS = "Basic " + base64.b64encode(f":{PASSWORD}".encode()).decode()
# What starts them on the board: a call, and the program that it is in
START_PAGES = f"serve({PASSWORD!r})", "pages"
# What a browser asks for below /device/ to show the overview: tests/board/test_pages.py looks.
PATHS = (
    "",
    "style.css",
    "page.js",
    "icon.svg",
    "common.js",
    "texts.js",
    "api/state",
    "overview.js",
    "api/state",
)
# Seconds until the board waits, after its start and after an answer
START, SETTLE = 1, 0.2
# Of the ESP8266, if an instruction takes one cycle
MHZ = 80


def opened(board):
    """{what: instructions} of opening them, from the connection to the last byte they load."""
    found = {}
    fields = dict(line.split(": ", 1) for line in BROWSER_FIELDS.splitlines())
    before = board.busy()
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", board.port, timeout=120)
    ) as connection:
        for path, status in (("", 401), *((path, 200) for path in PATHS)):
            connection.request("GET", f"/device/{path}", headers=fields)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != status or not body:
                raise RuntimeError(f"/device/{path}: {answer.status} {body!r}")
            # The browser has the password from the first answer on.
            fields["Authorization"] = CREDENTIALS
            title = f"/device/{path}" + (", 401" if status == 401 else "")
            if title in found:
                title += ", again"
            # What it has done is known when it waits.
            time.sleep(SETTLE)
            now = board.busy()
            found[title], before = now - before, now
    return found


def measure(quick, say):
    """{"pages": {"first": {what: instructions}, "second": ...}}

    The first time after the device's start has to hash the password, the second one does not.
    """
    with Board({"page.html": b"page"}, shift=SHIFT) as board:
        say("the device's pages")
        board.run(*START_PAGES)
        # The start is no part of it.
        time.sleep(START)
        first = opened(board)
        return {"pages": {"first": first, "second": opened(board)}}


def seconds(count):
    """Of so many instructions, at 80 MHz and one cycle for each."""
    return count / MHZ / 1e6


def text(results):
    """The report for people."""
    first, second = results["pages"]["first"], results["pages"]["second"]
    rows = [[what, number(first[what]), number(second[what])] for what in first]
    totals = [sum(found.values()) for found in (first, second)]
    rows.append(["all", *map(number, totals)])
    rows.append([f"seconds at {MHZ} MHz", *(f"{seconds(total):.2f}" for total in totals)])
    return "\n".join(table(["opening the pages", "first", "second"], rows)) + "\n"
