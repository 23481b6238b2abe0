# SPDX-License-Identifier: MIT
# Cookies: what is set, and what is read.
import json
import sys

import tinyweb
from tinyweb.cookies import cookies, delete_cookie, set_cookie

app = tinyweb.webserver()


@app.route("/read")
@cookies
async def read(req, resp):
    await resp.start_json()
    await resp.send(json.dumps(req.cookies))


@app.route("/plain")
@cookies
def plain(req, resp):
    # A handler that is no coroutine.
    resp.code = 204 if req.cookies == {} else 200


@app.route("/set", methods=["POST"])
async def set_one(req, resp):
    # A list of [name, value, keyword arguments].
    for name, value, options in json.loads(await req.read()):
        try:
            set_cookie(resp, name, value, **options)
        except ValueError as exc:
            await resp.error(400, str(exc))
            return
    await resp.start_html()


@app.route("/delete")
async def delete(req, resp):
    resp.add_header("Set-Cookie", "other=1")
    set_cookie(resp, "a", "1", http_only=True)
    delete_cookie(resp, "a")
    await resp.start_html()


@app.route("/large/<size>")
def large(req, resp, size):
    try:
        set_cookie(resp, "a", "x" * int(size))
    except ValueError:
        resp.code = 507
    else:
        resp.headers.clear()  # it does not fit the buffer


@app.route("/late")
async def late(req, resp):
    await resp.start_html()
    try:
        set_cookie(resp, "a", "1")
    except RuntimeError:
        await resp.send("too late")


app.run(host=sys.argv[2], port=int(sys.argv[1]))
