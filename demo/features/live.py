# SPDX-License-Identifier: MIT
"""Live values: the board sends them to the page as they change."""

import asyncio

from tinyweb.sse import with_sse

from examples import board


def add(app, folder):
    """Register the routes of live.html; `folder` is where this file is."""

    @app.route("/live/values", methods=["GET"])
    @with_sse
    async def values(request, events):
        while True:
            memory = board.memory()
            memory["uptime"] = board.uptime()
            # A page that loses the connection tries again a second later.
            await events.send(memory, retry=1000)
            await asyncio.sleep(1)
