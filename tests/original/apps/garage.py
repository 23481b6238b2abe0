# SPDX-License-Identifier: MIT
# A garage door: tasks of its own in the server's loop, which the application runs itself.
import asyncio
import json
import sys

import tinyweb

app = tinyweb.webserver()
state = {"ticks": 0, "door": "shut"}


async def tick():
    while True:
        state["ticks"] += 1
        await asyncio.sleep_ms(5)


async def close_later():
    await asyncio.sleep_ms(20)
    state["door"] = "shut again"


@app.route("/")
async def index(request, response):
    await response.send(json.dumps(state))


@app.route("/open")
async def open_door(request, response):
    state["door"] = "open"
    app.loop.create_task(close_later())
    await response.send(json.dumps(state))


@app.route("/stop")
async def stop(request, response):
    await response.send("stopping")
    app.loop.create_task(end())


async def end():
    await asyncio.sleep_ms(50)
    app.loop.stop()


async def all_shutdown():
    await asyncio.sleep_ms(100)


async def before():
    return "ready"


print(app.loop.run_until_complete(before()))
app.loop.create_task(tick())
app.run(host=sys.argv[2], port=int(sys.argv[1]), loop_forever=False)
app.loop.run_forever()
app.shutdown()
app.loop.run_until_complete(all_shutdown())
print("ended", state["ticks"] > 0)
