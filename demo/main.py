# SPDX-License-Identifier: MIT
"""The demo: pages for the board that it runs on, and the server's features in them.

    main.py [port] [host]

In the simulator `make run` starts it. A board runs it after every reset once it is there:
`mpremote cp -r demo/main.py demo/features demo/www :`.
"""

import asyncio
import gc
import sys

import features
import tinyweb
from features import settings
from tinyweb.values import redirect

from examples import board
from micropython import const

# Free memory in bytes below which only one feature is kept.
LITTLE = const(24000)
# How often, and after how many ms each, a feature looks for memory.
PATIENCE = const(8)
PAUSE = const(500)

MAX_NAME = const(24)
ACCENTS = ("teal", "blue", "violet", "amber")
INTERVALS = (1, 2, 5, 10)

# The free memory, in bytes, that each feature needs to be compiled and for its clients' requests.
NEEDS = {
    "api": 10000,
    "live": 7000,
    "chat": 7000,
    "files": 8000,
    "guests": 9500,
    "login": 11500,
}

app = tinyweb.webserver()

here = globals().get("__file__", "")
here = here[: here.rfind("/") + 1]

# Files that browsers keep, and ask each time whether they have changed.
app.static("/", here + "www")


# The form of the dashboard. It works without JavaScript too: the redirect leads back to the page.
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


@app.errorhandler(404)
async def missing(request, response, error):
    """Answer with a page who has asked for one, and scripts with the words that they show."""
    if request.method == b"GET":
        await response.send_file(here + "www/404.html", max_age=0)
    else:
        await response.send("Not Found")


# --- Features: modules of their own, in memory while their pages are used ---


@app.route("/<feature>/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
async def load(request, response, feature, rest):
    """Import the feature that a URL begins with, and send the client to its routes.

    These go before this one, which gets what does not exist as well.
    """
    if feature not in NEEDS or "features." + feature in sys.modules:
        raise tinyweb.HTTPException(404)
    for _ in range(PATIENCE):
        gc.collect()
        if gc.mem_free() < LITTLE:
            forget()
            gc.collect()
        try:
            if gc.mem_free() >= NEEDS[feature]:
                start(feature)
                break
        except ImportError as e:
            # Not all images have everything.
            return str(e), 501
        except MemoryError:
            pass  # What is free is in small pieces.
        # What other requests still use is free when they have ended.
        await asyncio.sleep_ms(PAUSE)
    else:
        # Browsers ask again after as many seconds.
        headers = {"Retry-After": "3", "Refresh": "3"}
        return "Too little memory: please close the other pages", 503, headers
    target = request.path
    if request.query_string:
        target += b"?" + request.query_string
    return redirect(target.decode(), 307)


def start(feature):
    """Import a feature and register its routes."""
    __import__("features." + feature)
    getattr(features, feature).add(app, here + "features/")
    # What registers routes is not needed any more.
    app.open()
    gc.collect()


def forget():
    """Drop all features and what they have imported, unless one of them is at work."""
    for feature in NEEDS:
        busy = getattr(getattr(features, feature, None), "busy", None)
        if busy is not None and busy():
            return
    app.routes = dict(routes)
    app.patterns = list(patterns)
    for name in list(sys.modules):
        if name not in modules and name.startswith(("features.", "tinyweb.")):
            package, child = name.rsplit(".", 1)
            del sys.modules[name]
            delattr(sys.modules[package], child)


# What there is without any of them.
routes = dict(app.routes)
patterns = list(app.patterns)
modules = tuple(sys.modules)

# The page that most look at first.
__import__("features.api")
features.api.add(app, "")


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
    try:
        app.run(host=host, port=port, loop_forever=False)
        print("The demo is at http://{}:{}  (Ctrl-C stops it)".format(shown, port))
        asyncio.get_event_loop().run_forever()
    except KeyboardInterrupt:
        app.shutdown()
        print("\nStopped.")
    except (OSError, ValueError) as e:
        print("Cannot serve on {}:{}: {}".format(host, port, e))
        if sys.platform in ("linux", "darwin"):
            print("Choose another port with PORT=, for instance: make run PORT=8082")
        # Where there is a command line. On a board it would start main.py again and again.
        if sys.argv:
            sys.exit(1)


if __name__ == "__main__":
    main()
