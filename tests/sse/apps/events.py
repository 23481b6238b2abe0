# SPDX-License-Identifier: MIT
"""Event streams of each kind, and a group of clients."""

import asyncio
import gc
import sys

import tinyweb
from tinyweb.broadcast import Broadcast
from tinyweb.sse import with_sse
from tinyweb.websocket import with_websocket

app = tinyweb.webserver(max_concurrency=5, send_timeout=0.3)
closing = Broadcast(limit=2)
dropping = Broadcast(limit=2, drop=True)
# More than a client's small buffer and TCP's of this system take.
LARGE = "x" * 4000000


@app.route("/")
async def index(req, resp):
    await resp.send(str(sum(s.guest is not None for s in app.slots)))


@app.route("/kinds")
@with_sse
async def kinds(req, events):
    await events.send("first")
    await events.send("two\nlines\r\nor\rmore", event="talk", id=7, retry=2500)
    await events.send({"value": [1, None]}, event="state")
    await events.send(b"\xc3\xa4\xe2\x82\xac")
    await events.send("")
    await events.send(id="last")
    for bad in ({"event": "a\nb"}, {"id": "a\rb"}, {"id": "a\0b"}):
        try:
            await events.send("x", **bad)
        except ValueError:
            await events.send("refused")


@app.route("/resume")
@with_sse
async def resume(req, events):
    await events.send(str(events.last_event_id))


@app.route("/slow/<name>")
@with_sse(ping=0.2)
async def slow(req, events, name):
    """Sends one event, and then nothing for very long."""
    await events.send("hello " + name)
    try:
        await asyncio.sleep(3600)
    finally:
        print("slow ended", events.closed)


@app.route("/flood")
@with_sse
async def flood(req, events):
    try:
        while True:
            await events.send("x" * 1000)
    finally:
        print("flood ended", events.closed)


@app.route("/fails")
@with_sse
async def fails(req, events):
    await events.send("x")
    raise ValueError("on purpose")


@app.route("/group/<kind>")
@with_sse(ping=0.2)
async def group(req, events, kind):
    clients = dropping if kind == "dropping" else closing
    await events.send("welcome")
    clients.add(events)
    while not events.closed:
        await asyncio.sleep_ms(20)


@app.route("/pair")
@with_sse(ping=None)
async def pair(req, events):
    """Three events at once, the first of which is more than a client takes at once."""
    large = asyncio.create_task(events.offer(LARGE))
    others = [asyncio.create_task(events.send("y" * 100000))]
    await asyncio.sleep_ms(0)
    others.append(asyncio.create_task(events.send("sent")))
    others.append(asyncio.create_task(events.offer("offered")))
    print("pair is on its way")
    await large
    for task in others:
        await task


@app.route("/begun")
@with_sse(ping=0.05)
async def begun(req, events):
    """An event of which a part has left, and whose rest begins later than a comment is due."""
    rest = events.offer(LARGE)
    print("begun", rest is not None)
    await asyncio.sleep_ms(200)
    await rest


@app.route("/no-file")
@with_sse
async def no_file(req, events):
    await events.send("x")
    open("no such file")


@app.route("/deaf")
@with_websocket(ping=None)
async def deaf(req, ws):
    """A client of a group that is not read from."""
    closing.add(ws)
    while not ws.closed:
        await asyncio.sleep_ms(20)
    print("deaf ended")


@app.route("/tell")
async def tell(req, resp):
    closing.send("told")
    await resp.send(str(len(closing)))


@app.route("/tell-large")
async def tell_large(req, resp):
    closing.send(LARGE)


@app.route("/tell-nonsense")
async def tell_nonsense(req, resp):
    try:
        closing.send(b"x", nonsense=1)
    except TypeError:
        return "refused"
    return "waits"


@app.route("/tell-much")
async def tell_much(req, resp):
    """An event for which there is no memory."""
    text = "x" * 90000
    held = []
    try:
        while True:
            held.append(bytearray(80000))
    except MemoryError:
        closing.send(text)
    held = None
    gc.collect()
    await resp.send(str(len(closing)))


@app.route("/chat/<kind>")
@with_websocket(max_message=2000)
async def chat(req, ws, kind):
    clients = dropping if kind == "dropping" else closing
    clients.add(ws)
    async for message in ws:
        clients.send(message)


@app.route("/size/<kind>")
async def size(req, resp, kind):
    await resp.send(str(len(dropping if kind == "dropping" else closing)))


@app.route("/stop")
async def stop(req, resp):
    asyncio.create_task(app.stop())
    await resp.send("stopping")


app.run(host=sys.argv[2], port=int(sys.argv[1]))
