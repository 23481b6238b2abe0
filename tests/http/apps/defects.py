# SPDX-License-Identifier: MIT
# What used to go wrong: each route has one old defect in its way.
import asyncio
import json
import sys

import tinyweb

app = tinyweb.webserver(request_timeout=0.5, body_timeout=0.5, max_concurrency=3)
TEXT = "grüße, привет, 你好 🙂"


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send("alive")


@app.route("/query")
async def query(request, response):
    # The resource below does the decoding; here is what the handler is given.
    await response.start_html()
    await response.send(request.query_string)


@app.route("/form", save_headers=["content-length", "CONTENT-TYPE"])
async def form(request, response):
    data = await request.read_parse_form_data()
    await response.start_json()
    await response.send(json.dumps(data))


@app.route("/any/<value>")
async def any_value(request, response, value):
    await response.start_html()
    await response.send(value)


@app.resource("/text")
def text(data):
    return {"text": TEXT}


@app.resource("/string")
def string(data):
    return '"' + TEXT + '"'


@app.resource("/echo", method="POST")
def echo(data):
    return {"data": data}


@app.route("/error")
async def error(request, response):
    await response.error(400, TEXT)


@app.route("/raise-late")
async def raise_late(request, response):
    await response.start_html()
    await response.send("x" * 2000)
    raise ValueError("late")


@app.route("/http-exception-late")
async def http_exception_late(request, response):
    await response.start_html()
    await response.send("x" * 2000)
    raise tinyweb.server.HTTPException(404)


@app.route("/os-error")
async def os_error(request, response):
    raise OSError(5)


@app.route("/cancelled")
async def cancelled(request, response):
    raise asyncio.CancelledError


@app.route("/timeout")
async def timeout(request, response):
    await asyncio.wait_for(asyncio.sleep(5), 0.02)


@app.catchall()
async def rest(request, response):
    await response.start_html()
    await response.send("catch-all")


app.run(host="127.0.0.1", port=int(sys.argv[1]))
