# SPDX-License-Identifier: MIT
# What real and unreal clients talk to. The route /together is added by the test.
import asyncio
import json
import sys
import time

import tinyweb

app = tinyweb.webserver(
    request_timeout=0.5, body_timeout=0.5, send_timeout=0.5, keep_alive=1.5, max_concurrency=4
)


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send("<h1>index</h1>")


@app.route("/file")
async def file(request, response):
    await response.send_file("file.bin")


@app.route("/stream/<kilobytes>")
async def stream(request, response, kilobytes):
    await response.start_html()
    line = "0123456789abcdef" * 64
    for _ in range(int(kilobytes)):
        await response.send(line)


@app.route("/form", methods=["POST"], max_body_size=5000)
async def form(request, response):
    data = await request.read_parse_form_data()
    await response.start_json()
    await response.send(json.dumps(data))


@app.route("/upload", methods=["POST", "PUT"], max_body_size=5000000)
async def upload(request, response):
    size = total = 0
    while True:
        part = await request.read(1000)
        if not part:
            break
        size += len(part)
        total += sum(part)
    await response.start_json()
    await response.send(json.dumps([size, total]))


@app.route("/slow")
async def slow(request, response):
    await asyncio.sleep_ms(300)
    await response.start_html()
    await response.send("slow")


@app.route("/block")
async def block(request, response):
    time.sleep_ms(300)  # not awaited: nothing else runs meanwhile
    await response.start_html()
    await response.send("blocked")


@app.route("/redirect")
async def redirect(request, response):
    await response.redirect("/")


@app.resource("/things/<id>")
def thing(data, id):
    return {"id": id, "data": data}


@app.resource("/things/<id>", method="PUT")
def change(data, id):
    return {"id": id, "data": data}


@app.resource("/numbers")
def numbers(data):
    for i in range(300):
        yield str(i)
        yield "\n"


# together

app.run(host="127.0.0.1", port=int(sys.argv[1]))
