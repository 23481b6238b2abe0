# SPDX-License-Identifier: MIT
# An application with one route and a catch-all.
import sys

import tinyweb

app = tinyweb.webserver()


@app.route("/known")
async def known(request, response):
    await response.start_html()
    await response.send("known")


@app.catchall()
async def everything_else(request, response):
    response.code = 404
    await response.start_html()
    await response.send("nothing at " + request.path.decode())


app.run(host="127.0.0.1", port=int(sys.argv[1]))
