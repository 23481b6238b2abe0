# SPDX-License-Identifier: MIT
"""The editor of the device's pages colours texts, and saves them as they were typed."""

import io
import re

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from support.simulator import TOP

from .conftest import DESKTOP, PHONE

# One of each kind of colour, by the file that is opened.
SAMPLES = {
    "a.py": 'import os  # why\n\n\nclass Lamp:\n    def on(self):\n        return "a", 12, None\n',
    "a.json": '{"key": "text", "n": [1, true, null]}\n',
    "a.html": '<!-- Why -->\n<p class="x">a &amp; b</p>\n<script>let a = "b"; // c\n</script>\n',
    "a.css": "/* TODO */\n:root { --a: 1px; }\n@media print { a:hover { color: red; } }\n",
    "a.js": 'import a from "b"; // c\nconst d = () => e(1, /x+/, `${f}`, true);\n',
}
# Bytes that a text area or a layer of HTML could change.
BYTES = {
    "empty": b"",
    "no end": b"x = 1",
    "end": b"x = 1\n",
    "ends": b"x = 1\n\n\n",
    "markup": b"<b>&amp;</b> & </textarea></pre><script>\n",
    "tabs": b"\tif x:\n\t\ty\t = 1 \t\n",
    "crlf": b"x = 1\r\n\r\ny = 2\r\n",
    "mixed": b"x = 1\r\ny = 2\nz = 3\r",
    "mark": b"\xef\xbb\xbfx = 1\n",
    "letters": "x = 'é\N{EM SPACE}\N{SNOWMAN}\U0001f600 \u05d0'\n".encode(),
    "long line": b"x = " + b"'abc', " * 3000 + b"\n",
    "long word": b"x = '" + b"a" * 30_000 + b"'\n",
    "large": b"x = 1  # one\n" * 5000,
    "quote": b"x = '''\n",
    "zero": b"x = '\0'\n",
}


@pytest.fixture
def edit(lamp, visit):
    """``edit(name, text, **options)``: the page of the editor with a file."""
    # The build of what serves `lamp` has made it.
    if not (TOP / "build" / "highlight" / "highlight.js").exists():
        pytest.skip("npm is missing; the rules of the editor's colours come with it")

    def start(name, text, **options):
        data = text.encode() if isinstance(text, str) else text
        (lamp.files / name).write_bytes(data)
        return visit(lamp, f"edit/{name}", **options)

    return start


def area_of(page):
    return page.locator(".editor textarea")


def colour(page, part):
    """The colour of the first part of this text in the layer, as the browser tells it.

    None: that of what has no colour.
    """
    if part is None:
        return page.locator(".colours").evaluate("e => getComputedStyle(e).color")
    found = page.locator(".colours span").get_by_text(part, exact=True).first
    return found.evaluate("e => getComputedStyle(e).color")


def expect_layer(page):
    """The layer has what the text area has, and an end of a line more: a pre hides the last."""
    text = area_of(page).input_value()
    expect(page.locator(".colours code")).to_have_js_property("textContent", text + "\n")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.py", ("import", "# why", '"a"', "Lamp", None)),
        ("a.json", ('"key"', '"text"', "1", None)),
        ("a.html", ("<!-- Why -->", "p", "class", '"x"', None)),
        ("a.css", ("--a", "@media", "1", "/* ", None)),
        ("a.js", ("import", '"b"', "// c\n", "e", None)),
    ],
)
def test_parts_have_colours_of_their_own(edit, name, parts):
    page = edit(name, SAMPLES[name])
    expect_layer(page)
    seen = [colour(page, part) for part in parts]
    assert len(set(seen)) == len(parts), dict(zip(parts, seen, strict=True))


def contrast(one, two):
    """WCAG's ratio of two colours as browsers tell them: rgb(1, 2, 3)."""

    def luminance(text):
        values = [int(v) / 255 for v in re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", text).groups()]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(edit, scheme):
    """axe-core cannot look into the layer, which is no part of what screen readers are told."""
    seen = {}
    for name, text in SAMPLES.items():
        page = edit(name, text, color_scheme=scheme)
        expect_layer(page)
        seen |= page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll(".colours span")].map(
                (e) => [e.className, getComputedStyle(e).color]))"""
        )
        ground = area_of(page).evaluate("e => getComputedStyle(e).backgroundColor")
        chosen = area_of(page).evaluate("e => getComputedStyle(e, '::selection').backgroundColor")
    assert {"kwd", "str", "cmnt", "num", "bool", "func", "class", "var", "err"} <= set(seen)
    for name, told in seen.items():
        assert contrast(told, ground) >= 4.5, name
        assert contrast(told, chosen) >= 4.5, name
    # What is typed is seen in the layer only, but the caret is the text area's.
    assert area_of(page).evaluate("e => getComputedStyle(e).color") == "rgba(0, 0, 0, 0)"
    caret = area_of(page).evaluate("e => getComputedStyle(e).caretColor")
    assert contrast(caret, ground) >= 4.5


def test_typed_text_is_coloured_and_saved(edit, lamp):
    page = edit("a.py", "x = 1\n")
    expect_layer(page)
    kept = page.locator(".colours span").first.element_handle()
    area_of(page).press("Control+End")
    page.keyboard.type("if x:\n# <b>&\nprint('a')")
    expect_layer(page)
    assert len({colour(page, "if"), colour(page, "# <b>&"), colour(page, "'a'")}) == 3
    # What has not changed has not been made anew.
    assert kept.evaluate("e => e.isConnected")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert (lamp.files / "a.py").read_bytes() == b"x = 1\nif x:\n    # <b>&\n    print('a')"
    # Back to less, from the middle.
    area_of(page).evaluate("e => e.setSelectionRange(2, 9)")
    page.keyboard.press("Delete")
    expect_layer(page)
    area_of(page).fill("")
    expect_layer(page)


@pytest.mark.parametrize("what", BYTES)
def test_every_byte_is_kept(edit, lamp, what):
    page = edit("a.json", BYTES[what])
    save = page.get_by_role("button", name="Save", exact=True)
    if what not in ("long word", "large"):
        expect_layer(page)
    save.click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert (lamp.files / "a.json").read_bytes() == BYTES[what]
    # One that was changed keeps how its lines end; those of a mixed one become like the first.
    area_of(page).press("Control+End")
    page.keyboard.type("1\n")
    wanted = BYTES[what].decode() + "1\n"
    end = "\r\n" if "\r\n" in wanted else "\n"
    wanted = wanted.replace("\r\n", "\n").replace("\r", "\n").replace("\n", end)
    if what not in ("long word", "large"):
        expect_layer(page)
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        save.click()
    assert (lamp.files / "a.json").read_bytes() == wanted.encode()


@pytest.mark.parametrize("what", ["long word", "large"])
def test_what_would_take_long_is_shown_in_one_colour(edit, what):
    page = edit("a.json", BYTES[what])
    expect(page.locator(".colours")).to_be_hidden()
    expect(area_of(page)).not_to_have_class("coloured")
    area_of(page).fill('{"a": 1}')
    expect_layer(page)
    expect(page.locator(".colours")).to_be_visible()
    # What fill() does takes a browser seconds for as much.
    area_of(page).evaluate(
        "(e, text) => { e.value = text; e.dispatchEvent(new Event('input')); }",
        BYTES[what].decode(),
    )
    expect(page.locator(".colours")).to_be_hidden()
    expect(area_of(page)).not_to_have_class("coloured")


# What either of the two shows alone, with nothing that blinks.
ONE = (
    ".colours, .colours * { color: black !important }",
    ".editor textarea, .editor textarea::selection { color: transparent !important }",
)
OTHER = (
    ".colours { visibility: hidden !important }",
    ".editor textarea { color: black !important }",
)
STILL = ".editor textarea { caret-color: transparent !important; outline: none !important }"


def pixels(page, rules):
    page.evaluate(
        """(rules) => {
            const sheet = document.styleSheets[0];
            const before = sheet.cssRules.length;
            for (const rule of rules) sheet.insertRule(rule, sheet.cssRules.length);
            document.added = sheet.cssRules.length - before;
        }""",
        [*rules, STILL],
    )
    picture = Image.open(io.BytesIO(page.locator(".editor").screenshot())).convert("L")
    page.evaluate(
        """() => {
            const sheet = document.styleSheets[0];
            while (document.added--) sheet.deleteRule(sheet.cssRules.length - 1);
        }"""
    )
    return picture


# A browser puts the start of a part on another fraction of a pixel than the middle of a line; one
# pixel aside makes more of a difference.
MOST = 200


def differ(one, other):
    """How far two pictures are from each other where they are most, of 255."""
    return ImageChops.difference(one, other).getextrema()[1]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_layer_lies_on_the_text(edit, size):
    """Line by line and letter by letter, wherever both are scrolled to."""
    text = "".join(
        f"\tif x{i} == '{'ab ' * (i % 40)}':  # {i} <&> é \N{SNOWMAN}\n" for i in range(200)
    )
    page = edit("a.py", text, size=size, device_scale_factor=1.5)
    expect_layer(page)
    area, layer = area_of(page), page.locator(".colours")
    sizes = "e => [e.clientWidth, e.clientHeight]"
    shown = set()
    for left, top in [(0, 0), (37, 501.5), (100000, 1000), (0, 100000), (100000, 100000)]:
        area.evaluate("(e, [left, top]) => e.scrollTo(left, top)", [left, top])
        place = area.evaluate("e => [e.scrollLeft, e.scrollTop]")
        page.wait_for_timeout(100)
        assert layer.evaluate("e => [e.scrollLeft, e.scrollTop]") == place
        assert layer.evaluate(sizes) == area.evaluate(sizes)
        one = pixels(page, ONE)
        assert differ(one, pixels(page, OTHER)) < MOST, (left, top)
        shown.add(one.tobytes())
    assert len(shown) == 5
    for rule in ("left: 1px", "top: 1px"):
        aside = pixels(page, (*ONE, f".colours {{ {rule} }}"))
        assert differ(aside, pixels(page, OTHER)) > MOST
    assert area.evaluate("e => e.scrollTop") > 1000
    # A person can make the text area smaller by its corner.
    area.evaluate("e => (e.style.height = '150px')")
    page.wait_for_timeout(100)
    assert layer.evaluate(sizes) == area.evaluate(sizes)
    assert differ(pixels(page, ONE), pixels(page, OTHER)) < MOST


def test_line_with_an_error_is_shown_in_both(edit):
    page = edit("a.py", "x = 1\n" * 300 + "for\n" + "x = 1\n" * 300)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Line 301: ")
    area, layer = area_of(page), page.locator(".colours")
    page.wait_for_timeout(100)
    assert area.evaluate("e => e.scrollTop") > 1000
    assert layer.evaluate("e => e.scrollTop") == area.evaluate("e => e.scrollTop")


def test_keyboard_and_mouse_reach_the_text_area(edit):
    page = edit("a.py", "x = 1\n")
    expect_layer(page)
    page.locator(".colours").click(position={"x": 40, "y": 15}, force=True)
    expect(area_of(page)).to_be_focused()
    assert page.get_by_role("textbox").count() == 1
    expect(page.locator(".colours")).to_have_attribute("aria-hidden", "true")
    page.keyboard.type("y")
    page.keyboard.press("Control+z")
    expect(area_of(page)).to_have_value("x = 1\n")
    expect_layer(page)


@pytest.mark.parametrize("name", ["notes.txt", "constructor", "a.tokenize", "a.regex"])
def test_other_files_are_shown_in_one_colour(edit, name):
    page = edit(name, "if x: # y\n")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".colours")).to_have_count(0)
    expect(area_of(page)).not_to_have_class("coloured")


def test_image_without_the_rules(edit, lamp, visit):
    """With the file that such an image has; nothing is said in the browser's console."""
    page = edit("b.txt", "")
    there = (TOP / "web" / "device" / "highlight.js").read_text(encoding="utf-8")
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(content_type="text/javascript", body=there)

    page.route("**/highlight.js", answer)
    (lamp.files / "a.py").write_text("x = 1\n")
    page.goto(f"{lamp.url}/device/#edit/a.py")
    area = page.get_by_label("Text of /a.py")
    area.fill("import os\n")
    page.wait_for_load_state("networkidle")
    assert asked
    expect(page.locator(".colours")).to_have_count(0)
    assert area.evaluate("e => getComputedStyle(e).color") != "rgba(0, 0, 0, 0)"
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert (lamp.files / "a.py").read_text() == "import os\n"
    assert visit.complaints == []
