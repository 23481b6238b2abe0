# SPDX-License-Identifier: MIT
"""The flashing page in Chromium, as a person uses it, up to the bytes in flash.

Only the serial port is not real: what ESP Web Tools writes to it goes to
support.bootloader, which answers as a chip and keeps what was flashed, and then to the emulated
board, which is asked for its network.
"""

import base64
import functools
import json
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from board import emulator, improv
from board.terminal import OPEN_SECONDS, Terminal

from firmware import BOARDS, FirmwareError, table, webpage
from support import images, pictures
from support.bootloader import Bootloader
from support.served import served

VERSION = "v1.2.3"
# npm's and Node's words for "no registry can be reached from here".
OFFLINE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "ECONNRESET")

# A port as navigator.serial gives it, connected to the function __serial of the test.
FAKE_PORT = """
class FakePort extends EventTarget {
  getInfo() { return { usbVendorId: 0x10c4, usbProductId: 0xea60 }; }
  async open() {
    let answers;
    const exchange = async (chunk) => {
      const answer = await window.__serial(btoa(String.fromCharCode(...chunk)));
      if (answer) {
        answers.enqueue(Uint8Array.from(atob(answer), (c) => c.charCodeAt(0)));
      }
    };
    this.readable = new ReadableStream({ start(controller) { answers = controller; } });
    this.writable = new WritableStream({ write: exchange });
    // What comes later than at once.
    this.timer = setInterval(() => exchange([]), 200);
  }
  async close() {
    clearInterval(this.timer);
    this.readable = this.writable = null;
  }
  async setSignals() {}
  async getSignals() { return {}; }
  async forget() {}
}
const port = new FakePort();
Object.defineProperty(navigator, "serial", {
  value: Object.assign(new EventTarget(), {
    requestPort: async () => port,
    getPorts: async () => [port],
  }),
});
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The URL of a release's page, served on this computer, and its folder."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing; the page is built with it")
    folder = tmp_path_factory.mktemp("release")
    variants = list(table.load().values())
    for variant in variants:
        (folder / variant.file_name("image", VERSION)).write_bytes(images.make(variant, "1.2.3"))
    try:
        webpage.write(folder / "web", VERSION, variants, folder)
    except FirmwareError as error:
        if any(word in str(error) for word in OFFLINE):
            pytest.skip(f"no npm registry: {error}")
        raise
    with served(folder / "web") as url:
        yield url, folder / "web"


@pytest.fixture
def visit(browser, site):
    """``visit(chip)``: the page with a chip on its serial port, and what went wrong in it."""
    pages = []

    def start(chip=None):
        page = browser.new_page(viewport={"width": 390, "height": 844})
        pages.append(page)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
        page.on("response", lambda r: problems.append(f"{r.status} {r.url}") if not r.ok else None)
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((site[0], "data:", "blob:")) else problems.append(r.url)
            ),
        )
        if chip:
            page.expose_function("__serial", functools.partial(exchange, chip))
            page.add_init_script(FAKE_PORT)
        page.goto(site[0])
        return page, problems

    yield start
    for page in pages:
        page.close()


def exchange(chip, text):
    return base64.b64encode(chip.receive(base64.b64decode(text))).decode()


class Flashed:
    """A chip's boot loader, and once that has written, a board that has started with the image.

    board: the serial port of one, a serial.Serial.
    """

    def __init__(self, loader, board):
        self.loader = loader
        self.board = board

    def receive(self, data):
        if not any(what == "write" for what, *_ in self.loader.log):
            return self.loader.receive(data) if data else b""
        if data and not data.startswith(improv.HEADER):
            return self.loader.receive(data)
        self.board.write(data)
        return self.board.read(self.board.in_waiting)


@pytest.fixture(scope="module")
def emulated():
    """The terminal of an emulated board that is in no network, as after flashing."""
    with emulator.Emulator() as board, Terminal(board.port) as terminal:
        terminal.interrupt(20 + OPEN_SECONDS)
        terminal.execute("import network; network.WLAN().disconnect()")
        yield terminal


def wait_for_message(page, text):
    """Wait until the dialog shows a message, which is a property of an element in it."""
    page.wait_for_function(
        "text => document.querySelector('ewt-install-dialog').shadowRoot"
        ".querySelector('ewt-page-message')?.label === text",
        arg=text,
        timeout=60_000,
    )


def flash(page, title):
    """Choose an image, connect, and go through the dialog to its end."""
    page.get_by_label(title).check()
    page.get_by_role("button", name="Connect and flash").click()
    dialog = page.locator("ewt-install-dialog")
    dialog.get_by_text("Install TinyWeb").click()
    dialog.locator("ew-checkbox").click()
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Install").click()
    wait_for_message(page, "Installation complete!")


def title_of(entry):
    """What the page calls the choice that has an image."""
    variants = list(table.load().values())
    for group, choice in zip(webpage.groups(variants), webpage.choices(variants), strict=False):
        if entry in group.variants:
            return choice["title"]
    return entry.title


def test_page_offers_every_image(visit, site):
    page, problems = visit()
    offered = set()
    button = page.locator("esp-web-install-button")
    for choice in webpage.choices(list(table.load().values())):
        page.get_by_label(choice["title"], exact=True).check()
        assert button.get_attribute("manifest") == choice["manifest"]
        manifest = json.loads((site[1] / choice["manifest"]).read_text())
        for build in manifest["builds"]:
            (part,) = build["parts"]
            chip = build["chipFamily"].lower().replace("-", "")
            options = "--flash-mode dio"
            if chip == "esp8266":
                options += " --flash-size detect"
            place = f"{part['offset']:#x} {part['path']}"
            command = f"esptool --chip {chip} --port PORT write-flash {options} {place}"
            shown = page.locator("#commands pre", has_text=command)
            shown.wait_for()
            # All of it is in sight.
            assert shown.evaluate("e => e.scrollWidth <= e.clientWidth")
            offered.add((build["chipFamily"], part["offset"], part["path"]))
    assert offered == {
        (v.family, v.files["image"], v.file_name("image", VERSION)) for v in table.load().values()
    }
    assert page.locator("#version").inner_text() == VERSION
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not problems


def test_updates_over_the_network_are_recommended_where_a_chip_can_have_them():
    variants = list(table.load().values())
    recommended, single = webpage.groups(variants)
    assert {v.chip: v.variant for v in recommended.variants} == {
        **{v.chip: "" for v in variants if v.variant == ""},
        **{v.chip: "OTA" for v in variants if v.variant == "OTA"},
    }
    assert {v.chip for v in single.variants} == {v.chip for v in recommended.variants}
    assert {v.variant for v in single.variants} == {""}


def test_the_recommended_image_is_chosen_for_a_start(visit):
    page, problems = visit()
    title = webpage.choices(list(table.load().values()))[0]["title"]
    assert title.startswith("Recommended")
    page.locator("#loading").wait_for(state="detached")
    assert page.get_by_label(title, exact=True).is_checked()
    assert page.locator("esp-web-install-button").is_visible()
    assert not problems


def test_page_leads_to_the_documentation_and_back(visit):
    page, problems = visit()
    page.get_by_role("link", name="API reference").click()
    page.get_by_role("heading", name="TinyWeb API reference").wait_for()
    page.go_back()
    page.get_by_role("link", name="Documentation").click()
    page.get_by_role("link", name="Tutorial").first.wait_for()
    back = page.locator("a", has_text="Flash a board").first.evaluate("e => e.href")
    assert back == page.url.replace("docs/index.html", "index.html")
    assert not problems


def test_page_copies_commands(visit):
    page, problems = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the commands for ESP8266").click()
    page.get_by_text("Copied", exact=True).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    first, second = copied.splitlines()
    assert first == "esptool --chip esp8266 --port PORT erase-flash"
    assert second.endswith(f"firmware_esp8266-{VERSION}.bin")
    assert not problems


def test_page_says_at_once_that_a_browser_cannot_flash(browser, site):
    page = browser.new_page()
    page.add_init_script("delete Navigator.prototype.serial")
    page.goto(site[0])
    page.get_by_role("alert").get_by_text("This browser cannot reach serial ports.").wait_for()
    page.locator("#loading").wait_for(state="detached")
    assert not page.get_by_role("button", name="Connect and flash").is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page(browser, site, scheme):
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto(site[0])
    page.locator("#loading").wait_for(state="detached")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()


def test_screenshot(browser, site):
    page = browser.new_page(viewport=pictures.WINDOW, color_scheme="light")
    # Chromium on Linux in a container has no serial ports to offer.
    page.add_init_script(FAKE_PORT)
    page.goto(site[0])
    page.locator("#loading").wait_for(state="detached")
    pictures.take(page, "flash")
    page.close()


def test_page_says_when_the_list_is_missing(visit, site):
    page, _ = visit()
    page.route("**/images.json", lambda route: route.fulfill(status=404))
    page.reload()
    page.get_by_text("could not be loaded (images.json: 404)").wait_for()


@pytest.mark.parametrize("variant", table.load().values(), ids=lambda v: v.build_name)
def test_page_waits_for_what_can_ask_for_a_network(variant):
    """An image says so itself: by what its build gives to the linker."""
    manifest = webpage.manifest("TinyWeb", VERSION, [variant])
    if variant.port == "esp8266":
        name = f"mpconfigvariant{'_' if variant.variant else ''}{variant.variant}.mk"
        text = (BOARDS / variant.board / name).read_text()
        assert variant.improv == ("TINYWEB_IMPROV ?= tinyweb.device.improv" in text)
    assert variant.improv == (manifest["new_install_improv_wait_time"] > 0)


def test_page_asks_for_a_network(visit, emulated):
    """From an erased flash to the device's address, in one dialog."""
    entry = table.get("ESP8266_TINYWEB")
    chip = Flashed(Bootloader(entry.chip, entry.flash_bytes), emulated.serial)
    page, problems = visit(chip)
    flash(page, title_of(entry))
    dialog = page.locator("ewt-install-dialog")
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_text("Configure Wi-Fi").wait_for()
    dialog.locator("ew-filled-select").click()
    dialog.get_by_role("option", name="home").click()
    for password, told in (
        ("wrong password", "Unable to connect"),
        ("password", "Device connected to the network!"),
    ):
        dialog.locator("ew-filled-text-field[name=password] input").fill(password)
        dialog.get_by_role("button", name="Connect").click()
        if password != "password":
            dialog.get_by_text(told).wait_for(timeout=60_000)
    wait_for_message(page, told)
    link = dialog.locator("ew-list-item", has_text="Visit Device")
    # With the key for the first password.
    url = r"http://10\.0\.2\.15/device/#setup=[0-9a-f]{32}"
    assert re.fullmatch(url, link.evaluate("item => item.href"))
    assert not problems


@pytest.mark.parametrize(
    ("board", "variant"),
    [
        ("ESP8266_TINYWEB", ""),
        ("ESP8266_TINYWEB", "FLASH_1M"),
        ("ESP32_TINYWEB", ""),
        ("ESP32_C3_TINYWEB", ""),
        ("ESP32_C3_TINYWEB", "OTA"),
    ],
)
def test_page_flashes(visit, emulated, board, variant):
    """The board's chip is found, and its image among those for several chips is written."""
    entry = table.get(board, variant)
    chip = Bootloader(entry.chip, entry.flash_bytes)
    page, problems = visit(Flashed(chip, emulated.serial))
    flash(page, title_of(entry))
    data = images.make(entry, "1.2.3")
    offset = entry.files["image"]
    assert chip.log == [("erase", 0, len(chip.flash)), ("write", offset, len(data))]
    assert bytes(chip.flash[offset : offset + len(data)]) == data
    assert not problems


def test_page_refuses_another_chip(visit):
    chip = Bootloader("esp32")
    page, _ = visit(chip)
    page.get_by_label(table.get("ESP8266_TINYWEB", "FLASH_1M").title, exact=True).check()
    page.get_by_role("button", name="Connect and flash").click()
    dialog = page.locator("ewt-install-dialog")
    dialog.get_by_text("Install TinyWeb").click()
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Install").click()
    wait_for_message(page, "Your ESP32 board is not supported.")
    assert not chip.log
