# SPDX-License-Identifier: MIT
# Pumps in a garden: what the original's module has beside its API, answers that are made by hand,
# and handlers that expect send_file() to raise.
import json
import sys

from tinyweb.server import (
    HTTPException,
    parse_query_string,
    request,
    response,
    urldecode_plus,
    webserver,
)

app = webserver(10, 3, 10)
pumps = {"1": "off", "2": "off"}


async def send_json(resp: response, value, code=200):
    text = json.dumps(value)
    resp.code = code
    resp.add_header("Content-Type", "application/json")
    resp.add_header("Content-Length", str(len(text)))
    await resp._send_headers()
    await resp.send(text)


@app.route("/")
async def index(req: request, resp: response):
    try:
        await resp.send_file("html/index.html", content_type="text/html", max_age=0)
    except HTTPException as e:
        if e.code != 404:
            raise
        await resp.start_html()
        await resp.send("<p>index.html is missing</p>")


@app.route("/css/<fn>")
async def css(req, resp, fn):
    try:
        await resp.send_file("html/{}".format(fn), buf_size=64)
    except HTTPException as e:
        await resp.error(e.code, "no such sheet")


@app.route("/page")
async def page(req, resp):
    await resp.start_html()
    await resp.send_file("html/index.html")


@app.route("/bare")
async def bare(req, resp):
    await resp.send_file("html/none.html")


@app.route("/pump")
async def pump(req, resp):
    form = parse_query_string(req.query_string.decode("utf-8"))
    name = form.get("pump", {})
    try:
        assert name and form["action"] in ("on", "off"), "bad request"
        pumps[name] = form["action"]
        await send_json(resp, pumps)
    except AssertionError:
        await resp.error(400, "Bad Request")


@app.route("/name", methods=["POST"], save_headers=["Content-Length", "Content-Type"])
def rename(req, resp):
    data = yield from req.read_parse_form_data()
    yield from send_json(resp, {"name": urldecode_plus("%3C" + data["name"] + "+%3E")})


@app.catchall()
async def other(req, resp):
    try:
        raise HTTPException(404)
    except HTTPException as e:
        await send_json(resp, {"path": req.path.decode(), "error": e.code}, e.code)


app.run(host=sys.argv[2], port=int(sys.argv[1]))
