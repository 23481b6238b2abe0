# SPDX-License-Identifier: MIT
"""Handlers that do only one thing, and connections that end in every way."""

import asyncio
import sys

import tinyweb
from tinyweb.websocket import with_websocket

app = tinyweb.webserver(max_concurrency=4, send_timeout=float(sys.argv[3]))


@app.route("/")
async def index(req, resp):
    await resp.send(str(sum(s.guest is not None for s in app.slots)))


@app.route("/small")
@with_websocket(max_message=100, ping=0.1)
async def small(req, ws):
    async for message in ws:
        await ws.send(message)


@app.route("/anywhere")
@with_websocket(origins="*")
async def anywhere(req, ws):
    async for message in ws:
        await ws.send(message)


@app.route("/protocol")
@with_websocket(protocols=("a", "b"))
async def protocol(req, ws):
    await ws.send(str(ws.protocol))


@app.route("/stop")
async def stop(req, resp):
    asyncio.create_task(app.stop())
    await resp.send("stopping")


@app.route("/origins")
@with_websocket(origins=("https://app.example",), max_websockets=1)
async def origins(req, ws):
    await ws.receive()


@app.route("/idle")
@with_websocket(ping=0.1)
async def idle(req, ws):
    """Neither reads nor sends."""
    try:
        await asyncio.sleep(3600)
    finally:
        print("idle ended", ws.closed, ws.code)


@app.route("/ticks")
@with_websocket
async def ticks(req, ws):
    """Sends and never reads."""
    try:
        n = 0
        while True:
            await ws.send(str(n))
            n += 1
            await asyncio.sleep_ms(10)
    finally:
        print("ticks ended", ws.closed, ws.code)


@app.route("/flood")
@with_websocket
async def flood(req, ws):
    """Sends more than a client takes that does not read."""
    chunk = bytes(1000)
    try:
        while True:
            await ws.send(chunk)
    except OSError:
        print("flood ended", ws.closed)
        raise


@app.route("/close/<code>")
@with_websocket
async def close(req, ws, code):
    await ws.close(int(code), "bye")
    print("close ended", ws.code)


@app.route("/fails")
@with_websocket
async def fails(req, ws):
    raise ValueError("on purpose")


@app.route("/timed")
@with_websocket
async def timed(req, ws):
    """A reader that is cancelled while another task sends."""
    while not ws.closed:
        try:
            message = await asyncio.wait_for_ms(ws.receive(), 30)
        except asyncio.TimeoutError:  # noqa: UP041
            message = "nothing"
        if message is not None:
            await ws.send(message)


app.run(host=sys.argv[2], port=int(sys.argv[1]))
