# SPDX-License-Identifier: MIT
"""More pages with an event stream than there are connections for, in one browser."""

import re

import pytest
from playwright.sync_api import expect

# As an ESP8266 has them: three connections, one of which is left to requests.
PROGRAM = """
    import asyncio, sys, tinyweb
    from tinyweb.sse import with_sse

    app = tinyweb.webserver(max_concurrency=3)

    @app.route("/")
    async def index(req, resp):
        return (
            "<!doctype html><link rel=icon href=data:,><title>Count</title>"
            "<output>-</output><script>"
            "new EventSource('/count').onmessage = event => {"
            "document.querySelector('output').textContent = event.data }</script>"
        )

    @app.route("/count")
    @with_sse
    async def count(req, events):
        n = 0
        while True:
            n += 1
            await events.send(n)
            await asyncio.sleep_ms(200)

    app.run(sys.argv[2], int(sys.argv[1]))
"""
COUNTS = re.compile("[0-9]+")


def test_pages_without_a_connection_recover_when_others_are_closed(serve, browser, problems):
    server = serve(PROGRAM, bits=32, heap="38k")
    context = browser.new_context()
    pages = []
    for _ in range(4):
        page = context.new_page()
        problems.watch(page, server.url)
        page.goto(server.url)
        pages.append(page)
    counts = [page.locator("output") for page in pages]
    for count in counts[:2]:
        expect(count).to_have_text(COUNTS)
    # Longer than a browser waits before it comes again.
    pages[0].wait_for_timeout(4000)
    for count in counts[2:]:
        expect(count).to_have_text("-")
    for closed in (1, 2):
        pages[closed - 1].close()
        wait_until(pages[2], lambda: sum(map(is_counting, counts[2:])) == closed)  # noqa: B023
    said = server.log()
    assert said.count("no connection for another stream: 2 are open") == 1, said
    context.close()


# What a browser tells a page when somebody goes to another tab; a headless one tells all the same.
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.mark.parametrize("path", ["live.html", "chat.html"])
def test_of_five_tabs_the_one_that_is_seen_lives(board, open_page, problems, path):
    """With the three slots of an ESP8266; each tab is opened from the one before."""
    pages = []
    for _ in range(5):
        if pages:
            pages[-1].evaluate(HIDE, True)
        pages.append(open_page(f"{board.url}/{path}"))
    for page in (pages[0], pages[2]):
        pages[-1].evaluate(HIDE, True)
        page.evaluate(HIDE, False)
        expect(page.locator("#live")).to_have_text("Live")
        page.evaluate(HIDE, True)


def is_counting(count):
    return COUNTS.fullmatch(count.inner_text()) is not None


def wait_until(page, condition):
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError("no page has recovered")
