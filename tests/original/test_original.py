# SPDX-License-Identifier: MIT
"""Applications that call what public applications of the original tinyweb call, unchanged."""

import pathlib

import httpx
import pytest

APPS = pathlib.Path(__file__).parent / "apps"


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def start(request, serve, tmp_path):
    """``start(name)``: the Server of an application and an HTTP client of it."""
    bits, heap = request.param
    clients = []
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("<h1>garden</h1>")

    def run(name):
        server = serve(APPS / name, bits=bits, heap=heap, cwd=tmp_path)
        clients.append(httpx.Client(base_url=server.url, timeout=20, trust_env=False))
        return server, clients[-1]

    yield run
    for client in clients:
        client.close()


def test_helpers_and_answers_by_hand(start):
    server, client = start("irrigation.py")
    found = client.get("/pump?pump=1&action=on")
    assert found.json() == {"1": "on", "2": "off"}
    assert found.headers["content-type"] == "application/json"
    assert (client.get("/pump?pump=1").status_code, client.get("/pump").status_code) == (500, 400)
    assert client.get("/pump?action=on").text == "Bad Request"
    assert client.post("/name", data={"name": "a&b"}).json() == {"name": "<a&b >"}
    other = client.get("/x")
    assert (other.status_code, other.json()) == (404, {"path": "/x", "error": 404})
    assert "KeyError: action" in server.log()


def test_send_file_raises(start, tmp_path):
    _, client = start("irrigation.py")
    assert client.get("/").text == client.get("/css/index.html").text == "<h1>garden</h1>"
    assert client.get("/page").text == "<h1>garden</h1>"
    sheet = client.get("/css/none.css")
    assert (sheet.status_code, sheet.text) == (404, "no such sheet")
    assert client.get("/css/").status_code == 404
    assert (client.get("/bare").status_code, client.get("/bare").text) == (404, "Not Found")
    (tmp_path / "html" / "index.html").unlink()
    assert client.get("/").text == "<p>index.html is missing</p>"
    assert client.get("/page").status_code == 404


def test_loop_of_the_server(start):
    server, client = start("garage.py")
    first = client.get("/").json()["ticks"]
    assert client.get("/open").json()["door"] == "open"
    while client.get("/").json()["door"] != "shut again":
        pass
    assert client.get("/").json()["ticks"] > first > 0
    assert client.get("/stop").text == "stopping"
    assert server.process.wait(20) == 0
    assert "ready" in server.log()
    assert "ended True" in server.log()


def test_loop_that_run_returns(start):
    server, client = start("watering.py")
    first = client.get("/").text
    while client.get("/").text == first:
        pass
    assert client.post("/pour").text == "poured"


def test_unknown_options_are_named(start):
    server, client = start("watering.py")
    assert client.get("/").status_code == 200
    lines = [line for line in server.log().splitlines() if "unknown option" in line]
    text = "TypeError: route /: unknown option method= ignored, write methods=[...]"
    assert text in lines
    assert text.replace("/:", "/pour:") in lines
    assert "TypeError: route /pour: unknown option cache= ignored" in lines
    assert len(lines) == 3


def test_url_that_ends_where_a_parameter_would_begin(start):
    _, client = start("things.py")
    assert client.get("/names/1").text == "spade"
    assert client.get("/names/").text == "no thing ''"
    assert client.get("/names").status_code == 404
    assert (client.get("/fixed/").text, client.get("/fixed/1").text) == ("fixed", "id 1")
    # A resource's method gets nothing then, where it can do without.
    assert client.get("/things/").json() == {"1": "spade", "2": "rake"}
    assert client.get("/things/2").json() == {"name": "rake"}
    assert client.get("/one/").json() == {"id": ""}


def test_json_array(start):
    server, client = start("things.py")
    assert client.post("/leds", json=[{"pin": 4}, {"pin": 5}]).text == "4 5"
    assert client.post("/things/", json=[1, 2, 3]).json() == {"kind": "list", "sum": 6}
    assert client.post("/things/", json={"a": 1}).json() == {"a": 1}
    # Where only an object makes sense, the client is told so, and the log is left alone.
    assert client.put("/things/", json={"on": 1}).json() == {"on": 1}
    assert client.put("/things/", json=[1]).status_code == 400
    assert client.post("/things/?a=1", json=[1]).status_code == 400
    for body in (b"[1}", b"{]", b"[1", b"1", b'"on"', b"[1] 2"):
        headers = {"Content-Type": "application/json"}
        assert client.post("/leds", content=body, headers=headers).status_code == 400
    assert "Traceback" not in server.log()
