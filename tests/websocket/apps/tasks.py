# SPDX-License-Identifier: MIT
"""WebSockets that several tasks use, and messages that are sent in parts or take long."""

import asyncio
import sys

import tinyweb
from tinyweb.broadcast import Broadcast
from tinyweb.websocket import with_websocket

app = tinyweb.webserver(max_concurrency=4, send_timeout=20)
# More than a client's small buffer and TCP's of this system take.
LARGE = bytearray(4000000)


@app.route("/")
async def index(req, resp):
    await resp.send(str(sum(s.guest is not None for s in app.slots)))


@app.route("/two-readers")
@with_websocket
async def two_readers(req, ws):
    """A second reader is refused; close() leaves the client's answer to the first."""
    for _ in range(2):
        await ws.receive()
    reader = asyncio.create_task(ws.receive())
    await asyncio.sleep_ms(0)
    try:
        await ws.receive()
    except RuntimeError as exc:
        await ws.send(str(exc))
    await ws.close(4000)
    print("two readers:", await reader, ws.closed, ws.code)


@app.route("/parts/<first>")
@with_websocket
async def parts(req, ws, first):
    """A message in three parts, and two of others meanwhile."""
    if first == "read":
        await ws.receive()
    await ws.send("a", more=True)
    others = [asyncio.create_task(ws.send("sent")), asyncio.create_task(ws.offer("offered"))]
    await asyncio.sleep_ms(10)
    await ws.send("b", more=True)
    await ws.send("c")
    for task in others:
        await task


@app.route("/large/<then>")
@with_websocket(ping=None)
async def large(req, ws, then):
    """A message that is on its way for long, and what comes and is sent meanwhile."""
    await ws.receive()
    tasks = [asyncio.create_task(ws.offer(LARGE))]
    for coroutine in (ws.send("sent"), ws.offer("offered")):
        tasks.append(asyncio.create_task(coroutine))
    if then == "close":
        tasks.append(asyncio.create_task(ws.close(4001)))
    await asyncio.sleep_ms(0)
    print("large is on its way")
    while (message := await ws.receive()) is not None:
        print("large read", message)
    again = await ws.receive()
    ended = []
    for task in tasks:
        try:
            await task
            ended.append("sent")
        except OSError as exc:
            ended.append(exc.errno)
    print("large ended", ended, again, ws.code)


@app.route("/reasons")
@with_websocket
async def reasons(req, ws):
    for code, reason in ((999, ""), (5000, ""), (1000, "x" * 124), (1000, "\xe4" * 62)):
        try:
            await ws.close(code, reason)
        except ValueError as exc:
            await ws.send(str(exc))
    await ws.close(4999, "x" * 123)


@app.route("/late")
@with_websocket(ping=0.05)
async def late(req, ws):
    """Sends after the end, and then fails."""
    while not ws.closed:
        await asyncio.sleep_ms(5)
    try:
        await ws.send("nobody is there")
    except OSError as exc:
        print("late:", exc.errno, ws.code)
    raise ValueError("late")


@app.route("/closing")
@with_websocket
async def closing(req, ws):
    """Sends after its own Close frame, by each way that there is."""
    group = Broadcast()
    group.add(ws)
    if await ws.receive() == "raise":
        asyncio.create_task(ws.close(4004))
        await asyncio.sleep_ms(0)
        await ws.send("late")
    end = asyncio.create_task(ws.close(4004))
    await asyncio.sleep_ms(0)
    errors = []
    for coroutine in (ws.send("late"), ws.offer("late"), ws.send("late", more=True)):
        try:
            await coroutine
        except OSError as exc:
            errors.append(exc.errno)
    group.send("late")
    await end
    print("closing ended", errors, ws.code)


@app.route("/stop/<state>")
@with_websocket(ping=0.05)
async def stop(req, ws, state):
    """The server stops while a WebSocket is closing, or has been closed."""
    if state == "closing":
        closing = asyncio.create_task(ws.close(4002))
        await asyncio.sleep_ms(0)
    while not ws.closed and state == "closed":
        await asyncio.sleep_ms(5)
    asyncio.create_task(app.stop())
    await asyncio.sleep_ms(50)
    if state == "closing":
        await closing


app.run(host=sys.argv[2], port=int(sys.argv[1]))
