# SPDX-License-Identifier: MIT
"""The examples of docs/routing.md, put together, are an application that works as it says."""

import re

import httpx
import pytest

from support.simulator import TOP

RUN = "\n\nimport sys\n\napp.run(port=int(sys.argv[1]))\n"


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def client(request, serve, tmp_path):
    text = (TOP / "docs" / "routing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    (tmp_path / "www" / "css").mkdir(parents=True)
    (tmp_path / "www" / "css" / "a.css").write_text("h1 {}")
    program = "\n\n".join(blocks).replace('"/www/"', '"www/"') + RUN
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
