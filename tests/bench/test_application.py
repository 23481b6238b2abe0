# SPDX-License-Identifier: MIT
"""`make memory`: what an application takes of the heap of an ESP8266."""

import pytest

from bench import application
from support import simulator

PROGRAM = """
import asyncio
import tinyweb
from tinyweb.sse import with_sse
from tinyweb.websocket import with_websocket

app = tinyweb.webserver(buffer_size=512)
kept = bytearray(5000)

@app.route("/")
async def index(request, response):
    await response.send("hello")

@app.route("/large")
async def large(request, response):
    data = bytearray(3000)
    await response.send(str(len(data)))

@app.route("/events")
@with_sse
async def events(request, stream):
    kept = bytearray(1500)
    while True:
        await stream.send("tick")
        await asyncio.sleep_ms(100)

@app.route("/socket")
@with_websocket
async def socket(request, ws):
    kept = bytearray(1500)
    async for message in ws:
        await ws.send(message)

@app.route("/things/<id>")
async def thing(request, response, id):
    await response.send(id)

app.run(host="192.0.2.1", port=80)
"""


@pytest.fixture(scope="module")
def path():
    return simulator.build(32).path


def test_figures(path, tmp_path):
    main = tmp_path / "main.py"
    main.write_text(PROGRAM)
    result = application.measure(path, main)
    before, program, started, after = result["heap"].values()
    assert program[0] - before[0] > 5000 > started[0] - program[0] > 0
    assert all(used + free > 37000 and largest <= free for used, free, largest in (started, after))
    assert result["slots"] == (3, 3, 512)
    # Two buffers, and what a connection needs beside them.
    assert 1100 < result["slot"] < 2200
    routes = result["routes"]
    assert list(routes) == ["/", "/events", "/large", "/socket"]
    assert routes["/"][0] == 200 and 50 < routes["/"][1] < 400
    assert routes["/large"][1] - routes["/"][1] > 3000
    for url, status in (("/events", 200), ("/socket", 101)):
        assert routes[url][0] == status and 1500 < routes[url][1] < 4000
        assert "while it is open" in routes[url][2]
    lines = "\n".join(application.report(result))
    assert "3 of 3, with two buffers of 512 bytes" in lines
    assert "GET /large " in lines


def test_frozen_application_with_a_log_in(path, tmp_path):
    main = tmp_path / "main.py"
    main.write_text("import examples.thermostat as thermostat\nthermostat.run()\n")
    login = ("/login", "user=admin&password=secret")
    result = application.measure(path, main, login)
    # Ten modules and the application: less than a third of the heap, which stays in one piece.
    _, program, started, _ = result["heap"].values()
    assert program[0] < 12500 and started[2] > 16000
    assert result["slots"] == (3, 3, 512)
    url, (status, count, _) = result["login"]
    assert (url, status) == ("/login", 303) and 1000 < count < 6000
    routes = result["routes"]
    assert {url: figures[0] for url, figures in routes.items()} == {
        "/": 200,
        "/control": 101,
        "/login": 200,
        "/state": 200,
        "/values": 200,
    }
    assert 300 < routes["/values"][1] < 1000 < routes["/control"][1] < 2000
    assert "POST /login" in "\n".join(application.report(result))


def test_log_in_that_fails(path, tmp_path):
    main = tmp_path / "main.py"
    main.write_text("import examples.thermostat as thermostat\nthermostat.run()\n")
    with pytest.raises(application.Failed, match="403 and no cookie"):
        application.measure(path, main, ("/login", "user=admin&password=wrong"))


def test_application_that_does_not_fit(path, tmp_path):
    main = tmp_path / "main.py"
    main.write_text("kept = bytearray(50000)\n")
    with pytest.raises(application.Failed, match="MemoryError"):
        application.measure(path, main)


def test_no_application(tmp_path):
    assert "make memory APP=" in application.main([str(tmp_path / "none.py")])
