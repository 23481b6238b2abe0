# SPDX-License-Identifier: MIT
"""Chromium, which opens six connections to a server of three slots, reloads and gives up."""

import pytest

from support.health import TOGETHER, Health
from support.simulator import start_server

SLOTS = 3
IMAGES = 12
PROGRAM = f"""
import sys
import tinyweb

app = tinyweb.webserver(max_concurrency={SLOTS}, keep_alive=1, send_timeout=2)
{TOGETHER}

@app.route("/gallery")
async def gallery(request, response):
    await response.start_html()
    await response.send("<!doctype html><link rel=icon href=data:,><title>Gallery</title>")
    for i in range({IMAGES}):
        await response.send("<img src=/image/{{}}>".format(i))


@app.route("/image/<number>")
async def image(request, response, number):
    response.add_header("Content-Type", "image/svg+xml")
    response.add_header("Cache-Control", "no-store")
    await response.send('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">')
    for _ in range(20):
        await response.send("<!--" + "x" * 1000 + "-->")
    await response.send("</svg>")


@app.route("/big")
async def big(request, response):
    response.add_header("Content-Length", 1 << 20)
    response.add_header("Content-Type", "application/octet-stream")
    for _ in range(1 << 10):
        await response.send(bytes(1 << 10))
        await asyncio.sleep_ms(1)  # no browser takes it all before it gives up


app.run("127.0.0.1", int(sys.argv[1]))
"""
COMPLETE = f"""() => document.images.length == {IMAGES}
    && [...document.images].every(image => image.complete && image.naturalWidth == 9)"""
# Resolved when the first bytes have come; the rest is left.
BEGIN = """async () => {
    const response = await fetch("/big");
    window.reader = response.body.getReader();
    return (await window.reader.read()).value.length;
}"""


@pytest.fixture
def server(tmp_path):
    """After the test it must be as good as new."""
    running = start_server(PROGRAM, folder=tmp_path, bits=32)
    health = Health(running, SLOTS)
    yield running
    health.check()
    assert running.log() == f"Serving at {running.url}/ - Ctrl-C stops it\n"
    running.stop()


@pytest.fixture
def page(browser, server):
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    yield tab
    context.close()


def test_parallel_connections(page, server):
    page.goto(server.url + "/gallery")
    page.wait_for_function(COMPLETE)


def test_reload_storm(page, server):
    for _ in range(15):
        page.goto(server.url + "/gallery", wait_until="commit")
    page.wait_for_function(COMPLETE)


@pytest.mark.parametrize("how", ["close", "leave", "cancel"])
def test_download_that_is_given_up(page, server, how):
    for _ in range(SLOTS + 1):
        tab = page.context.new_page()
        tab.goto(server.url + "/gallery")
        tab.wait_for_function(COMPLETE)
        assert 0 < tab.evaluate(BEGIN) < 1 << 20
        if how == "leave":
            tab.goto("about:blank")
        elif how == "cancel":
            tab.evaluate("() => window.reader.cancel()")
        tab.close()
