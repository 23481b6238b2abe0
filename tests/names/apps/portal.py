# SPDX-License-Identifier: MIT
# A name server on the same port as the server, by UDP; argv: port.
import sys

import tinyweb
from tinyweb.dns import NameServer

app = tinyweb.webserver()
names = NameServer("192.168.4.1")


@app.catchall()
async def index(req, resp):
    await resp.redirect("http://192.168.4.1/")


@app.route("/again")
def again(req, resp):
    names.stop()
    names.start("127.0.0.1", int(sys.argv[1]))
    return "again"


@app.route("/stop")
def stop(req, resp):
    names.stop()
    names.stop()
    return "stopped"


names.start("127.0.0.1", int(sys.argv[1]))
app.run("127.0.0.1", int(sys.argv[1]))
