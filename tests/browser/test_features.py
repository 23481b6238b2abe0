# SPDX-License-Identifier: MIT
"""The demo's page for each feature in a real browser, served by the simulator."""

import os
import shutil

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.setting import DEMO, DESKTOP, PHONE
from playwright.sync_api import expect

PAGES = {
    "live.html": "Live values",
    "chat.html": "Chat",
    "files.html": "Files",
    "guests/book": "Guests",
    "login/form": "Login",
    "cache.html": "Cache",
}

# The demo, which tells what it answers; its files are where the test may change them.
LOGGED = """
    import sys
    sys.path.insert(0, {!r})
    import main

    main.app.access_log = lambda request, status, size: print(status, request.path.decode())
    main.main()
"""


@pytest.mark.parametrize("path", PAGES)
def test_page_in_a_window_and_on_a_phone(board, open_page, path):
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        page = open_page(f"{board.url}/{path}", size, wait=False, color_scheme=scheme)
        if page.locator("#live").count():
            page.locator("#live.on").wait_for()
        expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
        width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width == window == size["width"]
        for target in page.locator("button, nav a").all():
            assert target.bounding_box()["height"] >= 44
        found = Axe().run(page)
        assert not found.violations_count, found.generate_report()
        page.context.close()


# How often the heading has moved, or what stands around it.
SHIFTS = """new Promise(resolve => {
  let count = 0;
  const above = ({ node }) => (node?.closest ? node : node?.parentNode)?.closest("nav, header");
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries()) count += sources.some(above);
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(count), 200);
})"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_navigation_stands_first_and_the_heading_does_not_move(demo, open_page, size):
    places = set()
    for path in ("", *PAGES):
        page = open_page(f"{demo.url}/{path}", size, wait=False)
        if page.locator("#live").count():
            page.locator("#live.on").wait_for()
        assert page.evaluate("document.body.firstElementChild.tagName") == "NAV"
        box = page.locator("nav").bounding_box()
        places.add((box["y"], box["height"], page.locator("header").bounding_box()["y"]))
        # The links have room in the height that is kept for them.
        assert page.locator("nav").evaluate("e => e.scrollHeight <= e.clientHeight")
        assert page.evaluate(SHIFTS) == 0, path
        page.context.close()
    assert len(places) == 1


@pytest.mark.parametrize("path", ["", *PAGES])
def test_page_at_200_percent(demo, open_page, path):
    """A window of 1280 by 1024 pixels, of which a page at 200 % has half in each direction."""
    size = {"width": 640, "height": 512}
    page = open_page(f"{demo.url}/{path}", size, wait=False, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_page_by_keyboard(demo, open_page, path):
    """Whatever can be clicked can be reached, in the order in which it stands."""
    page = open_page(f"{demo.url}/{path}", wait=False)
    if page.locator("#live").count():
        page.locator("#live.on").wait_for()
    targets = page.locator("a:visible, button:enabled:visible, input:visible").all()
    for target in targets:
        page.keyboard.press("Tab")
        expect(target).to_be_focused()


@pytest.mark.parametrize("path", ["nothing", "chat/nothing", "files/data/nothing", "a/b/c.html"])
def test_an_address_with_nothing_has_a_page(server, open_page, problems, path):
    page = open_page(f"{server.url}/{path}", wait=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()
    page.get_by_role("link", name="Back to the dashboard").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My board")
    # The browser says so, too.
    assert len(problems) == 1 and "404" in problems[0]
    problems.clear()


def test_a_script_gets_the_words_alone(demo):
    url = f"{demo.url}/files/data/nothing"
    answer = httpx.delete(url, follow_redirects=True)
    assert (answer.status_code, answer.text) == (404, "Not Found")


def test_navigation_leads_to_every_page(server, open_page):
    page = open_page(server.url)
    links = page.locator("nav a")
    headings = ["My board", *PAGES.values()]
    expect(links).to_have_count(len(headings))
    for i in (*range(len(headings)), 0):
        links.nth(i).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(headings[i])
        expect(page.locator("nav [aria-current=page]")).to_have_text(links.nth(i).inner_text())
        if page.locator("#live").count():
            page.locator("#live.on").wait_for()


def test_live_values_come_back_with_the_server(demo, serve, open_page, problems, tmp_path):
    page = open_page(f"{demo.url}/live.html")
    uptime = page.locator("#uptime").inner_text()
    expect(page.locator("#uptime")).not_to_have_text(uptime)
    expect(page.locator("#heap")).to_contain_text("MiB")

    demo.stop()
    expect(page.locator("#live")).to_have_text("No connection")
    count = page.locator("#count").inner_text()
    serve(DEMO, port=demo.port, cwd=tmp_path)
    expect(page.locator("#live")).to_have_text("Live", timeout=20_000)
    expect(page.locator("#count")).not_to_have_text(count)
    assert problems and all("ERR_" in problem for problem in problems)
    problems.clear()


def test_chat_between_two_windows(server, open_page):
    ann, bob = (open_page(f"{server.url}/chat.html") for _ in range(2))
    for page in ann, bob:
        expect(page.locator("#here")).to_have_text("2")
    said = []
    for page, text in ((ann, "Hello, Bob"), (bob, "Grüße <b>€</b>"), (ann, "Bye")):
        page.get_by_label("Message").fill(text)
        page.get_by_role("button", name="Send").click()
        said.append(text)
        for each in ann, bob:
            expect(each.locator("#log li")).to_have_text(said)
    bob.context.close()
    expect(ann.locator("#here")).to_have_text("1")


def test_upload_of_a_megabyte(server, open_page, tmp_path):
    content = os.urandom(1 << 20)
    (tmp_path / "a b.bin").write_bytes(content)
    page = open_page(f"{server.url}/files.html")
    expect(page.locator("#list")).to_have_text("Nothing yet.")
    page.get_by_label("Files").set_input_files(tmp_path / "a b.bin")
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#status")).to_have_text("Stored.", timeout=30_000)
    expect(page.locator("#list")).to_contain_text("1.00 MiB")
    assert page.locator("#sent").evaluate("e => e.max > 1 << 20 && e.value === e.max")
    assert (tmp_path / "files" / "a b.bin").read_bytes() == content
    link = page.get_by_role("link", name="a b.bin").evaluate("e => e.href")
    assert httpx.get(link).content == content

    page.get_by_role("button", name="Delete a b.bin").click()
    expect(page.locator("#list")).to_have_text("Nothing yet.")
    assert list((tmp_path / "files").iterdir()) == []


def test_refused_upload_says_why(demo, open_page, problems):
    page = open_page(f"{demo.url}/files.html")
    page.get_by_label("Files").set_input_files(
        {"name": ".hidden", "mimeType": "text/plain", "buffer": b"x"}
    )
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#status")).to_have_text("Not stored: Bad Request")
    # The board has answered.
    expect(page.locator("#live")).to_have_text("Live")
    assert len(problems) == 1 and "400" in problems[0]
    problems.clear()


def test_upload_that_is_too_large_is_refused_before_it_is_sent(demo, open_page):
    page = open_page(f"{demo.url}/files.html")
    expect(page.locator("#limit")).to_have_text("2.00 MiB")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_label("Files").set_input_files(
        [
            {"name": name, "mimeType": "image/jpeg", "buffer": bytes(3 << 19)}
            for name in ("a.jpg", "b.jpg")
        ]
    )
    page.get_by_role("button", name="Send").click()
    refused = "Not sent: 3.00 MiB, and the board takes 2.00 MiB at once."
    expect(page.locator("#status")).to_have_text(refused)
    expect(page.locator("#live")).to_have_text("Live")
    assert sent == []
    assert page.locator("#sent").evaluate("e => e.value") == 0


def test_upload_of_exactly_the_limit(demo, open_page):
    page = open_page(f"{demo.url}/files.html")
    page.get_by_label("Files").set_input_files(
        {"name": "all.bin", "mimeType": "image/jpeg", "buffer": bytes(2 << 20)}
    )
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#status")).to_have_text("Stored.", timeout=30_000)


def test_send_without_a_file_says_what_is_missing(demo, open_page):
    page = open_page(f"{demo.url}/files.html")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#status")).to_have_text("Choose a file first.")


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (1000, "0.98 KiB"),
        (20480, "20.0 KiB"),
        (1 << 20, "1.00 MiB"),
        (1 << 30, "1.00 GiB"),
        (80_960_000_000, "75.4 GiB"),
    ],
)
def test_sizes_have_a_unit_that_fits(demo, open_page, size, shown):
    page = open_page(f"{demo.url}/files.html")
    assert page.evaluate(f"bytes({size})") == shown


def test_guest_book_needs_no_script(server, open_page):
    page = open_page(f"{server.url}/guests/book", wait=False, java_script_enabled=False)
    expect(page.get_by_text("Nobody was here.")).to_be_visible()
    for name, text in (("Ann & Co", "<b>Hello</b>"), ("", "Grüße, 1+1=2")):
        page.get_by_label("Name").fill(name)
        page.get_by_label("Text").fill(text)
        page.get_by_role("button", name="Write").click()
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.locator("li b")).to_have_text(["Somebody", "Ann & Co"])
    expect(page.locator("li p")).to_have_text(["Grüße, 1+1=2", "<b>Hello</b>"])
    expect(page.locator("h2").last).to_have_text("2 entries")


def test_login_and_logout(server, open_page, problems):
    page = open_page(f"{server.url}/login/page", wait=False)
    heading = page.get_by_role("heading", level=1)
    for password, then in (("wrong", "Login"), ("secret", "Private")):
        expect(heading).to_have_text("Login")
        page.get_by_label("User").fill("admin")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_have_count(int(password == "wrong"))
        expect(heading).to_have_text(then)
    expect(page.locator(".big")).to_have_text("Closed, locked")
    assert page.url == f"{server.url}/login/page"

    page.reload()
    expect(heading).to_have_text("Private")
    page.get_by_role("button", name="Log out").click()
    expect(heading).to_have_text("Login")
    page.goto(f"{server.url}/login/page")
    expect(heading).to_have_text("Login")
    # The wrong password's answer.
    assert len(problems) == 1 and "403" in problems[0]
    problems.clear()


@pytest.fixture
def logged(serve, tmp_path):
    """The demo from a copy of its files, `tmp_path/demo`, which logs its answers."""
    folder = shutil.copytree(DEMO.parent, tmp_path / "demo")
    return serve(LOGGED.format(str(folder)), cwd=tmp_path)


def answers(server):
    """(status, path) of all that was answered since the last call."""
    lines = [line.split() for line in server.log().splitlines() if line[:3].isdigit()]
    seen = getattr(server, "seen", 0)
    server.seen = len(lines)
    return {(int(status), path) for status, path in lines[seen:]}


def test_reload_asks_whether_files_have_changed(logged, open_page, tmp_path):
    page = open_page(f"{logged.url}/cache.html")
    names = ["/cache.html", "/style.css", "/common.js", "/cache.js"]
    assert answers(logged) >= {(200, name) for name in names}
    page.reload()
    page.locator("#live.on").wait_for()
    assert answers(logged) >= {(304, name) for name in names}
    rows = page.locator("#files li")
    expect(rows.locator("span:last-child")).to_have_text(["not modified"] * len(names))

    with open(tmp_path / "demo/www/style.css", "a") as style:
        style.write("h1 { color: rgb(1, 2, 3); }\n")
    page.reload()
    page.locator("#live.on").wait_for()
    expect(page.locator("h1")).to_have_css("color", "rgb(1, 2, 3)")
    found = answers(logged)
    assert (200, "/style.css") in found
    assert found >= {(304, name) for name in names if name != "/style.css"}
    expect(rows.filter(has_text="style.css")).to_contain_text("KiB")


def ask_until(page, status):
    """Presses "Ask again" until the answer has this status.

    The entity-tag of a file that is some seconds old is another one than it had before.
    """
    for _ in range(5):
        with page.expect_response("**/greeting.txt") as response:
            page.get_by_role("button", name="Ask again").click()
        if response.value.status == status:
            return
        page.wait_for_timeout(1000)
    raise AssertionError(response.value.status)


def test_changed_file_is_seen(demo, open_page):
    one, two = (open_page(f"{demo.url}/cache.html") for _ in range(2))
    for page in one, two:
        expect(page.locator("#text")).to_have_text("Hello!")
        ask_until(page, 304)
        expect(page.locator("#answer")).to_have_text("304, not modified")
    one.get_by_label("New content").fill("Grüße")
    one.get_by_role("button", name="Change").click()
    expect(one.locator("#text")).to_have_text("Grüße")
    ask_until(two, 200)
    expect(two.locator("#answer")).to_have_text("200, with the content")
    expect(two.locator("#text")).to_have_text("Grüße")


def test_page_that_is_kept_without_the_server(server, serve, open_page, tmp_path):
    page = open_page(f"{server.url}/cache.html")
    page.get_by_label("New content").fill("Kept")
    page.get_by_role("button", name="Change").click()
    expect(page.locator("#text")).to_have_text("Kept")
    page.get_by_role("button", name="Keep this page").click()
    expect(page.locator("#kept")).to_contain_text("when the board does not answer")

    server.stop()
    page.reload()
    expect(page.locator("#text")).to_have_text("Kept")
    expect(page.locator("#live")).to_have_text("No connection")

    # What has changed meanwhile is shown as soon as there is a server again.
    (tmp_path / "files/greeting.txt").write_text("New")
    serve(DEMO, port=server.port, cwd=tmp_path)
    page.reload()
    page.locator("#live.on").wait_for()
    expect(page.locator("#text")).to_have_text("New")
