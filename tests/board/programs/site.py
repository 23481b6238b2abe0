# SPDX-License-Identifier: MIT
# The application that the network tests talk to. It runs on the board.

import gc

import tinyweb

app = tinyweb.webserver()
_CHUNK = bytes(range(256))


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send("<html><body><h1>Hello, world!</h1></body></html>\n")


@app.route("/bytes/<count>")
async def many_bytes(request, response, count):
    count = int(count)
    response.add_header("Content-Type", "application/octet-stream")
    response.add_header("Content-Length", str(count))
    chunk = memoryview(_CHUNK)
    while count > 0:
        part = chunk[: min(count, len(chunk))]
        await response.send(part)
        count -= len(part)


@app.route("/upload", methods=["POST"], max_body_size=10_000_000)
async def upload(request, response):
    buf = bytearray(256)
    count = checksum = 0
    while True:
        n = await request.readinto(buf)
        if n == 0:
            break
        count += n
        checksum = (checksum + sum(memoryview(buf)[:n])) & 0xFFFFFF
    await response.start_json()
    await response.send(f'{{"count": {count}, "sum": {checksum}}}')


@app.route("/form", methods=["POST"], save_headers=["Content-Type", "Content-Length"])
async def form(request, response):
    data = await request.read_parse_form_data()
    await response.start_html()
    for key in sorted(data):
        await response.send(f"{key}={data[key]}\n")


@app.route("/fail")
async def fail(request, response):
    raise ValueError("the application's mistake")


@app.resource("/heap")
def heap(data):
    gc.collect()
    return {"free": gc.mem_free()}
