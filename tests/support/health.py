# SPDX-License-Identifier: MIT
"""Whether a server is as good as new: all its slots serve, and no descriptor has leaked.

The program under test has a route /together/<count>/<token> that answers "together" once `count`
requests with that token are in it, and "alone" if that does not happen; see TOGETHER.
"""

from __future__ import annotations

import os
import time

from support.wire import Wire

# Part of the programs: their application is `app`.
TOGETHER = """
import asyncio
import gc

meetings = {}


@app.route("/together/<count>/<token>")
async def together(request, response, count, token):
    if token not in meetings:
        meetings.clear()
        meetings[token] = [0, asyncio.Event()]
    meeting = meetings[token]
    meeting[0] += 1
    if meeting[0] == int(count):
        meeting[1].set()
    try:
        await asyncio.wait_for(meeting[1].wait(), 5)
        text = "together"
    except asyncio.TimeoutError:
        text = "alone"
    await response.start_html()
    await response.send(text)


@app.route("/memory")
async def memory(request, response):
    gc.collect()
    await response.start_html()
    await response.send(str(gc.mem_free()))
"""


def descriptors(server) -> int:
    """How many descriptors the server's process has open."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


class Health:
    """Compares a server with what it was when this was made."""

    def __init__(self, server, slots: int):
        self.server = server
        self.slots = slots
        self.checks = 0
        self.check_slots()
        self.descriptors = self.settled_descriptors()

    def connect(self, **options) -> Wire:
        return Wire(self.server.host, self.server.port, **options)

    def get(self, path: str, **options) -> str:
        """The text of a GET on a connection of its own."""
        with self.connect(**options) as peer:
            peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
            response = peer.read_response()
            peer.expect_eof()
            assert response.status == 200, response.raw
            return response.text

    def check_slots(self) -> None:
        """As many requests as there are slots are served at the same time."""
        # One after the other first: what is still in the listening queue has its turn then.
        self.get("/memory")
        self.checks += 1
        peers = [self.connect() for _ in range(self.slots)]
        try:
            for peer in peers:
                peer.send(
                    f"GET /together/{self.slots}/{self.checks} HTTP/1.1\r\nHost: t\r\n"
                    "Connection: close\r\n\r\n".encode()
                )
            texts = [peer.read_response().text for peer in peers]
        finally:
            for peer in peers:
                peer.close()
        assert texts == ["together"] * self.slots, f"slots are lost: {texts}"

    def settled_descriptors(self) -> int:
        """The number of open descriptors when it has not changed for a while."""
        last, since = descriptors(self.server), time.monotonic()
        while time.monotonic() - since < 0.3:
            time.sleep(0.02)
            now = descriptors(self.server)
            if now != last:
                last, since = now, time.monotonic()
        return last

    def check(self) -> None:
        """All slots serve, and the descriptors are back to what they were."""
        assert self.server.process.poll() is None, self.server.log()
        self.check_slots()
        deadline = time.monotonic() + 6
        while descriptors(self.server) > self.descriptors:
            assert time.monotonic() < deadline, "descriptors leak"
            time.sleep(0.05)
