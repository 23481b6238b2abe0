# SPDX-License-Identifier: MIT
"""The device's pages on the emulated board: how they look, and what they leave of the heap."""

import json
import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from board import emulator
from board.terminal import OPEN_SECONDS, Terminal
from playwright.sync_api import expect

from bench.pages import PATHS
from support.simulator import TOP

pytestmark = pytest.mark.usefixtures("emulated")

PASSWORD = "passw0rd"
SCREENSHOTS = TOP / "build" / "screenshots"
SHOTS = [
    ("", {"width": 1000, "height": 700}, "light"),
    ("-phone", {"width": 390, "height": 780}, "dark"),
]
FRAGMENTS = ["overview/", "files/", "edit/main.py", "settings/", "console/", "apps/"]
HELLO = """\
import tinyweb

app = tinyweb.webserver()


@app.route("/")
def index(req, resp):
    return "<h1>Hello from my device</h1>"


app.run(port=80)
"""
FILES = {
    "main.py": HELLO,
    "lib/lamp.py": "level = 0\n",
    "www/index.html": "<h1>Lamp</h1>\n",
    "notes.txt": "Water the tomatoes.\n",
}
FILL = """
import json, os
from tinyweb import device
from tinyweb.device import settings
for folder in ('lib', 'www'):
    os.mkdir(folder)
for name, text in json.loads({!r}).items():
    with open(name, 'w') as file:
        file.write(text)
settings.change(name='lamp', timezone='CET-1CEST,M3.5.0,M10.5.0/3', ntp=['pool.ntp.org'])
device.set_password({!r})
"""
# The application as a program that waits beside the prompt, so that the heap can be looked at.
BESIDE = HELLO.replace("port=80", "port=80, loop_forever=False") + (
    "import gc\nfrom tinyweb import background\nbackground.start()\n"
)


@pytest.fixture(scope="module")
def lamp():
    """A board with files and settings that runs the application, and its terminal."""
    with (
        emulator.Emulator(forward=(80,)) as board,
        Terminal(board.port) as terminal,
    ):
        terminal.interrupt(10 + OPEN_SECONDS)
        assert terminal.raw(FILL.format(json.dumps(FILES), PASSWORD), timeout=60) == ("", "")
        printed, error = terminal.raw(BESIDE, timeout=60)
        assert error == ""
        yield board.urls[80], terminal


@pytest.fixture
def visit(browser):
    contexts = []

    def start(url, fragment, size=SHOTS[0][1], scheme="light"):
        context = browser.new_context(
            viewport=size,
            color_scheme=scheme,
            locale="en-GB",
            http_credentials={"username": "", "password": PASSWORD},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{url}/device/#{fragment}")
        page.locator("main h2").first.wait_for()
        return page

    yield start
    for context in contexts:
        context.close()


@pytest.mark.parametrize("fragment", FRAGMENTS)
@pytest.mark.parametrize(("end", "size", "scheme"), SHOTS)
def test_screenshot(lamp, visit, fragment, end, size, scheme):
    """Leaves build/screenshots/device-*.png, which ci/pictures makes the documentation's of."""
    page = visit(lamp[0], fragment, size, scheme)
    page.wait_for_load_state("networkidle")
    if fragment == "console/":
        page.keyboard.type("6 * 7")
        page.keyboard.press("Enter")
        expect(page.get_by_role("log")).to_contain_text("42")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / f"device-{fragment.split('/')[0]}{end}.png"
    page.screenshot(path=picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


def free(terminal):
    """Bytes of the heap after a collection."""
    printed, error = terminal.raw("gc.collect()\nprint(gc.mem_free())", timeout=60)
    assert error == ""
    return int(printed)


def test_memory_beside_the_application(lamp, visit):
    """docs/memory.md has the figures. 6 KB are the least that an application has left."""
    url, terminal = lamp
    page = (TOP / "docs" / "memory.md").read_text(encoding="utf-8")
    names = "overview|files|editor|settings|console|applications"
    told = dict(re.findall(rf"^\| ({names}) \| ([\d ]+) \|$", page, re.M))
    for name, fragment in zip(told, FRAGMENTS, strict=True):
        shown = visit(url, fragment)
        if name == "console":
            # Its WebSocket is open.
            expect(shown.get_by_role("log")).to_contain_text(">>>")
        requests.get(url, timeout=20)
        left = free(terminal)
        shown.context.close()
        assert left >= 6 * 1024
        assert abs(left - int(told[name].replace(" ", ""))) <= 1024, f"{name}: {left}"


def test_what_opening_them_loads(lamp, browser):
    """`make bench-board` counts the instructions of these requests."""
    context = browser.new_context(http_credentials={"username": "", "password": PASSWORD})
    page = context.new_page()
    page.set_default_timeout(30_000)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{lamp[0]}/device/")
    page.locator("main h2").first.wait_for()
    page.wait_for_load_state("networkidle")
    context.close()
    assert sorted(asked) == sorted(f"{lamp[0]}/device/{path}" for path in PATHS)


def test_console(lamp, visit):
    """A person types, edits the line, pastes a program and interrupts it."""
    url, _ = lamp
    page = visit(url, "overview/")
    page.get_by_role("link", name="Console").click()
    shown = page.get_by_role("log")
    expect(shown).to_contain_text(">>> ")
    keys = page.get_by_role("textbox", name="What you type for the prompt")
    keys.press_sequentially("6 * 8")
    keys.press("ArrowLeft")
    keys.press("Delete")
    keys.press_sequentially("1")
    keys.press("ArrowRight")
    keys.press("Backspace")
    keys.press_sequentially("7")
    keys.press("Enter")
    expect(shown).to_contain_text("6 * 7\n42\n")
    keys.press("ArrowUp")
    expect(shown).to_contain_text("42\n>>> 6 * 7")
    keys.press("Control+c")
    keys.evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text", text);
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data}));
        }""",
        "for i in range(3):\n    print(i, i * i)\nwhile True:\n    pass\n",
    )
    expect(shown).to_contain_text("2 4\n")
    assert requests.get(url, timeout=20).text.startswith("<h1>Hello")
    page.get_by_role("button", name="Ctrl-C").click()
    expect(shown).to_contain_text("KeyboardInterrupt")
    keys.press_sequentially("print(chr(0xfc))")
    keys.press("Enter")
    expect(shown).to_contain_text("ü")
    found = Axe().run(page).response["violations"]
    assert not found, [violation["id"] for violation in found]
    # Whoever leaves the page gives the prompt back.
    page.get_by_role("link", name="Files").click()
    page.locator("main h2").first.wait_for()
    page.get_by_role("link", name="Console").click()
    expect(shown).to_contain_text(">>> ")


def test_an_interrupted_upload_leaves_the_old_file(lamp, visit):
    url, _ = lamp
    page = visit(url, "files/")
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000},
    )
    page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"n" * 400_000}
    )
    page.get_by_role("progressbar", name="Uploading /notes.txt").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled. The old file is as it was.").wait_for()
    text = requests.get(f"{url}/fs/notes.txt", auth=("", PASSWORD), timeout=20).text
    assert text == FILES["notes.txt"]
