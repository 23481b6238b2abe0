# SPDX-License-Identifier: MIT
"""This project's server with the three pages of bench.board."""

import tinyweb
from drive import HANDLER, PARSE, ROUTE, SEND
from measure import mark, probe
from page import PAGE
from tinyweb.connection import new_slot

app = tinyweb.webserver()


def _route(url, **options):
    return lambda f: app.add_route(url, probe(f, HANDLER), **options)


@_route("/")
async def index(request, response):
    mark(SEND)
    await response.start_html()
    await response.send(PAGE)


@_route("/form", methods=("POST",))
async def form(request, response):
    data = await request.read_parse_form_data()
    text = data["text"]
    mark(SEND)
    await response.start_html()
    await response.send(text)


@_route("/file")
async def file(request, response):
    mark(SEND)
    await response.send_file("/page.html")


app.find = probe(app.find, ROUTE, PARSE)
_slot = new_slot(app)


def serve(connection):
    """What the accept loop does with a new connection."""
    _slot.open(connection, None)
