# SPDX-License-Identifier: MIT
"""Echoes of both kinds: whole messages, and messages of any size part by part."""

import gc
import sys

import tinyweb
from tinyweb.websocket import with_websocket

app = tinyweb.webserver(max_concurrency=int(sys.argv[4]))


@app.route("/")
async def index(req, resp):
    gc.collect()
    await resp.send(f"{sum(s.guest is not None for s in app.slots)} {gc.mem_free()}")


@app.route("/echo")
@with_websocket(max_message=int(sys.argv[3]), protocols=("b", "a"))
async def echo(req, ws):
    async for message in ws:
        await ws.send(message)


@app.route("/pieces")
@with_websocket
async def pieces(req, ws):
    """Echoes messages of any size, part by part."""
    buf = bytearray(512)
    view = memoryview(buf)
    begun = False
    while True:
        n = await ws.readinto(buf)
        if n is None:
            return
        if not begun and ws.text:
            # A text must not be sent as bytes, and parts may be cut within a character.
            await ws.close(1003)
            return
        begun = n != 0
        await ws.send(view[:n], more=begun)


app.run(host=sys.argv[2], port=int(sys.argv[1]))
