# SPDX-License-Identifier: MIT
# The server that the protocol tests talk to. /smuggled counts its calls: no test may make a
# request to it except as bytes that a correct server never takes for a request.
import asyncio
import json
import sys

import tinyweb

app = tinyweb.webserver(request_timeout=1, body_timeout=1, keep_alive=1, max_concurrency=10)
hits = 0
KEPT = ["Host", "Connection", "Cookie", "X-Test", "X-Second", "Content-Length", "Accept"]


async def text(response, value):
    await response.start_html()
    await response.send(value)


@app.route("/", methods=["GET"])
async def index(request, response):
    await text(response, "root")


@app.route("/smuggled", methods=["GET", "POST"])
async def smuggled(request, response):
    global hits
    hits += 1
    await text(response, "smuggled")


@app.route("/hits", methods=["GET"])
async def show_hits(request, response):
    await text(response, str(hits))


@app.route("/target", methods=["GET", "POST"], save_headers=KEPT)
async def target(request, response):
    await response.start_json()
    await response.send(
        json.dumps(
            {
                "method": request.method.decode(),
                "path": request.path.decode(),
                "query": request.query_string.decode(),
                "headers": {k.decode(): v.decode() for k, v in request.headers.items()},
            }
        )
    )


@app.route("/any/<name>", methods=["GET"])
async def any_name(request, response, name):
    await text(response, name)


@app.route("/echo", methods=["POST", "PUT", "PATCH"], max_body_size=100000)
async def echo(request, response):
    parts = []
    while True:
        part = await request.read(500)
        if not part:
            break
        parts.append(bytes(part))
    await text(response, b"".join(parts))


@app.route("/limited", methods=["POST"], max_body_size=100)
async def limited(request, response):
    size = 0
    while True:
        part = await request.read(64)
        if not part:
            break
        size += len(part)
    await text(response, str(size))


@app.route(
    "/form",
    methods=["POST"],
    save_headers=["Content-Type", "Content-Length"],
)
async def form(request, response):
    data = await request.read_parse_form_data()
    await text(response, json.dumps(data))


@app.route("/unread", methods=["GET", "POST"], max_body_size=1000000)
async def unread(request, response):
    await text(response, "unread")


@app.route("/half-read", methods=["POST"], max_body_size=1000000)
async def half_read(request, response):
    part = await request.read(3)
    await text(response, bytes(part))


@app.route("/fixed", methods=["GET"])
async def fixed(request, response):
    response.add_header("Content-Length", 5)
    await text(response, "fixed")


@app.route("/stream/<count>", methods=["GET"])
async def stream(request, response, count):
    await response.start_html()
    for i in range(int(count)):
        await response.send(f"line {i:06d}\n")
        if i & 15 == 0:
            await asyncio.sleep_ms(0)


@app.route("/slow/<name>", methods=["GET"])
async def slow(request, response, name):
    await asyncio.sleep_ms(100)
    await text(response, "slow " + name)


@app.route("/code/<code>", methods=["GET", "POST"])
async def code(request, response, code):
    response.code = int(code)
    if int(code) in (204, 304):
        await response.start_html()
    else:
        await text(response, "code " + code)


@app.route("/fail", methods=["GET", "POST"], max_body_size=1000000)
async def fail(request, response):
    raise ValueError("on purpose")


@app.resource("/rest")
def rest(data):
    return {"rest": True}


app.run(host="127.0.0.1", port=int(sys.argv[1]))
