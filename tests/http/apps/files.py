# SPDX-License-Identifier: MIT
# Static files: the working directory is made by the test.
import sys

import tinyweb

app = tinyweb.webserver()


@app.route("/index.html")
async def index(req, resp):
    await resp.send_file("static/index.simple.html")


@app.route("/static/<name>")
async def static(req, resp, name):
    await resp.send_file("static/" + name)


@app.route("/typed/<name>")
async def typed(req, resp, name):
    await resp.send_file("static/" + name, content_type="application/x-own")


@app.route("/packed/<name>")
async def packed(req, resp, name):
    await resp.send_file(
        "static/" + name, content_type="text/css", content_encoding="gzip", max_age=60
    )


@app.route("/positional/<name>")
async def positional(req, resp, name):
    await resp.send_file("static/" + name, "text/x-pos", "gzip", 7)


@app.route("/fresh/<name>")
async def fresh(req, resp, name):
    await resp.send_file("static/" + name, max_age=0)


@app.route("/own-type/<name>")
async def own_type(req, resp, name):
    resp.add_header("Content-Type", "text/x-explicit")
    await resp.send_file("static/" + name)


@app.route("/rooted/<name>")
async def rooted(req, resp, name):
    await resp.send_file(name)


app.run(host="127.0.0.1", port=int(sys.argv[1]))
