# SPDX-License-Identifier: MIT
"""What the thermostat's page and programs ask for, many times, over one connection.

Requests are bytes that are made once: the client has to be faster than the server.
"""

import json
import re
import socket

from thermostat.visitor import FIELDS

JSON = "Content-Type: application/json\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.I)
COOKIE = re.compile(rb"\r\nset-cookie: (session=[^;\r]*)", re.I)


class Mix:
    """visitor: a Visitor that has logged in and has a WebSocket."""

    def __init__(self, visitor):
        self._visitor = visitor
        self._address = (visitor.server.host, visitor.server.port)
        self._socket = None
        self._take_cookie("; ".join(f"{c.name}={c.value}" for c in visitor.client.cookies.jar))

    def _take_cookie(self, cookie):
        host = "{}:{}".format(*self._address)
        fields = f"Host: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n"
        fields += "".join(f"{name}: {value}\r\n" for name, value in FIELDS.items())

        def request(method, path, body="", more=""):
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            return f"{method} {path} HTTP/1.1\r\n{fields}{more}{length}\r\n{body}".encode()

        def put(target, expected=200):
            return request("PUT", "/state", json.dumps({"target": target}), JSON), expected

        page = request("GET", "/"), 200
        self._turn = (
            page,
            (request("GET", "/state"), 200),
            put(20.5),
            (request("PUT", "/state", "target=21", FORM), 200),
            (request("GET", "/nowhere"), 404),
            page,
            (request("GET", "/login"), 200),
            put(99, 400),
            None,  # by the WebSocket
        )

    def run(self, count):
        """That many requests of each kind that there is, in turn."""
        for number in range(count):
            asked = self._turn[number % len(self._turn)]
            if asked is None:
                self._visitor.set_by_socket(22.0)
            else:
                self._ask(*asked)

    def _ask(self, request, expected):
        kept = self._socket is not None
        try:
            data = self._exchange(request)
        except ConnectionError:
            # A kept connection may be given to another client.
            assert kept, request
            self.close()
            data = self._exchange(request)
        assert int(data[9:12]) == expected, (request, data)
        if cookie := COOKIE.search(data):
            self._take_cookie(cookie[1].decode())
        if b"\r\nConnection: close\r\n" in data:
            self.close()

    def _exchange(self, request):
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while not is_whole(data):
            piece = self._socket.recv(8192)
            if not piece:
                raise ConnectionError(data)
            data += piece
        return data

    def close(self):
        self._socket.close()
        self._socket = None


def is_whole(data):
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return False
    if length := LENGTH.search(data, 0, head + 2):
        return len(data) == head + 4 + int(length[1])
    return data.endswith(b"\r\n0\r\n\r\n")
