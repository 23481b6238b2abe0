# SPDX-License-Identifier: MIT
"""The demo: a dashboard for the board that it runs on.

    main.py [host] [port]

In the simulator `make run` starts it. A board runs it after every reset once it is there:
`mpremote cp -r demo/main.py demo/www :`.
"""

import sys

import tinyweb

from examples import board
from micropython import const

# The list lives in memory, so it needs an end, and so do its entries.
MAX_NOTES = const(12)
MAX_NOTE = const(80)
MAX_NAME = const(24)

ACCENTS = ("teal", "blue", "violet", "amber")
INTERVALS = (1, 2, 5, 10)
LED = "D4"

app = tinyweb.webserver()

settings = {"name": "My board", "accent": "teal", "interval": 2}
notes = [{"id": 1, "text": "Flash the firmware"}, {"id": 2, "text": "Say hello to the LED"}]
next_id = 3
# Counts changes of the list, so that a page knows when to read it again.
revision = 0
# What the LED of a machine without pins would do.
led = False


# --- Pages: index.html and what it names, from files next to this one ---

www = globals().get("__file__", "")
www = www[: www.rfind("/") + 1] + "www"


@app.route("/")
async def index(request, response):
    await response.send_file(www + "/index.html", max_age=0)


async def asset(request, response):
    # Only the paths that are registered below come here.
    await response.send_file(www + request.path.decode(), max_age=600)


for path in ("/app.js", "/style.css", "/board.svg"):
    app.add_route(path, asset, methods=["GET"])


# The form of the page. It works without JavaScript too: the redirect leads back to the page.
@app.route("/settings", methods=["POST"], save_headers=["Content-Type", "Content-Length"])
async def save_settings(request, response):
    form = await request.read_parse_form_data()
    # A JSON client may send anything.
    name = str(form.get("name", "")).strip()
    accent = form.get("accent")
    interval = str(form.get("interval"))
    if (
        not 0 < len(name) <= MAX_NAME
        or accent not in ACCENTS
        or not interval.isdigit()
        or int(interval) not in INTERVALS
    ):
        await response.error(400)
        return
    settings["name"] = name
    settings["accent"] = accent
    settings["interval"] = int(interval)
    await response.redirect("/")


# --- REST API: what changes ---


@app.resource("/api/status")
def status(data):
    """Return everything that the page shows and that may have changed."""
    pins = board.pins()
    lit = led
    if pins:
        for pin in pins:
            if pin["name"] == LED:
                lit = not pin["value"]
    return {
        "settings": settings,
        "system": getattr(sys.implementation, "_machine", sys.platform),
        "version": ".".join([str(n) for n in sys.implementation.version[:3]]),
        "uptime": board.uptime(),
        "memory": board.memory(),
        "network": board.network(),
        "pins": pins,
        "led": lit,
        "revision": revision,
    }


@app.resource("/api/led", method="PUT")
def set_led(data):
    """Switch the LED, which is the board's own where there is one."""
    global led
    if data.get("on") not in (True, False):
        return {"message": "on must be true or false"}, 400
    led = bool(data["on"])
    board.write(LED, 0 if led else 1)
    return {"on": led}


@app.resource("/api/pins/<name>", method="PUT")
def set_pin(data, name):
    """Set an output to 0 or 1."""
    if data.get("value") not in (0, 1):
        return {"message": "value must be 0 or 1"}, 400
    if not board.write(name, data["value"]):
        return {"message": "no such output"}, 404
    return {"name": name, "value": data["value"]}


class Notes:
    def get(self, data):
        """Return the list."""
        return {"notes": notes, "revision": revision}

    def post(self, data):
        """Add a note."""
        global next_id, revision
        text = data.get("text")
        if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_NOTE:
            return {"message": "A note has 1 to 80 characters."}, 400
        if len(notes) >= MAX_NOTES:
            return {"message": "The list is full. Delete a note first."}, 409
        note = {"id": next_id, "text": text.strip()}
        notes.append(note)
        next_id += 1
        revision += 1
        return note, 201


class Note:
    def delete(self, data, note_id):
        """Delete a note."""
        global revision
        for note in notes:
            if str(note["id"]) == note_id:
                notes.remove(note)
                revision += 1
                return {"message": "deleted"}
        return {"message": "no such note"}, 404


app.add_resource(Notes, "/api/notes")
app.add_resource(Note, "/api/notes/<note_id>")


def main(loop_forever=True):
    """Serve, and run the event loop too unless `loop_forever` is false."""
    # In the simulator only this machine may look, on a board everybody in its network.
    host = "127.0.0.1" if sys.platform in ("linux", "darwin") else "0.0.0.0"
    port = 8081
    for argument in sys.argv[1:]:
        if argument.isdigit():
            port = int(argument)
        else:
            host = argument
    if not loop_forever:
        app.run(host=host, port=port, loop_forever=False)
        return
    network = board.network()
    shown = network.get("ip", host) if network and host == "0.0.0.0" else host
    print("The demo is at http://{}:{}  (Ctrl-C stops it)".format(shown, port))
    try:
        app.run(host=host, port=port)
    except KeyboardInterrupt:
        app.shutdown()
        print("\nStopped.")
    except OSError as e:
        print("Cannot serve on {}:{}: {}".format(host, port, e))
        # Where there is a command line. On a board it would start main.py again and again.
        if sys.argv:
            sys.exit(1)


if __name__ == "__main__":
    main()
