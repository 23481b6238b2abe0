# SPDX-License-Identifier: MIT
"""The examples of docs/routing.md and docs/cors.md are applications that work as they say."""

import re

import httpx
import pytest

from support.simulator import TOP

RUN = "\n\nimport sys\n\napp.run(port=int(sys.argv[1]))\n"


def program_of(page):
    """The Python blocks of a page, put together."""
    text = (TOP / "docs" / page).read_text(encoding="utf-8")
    return "\n\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)) + RUN


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def client(request, serve, tmp_path):
    (tmp_path / "www" / "css").mkdir(parents=True)
    (tmp_path / "www" / "css" / "a.css").write_text("h1 {}")
    program = program_of("routing.md").replace('"/www/"', '"www/"')
    server = serve(program, bits=request.param, cwd=tmp_path)
    with httpx.Client(base_url=server.url, timeout=10) as client:
        yield client


def test_return_values(client):
    assert client.get("/").text == "<h1>Sensors</h1>"
    assert client.get("/sensors").json() == [{"id": 1, "name": "attic"}]
    refused = client.post("/sensors", json={})
    assert (refused.status_code, refused.json()) == (400, {"error": "name missing"})
    created = client.post("/sensors", json={"name": "cellar"})
    assert (created.status_code, created.headers["location"]) == (201, "/sensors/2")
    log = client.get("/log.csv")
    assert log.headers["content-type"] == "text/csv"
    assert log.text.splitlines() == [f"{hour},20.5" for hour in range(24)]
    moved = client.get("/old")
    assert (moved.status_code, moved.headers["location"]) == (301, "/sensors")


def test_parameters(client):
    assert client.get("/sensors/12").json() == {"id": 12}
    assert client.get("/sensors/x").status_code == 404
    assert client.get("/files/css/a.css").text == "h1 {}"
    assert client.get("/led/ff8000").json() == {"red": 255}
    assert client.get("/led/blue").status_code == 404


def test_hooks_and_errors(client):
    assert client.get("/").headers["x-content-type-options"] == "nosniff"
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.text) == (404, "<h1>Nothing here</h1>")
    assert missing.headers["x-content-type-options"] == "nosniff"
    raw = client.get("/sensors/5/raw")
    assert (raw.status_code, raw.json()) == (503, {"errno": 5})


def test_mounted_application_and_urls(client):
    assert client.post("/admin/restart").json() == {"restart": True}
    assert client.get("/where").json() == ["/sensors/5", "/files/css/main.css", "/admin/restart"]


def test_cors(serve):
    server = serve(program_of("cors.md"))
    with httpx.Client(base_url=server.url, headers={"Origin": "https://ui.example"}) as client:
        answer = client.get("/items")
        assert answer.json() == [1, 2, 3]
        assert answer.headers["access-control-allow-origin"] == "https://ui.example"
        assert answer.headers["access-control-expose-headers"] == "X-Total"
        asked = client.options("/items/5", headers={"Access-Control-Request-Method": "DELETE"})
        assert asked.headers["access-control-allow-methods"] == "DELETE, OPTIONS"
        assert client.get("/public").headers["access-control-allow-origin"] == "*"
