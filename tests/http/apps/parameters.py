# SPDX-License-Identifier: MIT
# Typed parameters, paths, and which of several patterns wins. They are registered in an order in
# which the first that matches would be the wrong one.
import sys

import tinyweb

app = tinyweb.webserver()


def color(value):
    if len(value) != 6:
        raise ValueError
    return int(value, 16)


def broken(value):
    return {}[value]


app.converters["color"] = color
app.converters["broken"] = broken


def show(name):
    def handler(request, response, *values):
        return {"route": name, "values": values, "types": [type(v).__name__ for v in values]}

    return handler


for url in (
    "/files/<path:rest>",
    "/files/<path:rest>/raw",
    "/files/<name>",
    "/files/<int:id>",
    "/files/readme",
    "/files/<int:id>/raw",
    "/float/<float:x>",
    "/color/<color:c>",
    "/broken/<broken:x>",
    "/str/<str:s>",
    "/two/<int:a>/<path:b>",
    "/two/<name>/end",
    "/<a>/order/<b>",
    "/x/<a>/<b>",
):
    app.add_route(url, show(url), methods=["GET"])
app.add_route("/files/<name>", show("delete name"), methods=["DELETE"])
app.add_route("/files/<path:rest>", show("put path"), methods=["PUT"])
app.add_route("/files/<int:id>", show("patch id"), methods=["PATCH"])
app.add_route("/files/readme", show("post readme"), methods=["POST"])


@app.route("/errors")
def errors(request, response):
    found = {}
    for url, methods in (
        ("/<unknown:x>", ["GET"]),
        ("/<path:a>/<path:b>", ["GET"]),
        ("/files/<int:other>", ["GET"]),
        ("/files/<path:other>", ["PUT"]),
    ):
        try:
            app.add_route(url, show(url), methods=methods)
            found[url] = None
        except ValueError as exc:
            found[url] = str(exc)
    return found


if len(sys.argv) > 3:

    @app.catchall()
    def rest(request, response):
        return "catch-all", 404


app.run(host="127.0.0.1", port=int(sys.argv[1]))
