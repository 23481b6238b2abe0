# SPDX-License-Identifier: MIT
# tinyweb.cors: of an application, of a mounted one, of routes.
import sys

import tinyweb
from tinyweb.cors import CORS

app = tinyweb.webserver(buffer_size=512)
sub = tinyweb.webserver()
CORS(
    app,
    origins=["https://ui.example", "http://localhost:3000"],
    credentials=True,
    expose=["X-Total", "X-Page"],
    max_age=600,
)


@app.before_request
def login(request, response):
    if request.path == b"/private":
        return "who are you?", 401


@app.route("/")
def index(request, response):
    return "index", {"X-Total": "5"}


@app.route("/private")
def private(request, response):
    return "private"


@app.route("/item/<int:id>", methods=["DELETE"])
def delete(request, response, id):
    return None, 204


@app.route("/item/<name>", methods=["PUT"])
def put(request, response, name):
    return name


everyone = CORS(headers=["X-One", "X-Two"], methods=["GET", "PATCH"])


@app.route("/open", methods=["GET"], cors=everyone)
def everybody(request, response):
    return "open"


@app.route("/chosen", cors=CORS(origins=lambda origin: origin.endswith(".example")))
def chosen(request, response):
    response.add_access_control_headers()
    return "chosen"


@app.route("/vary/<what>")
def varies(request, response, what):
    response.headers["vary"] = {"list": ["Accept", "Cookie"], "star": "*", "own": "Origin"}[what]
    return "varies"


@app.route("/own-options", methods=["OPTIONS"])
def own_options(request, response):
    return "own"


@app.route("/fails")
def fails(request, response):
    raise ValueError


@app.route("/stream")
def stream(request, response):
    yield "part"


class Things:
    def get(self, data):
        return {}


app.add_resource(Things, "/things")
app.add_resource(Things, "/own-things", cors=CORS())

CORS(sub, origins=["https://sub.example"])


@sub.route("/x")
def sub_x(request, response):
    return "sub"


app.mount(sub, "/sub")


@app.route("/errors")
def errors(request, response):
    try:
        CORS(origins="*", credentials=True)
    except ValueError as exc:
        return str(exc)


app.log_error = lambda exc, request: None
app.run(host="127.0.0.1", port=int(sys.argv[1]))
