# SPDX-License-Identifier: MIT
# Access control fields of routes and resources.
import sys

import tinyweb

app = tinyweb.webserver()


@app.route("/default")
async def default(request, response):
    response.add_access_control_headers()
    await response.start_json()
    await response.send("{}")


@app.route(
    "/own",
    methods=["GET", "PUT"],
    allowed_access_control_headers="X-Token, Content-Type",
    allowed_access_control_origins="https://ui.example",
)
async def own(request, response):
    response.add_access_control_headers()
    await response.start_json()
    await response.send("{}")


@app.route("/without")
async def without(request, response):
    await response.start_json()
    await response.send("{}")


class Things:
    def get(self, data):
        return {}

    def delete(self, data):
        return {}


app.add_resource(Things, "/things")
app.add_resource(
    Things,
    "/own-things",
    allowed_access_control_headers="X-Token",
    allowed_access_control_origins="https://ui.example",
)

app.run(host="127.0.0.1", port=int(sys.argv[1]))
