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
