# SPDX-License-Identifier: MIT
"""The application with a fault of its own: answers of two requests at once may be exchanged."""

import asyncio
import sys

sys.path.append(__file__.rsplit("/", 1)[0])
from application import app, numbered, text  # noqa: E402

latest = None


async def plain(req, resp, number):
    global latest
    latest = number
    await asyncio.sleep_ms(300)
    numbered(resp, latest)
    await resp.send(text("plain", latest))


@app.route("/plain/<int:number>")
async def exchanged(req, resp, number):
    await plain(req, resp, number)


app.run("127.0.0.1", 80)
