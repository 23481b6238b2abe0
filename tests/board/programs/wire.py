# SPDX-License-Identifier: MIT
# What tests/board/test_wire.py asks for, while the prompt waits. It runs on the emulated board.

import gc

import tinyweb
from tinyweb import background, wifi

wifi.join("home", "secret")
app = tinyweb.webserver(
    request_timeout=3, body_timeout=3, send_timeout=3, keep_alive=3, max_concurrency=3
)


@app.route("/")
def index(request, response):
    return "hello " * 20


@app.route("/long/<size>")
def long(request, response, size):
    for _ in range(0, int(size), 250):
        yield bytes(range(250))


@app.route("/sum", methods=["POST"], max_body_size=100000)
async def add(request, response):
    total = 0
    async for part in request:
        total += sum(part)
    return str(total)


@app.route("/state")
def state(request, response):
    gc.collect()
    return {"heap": gc.mem_free(), "free": sum(slot.state == "free" for slot in app.slots)}


app.run("0.0.0.0", 8081, loop_forever=False)
background.start()
print("ready")
