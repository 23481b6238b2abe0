# SPDX-License-Identifier: MIT
# Handlers that return their answer, in every form.
import asyncio
import sys

import tinyweb
from tinyweb.values import redirect

app = tinyweb.webserver()
closed = []


@app.route("/str")
async def text(request, response):
    return "<h1>Grüße</h1>"


@app.route("/plain", methods=["GET", "DELETE"])
def plain(request, response):
    return "plain def"


app.add_route("/lambda", lambda request, response: response.send("by lambda"))
app.add_route("/lambda-large", lambda request, response: response.send("x" * 300000))
app.add_route("/lambda-value", lambda request, response: "value")


@app.route("/bytes")
def as_bytes(request, response):
    response.headers["content-type"] = "image/png"
    return b"\x89PNG\x00"


@app.route("/dict")
async def as_dict(request, response):
    return {"a": [1, None, "ü"]}


@app.route("/list")
async def as_list(request, response):
    return [1, 2]


@app.route("/created")
async def created(request, response):
    return {"id": 7}, 201


@app.route("/full")
async def full(request, response):
    return "tea", 418, {"Content-Type": "text/plain", "X-Kind": "green"}


@app.route("/headers-only")
async def headers_only(request, response):
    return "body", {"X-Kind": ["a", "b"]}


@app.route("/empty")
async def empty(request, response):
    return None, 204


@app.route("/empty-string")
async def empty_string(request, response):
    return ""


@app.route("/large/<size>")
async def large(request, response, size):
    return "ü" * int(size)


@app.route("/generator")
async def generator(request, response):
    return ("{},".format(i) for i in range(5))


@app.route("/function")
async def function(request, response):
    # Being a generator itself
    for i in range(3):
        yield str(i)
        await asyncio.sleep(0)


@app.route("/plain-function")
def plain_function(request, response):
    response.headers["Content-Type"] = "text/csv"
    for _ in range(3):
        yield "a,b\n"


@app.route("/tuple-generator")
async def tuple_generator(request, response):
    return (str(i) for i in range(3)), 202, {"Content-Type": "text/plain"}


class Countdown:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        await asyncio.sleep(0)
        return b"%d " % self.n


@app.route("/async")
async def as_async(request, response):
    return Countdown(4)


@app.route("/map")
def as_map(request, response):
    return map(str, range(4))


@app.route("/big-parts")
def big_parts(request, response):
    for i in range(20):
        yield str(i % 10) * 30000


class Steps:
    # Released one by one by the test
    event = asyncio.Event()


@app.route("/steps")
async def steps(request, response):
    try:
        for name in ("one ", "two ", "three "):
            yield name
            await Steps.event.wait()
            Steps.event.clear()
    finally:
        closed.append("steps")


@app.route("/go")
def go(request, response):
    Steps.event.set()
    return "went"


@app.route("/endless")
def endless(request, response):
    try:
        while True:
            yield "more "
            yield from asyncio.sleep_ms(1)
    finally:
        closed.append("endless")


@app.route("/closed")
def was_closed(request, response):
    return closed


@app.route("/rest")
async def rest(request, response):
    await response.start_html()
    await response.send("<p>")
    return "the rest"


@app.route("/fails-early")
def fails_early(request, response):
    yield 1 // 0


@app.route("/fails-later")
def fails_later(request, response):
    yield "first" * 800
    yield 1 // 0


@app.route("/bad/<kind>")
async def bad(request, response, kind):
    if kind == "late":
        await response.send("x")
        return "y", 201
    return {
        "int": 5,
        "long": ("a", 200, {}, 1),
        "short": ("a",),
        "status": ("a", "200"),
        "headers": ("a", 200, "X: y"),
        "part": iter([1]),
        "none": iter([None]),
        "location": redirect("/x\r\nX: y"),
    }[kind]


@app.route("/redirect")
def redirected(request, response):
    return redirect("/str", 303)


@app.route("/redirect/default")
def redirected_by_default(request, response):
    return redirect("/str")


app.log_error = lambda exc, req: print(type(exc).__name__, exc)
app.run(host="127.0.0.1", port=int(sys.argv[1]))
