# SPDX-License-Identifier: MIT
"""This project's tinyweb with one route, as the README's first example has it."""

import sys

import tinyweb
from page import PAGE

# The heap in use is measured with one connection, which is what there is one of at a time then.
app = tinyweb.webserver(max_concurrency=int(sys.argv[4]) if len(sys.argv) > 4 else None)


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send(PAGE)


app.run(host=sys.argv[2], port=int(sys.argv[1]))
