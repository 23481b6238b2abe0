# SPDX-License-Identifier: MIT
"""The tinyweb that this project's API comes from, with one route.

It frames its answers by closing the connection; wrk opens another connection after such
an answer, so that the page's length is given here.
"""

import sys

from original_tinyweb import webserver
from page import PAGE

app = webserver()


@app.route("/")
async def index(request, response):
    response.add_header("Content-Length", str(len(PAGE)))
    await response.start_html()
    await response.send(PAGE)


app.run(host=sys.argv[2], port=int(sys.argv[1]))
