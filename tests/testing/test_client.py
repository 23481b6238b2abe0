# SPDX-License-Identifier: MIT
"""tinyweb.testing drives the real server, without a socket."""

import os
import re

import pytest

from support.simulator import TOP

APP = """\
import asyncio, gc, sys
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
import tinyweb
from tinyweb.testing import TestClient

app = tinyweb.webserver(buffer_size=256)
errors = []
app.log_error = lambda exc, req: errors.append(repr(exc))
slots = lambda: [slot.sock is not None for slot in app.slots]

@app.route("/", save_headers=("X-Name", "Host", "Content-Type"))
async def index(req, resp):
    return {str(name, "utf-8"): str(value, "utf-8") for name, value in req.headers.items()}

@app.route("/long")
def long(req, resp):
    for i in range(100):
        yield "%03d" % i * 10

@app.route("/sized")
async def sized(req, resp):
    resp.add_header("Content-Length", "3000")
    for i in range(3):
        await resp.send("x" * 1000)

@app.route("/fails")
def fails(req, resp):
    raise ValueError("deliberately")

@app.route("/cut")
def cut(req, resp):
    yield "x" * 1000
    raise ValueError("late")

@app.route("/sum", methods=("POST", "PUT", "PATCH", "DELETE"), max_body_size=100000)
async def sum_up(req, resp):
    n = total = 0
    buf = bytearray(100)
    while True:
        got = await req.readinto(buf)
        if not got:
            return {"method": str(req.method, "utf-8"), "n": n, "total": total}
        n += got
        total += sum(memoryview(buf)[:got])

@app.route("/form", methods=("POST",))
async def form(req, resp):
    return await req.read_parse_form_data()

@app.route("/never")
async def never(req, resp):
    await asyncio.sleep(1000)

client = TestClient(app)
"""


# Without modules in ROM, what the tests use takes more of the heap.
HEAP = "42k" if os.environ.get("ROM") == "0" else "38k"


@pytest.fixture(params=[(64, None), (32, HEAP)], ids=["64-bit", "32-bit-" + HEAP])
def driven(request, run_mpy):
    """``driven(code)`` runs `code` after APP; returns what it printed."""
    bits, heap = request.param

    def run(code):
        return run_mpy(APP + code, bits=bits, heap=heap).stdout

    return run


def test_answers(driven):
    driven("""
answer = client.get("/", headers={"x-name": "a", "HOST": "esp"})
assert answer.status == 200
assert answer.json() == {"X-Name": "a", "Host": "esp"}, answer.text
assert answer.headers["Content-Type"] == "application/json"
assert answer.headers["Content-Length"] == str(len(answer.body))
assert client.get("/nothing").status == 404
assert client.put("/").status == 405
assert client.request("OPTIONS", "/").headers["Allow"]
assert client.get("/a b").status == 400
assert client.get("/").status == 200
""")


def test_long_answers(driven):
    driven("""
text = "".join("%03d" % i * 10 for i in range(100))
answer = client.get("/long")
assert answer.text == text and answer.headers["Transfer-Encoding"] == "chunked"
answer = client.get("/sized")
assert answer.body == b"x" * 3000 and answer.headers["Content-Length"] == "3000"
answer = client.head("/sized")
assert answer.body == b"" and answer.headers["Content-Length"] == "3000"
assert client.get("/long").text == text
assert slots() == [True]
""")


def test_bodies(driven):
    driven("""
body = bytes(range(256)) * 12
for method in (client.post, client.put, client.patch):
    answer = method("/sum", body).json()
    assert answer["n"] == len(body) and answer["total"] == sum(body), answer
assert client.delete("/sum").json() == {"method": "DELETE", "n": 0, "total": 0}
assert client.post("/form", form={"a&b": "c d", "e": "\\u00e4"}).json() == \\
    {"a&b": "c d", "e": "\\u00e4"}
assert client.post("/form", {"n": 1}).json() == {"n": 1}
assert client.post("/form", "a=1", {"Content-Type": "application/x-www-form-urlencoded"}) \\
    .json() == {"a": "1"}
assert client.post("/form", "x" * 1025).status == 413
assert slots() == [False]
assert client.post("/sum", "\\u00e4").json()["n"] == 2
""")


def test_what_fails(driven):
    driven("""
assert client.get("/fails").status == 500
assert errors == ["ValueError('deliberately',)"], errors
try:
    client.get("/cut")
    assert False
except OSError:
    pass
assert client.get("/").status == 200
assert slots() == [True]
""")


def test_a_connection_is_kept(driven):
    driven("""
client.get("/")
connection = app.slots[0].sock
for i in range(20):
    assert client.get("/").status == 200
assert app.slots[0].sock is connection
client.close()
assert client.get("/").status == 200
assert app.slots[0].sock is not connection and slots() == [True]
# Idle for too long: the client does not notice.
connection = app.slots[0].sock
app.slots[0].give_up()
assert connection.closed and client.get("/").status == 200
connection = app.slots[0].sock
app.shutdown()
assert connection.closed and client.get("/").status == 200
""")


def test_in_an_event_loop(driven):
    driven("""
async def main():
    answers = await asyncio.gather(*[client.get(path) for path in ("/long", "/long")])
    for answer in answers:
        assert len(answer.body) == 3000
    assert (await client.post("/sum", b"abc")).json()["n"] == 3
    try:
        await asyncio.wait_for_ms(client.get("/never"), 50)
        assert False
    except asyncio.TimeoutError:
        pass
    assert (await client.get("/")).status == 200

asyncio.run(main())
assert client.get("/").status == 200
""")


def test_more_clients_than_slots(driven):
    driven("""
app.max_concurrency = 1

async def main():
    clients = [TestClient(app) for i in range(3)]
    answers = await asyncio.gather(*[c.post("/sum", b"ab" * 500) for c in clients])
    assert [answer.json()["n"] for answer in answers] == [1000] * 3

asyncio.run(main())
assert len(app.slots) == 1
""")


def test_time_limits_hold(driven):
    driven("""
app.handler_timeout = 100
assert client.get("/never").status == 503
assert slots() == [False]
""")


def test_cookies(driven):
    driven("""
from tinyweb.cookies import cookies, delete_cookie, set_cookie

app = tinyweb.webserver(buffer_size=512)
client = TestClient(app)

@app.route("/set")
def put(req, resp):
    set_cookie(resp, "a", "1", max_age=100)
    set_cookie(resp, "b", "2=3")
    return "set"

@app.route("/delete")
def drop(req, resp):
    delete_cookie(resp, "a")
    return "deleted"

@app.route("/cookies")
@cookies
def show(req, resp):
    return req.cookies

assert client.get("/cookies").json() == {}
fields = client.get("/set").headers["Set-Cookie"]
assert len(fields) == 2 and fields[1].startswith("b=2=3; "), fields
assert client.get("/cookies").json() == {"a": "1", "b": "2=3"}
client.get("/delete")
assert client.get("/cookies").json() == client.cookies == {"b": "2=3"}
client.cookies["c"] = "4"
assert client.get("/cookies").json() == {"b": "2=3", "c": "4"}
assert TestClient(app).get("/cookies").json() == {}
""")


def test_answers_without_a_body_and_fields_that_repeat(driven):
    driven("""
from tinyweb.cookies import set_cookie

app = tinyweb.webserver(buffer_size=512)
client = TestClient(app)

@app.route("/none")
def none(req, resp):
    return None, 204

@app.route("/many")
def many(req, resp):
    for name in "abc":
        set_cookie(resp, name, "1")
    return "many"

answer = client.get("/none")
assert answer.status == 204 and answer.body == b"" and slots() == [True]
assert len(client.get("/many").headers["Set-Cookie"]) == 3
assert client.cookies == {"a": "1", "b": "1", "c": "1"}
# The connection may be closed at any time, and more than once.
client.close()
client.close()
TestClient(app).close()
assert client.get("/none").status == 204
""")


def test_switching_protocols(driven):
    """The answer to it is an answer; what follows is no HTTP, so the connection ends."""
    driven("""
from tinyweb.websocket import with_websocket

app = tinyweb.webserver(buffer_size=512)
client = TestClient(app)
received = []

@app.route("/ws")
@with_websocket
async def talk(req, ws):
    received.append(await ws.receive())

answer = client.get("/ws", headers={
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
})
assert answer.status == 101 and answer.headers["Connection"] == "Upgrade" and answer.body == b""
assert client.get("/nowhere").status == 404
assert received == [None]
""")


def test_a_server_that_stops_while_it_is_asked(driven):
    """There is no answer: on a new connection, on one that is kept, and with a body."""
    driven("""
async def main():
    for ask in (
        lambda: client.get("/never"),
        lambda: client.get("/never"),
        lambda: client.post("/never", "body"),
    ):
        asked = asyncio.create_task(ask())
        await asyncio.sleep_ms(20)
        app.shutdown()
        try:
            await asked
            assert False
        except OSError as exc:
            assert exc.errno == 104
        assert (await client.get("/")).status == 200

asyncio.run(main())
""")


def test_an_answer_that_is_cut_off(driven):
    """In its head, and in a body whose length was told."""
    driven("""
app = tinyweb.webserver(buffer_size=2048)
app.log_error = lambda exc, req: None
client = TestClient(app)

@app.route("/head")
async def head(req, resp):
    resp.add_header("X-Long", "x" * 1500)
    return "never"

@app.route("/body")
async def body(req, resp):
    resp.add_header("Content-Length", "9000")
    await resp.send("x" * 3000)
    raise ValueError("late")

async def main():
    asked = asyncio.create_task(client.get("/head"))
    while not asked.done() and app.slots[0].state != "answer":
        await asyncio.sleep_ms(0)
    app.shutdown()
    for answer in (asked, client.get("/body")):
        try:
            await answer
            assert False
        except OSError as exc:
            assert exc.errno == 104

asyncio.run(main())
""")


def test_a_client_that_gives_up(driven):
    """The handler is told of it when it sends the next time."""
    driven("""
told = []

@app.route("/slow")
async def slow(req, resp):
    await resp.start_html()
    try:
        for i in range(20):
            await resp.send("x" * 100)
            await asyncio.sleep_ms(20)
    except OSError as exc:
        told.append(exc.errno)
        raise

async def main():
    try:
        await asyncio.wait_for_ms(client.get("/slow"), 50)
        assert False
    except asyncio.TimeoutError:
        pass
    while slots() != [False]:
        await asyncio.sleep_ms(10)

asyncio.run(main())
assert len(told) == 1 and not errors, (told, errors)
assert client.get("/").status == 200
""")


def test_a_client_that_has_gone_keeps_no_slot(driven):
    """Who has ended an idle connection is not waited for: give_up() leaves it to the slot."""
    driven("""
client.get("/")
client.close()
assert app.slots[0].give_up() is False
assert client.get("/").status == 200
assert slots() == [True]
""")


def test_what_is_sent_waits_for_the_client(driven):
    """Whatever has to leave at once does, though the client takes little at a time."""
    driven("""
app = tinyweb.webserver(buffer_size=2048)
client = TestClient(app)

@app.route("/flush")
async def flush(req, resp):
    await resp.start_html()
    await resp.send("x" * 1500)
    await resp.flush()
    return "the end"

assert client.get("/flush").text == "x" * 1500 + "the end"
""")


def test_event_streams_that_end(driven):
    driven("""
from tinyweb.sse import with_sse

@app.route("/events")
@with_sse
async def events(req, events):
    for i in range(100):
        await events.send({"i": i})

answer = client.get("/events")
assert answer.text == "".join('data: {"i": %d}\\n\\n' % i for i in range(100))
assert client.get("/").status == 200
""")


def test_beside_a_running_server(driven):
    driven("""
async def main():
    app.start("127.0.0.1", 0)
    assert (await client.get("/long")).status == 200
    assert (await client.get("/fails")).status == 500
    client.close()
    app.shutdown()

asyncio.run(main())
""")


def test_documentation(driven):
    text = (TOP / "docs" / "testing.md").read_text(encoding="utf-8")
    assert driven("\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S))) == ""


def test_example(run_mpy, simulator_any):
    done = run_mpy(TOP / "frozen" / "examples" / "testing.py", bits=simulator_any.bits, heap="60k")
    assert done.stdout == "test_counting passed\ntest_what_is_no_number passed\n"
