# SPDX-License-Identifier: MIT
# Guards: as decorators, of resources, as hooks of a route and of an application.
import sys

import tinyweb
from tinyweb.auth import basic_auth, bearer_auth
from tinyweb.csrf import Csrf
from tinyweb.login import Login
from tinyweb.sessions import Sessions

app = tinyweb.webserver()
login = Login(Sessions(), lambda user, password: password == "right")
bearer = bearer_auth({"token": "robot"})
basic = basic_auth(lambda user, password: password == "right")


@app.route("/login")
@login.form
async def form(req, resp):
    return "form"


@app.route("/page")
@login
async def page(req, resp):
    return req.user


class Thing:
    def get(self, data, request):
        return {"user": request.user}


class Things:
    def put(self, data, headers, name, request):
        return {"user": request.user, "name": name, "data": data}

    async def delete(self, data, name):
        return {"deleted": name}


class Named:
    def get(self, data, request):
        return {"request": request}


app.add_resource(Thing, "/thing", before=login)
app.add_resource(Things, "/things/<name>", before=bearer)
app.add_resource(Named, "/named/<request>")


@app.resource("/both", before=(Csrf(), basic))
def both(data, request):
    return {"user": request.user}


@app.resource("/both", method="POST", before=(Csrf(), basic))
async def both_post(data, headers, request):
    return {"user": request.user, "method": str(request.method, "utf-8")}


inner = tinyweb.webserver()
inner.before_request(bearer)


@inner.route("/x")
async def x(req, resp):
    return req.user


app.mount(inner, "/inner")
app.run(host=sys.argv[2], port=int(sys.argv[1]))
