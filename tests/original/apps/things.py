# SPDX-License-Identifier: MIT
# Things by their number: the URL without one, and bodies that are no object.
import sys

import tinyweb

app = tinyweb.webserver()
things = {"1": "spade", "2": "rake"}


@app.route("/names/<id>")
async def name(request, response, id):
    await response.start_html()
    await response.send(things.get(id, "no thing {!r}".format(id)))


@app.route("/fixed/")
async def fixed(request, response):
    await response.send("fixed")


@app.route("/fixed/<id>")
async def fixed_id(request, response, id):
    await response.send("id " + id)


class Things:
    def get(self, data, id=None):
        return things if id is None else {"name": things[id]}

    def post(self, data, id=None):
        return {"kind": "list", "sum": sum(data)} if isinstance(data, list) else data

    def put(self, data, id=None):
        return {"on": data.get("on")}


app.add_resource(Things, "/things/<id>")


@app.resource("/one/<id>")
def one(data, id):
    return {"id": id}


@app.route("/leds", methods=["POST"], save_headers=["Content-Length", "Content-Type"])
async def leds(request, response):
    data = await request.read_parse_form_data()
    await response.start_html()
    await response.send(" ".join([str(led["pin"]) for led in data]))


app.run(host=sys.argv[2], port=int(sys.argv[1]))
