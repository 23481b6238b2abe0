# SPDX-License-Identifier: MIT
"""The examples of docs/migrating.md are applications that work as the page says."""

import re

import httpx
import pytest
from websockets.sync.client import connect

from support.simulator import TOP

PAGE = TOP / "docs" / "migrating.md"
LAST = 'app.run(host="0.0.0.0", port=80)\n'
RUN = "import sys\n\napp.run(host=sys.argv[2], port=int(sys.argv[1]))\n"


def programs():
    """The applications of the two parts of the page, from its blocks of this server's code."""
    _, original, microdot = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)
    for part in (original, microdot):
        blocks = re.findall(r"^```python\n(.*?)^```", part, re.M | re.S)
        if blocks[-1] == LAST:
            blocks.pop()
        yield "\n\n".join([*blocks, RUN])


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def documented(request, serve, tmp_path):
    """``documented(part)``: a client of the application in that part of the page."""
    clients = []
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "main.css").write_text("h1 {}")

    def start(part):
        program = list(programs())[part]
        server = serve(program, bits=request.param, cwd=tmp_path)
        clients.append(httpx.Client(base_url=server.url, timeout=20, trust_env=False))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def test_from_the_original(documented):
    client = documented(0)
    assert client.get("/").text == "<h1>Hello</h1>"
    assert client.post("/lamp", data={"state": "on"}).headers["location"] == "/?lamp=on"
    assert client.get("/status").json() == {"uptime": 5}
    assert (client.get("/x").status_code, client.get("/x").text) == (404, "<h1>Not here</h1>")
    # What the table of differences says:
    refused = client.put("/lamp")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert client.post("/").status_code == 200
    assert client.head("/").status_code == 200
    assert client.post("/lamp", content=b"x", headers={"Content-Type": "a/b"}).status_code == 415
    assert client.post(
        "/lamp", content=b"{", headers={"Content-Type": "application/json"}
    ).is_error
    assert client.get("/" + "x" * 5000).status_code == 414
    assert client.delete("/x").text == "<h1>Not here</h1>"


def test_from_microdot(documented):
    client = documented(1)
    room = client.get("/rooms/12", headers={"User-Agent": "me"})
    assert room.json() == {"room": 12, "agent": "me"}
    assert client.get("/rooms/x").text == "nothing here"

    added = client.post("/lamps?page=2", json={"name": "desk"})
    assert (added.status_code, added.json()) == (201, {"name": "desk", "page": "2"})
    assert client.post("/lamps?page=2", data={"name": "x" * 1100}).status_code == 413

    text = client.get("/text")
    assert (text.text, text.headers["content-type"]) == ("plain", "text/plain")
    assert client.get("/old").headers["location"] == "/text"
    style = client.get("/static/main.css")
    assert (style.text, style.headers["cache-control"]) == ("h1 {}", "max-age=86400")
    assert client.get("/static/..%2fsession.key").status_code == 404
    assert client.get("/closed").status_code == 403

    assert [client.get("/visits").text for _ in range(3)] == ["1", "2", "3"]
    assert [client.get("/theme").text for _ in range(2)] == ["none", "dark"]
    assert client.get("/admin").status_code == 401
    assert client.get("/admin", auth=("admin", "secret")).text == "admin"

    assert client.get("/stop").status_code == 503
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.headers["x-device"]) == (404, "lamp")
    assert client.get("/sub/number/007").text == "7"
    bad = client.get("/sub/number/x")
    assert (bad.status_code, bad.text) == (400, "bad value")

    with connect(str(client.base_url).replace("http", "ws") + "/echo", proxy=None) as ws:
        ws.send("hello")
        assert ws.recv(timeout=20) == "hello"
    assert client.get("/events").text == 'event: count\ndata: {"n": 1}\n\n'

    ours = {"Origin": "https://ui.example"}
    allowed = client.post("/lamps?page=1", json={"name": "x"}, headers=ours)
    assert allowed.headers["access-control-allow-origin"] == "https://ui.example"
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/lamps?page=1", json={"name": "x"}, headers=foreign).status_code == 403
