# SPDX-License-Identifier: MIT
"""The README's Python examples, put together, are an application that works as it says."""

import re

import httpx
import pytest

from support.simulator import TOP

RUN = 'app.run(host="0.0.0.0", port=8081)'


def examples():
    text = (TOP / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    return [block for block in blocks if ">>>" not in block]


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def client(request, serve, tmp_path):
    blocks = examples()
    assert blocks[-1].strip() == RUN
    program = "\n\n".join(blocks).replace(
        RUN, "import sys\n\napp.run(host=sys.argv[2], port=int(sys.argv[1]))"
    )
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "style.css").write_text("h1 { color: teal }\n")
    server = serve(program, bits=request.param, cwd=tmp_path)
    with httpx.Client(base_url=server.url, timeout=10) as client:
        client.server_log = server.log
        yield client
    server.stop()
    # Ctrl-C itself is the only thing that may have been reported.
    assert server.log().count("Traceback") <= 1, server.log()


def test_pages(client):
    index = client.get("/")
    assert index.status_code == 200
    assert index.headers["Content-Type"].startswith("text/html")
    assert index.text == "<html><body><h1>Hello, world!</h1></body></html>\n"
    assert client.get("/rooms/3/lamps/17").text == "Lamp 17 in room 3"
    assert client.get("/rooms/3/lamps/%3Cscript%3E").status_code == 404
    style = client.get("/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "max-age=3600" in style.headers["Cache-Control"]
    assert style.text == "h1 { color: teal }\n"
    assert client.get("/nowhere").status_code == 404


def test_forms(client):
    answer = client.post("/settings", data={"name": "Käthe & Co"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert "Käthe & Co b'python-httpx/" in client.server_log()
    assert client.post("/settings", json={"name": "x"}).status_code == 302
    assert client.post("/settings", data={"name": "x" * 600}).status_code == 413


def test_rest(client):
    assert client.get("/customers").json() == {"1": {"name": "Jack"}, "2": {"name": "Bob"}}
    created = client.post("/customers", json={"name": "Ann"})
    assert (created.status_code, created.json()) == (201, {"message": "created", "id": "3"})
    assert client.delete("/customers/2").status_code == 401
    wrong = {"authorization": "Bearer x"}
    assert client.delete("/customers/2", headers=wrong).status_code == 401
    allowed = {"authorization": "Bearer hG9sT2xQ7n"}
    assert client.delete("/customers/2", headers=allowed).json() == {"message": "deleted"}
    assert client.delete("/customers/2", headers=allowed).status_code == 404
    assert set(client.get("/customers").json()) == {"1", "3"}
    assert client.get("/readings/4").json() == [0, 1, 4, 9]
    assert client.get("/readings/0").json() == []
    assert client.get("/readings/many").status_code == 404


def test_every_folder_of_tests_is_described():
    tests = TOP / "tests"
    text = (tests / "README.md").read_text(encoding="utf-8")
    folders = {folder.name for folder in tests.iterdir() if folder.is_dir()} - {"__pycache__"}
    assert set(re.findall(r"^\| `(\w+)/` \|", text, re.M)) == folders
