# SPDX-License-Identifier: MIT
"""Microdot with one route."""

import sys

from microdot import Microdot
from page import PAGE

app = Microdot()


@app.route("/")
async def index(request):
    return PAGE, {"Content-Type": "text/html"}


app.run(host=sys.argv[2], port=int(sys.argv[1]))
