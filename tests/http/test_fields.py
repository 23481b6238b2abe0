# SPDX-License-Identifier: MIT
"""Header fields of a request, whenever a handler asks for them."""

import socket

import pytest

from support.simulator import start_server

PROGRAM = """
    import asyncio, sys, tinyweb
    from tinyweb.sse import with_sse

    app = tinyweb.webserver()
    log = []

    def access(request, status, size):
        log.append(request.headers.get(b"Cookie"))

    app.access_log = access

    @app.route("/late", save_headers=("Cookie", "X-List", "Content-Type"))
    async def late(request, response):
        await response.start_html()
        await response.send("-")
        await response.flush()
        await asyncio.sleep_ms(50)
        await response.send(str(sorted(request.headers.items())))

    @app.route("/stream", save_headers=("Cookie",))
    @with_sse
    async def stream(request, stream):
        await stream.send("first")
        await asyncio.sleep_ms(50)
        await stream.send(request.headers[b"Cookie"].decode())

    @app.route("/changed", save_headers=("Cookie",))
    async def changed(request, response):
        request.headers[b"Cookie"] = b"mine"
        await response.send(request.headers[b"Cookie"])

    @app.route("/kept", save_headers=("Cookie",))
    async def kept(request, response):
        global last
        last = request
        await response.send("kept")

    @app.route("/last")
    async def of_last(request, response):
        try:
            text = str(last.headers)
        except RuntimeError as exc:
            text = str(exc)
        await response.send(text)

    @app.route("/log")
    async def show(request, response):
        await response.send(str(log))

    app.run("127.0.0.1", int(sys.argv[1]))
"""
COOKIE = b"Cookie: a=b\r\n"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """``ask(*requests)``: what the server sends for these, all of them sent at once."""
    server = start_server(PROGRAM, folder=tmp_path_factory.mktemp("app"))

    def ask(*requests):
        data = b"\r\n".join(
            b"GET %s HTTP/1.1\r\nHost: x\r\n%s" % (path, fields) for path, fields in requests
        )
        with socket.create_connection((server.host, server.port), 20) as sock:
            sock.sendall(data + b"Connection: close\r\n\r\n")
            got = b""
            while part := sock.recv(4096):
                got += part
        return got

    yield ask
    server.stop()


def test_asked_for_when_the_answer_is_under_way(ask):
    got = ask((b"/late", COOKIE + b"X-List: 1\r\nX-Other: 2\r\nx-list: 3\r\n"))
    assert b"[(b'Cookie', b'a=b'), (b'X-List', b'1, 3')]" in got


def test_asked_for_when_the_next_request_has_come(ask):
    got = ask((b"/late", COOKIE), (b"/late", b"Cookie: c=d\r\n"), (b"/late", b""))
    answers = got.split(b"HTTP/1.1 200")[1:]
    assert [b"b'a=b'" in a for a in answers] == [True, False, False]
    assert [b"b'c=d'" in a for a in answers] == [False, True, False]
    assert b"[]" in answers[2]


def test_asked_for_in_a_stream(ask):
    assert b"data: a=b\n" in ask((b"/stream", COOKIE))


def test_asked_for_by_the_log(ask):
    ask((b"/kept", b"Cookie: log=1\r\n"))
    assert b"b'log=1'" in ask((b"/log", b""))


def test_changed(ask):
    assert b"mine" in ask((b"/changed", COOKIE))
    assert b"mine" in ask((b"/changed", b""))


def test_asked_for_when_the_request_has_ended(ask):
    ask((b"/kept", COOKIE))
    assert b"the request has ended" in ask((b"/last", b"Cookie: c=d\r\n"))
