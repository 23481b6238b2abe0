# SPDX-License-Identifier: MIT
# Routing: methods, parameters, precedence, what the request object says.
import json
import sys

import tinyweb
from tinyweb.wrapper import Wrapper

app = tinyweb.webserver()


async def reply(response, value):
    await response.start_json()
    await response.send(json.dumps(value))


@app.route("/")
async def root(request, response):
    await response.start_html()
    await response.send("root")


class Token(Wrapper):
    NEEDS = ("X-Token",)

    def __call__(self, request, response, *parameters):
        if b"X-Token" not in request.headers:
            raise tinyweb.HTTPException(403)
        return self.f(request, response, *parameters)


@app.route("/wrapped/<number>", save_headers=("x-color",))
@Token
async def wrapped(request, response, number):
    kept = sorted(k + b"=" + v for k, v in request.headers.items() if k[:2] == b"X-")
    await reply(response, {"number": number, "headers": [field.decode() for field in kept]})


@app.route("/default")
async def default(request, response):
    await response.start_html()
    await response.send(request.method)


@app.route("/get", methods=["GET"])
async def only_get(request, response):
    await response.start_html()
    await response.send("got")


@app.route("/changes", methods=["PUT", "PATCH", "DELETE"])
async def changes(request, response):
    await response.start_html()
    await response.send(request.method)


@app.route("/same", methods=["GET"])
async def same_get(request, response):
    await response.start_html()
    await response.send("get handler")


@app.route("/same", methods=["POST"])
async def same_post(request, response):
    await response.start_html()
    await response.send("post handler")


@app.route("/same/<name>", methods=["GET"])
async def same_param_get(request, response, name):
    await response.start_html()
    await response.send("get " + name)


@app.route("/same/<other>", methods=["DELETE"])
async def same_param_delete(request, response, other):
    await response.start_html()
    await response.send("delete " + other)


@app.route("/user/<id>")
async def user(request, response, id):
    await reply(response, {"type": str(type(id)), "id": id})


# The handler's own name for the parameter need not be the URL's.
@app.route("/device/<id>")
async def device(request, response, number):
    await reply(response, {"number": number})


@app.route("/a/<x>/b/<y>")
async def two(request, response, x, y):
    await reply(response, {"x": x, "y": y})


@app.route("/a/<x>/b/<y>/c/<z>/end")
async def three(request, response, x, y, z):
    await reply(response, {"x": x, "y": y, "z": z})


@app.route("/pets/dog")
async def dog(request, response):
    await response.start_html()
    await response.send("the dog itself")


@app.route("/pets/<name>")
async def pet(request, response, name):
    await response.start_html()
    await response.send("pet " + name)


async def added(request, response):
    await response.start_html()
    await response.send("added " + request.method.decode())


app.add_route("/added", added)
app.add_route("/added/post", added, methods=["POST"])


@app.route("/inspect")
async def inspect(request, response):
    await reply(
        response,
        {
            "method": repr(request.method),
            "path": repr(request.path),
            "query_string": repr(request.query_string),
            "headers": repr(request.headers),
        },
    )


@app.route("/headers", save_headers=["Content-Length", "x-lower", "X-UPPER", "Cookie", "Accept"])
async def headers(request, response):
    # As documented: if b'Content-Length' in self.headers
    length = None
    if b"Content-Length" in request.headers:
        length = request.headers[b"Content-Length"].decode()
    await reply(
        response,
        {
            "length": length,
            "type": str(type(request.headers)),
            "headers": {k.decode(): v.decode() for k, v in request.headers.items()},
        },
    )


errors = {}
for bad in ("", "/q?x=1"):
    try:
        app.add_route(bad, added)
        errors[bad] = None
    except ValueError:
        errors[bad] = "ValueError"
try:
    app.add_route("/added", added)
    errors["twice"] = None
except ValueError:
    errors["twice"] = "ValueError"


@app.route("/errors")
async def show_errors(request, response):
    await reply(response, errors)


app.run(host="127.0.0.1", port=int(sys.argv[1]))
