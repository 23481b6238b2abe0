# SPDX-License-Identifier: MIT
from urllib.parse import urlsplit

import pytest
from browser.setting import CHIP_SIZED, DEMO, DESKTOP, NODEMCU

from support.simulator import search_path


@pytest.fixture
def demo(serve, tmp_path):
    """The demo in the simulator, as `make run` serves it."""
    return serve(DEMO, cwd=tmp_path)


@pytest.fixture
def board(serve, tmp_path):
    """The demo with what an ESP8266 has: heap, garbage collection, slots, pins and Wi-Fi."""
    env = search_path(NODEMCU)
    return serve(CHIP_SIZED, bits=32, heap="38k", env=env, cwd=tmp_path)


@pytest.fixture(params=["demo", "board"])
def server(request):
    """The simulator as it is, and with the heap, slots and pins of a board."""
    return request.getfixturevalue(request.param)


class Problems(list):
    """What a page complained about: console errors, exceptions, failed or foreign requests."""

    def watch(self, page, url):
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.append(f"exception: {error}"))
        page.on("requestfailed", self.failed)
        page.on("request", lambda r: self.foreign(r, urlsplit(url).netloc))

    def console(self, message):
        if message.type in ("error", "warning"):
            self.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def failed(self, request):
        # The dashboard does not follow the redirect that answers its form; who leaves a page ends
        # its event stream, and may not wait for its icon.
        left = request.failure == "net::ERR_ABORTED" and (
            request.resource_type == "eventsource" or request.url.endswith("/board.svg")
        )
        if not request.redirected_from and not left:
            self.append(f"failed: {request.url} {request.failure}")

    def foreign(self, request, netloc):
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != netloc:
            self.append(f"request to another host: {request.url}")


@pytest.fixture
def problems():
    """Everything a page complained about; a test that expects some clears the list."""
    found = Problems()
    yield found
    assert not found


@pytest.fixture
def open_page(browser, problems):
    """Return a function that opens a page in a window of its own: url, size, and options."""
    contexts = []

    def start(url, size=DESKTOP, wait=True, **options):
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        problems.watch(page, url)
        page.goto(url)
        if wait:
            page.locator("#live.on").wait_for()
        return page

    yield start
    for context in contexts:
        context.close()
