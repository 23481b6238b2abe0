# SPDX-License-Identifier: MIT
# Forms and other bodies, in route handlers and in resources.
import json
import sys

import tinyweb

app = tinyweb.webserver(request_timeout=1, body_timeout=1)
SAVED = ["Content-Type", "Content-Length"]


async def show(request, response):
    data = await request.read_parse_form_data()
    text = json.dumps({"type": str(type(data)), "data": data})
    await response.start_json()
    await response.send(text)


app.add_route("/form", show, methods=["POST"], save_headers=SAVED)
app.add_route("/small", show, methods=["POST"], save_headers=SAVED, max_body_size=16)
app.add_route("/large", show, methods=["POST"], save_headers=SAVED, max_body_size=20000)
# No headers asked for: the framework knows the framing all the same.
app.add_route("/bare", show, methods=["POST"])


@app.route("/ignored", methods=["POST"])
async def ignored(request, response):
    await response.start_html()
    await response.send("not read")


# The body as the handler gets it is sent back; the parts' sizes are in a header.


@app.route("/parts", methods=["POST"], max_body_size=5000)
async def parts(request, response):
    body = bytearray()
    sizes = []
    async for part in request:
        sizes.append(len(part))
        body.extend(part)
    response.add_header("X-Largest", max(sizes or [0]))
    await response.send(body)


@app.route("/read/<n>", methods=["POST"], max_body_size=5000)
async def read(request, response, n):
    body = bytearray()
    while part := await request.read(int(n)):
        assert int(n) < 0 or len(part) <= int(n)
        body.extend(part)
    await response.send(body)


@app.route("/readinto/<n>", methods=["POST"], max_body_size=5000)
async def readinto(request, response, n):
    body = bytearray()
    buf = bytearray(int(n))
    while size := await request.readinto(buf):
        body.extend(memoryview(buf)[:size])
    await response.send(body)


@app.route("/mixed", methods=["POST"], max_body_size=5000)
async def mixed(request, response):
    body = bytearray(await request.read(3))
    buf = bytearray(2)
    body.extend(buf[: await request.readinto(buf)])
    async for part in request:
        body.extend(part)
        break
    async for part in request:
        body.extend(part)
    assert not await request.read() and not await request.read(0)
    await response.send(body)


@app.route("/first", methods=["POST"], max_body_size=5000)
async def first(request, response):
    async for part in request:
        await response.send(bytes(part[:1]))
        break


@app.route("/count", methods=["POST"], max_body_size=1000000)
async def count(request, response):
    size = total = 0
    async for part in request:
        size += len(part)
        total += sum(part)
    await response.send(f"{size} {total}")


@app.route("/query")
async def query(request, response):
    await response.start_json()
    await response.send(json.dumps(request.query_string.decode()))


class Store:
    def post(self, data):
        return {"type": str(type(data)), "data": data}

    def put(self, data, headers):
        return {"headers": sorted(k.decode() for k in headers)}


app.add_resource(Store, "/store")
app.add_resource(Store, "/store/large", max_body_size=20000)

app.run(host="127.0.0.1", port=int(sys.argv[1]))
