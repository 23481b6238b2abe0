# SPDX-License-Identifier: MIT
"""A browser that uses the thermostat: one connection for pages, an event stream, a WebSocket."""

import json
import time

import httpx

from support import frames

USER = {"user": "admin", "password": "secret"}
# What browsers send beside, and of which the server keeps little.
FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.9,de;q=0.8",
    "Sec-Fetch-Site": "same-origin",
}


class Visitor:
    """A context manager. server: what has host, port and url, such as support's Server."""

    def __init__(self, server, timeout=30):
        self.server = server
        self.client = httpx.Client(
            base_url=server.url, headers=FIELDS, timeout=timeout, trust_env=False
        )
        self._stream = self.events = self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._stream is not None:
            self._stream.__exit__(None, None, None)
        if self.socket is not None:
            self.socket.sock.close()
        self.client.close()

    def log_in(self):
        answer = self.client.get("/")
        assert answer.status_code == 303, answer.status_code
        form = self.client.get(answer.headers["Location"])
        assert form.status_code == 200 and 'name="password"' in form.text
        answer = self.client.post(answer.headers["Location"], data=USER)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        assert answer.headers["Location"] == "/"

    def page(self):
        answer = self.client.get("/")
        assert answer.status_code == 200, (answer.status_code, answer.text)
        assert answer.text.endswith("</script>\n") and "admin: log out" in answer.text
        return answer.text

    def open_stream(self):
        self._stream = self.client.stream("GET", "/values")
        answer = self._stream.__enter__()
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["Content-Type"] == "text/event-stream"
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        self.events = (json.loads(line.removeprefix("data: ")) for line in lines)
        assert next(self.events)["target"] >= 5

    def open_socket(self):
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookies.jar)
        self.socket = frames.Peer(self.server, self.client.timeout.read)
        host = f"{self.server.host}:{self.server.port}"
        self.socket.request("/control", Cookie=cookie, Host=host, Origin=f"http://{host}")
        status, _, body = self.socket.answer()
        assert status == 101, (status, body)
        assert float(self.socket.message()[1]) >= 5

    def set_by_rest(self, target):
        answer = self.client.put("/state", json={"target": target})
        assert answer.status_code == 200, (answer.status_code, answer.text)
        assert self.client.get("/state").json()["target"] == target

    def set_by_socket(self, target):
        self.socket.send(frames.TEXT, str(target).encode())
        assert float(self.socket.message()[1]) == target

    def hears(self, target):
        """Waits for the event that tells it."""
        until = time.monotonic() + 20
        while next(self.events)["target"] != target:
            assert time.monotonic() < until

    def use_all(self):
        """Everything that the thermostat has, with both streams open."""
        self.log_in()
        self.open_stream()
        self.open_socket()
        for _ in range(3):
            self.page()
        self.set_by_rest(21.5)
        self.hears(21.5)
        self.set_by_socket(22.0)
        self.hears(22.0)
        self.page()
