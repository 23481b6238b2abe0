# SPDX-License-Identifier: MIT
"""This project's tinyweb with one route, as the README's first example has it."""

import sys

import tinyweb
from page import PAGE

app = tinyweb.webserver()


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send(PAGE)


app.run(host=sys.argv[2], port=int(sys.argv[1]))
