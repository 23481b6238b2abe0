# SPDX-License-Identifier: MIT
"""A request whose time is over: it is answered in a short time, and its slot comes back."""

import socket
import time

import pytest
import requests

PROGRAM = """
import asyncio, sys, tinyweb
from time import ticks_diff, ticks_ms

app = tinyweb.webserver(
    request_timeout=0.5, body_timeout=0.5, send_timeout=2, handler_timeout=0.5,
    max_concurrency=2, keep_alive=0,
)
log = []


def keep(exc, req):
    # Which limit it was is told once: tests/http/test_refusals.py.
    if not isinstance(exc, tinyweb.HTTPException):
        log.append((req and req.path, repr(exc)))


app.log_error = keep
how = "sleep"

@app.errorhandler(408)
@app.errorhandler(503)
async def late(req, resp, exc):
    if how == "sleep":
        await asyncio.sleep_ms(200)
        return "slept"
    if how == "for ever":
        await asyncio.sleep(3600)
    if how == "long":
        return ("x" * 30000 for _ in range(100))
    if how == "stubborn":
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass

@app.route("/how/<what>")
async def set_how(req, resp, what):
    global how
    how = what.replace("_", " ")
    return "ok"

@app.route("/slow")
async def slow(req, resp):
    await asyncio.sleep(3600)

@app.route("/stubborn")
async def stubborn(req, resp):
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

@app.route("/stubborn-generator")
def stubborn_generator(req, resp):
    while True:
        try:
            yield from asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

@app.route("/finally")
async def final(req, resp):
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep_ms(100)
        log.append("cleaned up")

@app.route("/none")
def none(req, resp):
    yield "before"
    yield {}.get("x")
    yield "after"

@app.route("/async-none")
async def none_at_once(req, resp):
    async def parts():
        yield "a"
        yield None
    return parts()

class Resource:
    def get(self, data):
        yield "before"
        yield None

app.add_resource(Resource, "/rest-none")

@app.route("/log")
async def tell(req, resp):
    return list(map(str, log))

@app.route("/slots")
async def slots(req, resp):
    return [slot.sock is not None for slot in app.slots]

app.run("127.0.0.1", int(sys.argv[1]))
"""


def get(server, path, **options):
    return requests.get(server.url.rstrip("/") + path, timeout=15, **options)


def serves(server):
    """It serves two clients at a time, as often as they ask."""
    for _ in range(3):
        busy = socket.create_connection((server.host, server.port), timeout=10)
        busy.sendall(b"GET /log HTTP/1.1\r\n")
        assert get(server, "/slots").json().count(True) <= 2
        busy.sendall(b"Host: h\r\n\r\n")
        assert busy.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
        busy.close()


def cut_request(server):
    """A request that stops in its head: what comes back, and how long that takes."""
    begin = time.monotonic()
    with socket.create_connection((server.host, server.port), timeout=15) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: h\r\n")
        got = b""
        while part := client.recv(65536):
            got += part
        return got, time.monotonic() - begin


@pytest.mark.parametrize("path", ["/slow", None])
@pytest.mark.parametrize("how", ["sleep", "long", "for_ever", "stubborn"])
def test_error_handler_that_waits(server, how, path):
    assert get(server, "/how/" + how).text == "ok"
    code = 503 if path else 408
    for _ in range(3):
        if path:
            try:
                response = get(server, path, headers={"Connection": "close"})
                got = b"HTTP/1.1 %d \r\n\r\n" % response.status_code + response.content
            except requests.exceptions.ConnectionError:
                got = b""
        else:
            got = cut_request(server)[0]
        if how == "sleep":
            assert got.startswith(b"HTTP/1.1 %d " % code) and got.endswith(b"slept")
        elif how == "long":
            assert got.startswith(b"HTTP/1.1 %d " % code)
            assert got.partition(b"\r\n\r\n")[2].count(b"x") == 3_000_000
        else:
            assert got == b""
    serves(server)


def test_long_error_page_for_a_client_that_does_not_read(server):
    get(server, "/how/long")
    clients = []
    for _ in range(6):
        client = socket.create_connection((server.host, server.port), timeout=10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: h\r\n")
        clients.append(client)
    time.sleep(1)
    serves(server)
    for client in clients:
        client.close()


@pytest.mark.parametrize("path", ["/stubborn", "/stubborn-generator"])
def test_handler_that_ignores_its_cancellation(server, path):
    for _ in range(3):
        with pytest.raises(requests.exceptions.ConnectionError):
            get(server, path)
    serves(server)
    assert [line for line in get(server, "/log").json() if path in line] == [
        f"(b'{path}', \"RuntimeError('the handler ignores that it was cancelled',)\")"
    ] * 3


def test_handler_that_waits_when_it_is_cancelled(server):
    assert get(server, "/finally").status_code == 503
    assert get(server, "/log").json() == ["cleaned up"]
    serves(server)


@pytest.mark.parametrize("path", ["/none", "/async-none", "/rest-none"])
def test_generator_that_yields_none(server, path):
    begin = time.monotonic()
    try:
        response = get(server, path)
        assert response.status_code == 500
    except requests.exceptions.ConnectionError:
        pass  # What had left before is cut off.
    assert time.monotonic() - begin < 10
    assert "a part of a body is str or bytes" in "".join(get(server, "/log").json())
    serves(server)


INTERRUPTED = """
import asyncio, sys, tinyweb

app = tinyweb.webserver(max_concurrency=2, request_timeout=1)
n = 0

@app.route("/interrupt")
async def interrupt(req, resp):
    raise KeyboardInterrupt

@app.route("/")
async def index(req, resp):
    return "page"

app.run("127.0.0.1", int(sys.argv[1]), loop_forever=False)
while True:
    try:
        asyncio.get_event_loop().run_forever()
    except KeyboardInterrupt:
        tinyweb.aio.loop_left()
        n += 1
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_slot_lives_on_after_keyboard_interrupt(serve, bits):
    server = serve(INTERRUPTED, bits=bits)
    for _ in range(5):
        with pytest.raises(requests.exceptions.ConnectionError):
            get(server, "/interrupt")
        for _ in range(4):
            assert get(server, "/", headers={"Connection": "close"}).text == "page"


@pytest.mark.parametrize(
    "option", ["request_timeout", "keep_alive", "body_timeout", "send_timeout", "handler_timeout"]
)
@pytest.mark.parametrize("value", ["536871", "1e9", "-1", "'3'"])
def test_timeouts_are_checked_when_they_are_given(run_mpy, option, value):
    program = f"""
        import tinyweb
        try:
            tinyweb.webserver({option}={value})
        except ValueError as exc:
            print(exc)
        tinyweb.webserver({option}=536870)
    """
    expected = f"{option} is a number of seconds from 0 to 536870\n"
    assert run_mpy(program).stdout == expected
