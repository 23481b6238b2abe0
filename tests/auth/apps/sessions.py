# SPDX-License-Identifier: MIT
# Sessions; /clock sets the clock that they see, 0 for one that was never set.
import json
import sys
import time

import tinyweb
from tinyweb import sessions as module
from tinyweb.sessions import Sessions

app = tinyweb.webserver(buffer_size=512, max_concurrency=3)
sessions = Sessions(max_age=1000)
other = Sessions(name="other", max_age=1000)
strict = Sessions("strict.key", max_age=None, same_site="Strict", secure=True, path="/strict")
now = [int(time.time())]


def gmtime(*args):
    return time.gmtime(*args) if args or now[0] else (2000, 1, 1, 0, 0, 0, 5, 1)


module.time = lambda: now[0]
module.gmtime = gmtime


@app.route("/clock/<seconds>")
async def clock(req, resp, seconds):
    now[0] = int(seconds)
    await resp.send(str(int(time.time())))


@app.route("/", methods=["GET"])
@sessions
async def show(req, resp):
    await resp.start_json()
    await resp.send(json.dumps(req.session))


@app.route("/", methods=["POST"])
@sessions
async def update(req, resp):
    req.session.update(json.loads(await req.read()))
    try:
        req.session.save()
    except ValueError:
        await resp.error(507)
        return
    await resp.send("saved")


@app.route("/other")
@other
async def show_other(req, resp):
    await resp.start_json()
    await resp.send(json.dumps(req.session))


@app.route("/strict")
@strict
def save_strict(req, resp):
    req.session["a"] = 1
    req.session.save()


@app.route("/unsaved")
@sessions
def unsaved(req, resp):
    req.session["lost"] = 1


@app.route("/renew")
@sessions
def renew(req, resp):
    req.session.renew()
    req.session["user"] = "ann"
    req.session.save()


@app.route("/delete")
@sessions
def delete(req, resp):
    req.session.delete()


@app.route("/late")
@sessions
async def late(req, resp):
    await resp.start_html()
    try:
        req.session.save()
    except RuntimeError:
        await resp.send("too late")


@app.route("/start")
def new_start(req, resp):
    # What a start does: the key is read again, and all else is new.
    global sessions
    fresh = Sessions(max_age=1000)
    sessions._start = fresh._start
    sessions._pads = fresh._pads


@app.route("/replace-key")
def replace_key(req, resp):
    sessions.replace_key()


app.run(host=sys.argv[2], port=int(sys.argv[1]))
