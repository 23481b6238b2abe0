# SPDX-License-Identifier: MIT
# A server around the turn of the board's clock: the board's main.py in tests/board/test_turns.py.

import asyncio
import time

import tinyweb
from tinyweb.sse import with_sse

app = tinyweb.webserver(request_timeout=2, keep_alive=2, send_timeout=2, handler_timeout=2)


@app.route("/ticks")
def ticks(request, response):
    return str(time.ticks_ms())


@app.route("/sleep")
async def sleep(request, response):
    await asyncio.sleep_ms(500)
    return str(time.ticks_ms())


@app.route("/late")
async def late(request, response):
    await asyncio.sleep(60)


@app.route("/events")
@with_sse(ping=1)
async def events(request, stream):
    while True:
        await stream.send(time.ticks_ms())
        await asyncio.sleep_ms(500)


app.run("0.0.0.0", 8081)
