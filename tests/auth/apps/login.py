# SPDX-License-Identifier: MIT
# A login by form, over a check function and over a dict of users.
import sys

import tinyweb
from tinyweb.csrf import Csrf
from tinyweb.limit import Limiter
from tinyweb.login import Login
from tinyweb.passwords import hash_password
from tinyweb.sessions import Sessions

app = tinyweb.webserver(buffer_size=512)
sessions = Sessions()
USERS = {"ann": hash_password("right", 20), "bob": hash_password("bob", 20)}
login = Login(sessions, USERS, limiter=Limiter(attempts=3))
csrf = Csrf(["https://app.example:8443"], exempt=["/exempt"])
named = Csrf(hosts=["device.local"])


@app.route("/login")
@login.form
async def form(req, resp):
    await resp.send("failed" if req.failed else "form")


@app.route("/", methods=["GET", "POST"])
@login
async def index(req, resp):
    await resp.send(f"{req.user} {req.session}")


@app.route("/page/<name>")
@login
def page(req, resp, name):
    return resp.send(name)


@app.route("/plant")
@sessions
def plant(req, resp):
    req.session["planted"] = 1
    req.session.save()


@app.route("/logout", methods=["POST"])
@login.logout
async def logout(req, resp):
    await resp.redirect("/login")


@app.route("/remove-bob", methods=["POST"])
def remove_bob(req, resp):
    del USERS["bob"]


@app.route("/change", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@csrf
async def change(req, resp):
    await resp.send(b"changed by " + req.method)


app.add_route("/exempt", csrf(lambda req, resp: resp.send("exempt")), methods=["POST"])


@app.route("/named", methods=["POST"])
@named
async def change_named(req, resp):
    await resp.send("changed")


app.run(host=sys.argv[2], port=int(sys.argv[1]))
