# SPDX-License-Identifier: MIT
from urllib.parse import urlsplit

import pytest
from browser.setting import CHIP_SIZED, DEMO, DESKTOP, NODEMCU


@pytest.fixture
def demo(serve):
    """The demo in the simulator, as `make run` serves it."""
    return serve(DEMO)


@pytest.fixture
def board(serve):
    """The demo with what an ESP8266 has: heap, garbage collection, slots, pins and Wi-Fi."""
    return serve(CHIP_SIZED, bits=32, heap="38k", env={"MICROPYPATH": f"{NODEMCU}:.frozen"})


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
        # The page does not follow the redirect that answers its form.
        if not request.redirected_from:
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
