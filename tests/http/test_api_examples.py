# SPDX-License-Identifier: MIT
"""The examples of docs/api.md, put together, are an application that works."""

import re

import httpx
import pytest

from support.simulator import TOP
from support.wire import Wire

MORE = """
import sys


@app.route("/fail")
async def fail(request, response):
    raise ValueError("on purpose")


app.run(host=sys.argv[2], port=int(sys.argv[1]))
"""


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def server(request, serve, tmp_path):
    text = (TOP / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    program = "\n".join([*blocks, MORE])
    bits, heap = request.param
    return serve(program, bits=bits, heap=heap, cwd=tmp_path)


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=20, trust_env=False) as session:
        yield session


def test_bodies(client, tmp_path):
    assert client.post("/sum", content=b"\1\2\3" * 10000).text == "60000"
    assert client.put("/copy", content=b"NONE" + bytes(99)).status_code == 415
    assert not (tmp_path / "copy.bin").exists()
    assert client.put("/copy", content=b"DATA" + b"x" * 9999).status_code == 200
    assert (tmp_path / "copy.bin").read_bytes() == b"x" * 9999


def test_logging(server, client, tmp_path):
    log = tmp_path / "web.log"
    assert client.post("/sum", content=b"\1").status_code == 200
    assert client.get("/fail").status_code == 500
    assert client.get("/nowhere").status_code == 404
    with Wire(server.host, server.port) as wire:
        wire.send(b"GET / HTTP/2.0\r\n\r\n")
        assert wire.read_response().status == 505
        wire.end_sending()
        wire.expect_eof()
    assert client.get("/nowhere").status_code == 404
    lines = [line.split(" ", 1)[1] for line in log.read_text().splitlines()]
    # What has been answered to the last request may be written after that.
    assert lines[:5] == [
        "b'POST' b'/sum' 200 1",
        "ValueError('on purpose',)",
        "b'GET' b'/fail' 500 21",
        "b'GET' b'/nowhere' 404 9",
        "None None 505 26",
    ]
    log.write_text("x" * 20000)
    client.get("/nowhere")
    client.get("/nowhere")
    assert (tmp_path / "web.old").stat().st_size > 20000
    assert server.log() == f"Serving at {server.url}/ - Ctrl-C stops it\n"
