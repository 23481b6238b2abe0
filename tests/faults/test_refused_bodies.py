# SPDX-License-Identifier: MIT
"""Clients that send a large body first and read then: they see why it was refused."""

import http.client
import socket
import threading
import time

import pytest

from support.simulator import start_server

PROGRAM = """
    import sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)

    @app.route("/small", methods=["POST"], max_body_size=1000)
    async def small(req, resp):
        await req.read()

    @app.route("/get", methods=["GET"])
    async def get(req, resp):
        return "got"

    @app.route("/private", methods=["POST"], max_body_size=10000000)
    async def private(req, resp):
        await resp.error(401)

    app.run("127.0.0.1", int(sys.argv[1]))
"""
SIZE = 5_000_000


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path):
    running = start_server(PROGRAM, folder=tmp_path, bits=request.param)
    yield running
    running.stop()


def pieces():
    for _ in range(SIZE // 50000):
        yield b"x" * 50000


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "status"), [("/small", 413), ("/get", 405), ("/private", 401), ("/nothing", 404)]
)
def test_the_answer_arrives(server, path, status, chunked):
    for _ in range(3):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        # It sends everything before it reads.
        if chunked:
            connection.request(
                "POST", path, pieces(), {"Transfer-Encoding": "chunked"}, encode_chunked=True
            )
        else:
            connection.request("POST", path, b"x" * SIZE)
        response = connection.getresponse()
        assert response.status == status
        response.read()
        connection.close()


def test_others_are_served_meanwhile_and_it_ends(server):
    """The client goes on for ever: that is bounded."""
    going = True

    def flood():
        with socket.create_connection((server.host, server.port), timeout=20) as sock:
            sock.sendall(b"POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\n\r\n")
            try:
                while going:
                    sock.sendall(b"x" * 50000)
            except OSError:
                return

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    answers = 0
    begin = time.monotonic()
    while thread.is_alive() and time.monotonic() - begin < 30:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
        connection.request("GET", "/get")
        assert connection.getresponse().read() == b"got"
        connection.close()
        answers += 1
    ended = not thread.is_alive()
    going = False
    assert ended and answers > 0
