# SPDX-License-Identifier: MIT
"""picoweb with one route; its log is off, which its run() calls debug=-1.

It frames its answers by closing the connection; wrk opens another connection after such
an answer, so that the page's length is given here, in picoweb's cheapest way.
"""

import sys

import picoweb
from page import PAGE

HEADERS = f"Content-Length: {len(PAGE)}\r\n"

app = picoweb.WebApp(None, serve_static=False)


@app.route("/")
def index(request, response):
    yield from picoweb.start_response(response, headers=HEADERS)
    yield from response.awrite(PAGE)


app.run(host=sys.argv[2], port=int(sys.argv[1]), debug=-1)
