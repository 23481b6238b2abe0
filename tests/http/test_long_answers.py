# SPDX-License-Identifier: MIT
"""Answers that do not fit into the slot's buffer leave in several parts."""

import http.client
import time

PROGRAM = """
    import sys, tinyweb

    app = tinyweb.webserver(buffer_size=512)

    @app.route("/")
    async def index(req, resp):
        resp.add_header("Content-Length", 700)
        await resp.send("x" * 400)
        await resp.send("y" * 300)

    app.run("127.0.0.1", int(sys.argv[1]))
"""


def test_last_part_does_not_wait_for_a_delayed_acknowledgement(serve):
    server = serve(PROGRAM)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    start = time.monotonic()
    for _ in range(200):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"x" * 400 + b"y" * 300
    connection.close()
    # Each wait would take 40 ms or more, 8 seconds in all; without them it is a fraction of one.
    assert time.monotonic() - start < 4
