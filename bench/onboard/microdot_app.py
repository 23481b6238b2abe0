# SPDX-License-Identifier: MIT
"""Microdot with the three pages of bench.board."""

from asyncio import create_task
from asyncio.stream import Stream

from drive import HANDLER, ROUTE, SEND
from measure import probe
from microdot import Microdot, Response, send_file
from page import PAGE

app = Microdot()


@app.route("/")
async def index(request):
    return PAGE, {"Content-Type": "text/html"}


@app.post("/form")
async def form(request):
    return request.form["text"], {"Content-Type": "text/html"}


@app.route("/file")
async def file(request):
    return send_file("/page.html")


app.find_route = probe(app.find_route, ROUTE, HANDLER)
Response.write = probe(Response.write, SEND)


def serve(connection):
    """What asyncio.start_server() does with a new connection."""
    stream = Stream(connection, {"peername": None})
    create_task(app.handle_request(stream, stream))
