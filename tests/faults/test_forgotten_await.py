# SPDX-License-Identifier: MIT
"""Handlers that forget to await a method of the response: the answer is complete all the same."""

import pytest
import requests

from support.simulator import start_server

PROGRAM = """
    import asyncio, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)
    LONG = "x" * 5000
    FILE = sys.argv[3]

    async def send(req, resp):
        resp.send(LONG)

    def send_plainly(req, resp):
        resp.send(LONG)

    async def send_two(req, resp):
        resp.send(LONG)
        resp.send("y" * 5000)
        resp.send("z")

    async def send_and_await(req, resp):
        resp.send(LONG)
        await resp.send("y")

    async def send_and_flush(req, resp):
        resp.send(LONG)
        await resp.flush()
        await resp.send("y")

    async def send_later(req, resp):
        coro = resp.send(LONG)
        await asyncio.sleep_ms(1)
        await coro
        await resp.send("y")

    async def wait_for(req, resp):
        await asyncio.wait_for(resp.send(LONG), 5)
        await resp.send("y")

    async def by_task(req, resp):
        await asyncio.create_task(resp.send(LONG))
        await resp.send("y")

    async def send_and_return(req, resp):
        resp.send(LONG)
        return "y"

    def yields(req, resp):
        yield "a"
        resp.send(LONG)
        yield "y"

    async def file(req, resp):
        resp.send_file(FILE)

    def file_plainly(req, resp):
        resp.send_file(FILE)

    async def missing_file(req, resp):
        resp.send_file("/nothing/there")

    async def after_a_file(req, resp):
        resp.send_file(FILE)
        await resp.send("y")

    async def error(req, resp):
        resp.error(404)

    async def error_text(req, resp):
        resp.error(418, "teapot")

    async def redirect(req, resp):
        resp.redirect("/elsewhere")

    async def redirect_text(req, resp):
        resp.redirect("/elsewhere", "moved")

    async def error_last(req, resp):
        resp.redirect("/elsewhere")
        await resp.error(404)

    async def raises(req, resp):
        resp.error(404)
        raise ValueError("the handler's own")

    async def starts(req, resp):
        resp.redirect("/elsewhere")
        await resp.start_html()

    async def closed(req, resp):
        resp.error(404).close()

    for f in (send, send_plainly, send_two, send_and_await, send_and_flush, send_later, wait_for,
              by_task, send_and_return, yields, file, file_plainly, missing_file, after_a_file,
              error, error_text, redirect, redirect_text, error_last, raises, starts, closed):
        app.route("/" + f.__name__)(f)

    @app.route("/hooked", before=lambda req, resp: resp.error(401))
    async def hooked(req, resp):
        await resp.send("secret")

    @app.route("/hooked-forgotten", before=[lambda req, resp: resp.error(401) and None])
    async def hooked_forgotten(req, resp):
        await resp.send("secret")

    app.run("127.0.0.1", int(sys.argv[1]))
"""

LONG = "x" * 5000
FILE = "line of a file\n" * 400
EXPECTED = {
    "send": (200, LONG),
    "send_plainly": (200, LONG),
    "send_two": (200, LONG + "y" * 5000 + "z"),
    "send_and_await": (200, LONG + "y"),
    "send_and_flush": (200, LONG + "y"),
    "send_later": (200, LONG + "y"),
    "wait_for": (200, LONG + "y"),
    "by_task": (200, LONG + "y"),
    "send_and_return": (200, LONG + "y"),
    "yields": (200, "a" + LONG + "y"),
    "file": (200, FILE),
    "file_plainly": (200, FILE),
    "missing_file": (404, None),
    "after_a_file": (200, FILE),  # Its size was announced: what follows is no part of it.
    "error": (404, None),
    "error_text": (418, "teapot"),
    "redirect": (302, ""),
    "redirect_text": (302, "moved"),
    "error_last": (404, None),
    "raises": (500, None),
    "starts": (500, None),
    "closed": (200, ""),
    "hooked": (401, None),
    "hooked-forgotten": (401, None),
}


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    file = folder / "file.txt"
    file.write_text(FILE, encoding="utf-8")
    running = start_server(PROGRAM, folder=folder, bits=request.param, args=(file,))
    yield running
    assert running.process.poll() is None, running.log()
    running.stop()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answer_is_complete(server, name):
    before = len(server.log())
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(3):
            response = session.get(f"{server.url}/{name}", timeout=10, allow_redirects=False)
            status, text = EXPECTED[name]
            assert response.status_code == status, server.log()
            assert "secret" not in response.text
            if text is not None:
                assert response.text == text
    log = server.log()[before:]
    if name == "raises":
        assert "the handler's own" in log
    elif name == "starts":
        # The line of the handler, and what to do.
        assert ", in starts" in log and "await" in log
    elif name != "after_a_file":
        assert "Traceback" not in log
