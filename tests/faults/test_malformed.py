# SPDX-License-Identifier: MIT
"""Bodies that are malformed or cut, where the application has hooks: each gets its answer."""

import pytest

from support.simulator import start_server
from support.wire import Wire

PROGRAM = """
    import sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)
    KIND = sys.argv[3]
    seen = []

    if KIND in ("before", "both"):
        @app.before_request
        def before(req, resp):
            pass

    if KIND in ("after", "both", "handlers"):
        @app.after_request
        def after(req, resp):
            resp.headers["X-Path"] = req.path
            resp.headers["X-After"] = req.route.methods[0]

    if KIND == "cors":
        from tinyweb.cors import CORS
        CORS(app)

    if KIND == "handlers":
        @app.errorhandler(400)
        async def bad(req, resp, exc):
            return "own page"

    @app.route("/read", methods=["POST"], max_body_size=10000)
    async def read(req, resp):
        data = await req.read()
        return "read {}".format(len(data))

    @app.route("/form", methods=["POST"], max_body_size=10000)
    async def form(req, resp):
        return await req.read_parse_form_data()

    @app.route("/own", methods=["POST"], max_body_size=10000)
    async def own(req, resp):
        resp.headers["X-Own"] = "1"
        await resp.send("begun")
        await req.read()

    app.run("127.0.0.1", int(sys.argv[1]))
"""

HEAD = b" HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BODIES = {
    "bad size": CHUNKED + b"xyz\r\n",
    "no line end": CHUNKED + b"3\r\nabcdef",
    "bad trailer": CHUNKED + b"1\r\na\r\n0\r\nbad trailer\r\n\r\n",
    "cut chunk": CHUNKED + b"10\r\nabc",
    "cut body": HEAD + b"Content-Length: 100\r\n\r\nabc",
}


@pytest.fixture(params=["none", "before", "after", "both", "handlers", "cors"], scope="module")
def server(request, tmp_path_factory):
    running = start_server(PROGRAM, folder=tmp_path_factory.mktemp("app"), args=(request.param,))
    running.kind = request.param
    yield running
    running.stop()


@pytest.mark.parametrize("path", [b"/read", b"/form", b"/own"])
@pytest.mark.parametrize("body", BODIES)
def test_malformed_body(server, body, path):
    for _ in range(3):
        with Wire(server.host, server.port, timeout=5) as wire:
            wire.send(b"POST " + path + BODIES[body]).end_sending()
            response = wire.read_response()
            assert response.status == 400, server.log()
            assert not response.persists and response.get("X-Own") is None
            if server.kind == "handlers":
                assert response.text == "own page"
            wire.expect_eof()
    assert "Traceback" not in server.log()
    for close in (b"Connection: close\r\n", b""):
        with Wire(server.host, server.port, timeout=5) as wire:
            wire.send(b"POST /read" + HEAD + close + b"Content-Length: 2\r\n\r\nab")
            response = wire.read_response()
            assert response.text == "read 2"
            if server.kind in ("after", "both"):
                assert response.get("X-Path") == "/read" and response.get("X-After") == "POST"
