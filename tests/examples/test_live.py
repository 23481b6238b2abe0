# SPDX-License-Identifier: MIT
"""chat.py and live_values.py of frozen/examples/, with clients that others have written."""

import json

import httpx
from websockets.sync.client import connect


def test_chat(example):
    server = example("chat")
    page = httpx.get(server.url, trust_env=False)
    assert "/ws" in page.text and page.headers["Content-Type"].startswith("text/html")
    url = server.url.replace("http", "ws") + "/ws"
    with connect(url, proxy=None) as ann, connect(url, proxy=None) as bob:
        assert ann.recv(timeout=20) == "1 are here"
        assert ann.recv(timeout=20) == bob.recv(timeout=20) == "2 are here"
        for i in range(200):
            (ann, bob)[i % 2].send(f"Grüße {i}")
            assert ann.recv(timeout=20) == bob.recv(timeout=20) == f"Grüße {i}"
        assert httpx.get(server.url, trust_env=False).status_code == 200


def test_live_values(example):
    server = example("live_values")
    assert "EventSource" in httpx.get(server.url, trust_env=False).text
    with httpx.stream("GET", server.url + "/values", trust_env=False, timeout=20) as answer:
        data = (line for line in answer.iter_lines() if line)
        first, second = (json.loads(next(data).removeprefix("data: ")) for _ in range(2))
    assert first["uptime"] == 0 and second["uptime"] >= 1
    assert first["free"] > 0
