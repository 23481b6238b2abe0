# SPDX-License-Identifier: MIT
# What tests/soak asks for: pages, a file, a form, a resource, errors, a handler that takes time.
import asyncio
import gc
import sys

import tinyweb

app = tinyweb.webserver(request_timeout=1, body_timeout=1, send_timeout=2, max_concurrency=3)
errors = 0


def count_error(exc, req):
    global errors
    # A limit that refuses a request is told once.
    if str(exc) != "as it should" and not isinstance(exc, tinyweb.HTTPException):
        errors += 1
        sys.print_exception(exc)


app.log_error = count_error


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send("<html><body><h1>Hello</h1></body></html>")


@app.route("/long")
async def long(request, response):
    await response.start_html()
    for i in range(60):
        await response.send(f"line {i} of a page that does not fit the buffer\n")


@app.route("/file")
async def file(request, response):
    await response.send_file(sys.argv[3])


@app.route("/form", methods=["POST"])
async def form(request, response):
    data = await request.read_parse_form_data()
    response.add_header("X-Fields", len(data))
    await response.start_json()
    await response.send("{}")


@app.resource("/item/<id>")
def item(data, headers, id):
    return {"id": id, "data": data}


@app.resource("/item/<id>", method="PUT")
async def put_item(data, headers, id):
    yield '{"id": '
    await asyncio.sleep(0)
    yield '"' + id + '"}'


@app.route("/wait")
async def wait(request, response):
    await asyncio.sleep_ms(3)
    await response.send("waited")


@app.route("/fail")
async def fail(request, response):
    raise ValueError("as it should")


@app.route("/fail-late")
async def fail_late(request, response):
    await response.start_html()
    await response.send("x" * 600)
    raise ValueError("as it should")


@app.route("/state")
async def state(request, response):
    # The accept loop waits again: an entry in asyncio's queue is three blocks of heap.
    await asyncio.sleep_ms(50)
    gc.collect()
    await response.send(f"{gc.mem_free()} {errors} {len(app.slots)}")


# As the ESP8266's _boot.py does: collecting in time keeps the heap in large pieces.
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
app.run("127.0.0.1", int(sys.argv[1]))
