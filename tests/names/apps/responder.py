# SPDX-License-Identifier: MIT
# The responder of lamp.local; argv: port, host, then the responder's host and port, the type of
# its service, if it has one, and the network's mask.
import sys

import tinyweb
from tinyweb.mdns import Responder

app = tinyweb.webserver()
service, mask = (sys.argv[5:] + [None, None])[:2]
responder = Responder("Lamp", "127.0.0.1", service, 8000, mask)


@app.route("/stop")
def stop(req, resp):
    responder.stop()
    return "stopped"


responder.start(sys.argv[3], int(sys.argv[4]))
app.run("127.0.0.1", int(sys.argv[1]))
