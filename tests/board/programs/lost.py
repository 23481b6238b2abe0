# SPDX-License-Identifier: MIT
# Event streams whose clients go out of reach. It runs on the emulated board.

import asyncio
import time

import measure
import tinyweb
from tinyweb.sse import with_sse

app = tinyweb.webserver(send_timeout=3)
# The longest time in ms in which the event loop did not turn, since a client was lost.
longest = 0


@app.route("/")
async def index(request, response):
    return str(longest)


@app.route("/events")
@with_sse
async def events(request, events):
    global longest
    await events.send("first")
    await asyncio.sleep_ms(200)
    # From now on nothing that this client sends is heard, so that nothing is acknowledged.
    measure.lose(request.peer[1])
    longest = 0
    while True:
        await events.send("small")
        await asyncio.sleep_ms(10)


async def watch():
    global longest
    then = time.ticks_ms()
    while True:
        await asyncio.sleep_ms(20)
        now = time.ticks_ms()
        longest = max(longest, time.ticks_diff(now, then))
        then = now


asyncio.create_task(watch())
print("ready")
app.run(host="0.0.0.0", port=8081)
