# SPDX-License-Identifier: MIT
"""A captive portal: whoever joins the device's access point is shown its page.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/portal.py : + exec "import portal; portal.run()"
"""

import tinyweb
from tinyweb.dns import NameServer

app = tinyweb.webserver()
home = "/"

PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Device</title><h1>Hello from the device</h1>
"""


@app.route("/")
def index(req, resp):
    return PAGE


@app.catchall()
async def elsewhere(req, resp):
    # What phones and computers ask for to see whether there is a portal, and all other pages.
    await resp.redirect(home)


def run(name="Device", host="0.0.0.0", port=80, names=53):
    """Open the access point `name`, if the board has Wi-Fi, and serve."""
    global home
    address = "127.0.0.1"
    try:
        import network
    except ImportError:
        pass  # The simulator
    else:
        wlan = network.WLAN(network.AP_IF)
        wlan.active(True)
        wlan.config(ssid=name)
        address = wlan.ifconfig()[0]
    home = f"http://{address}:{port}/"
    NameServer(address).start(host, names)
    app.run(host, port)


if __name__ == "__main__":
    run()
