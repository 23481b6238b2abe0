# SPDX-License-Identifier: MIT
# HTTPS within bounds, and HTTP beside it: usage
#     bound_app.py PORT HOST CERTIFICATE KEY HTTP_PORT LIMITS
# LIMITS are arguments of tls.context(), such as "max_connections=1".
import asyncio
import sys

import tinyweb
from tinyweb import tls

port, host, certificate, key, http_port, limits = sys.argv[1:7]
app = tinyweb.webserver(request_timeout=20, max_concurrency=6, keep_alive=60)
plain = tinyweb.webserver(max_concurrency=2)
seen = {"connections": 0, "handshakes": 0}
doors = {}


@app.route("/")
@plain.route("/")
async def hello(req, resp):
    await resp.send("hello")


@app.route("/wait/<door>")
async def wait(req, resp, door):
    doors[door] = asyncio.Event()
    await resp.send("waiting")
    await resp.flush()
    await doors[door].wait()


@plain.route("/open/<door>")
async def open_door(req, resp, door):
    if door not in doors:
        raise tinyweb.HTTPException(404)
    doors[door].set()


@plain.route("/seen")
def get_seen(req, resp):
    return seen


@plain.route("/stop")
async def stop(req, resp):
    """Stops HTTPS once two clients are there, of which one has its turn."""
    clients = sum([slot.sock is not None for slot in app.slots])
    if clients == 2:
        asyncio.create_task(app.stop())
    return str(clients)


async def watch():
    while True:
        at = [slot.transport for slot in app.slots if slot.transport is not None]
        seen["connections"] = max(seen["connections"], len(at))
        busy = sum([transport.handshaking for transport in at])
        seen["handshakes"] = max(seen["handshakes"], busy)
        await asyncio.sleep(0)


async def main():
    asyncio.create_task(watch())
    plain.run(host, int(http_port), loop_forever=False)
    context = tls.context(certificate, key, **eval(f"dict({limits})"))
    app.run(host, int(port), loop_forever=False, ssl=context)
    await asyncio.Event().wait()


asyncio.run(main())
