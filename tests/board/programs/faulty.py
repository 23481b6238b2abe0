# SPDX-License-Identifier: MIT
# What tests/board/test_faults.py asks for while calls fail. It runs on the emulated board.

import gc
import sys

import tinyweb
from tinyweb import sign, uploads
from tinyweb.device import clock, settings
from tinyweb.sse import with_sse

SLOTS = 3

app = tinyweb.webserver(
    request_timeout=3, body_timeout=3, send_timeout=3, handler_timeout=5, max_concurrency=SLOTS
)


@app.route("/")
def index(request, response):
    return "hello " * 20


@app.route("/file/<name>")
async def file(request, response, name):
    await response.send_file(name, max_age=0)


@app.route("/file/<name>", methods=["PUT"], max_body_size=20000)
async def put_file(request, response, name):
    await uploads.receive_file(request, name)
    return "stored"


@app.route("/settings/<value>", methods=["POST"])
def change_settings(request, response, value):
    settings.change(mine=value * 200)
    return "changed"


@app.route("/settings")
def read_settings(request, response):
    return settings.read()["mine"]


@app.route("/key", methods=["POST"])
def new_key(request, response):
    return sign.new_key("session.key").hex()


@app.route("/clock/<port>", methods=["POST"])
async def set_clock(request, response, port):
    await clock.sync("10.0.2.2:" + port)
    return "set"


@app.route("/events")
@with_sse
async def events(request, stream):
    for number in range(5):
        await stream.send(number)


@app.route("/state")
def state(request, response):
    gc.collect()
    free = sum(slot.state == "free" for slot in app.slots)
    return {"heap": gc.mem_free(), "slots": len(app.slots), "free": free}


uploads.clean("")
app.run("0.0.0.0", int(sys.argv[1]))
