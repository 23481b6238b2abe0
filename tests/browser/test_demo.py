# SPDX-License-Identifier: MIT
"""The demo in a real browser, served by the simulator."""

import re
from base64 import b64encode

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.setting import CHIP_SIZED, DESKTOP, PHONE, SCREENSHOTS, TALL
from playwright.sync_api import expect

# The page in a wide window and, before it, in a phone.
COMPOSITION = """<style>
body {{ margin: 0; background: #cfdcdf; }}
img {{ position: absolute; }}
.wide {{ left: 32px; top: 32px; width: 900px; border-radius: 14px; }}
.phone {{ right: 36px; top: 96px; width: 290px; border-radius: 32px;
          box-shadow: 0 0 0 8px #05070a; }}
</style>
<img class="wide" src="data:image/png;base64,{}">
<img class="phone" src="data:image/png;base64,{}">"""


def status(server):
    return httpx.get(f"{server.url}/api/status").json()


def notes(server):
    return [note["text"] for note in httpx.get(f"{server.url}/api/notes").json()["notes"]]


def test_page_loads_with_its_style_and_picture(server, open_page):
    page = open_page(server.url)
    expect(page).to_have_title("My board")
    expect(page.locator("#live")).to_have_text("Live")
    assert page.locator("header img").evaluate("e => e.complete && e.naturalWidth") > 0
    assert page.locator(".card").first.evaluate("e => getComputedStyle(e).borderRadius") == "16px"


def test_values_are_the_servers(demo, open_page):
    page = open_page(demo.url)
    with page.expect_response("**/api/status") as response:
        pass
    # What this very page was told: free memory differs from request to request.
    now = response.value.json()
    expect(page.locator("#version")).to_have_text(now["version"])
    expect(page.locator("#system")).to_have_text(now["system"])
    expect(page.locator("#free")).to_have_text(r"{:.2f} MiB".format(now["memory"]["free"] / 2**20))
    expect(page.locator("#wifi")).to_be_hidden()
    expect(page.locator("#pins")).to_be_hidden()


def test_values_change_by_themselves(server, open_page):
    page = open_page(server.url)
    uptime = page.locator("#uptime").inner_text()
    line = page.locator("#rtt-chart .line").get_attribute("d")
    expect(page.locator("#uptime")).not_to_have_text(uptime)
    expect(page.locator("#rtt-chart .line")).not_to_have_attribute("d", line)


def test_charts_have_axes_with_units(demo, open_page):
    page = open_page(demo.url)
    form = {"name": "My board", "accent": "teal", "interval": "1"}
    assert httpx.post(f"{demo.url}/settings", data=form).status_code == 302
    memory, time = page.locator("#free-chart"), page.locator("#rtt-chart")
    expect(memory.locator(".since")).to_have_text("0:00:39 ago")
    heap = page.locator("#heap").inner_text().removeprefix("of a heap of ")
    expect(memory.locator(".high")).to_have_text(heap)
    expect(memory.locator(".low")).to_have_text("0.00 KiB")
    expect(time.locator(".high")).to_have_text(re.compile(r"^\d+(\.\d)? ms$"))
    expect(time.locator(".low")).to_have_text("0.0 ms")
    # The axes are the edges of what is drawn: the heap's size is as high as the chart.
    svg = memory.locator("svg")
    assert svg.evaluate("e => getComputedStyle(e).borderBottomStyle") == "solid"
    free = page.evaluate("free.at(-1)")
    total = status(demo)["memory"]
    drawn = float(memory.locator(".line").get_attribute("d").split(" ")[-1])
    wanted = 40 * (1 - free / (total["free"] + total["used"]))
    assert abs(drawn - wanted) < 2


def test_form_is_posted_and_kept(server, open_page):
    page = open_page(server.url)
    page.get_by_label("Name").fill("Gewächshaus & Söhne +1%")
    page.get_by_label("Refresh").select_option("every second")
    page.get_by_text("Violet").click()
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#saved")).to_have_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gewächshaus & Söhne +1%")
    expect(page.locator("html")).to_have_attribute("data-accent", "violet")
    wanted = {"name": "Gewächshaus & Söhne +1%", "accent": "violet", "interval": 1}
    assert status(server)["settings"] == wanted

    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Gewächshaus & Söhne +1%")
    expect(page.get_by_label("Violet")).to_be_checked()


def test_form_works_without_javascript(demo, open_page):
    page = open_page(demo.url, wait=False, java_script_enabled=False)
    page.get_by_label("Name").fill("Plain")
    page.get_by_text("Amber").click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"{demo.url}/")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    assert status(demo)["settings"] == {"name": "Plain", "accent": "amber", "interval": 2}


@pytest.mark.parametrize(
    "form",
    [
        {"name": " ", "accent": "teal", "interval": "1"},
        {"name": "x" * 25, "accent": "teal", "interval": "1"},
        {"name": "x", "accent": "pink", "interval": "1"},
        {"name": "x", "accent": "teal", "interval": "0"},
        {"name": "x", "accent": "teal", "interval": "soon"},
        {"name": "x"},
        {},
    ],
)
def test_wrong_settings_are_refused(demo, form):
    before = status(demo)["settings"]
    assert httpx.post(f"{demo.url}/settings", data=form).status_code == 400
    assert httpx.post(f"{demo.url}/settings", json=form).status_code == 400
    assert status(demo)["settings"] == before


def test_refused_form_tells_so_and_keeps_what_was_typed(demo, open_page, problems):
    page = open_page(demo.url)
    name = page.get_by_label("Name")
    name.evaluate("e => e.removeAttribute('maxlength')")
    name.fill("x" * 25)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Not saved: please check the values.")
    page.evaluate("poll()")
    expect(name).to_have_value("x" * 25)
    assert len(problems) == 1 and "400" in problems[0]
    problems.clear()


def test_notes_are_added_and_deleted(server, open_page):
    page = open_page(server.url)
    rows = page.locator("#notes li > span")
    first = ["Flash the firmware", "Say hello to the LED"]
    expect(rows).to_have_text(first)

    page.get_by_label("New note").fill("Buy <b>solder</b> & flux €5")
    page.get_by_role("button", name="Add").click()
    expect(rows).to_have_text([*first, "Buy <b>solder</b> & flux €5"])
    expect(page.get_by_label("New note")).to_have_value("")
    assert notes(server) == [*first, "Buy <b>solder</b> & flux €5"]

    page.get_by_role("button", name="Delete Flash the firmware").click()
    expect(rows).to_have_text([first[1], "Buy <b>solder</b> & flux €5"])
    assert notes(server) == [first[1], "Buy <b>solder</b> & flux €5"]


def test_empty_and_full_list(demo, open_page, problems):
    page = open_page(demo.url)
    for text in notes(demo):
        page.get_by_role("button", name=f"Delete {text}").click()
        expect(page.get_by_text(text)).to_have_count(0)
    expect(page.get_by_text("Nothing to remember.")).to_be_visible()

    for i in range(12):
        assert httpx.post(f"{demo.url}/api/notes", data={"text": f"n{i}"}).status_code == 201
    page.get_by_label("New note").fill("one more")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#notes-status")).to_contain_text("The list is full.")
    expect(page.get_by_label("New note")).to_have_value("one more")
    assert len(notes(demo)) == 12
    assert len(problems) == 1 and "409" in problems[0]
    problems.clear()


def test_two_windows_see_the_same(demo, open_page):
    one, two = open_page(demo.url), open_page(demo.url)
    one.get_by_label("New note").fill("From the other window")
    one.get_by_role("button", name="Add").click()
    one.get_by_role("switch", name="LED").check(force=True)
    expect(two.get_by_text("From the other window")).to_be_visible()
    expect(two.get_by_role("switch", name="LED")).to_be_checked()


def test_led_lights_up(server, open_page):
    page = open_page(server.url)
    expect(page.locator("#glow")).to_have_attribute("hidden", "")
    page.locator(".lamp").click()
    expect(page.locator("#glow")).not_to_have_attribute("hidden", "")
    assert status(server)["led"] is True
    page.locator(".lamp").click()
    expect(page.locator("#glow")).to_have_attribute("hidden", "")
    assert status(server)["led"] is False


def test_board_shows_wifi_and_pins(board, open_page):
    page = open_page(board.url)
    expect(page.locator("#ssid")).to_have_text("Greenhouse")
    expect(page.locator("#ip")).to_have_text("192.0.2.40, \u221261\u00a0dBm")
    expect(page.locator("#pin-D2")).to_have_text("1")

    page.locator("#pin-list .switch").first.click()
    expect(page.get_by_role("switch", name="D1")).to_be_checked()
    pins = {pin["name"]: pin["value"] for pin in status(board)["pins"]}
    assert pins == {"D1": 1, "D2": 1, "D3": 1, "D4": 1}

    # D4 is the LED, lit at 0.
    page.locator(".lamp").click()
    expect(page.locator("#glow")).not_to_have_attribute("hidden", "")
    pins = {pin["name"]: pin["value"] for pin in status(board)["pins"]}
    assert pins["D4"] == 0


@pytest.mark.parametrize("name", ["demo", "board"])
def test_phone_sized_window(name, request, open_page):
    page = open_page(request.getfixturevalue(name).url, PHONE, has_touch=True, is_mobile=True)
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width == window == PHONE["width"]
    # Fingers need some 44 pixels; what is smaller has to be a label's hidden input.
    for target in page.locator("button:visible, select:visible, #add input").all():
        assert target.bounding_box()["height"] >= 44
    page.get_by_label("New note").fill("By thumb")
    page.get_by_role("button", name="Add").tap()
    expect(page.locator("#notes")).to_contain_text("By thumb")


def test_lost_connection_is_shown(demo, open_page, problems):
    page = open_page(demo.url)
    demo.stop()
    page.evaluate("poll()")
    expect(page.locator("#live")).to_have_text("No connection")
    assert problems and all("ERR_" in problem for problem in problems)
    problems.clear()


def test_works_from_the_keyboard(demo, open_page):
    page = open_page(demo.url)
    for link in page.locator("nav a").all():
        page.keyboard.press("Tab")
        expect(link).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("switch", name="LED")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#glow")).not_to_have_attribute("hidden", "")
    page.get_by_label("New note").focus()
    page.keyboard.type("Typed")
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("Typed")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(board, open_page, size, scheme):
    page = open_page(board.url, size, color_scheme=scheme)
    for accent in ("teal", "blue", "violet", "amber"):
        form = {"name": "My board", "accent": accent, "interval": "10"}
        assert httpx.post(f"{board.url}/settings", data=form).status_code == 302
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-accent", accent)
        page.locator("#live.on").wait_for()
        found = Axe().run(page)
        assert not found.violations_count, found.generate_report()


def test_screenshot(serve, launch, problems, tmp_path):
    """Leaves build/screenshots/demo.png, which ci/pictures makes the README's picture of."""
    demo = serve(CHIP_SIZED, bits=32, heap="38k", cwd=tmp_path)
    httpx.post(f"{demo.url}/api/notes", data={"text": "Water the tomatoes"})
    # A name for the server, as a board in a home network has one.
    with launch(f"--host-resolver-rules=MAP my-board.local 127.0.0.1:{demo.port}") as browser:
        url = "http://my-board.local"
        shots = []
        for name, size, scheme in (("light", DESKTOP, "light"), ("phone", TALL, "dark")):
            page = browser.new_page(viewport=size, color_scheme=scheme)
            problems.watch(page, url)
            page.goto(url)
            page.locator("#live.on").wait_for()
            # Fill the charts, quicker than by waiting.
            for _ in range(45):
                page.evaluate("poll()")
            if name == "light":
                page.locator(".lamp").click()
            expect(page.locator("#glow")).not_to_have_attribute("hidden", "")
            shots.append(page.screenshot(full_page=name == "light"))
            page.close()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        picture = SCREENSHOTS / "demo.png"
        page = browser.new_page(viewport={"width": 1250, "height": 810})
        images = [b64encode(shot).decode() for shot in shots]
        page.set_content(COMPOSITION.format(*images), wait_until="load")
        page.screenshot(path=picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
