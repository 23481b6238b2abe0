# SPDX-License-Identifier: MIT
"""What the server serves in the simulated world: handlers of all kinds.

Each answers with its name, the number of the request and, where the path has a size, so many
letters; X-Id has the number too. The world's clients know what has to come: kinds.c.
"""

import asyncio
import sys

import tinyweb
from tinyweb import uploads
from tinyweb.broadcast import Broadcast
from tinyweb.sse import with_sse
from tinyweb.websocket import with_websocket

SLOTS = int(sys.argv[1])
HOOKS = sys.argv[2] == "hooks"
LETTERS = "abcdefghijklmnopqrstuvwxyz" * 80
FILE = "/world/page.txt"
STORED = "/world/stored.txt"

app = tinyweb.webserver(
    request_timeout=2,
    max_concurrency=SLOTS,
    backlog=5,
    keep_alive=2,
    body_timeout=1,
    send_timeout=1,
    handler_timeout=1,
    buffer_size=512,
)
room = Broadcast(limit=2)


def text(name, number, size=0):
    return "%s %s %s" % (name, number, LETTERS[: int(size)])


def numbered(resp, number):
    resp.add_header("X-Id", number)


if HOOKS:

    @app.before_request
    async def before(req, resp):
        await asyncio.sleep_ms(0)

    @app.after_request
    def after(req, resp):
        resp.headers["X-Hook"] = "1"


@app.errorhandler(408)
async def late(req, resp, error):
    await asyncio.sleep_ms(20)
    return "late " + LETTERS


@app.errorhandler(503)
async def busy(req, resp, error):
    await asyncio.sleep_ms(20)
    await resp.send("busy ")
    await resp.send(LETTERS)


@app.route("/plain/<number>")
async def plain(req, resp, number):
    numbered(resp, number)
    await resp.send(text("plain", number))


@app.route("/returned/<number>/<size>")
def returned(req, resp, number, size):
    numbered(resp, number)
    return text("returned", number, size)


@app.route("/pieces/<number>/<size>")
async def pieces(req, resp, number, size):
    numbered(resp, number)
    whole = text("pieces", number, size)
    for at in range(0, len(whole), 200):
        await resp.send(whole[at : at + 200])
        await resp.flush()
        await asyncio.sleep_ms(5)


@app.route("/yielded/<number>/<size>")
def yielded(req, resp, number, size):
    numbered(resp, number)
    whole = text("yielded", number, size)
    for at in range(0, len(whole), 100):
        yield whole[at : at + 100]


@app.route("/list/<number>")
def listed(req, resp, number):
    numbered(resp, number)
    return [number]


@app.route("/slow/<number>/<ms>")
async def slow(req, resp, number, ms):
    numbered(resp, number)
    await asyncio.sleep_ms(int(ms))
    await resp.send("slow %s %s" % (number, ms))


@app.route("/late/<number>")
async def too_late(req, resp, number):
    numbered(resp, number)
    await asyncio.sleep_ms(3000)
    await resp.send("late")


@app.route("/stubborn/<number>")
async def stubborn(req, resp, number):
    # It swallows the cancellation, once.
    numbered(resp, number)
    try:
        await asyncio.sleep_ms(60000)
    except asyncio.CancelledError:
        pass
    await asyncio.sleep_ms(60000)


@app.route("/raises/<number>")
async def raises(req, resp, number):
    numbered(resp, number)
    raise ValueError("as it should")


@app.route("/forbids/<number>")
async def forbids(req, resp, number):
    raise tinyweb.HTTPException(403)


@app.route("/nothing/<number>")
def nothing(req, resp, number):
    yield None


@app.route("/forgets/<number>/<size>")
async def forgets(req, resp, number, size):
    numbered(resp, number)
    resp.send(text("forgets", number, size))


@app.route("/cuts/<number>/<size>")
async def cuts(req, resp, number, size):
    numbered(resp, number)
    await resp.send(text("cuts", number, size))
    await resp.flush()
    raise ValueError("as it should")


@app.route("/body/<number>/<size>", methods=["POST"], max_body_size=4096)
async def body(req, resp, number, size):
    numbered(resp, number)
    data = await req.read()
    await resp.send("body %s " % number)
    await resp.send(data)


@app.route("/parts/<number>/<size>", methods=["POST"], max_body_size=4096)
async def parts(req, resp, number, size):
    numbered(resp, number)
    count = 0
    async for part in req:
        count += len(part)
    return text("parts", number, count)


@app.route("/unread/<number>/<size>", methods=["POST"], max_body_size=4096)
async def unread(req, resp, number, size):
    numbered(resp, number)
    await resp.send(text("unread", number, size))


async def swallow(req):
    while await req.readinto(bytearray(100)):
        pass


@app.route("/both/<number>/<size>", methods=["POST"], max_body_size=4096)
async def both(req, resp, number, size):
    # One task reads, another one sends.
    numbered(resp, number)
    task = asyncio.create_task(swallow(req))
    try:
        whole = text("both", number, size)
        for at in range(0, len(whole), 100):
            await resp.send(whole[at : at + 100])
            await resp.flush()
        await task
    finally:
        while True:
            try:
                task.cancel()
                break
            except MemoryError:
                pass


@app.route("/large/<number>", methods=["POST"])
async def large(req, resp, number):
    await resp.send(await req.read())


@app.route("/form/<number>", methods=["POST"])
async def form(req, resp, number):
    numbered(resp, number)
    data = await req.read_parse_form_data()
    return "form %s %s" % (number, data["name"])


@app.route("/file/<number>")
async def file(req, resp, number):
    numbered(resp, number)
    await resp.send_file(FILE)


@app.route("/store/<number>/<size>", methods=["PUT"], max_body_size=4096)
async def store(req, resp, number, size):
    numbered(resp, number)
    await uploads.receive_file(req, STORED)
    return text("store", number, size)


@app.resource("/rest/<number>")
def rest(data, number):
    return text("rest", number)


@app.resource("/restless/<number>")
def restless(data, number):
    yield data.get("x")


@app.route("/echo/<number>")
@with_websocket(ping=1)
async def echo(req, ws, number):
    async for message in ws:
        await ws.send(number + " " + message)


@app.route("/room/<number>")
@with_websocket(ping=1)
async def chat(req, ws, number):
    room.add(ws)
    async for message in ws:
        room.send(message)


@app.route("/events/<number>/<count>")
@with_sse(ping=1)
async def events(req, stream, number, count):
    for i in range(int(count)):
        await stream.send("%s %d" % (number, i))
        await asyncio.sleep_ms(50)


with open(FILE, "w") as page:
    page.write(LETTERS)
app.log_error = lambda exc, req: sys.print_exception(exc)
if __name__ == "__main__":
    app.run("127.0.0.1", 80)
