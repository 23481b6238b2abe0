# SPDX-License-Identifier: MIT
"""Each kind of request once, as the documentation has it; bench.kinds measures their heap."""

import sys

import tinyweb
from tinyweb.sse import with_sse
from tinyweb.template import Template
from tinyweb.websocket import with_websocket

import micropython

app = tinyweb.webserver(buffer_size=512, max_concurrency=4)
app.static("/static", __file__.rsplit("/", 1)[0])
page = Template(
    "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><ul>"
    "{% for name, value in values %}<li>{{ name }}: {{ value }}{% endfor %}</ul>"
    "{% if heating %}<p>The heater is on.{% endif %}"
)
state = {"temperature": 21.5, "target": 20, "heating": True}
rooms = [("attic", 18), ("cellar", 12), ("hall", 20)]


@app.route("/template")
async def template(req, resp):
    return page.render(title="Rooms", values=rooms, heating=True)


class Thermostat:
    def get(self, data):
        return state


app.add_resource(Thermostat, "/state")


# A program names the fields that it reads.
FIELDS = (
    "ssid",
    "password",
    "hostname",
    "address",
    "netmask",
    "gateway",
    "dns",
    "ntp",
    "zone",
    "language",
    "target",
    "night",
    "day",
    "from",
    "to",
    "hysteresis",
    "sensor",
    "relay",
    "offset",
    "user",
)


@app.route("/form", methods=["POST"])
async def form(req, resp):
    data = await req.read_parse_form_data()
    await resp.start_html()
    await resp.send(str(sum(name in data for name in FIELDS)))


@app.route("/socket")
@with_websocket
async def socket(req, ws):
    async for message in ws:
        await ws.send(message)


@app.route("/events")
@with_sse
async def events(req, stream):
    for _ in range(int(req.query_string)):
        await stream.send(state)


@app.route("/total")
async def total(req, resp):
    await resp.send(str(micropython.mem_total()))


app.run(host=sys.argv[2], port=int(sys.argv[1]))
