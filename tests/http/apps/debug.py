# SPDX-License-Identifier: MIT
# A failing handler, with debug=True when an argument says so.
import sys

import tinyweb

app = tinyweb.webserver(debug="debug" in sys.argv[3:])


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send("alive")


def deeper():
    raise ValueError("the reason <b>why</b>")


@app.route("/fail")
async def fail(request, response):
    deeper()


@app.route("/late")
async def late(request, response):
    await response.start_html()
    await response.send("begun" * 400)
    deeper()


@app.resource("/rest")
def rest(data):
    deeper()


@app.resource("/generator")
def generator(data):
    yield "first,"
    deeper()


@app.route("/http-exception")
async def http_exception(request, response):
    raise tinyweb.server.HTTPException(418)


app.run(host="127.0.0.1", port=int(sys.argv[1]))
