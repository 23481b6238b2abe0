# SPDX-License-Identifier: MIT
"""The device's pages on the emulated board, for bench.pages."""

import asyncio

from frames import PORT
from measure import sleepless

sleepless(True)


def serve(password):
    """Serve them beside an application; `password`, a str, is the device's from now on."""
    import tinyweb
    from tinyweb import device

    device.set_password(password)
    app = tinyweb.webserver()

    @app.route("/")
    def index(request, response):
        return "Hello"

    device.enable(app)
    app.start("0.0.0.0", PORT)
    print("ready")
    asyncio.get_event_loop().run_forever()
