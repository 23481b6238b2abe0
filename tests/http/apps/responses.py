# SPDX-License-Identifier: MIT
# Everything the response object offers.
import json
import sys

import tinyweb

app = tinyweb.webserver()
TEXT = "grüße, привет, 你好 🙂"


@app.route("/defaults")
async def defaults(request, response):
    values = {
        "code": response.code,
        "version": response.version,
        "headers": response.headers,
        "type": str(type(response.headers)),
    }
    await response.start_json()
    await response.send(json.dumps(values))


@app.route("/html")
async def html(request, response):
    await response.start_html()
    await response.send(TEXT)


@app.route("/json")
async def start_json(request, response):
    await response.start_json()
    await response.send(json.dumps({"text": TEXT}))


@app.route("/cookies")
async def cookies(request, response):
    response.add_header("Set-Cookie", ["a=1", "b=2; Path=/"])
    await response.start_html()


@app.route("/bytes")
async def send_bytes(request, response):
    await response.start_html()
    await response.send(b"\x00\xff\xfe")
    await response.send(bytearray(b"\x80\x81"))
    await response.send(memoryview(b"\x82\x83"))


@app.route("/parts/<count>")
async def parts(request, response, count):
    await response.start_html()
    for i in range(int(count)):
        await response.send("{:04d}\n".format(i))


@app.route("/nothing")
async def nothing(request, response):
    await response.start_html()


@app.route("/silent")
async def silent(request, response):
    pass


@app.route("/empty-send")
async def empty_send(request, response):
    await response.start_html()
    await response.send("")
    await response.send("after")
    await response.send(b"")


@app.route("/length")
async def length(request, response):
    body = TEXT.encode()
    response.add_header("Content-Length", len(body))
    await response.start_html()
    await response.send(TEXT)


@app.route("/length-string")
async def length_string(request, response):
    response.add_header("Content-Length", "5")
    response.add_header("Content-Type", "text/plain")
    await response._send_headers()
    await response.send("hello")


@app.route("/length-short")
async def length_short(request, response):
    response.add_header("Content-Length", "10")
    await response.start_html()
    await response.send("short")


@app.route("/length-long")
async def length_long(request, response):
    response.add_header("Content-Length", "5")
    await response.start_html()
    await response.send("hello and more")


@app.route("/unstarted")
async def unstarted(request, response):
    response.add_header("Content-Type", "text/plain")
    await response.send("no start")


@app.route("/code/<code>")
async def code(request, response, code):
    response.code = int(code)
    await response.start_html()
    if int(code) not in (204, 205, 304):
        await response.send("code " + code)


@app.route("/error/<code>")
async def error(request, response, code):
    await response.error(int(code))


@app.route("/error-text/<code>")
async def error_text(request, response, code):
    await response.error(int(code), "причина")


@app.route("/redirect")
async def redirect(request, response):
    await response.redirect("/elsewhere?x=1")


@app.route("/redirect-text")
async def redirect_text(request, response):
    await response.redirect("http://example.com/", "moved")


@app.route("/headers")
async def headers(request, response):
    response.add_header("X-One", "1")
    response.add_header("X-Number", 42)
    response.headers["X-Dict"] = "direct"
    response.add_header("X-One", "again")
    await response.start_html()
    await response.send("ok")


@app.route("/own-type")
async def own_type(request, response):
    response.add_header("Content-Type", "text/html; charset=koi8-r")
    await response.start_html()
    await response.send("ok")


@app.route("/inject-value")
async def inject_value(request, response):
    response.add_header("X-Bad", "a\r\nX-Injected: yes\r\n\r\n<html>")
    await response.start_html()
    await response.send("body")


@app.route("/inject-name")
async def inject_name(request, response):
    response.add_header("X-Bad\r\nX-Injected", "yes")
    await response.start_html()
    await response.send("body")


@app.route("/inject-redirect")
async def inject_redirect(request, response):
    await response.redirect("/a\r\nX-Injected: yes")


@app.route("/version/<version>")
async def version(request, response, version):
    response.version = version
    await response.start_html()
    await response.send("version")


@app.route("/twice/start")
async def twice_start(request, response):
    await response.start_html()
    await response.send("first" * 300)
    await response.start_html()
    await response.send("second")


@app.route("/twice/error")
async def twice_error(request, response):
    await response.start_html()
    await response.send("first" * 300)
    await response.error(500)


@app.route("/twice/redirect")
async def twice_redirect(request, response):
    await response.start_html()
    await response.send("first" * 300)
    await response.redirect("/")


@app.route("/twice/file")
async def twice_file(request, response):
    await response.start_html()
    await response.send("first" * 300)
    await response.send_file("missing.html")


@app.route("/late-header")
async def late_header(request, response):
    await response.start_html()
    await response.send("first" * 300)
    response.add_header("X-Late", "1")
    await response.send("last")


app.run(host="127.0.0.1", port=int(sys.argv[1]))
