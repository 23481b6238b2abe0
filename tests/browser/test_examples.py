# SPDX-License-Identifier: MIT
"""The examples in Chromium, as docs/examples.md shows them."""

import httpx
import pytest
from browser.setting import NODEMCU, SCREENSHOTS, TOP
from playwright.sync_api import expect

from support.simulator import search_path

SIZE = {"width": 640, "height": 200}
PROGRAM = """\
import sys
import {0} as example
example.run(host="127.0.0.1", port=int(sys.argv[1]){1})
"""


def log_in(page):
    page.locator("[name=user]").fill("admin")
    page.locator("[name=password]").fill("secret")
    page.get_by_role("button").click()


def thermostat(page):
    log_in(page)
    expect(page.locator("#heating")).to_have_text("on")


def templates(page):
    for name, text in (("Ann", "Nice and warm here."), ("Bob", "<script>alert(1)</script>")):
        page.locator("[name=name]").fill(name)
        page.locator("[name=text]").fill(text)
        page.get_by_role("button").click()
        expect(page.locator("body")).to_contain_text(text)


def upload(page):
    for name, size in (("garden.jpg", 48_213), ("log.csv", 1_734)):
        url = page.url + "files/" + name
        assert httpx.put(url, content=b"x" * size, trust_env=False).status_code == 201
    page.reload()
    expect(page.get_by_role("listitem")).to_have_count(2)


def live_values(page):
    expect(page.locator("#uptime")).to_have_text("2", timeout=10_000)


def chat(page):
    expect(page.get_by_role("status")).to_have_text("Connected")
    for text in ("Is the window open?", "No, I have closed it."):
        page.locator("#text").fill(text)
        page.get_by_role("button").click()
        expect(page.get_by_role("listitem").last).to_have_text(text)


# What is done before the picture is taken.
USES = {
    "hello_world": None,
    "gpio": None,
    "static_content": None,
    "thermostat": thermostat,
    "templates": templates,
    "login": None,
    "upload": upload,
    "live_values": live_values,
    "chat": chat,
    "portal": None,
}


@pytest.mark.parametrize("name", USES)
def test_screenshot(name, serve, open_page, problems, tmp_path):
    """Leaves build/screenshots/example-NAME.png."""
    hardware = [NODEMCU] if name == "gpio" else []
    env = search_path(TOP / "frozen" / "examples", *hardware)
    options = ", names=0" if name == "portal" else ""
    server = serve(PROGRAM.format(name, options), cwd=tmp_path, env=env)
    page = open_page(server.url, SIZE, wait=False)
    if USES[name]:
        USES[name](page)
    expect(page.locator("h1")).to_be_visible()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / f"example-{name}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
    # Short pages name no icon, and Chromium looks for one.
    problems[:] = [text for text in problems if "/favicon.ico" not in text]
