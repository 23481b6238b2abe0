# SPDX-License-Identifier: MIT
"""Pins, memory and network of a NodeMCU: a page to look at and a REST API beside it.

    D1 (GPIO5)   output: an LED with a resistor of 330 ohms to ground
    D2 (GPIO4)   input: a switch to ground (the chip's pull-up makes it 1 while open)
    D3 (GPIO0)   input: the FLASH button of the board itself
    D4 (GPIO2)   output: the blue LED of the board itself, lit at 0

    GET  /              the page; its buttons post to /pin/<name>
    GET  /gpio          all pins
    PUT  /gpio/<name>   set an output: a form or JSON with "value", 0 or 1
    GET  /memory        free and used bytes of the heap
    GET  /network       the Wi-Fi station

    >>> import examples.gpio as gpio
    >>> gpio.run()

`board.py` has the wiring.
"""

import tinyweb

from examples import board

app = tinyweb.webserver()


def level(data):
    """Return 0 or 1 from a form's or a JSON object's "value", None for anything else."""
    value = data.get("value")
    if value in (0, "0"):
        return 0
    if value in (1, "1"):
        return 1
    return None


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>NodeMCU</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        "<style>body{font:18px/1.5 system-ui,sans-serif;margin:1em}"
        "td,th{padding:.2em .6em;text-align:left}</style></head><body><h1>NodeMCU</h1>"
    )
    memory = board.memory()
    await response.send(
        "<p>Memory: {} bytes free, {} used.</p>".format(memory["free"], memory["used"])
    )
    network = board.network()
    if network is None:
        await response.send("<p>No Wi-Fi on this board.</p>")
    elif network["connected"]:
        await response.send("<p>Wi-Fi: {ip}, {rssi} dBm.</p>".format(**network))
    else:
        await response.send("<p>Wi-Fi: not connected.</p>")
    pins = board.pins()
    if pins is None:
        await response.send("<p>No pins on this board.</p></body></html>")
        return
    await response.send("<table><tr><th>Pin<th>GPIO<th>Value<th>Wired to<th></tr>")
    for pin in pins:
        await response.send("<tr><td>{name}<td>{gpio}<td>{value}<td>{note}<td>".format(**pin))
        if pin["output"]:
            await response.send(
                '<form method="post" action="/pin/{}">'
                '<button name="value" value="{}">Switch</button></form>'.format(
                    pin["name"], 1 - pin["value"]
                )
            )
    await response.send("</table></body></html>")


# What a button of the page posts. A redirect afterwards shows the page again.
@app.route("/pin/<name>", methods=["POST"], save_headers=["Content-Type", "Content-Length"])
async def button(request, response, name):
    value = level(await request.read_parse_form_data())
    if value is None:
        await response.error(400)
    elif board.write(name, value):
        await response.redirect("/")
    else:
        await response.error(404)


@app.resource("/gpio")
def gpio_list(data):
    return {"pins": board.pins()}


@app.resource("/gpio/<name>", method="PUT")
def gpio_write(data, name):
    value = level(data)
    if value is None:
        return {"message": "value must be 0 or 1"}, 400
    if not board.write(name, value):
        return {"message": "no such output"}, 404
    return {"name": name, "value": value}


@app.resource("/memory")
def memory_status(data):
    return board.memory()


@app.resource("/network")
def network_status(data):
    return board.network() or {"connected": False}


def run(host="0.0.0.0", port=8081, **kwargs):
    """Serve until interrupted; further keywords go to `webserver.run()`."""
    app.run(host=host, port=port, **kwargs)


if __name__ == "__main__":
    run()
