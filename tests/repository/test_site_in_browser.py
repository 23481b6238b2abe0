# SPDX-License-Identifier: MIT
"""The documentation's site in Chromium: newcomers find what they look for, and can read it.

QUESTIONS are what they ask. Each answer is found by one search from the first page, opened as a
file, and by a link of that page.
"""

import re
import urllib.parse

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

from support import pictures
from support.served import served
from support.simulator import TOP

pytestmark = pytest.mark.timeout(600)

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LONG = 60_000  # ms, for a loaded machine
# How many results somebody looks at.
LOOKED_AT = 5

# The question, what is typed into the search, the page, its heading, and what is said there.
QUESTIONS = [
    ("How do I begin?", "tutorial", "tutorial/index.html", "a-thermostat-in-an-hour", "an hour"),
    ("Which file is for my board?", "flash", "flashing.html", "which-file", "NodeMCU"),
    ("How do I join my Wi-Fi?", "join network", "names.html", "join-a-network", "wifi.join"),
    (
        "Why does it answer 503?",
        "503",
        "troubleshooting.html",
        "an-answer-with-an-error",
        "memory",
    ),
    ("How do I add HTTPS?", "https", "tls.html", "https", "tls.context"),
    ("How much memory is left?", "memory left", "saving-memory.html", "look-first", "app.memory"),
    ("How do I ask for a password?", "log-in", "auth.html", "log-in-by-a-form", "Login"),
    (
        "How do I show live values?",
        "live",
        "tutorial/chart.html",
        "5-a-live-chart",
        "event stream",
    ),
    (
        "How do I read a sensor meanwhile?",
        "sensor",
        "tasks.html",
        "tasks-beside-the-server",
        "task",
    ),
    (
        "How do I update it without a cable?",
        "update network",
        "update.html",
        "over-the-network",
        "-app.bin",
    ),
]


@pytest.fixture(scope="module")
def first_page(browser, site):
    """The site's first page in a window."""
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(LONG)
    yield page
    page.close()


def results(page, site, words):
    """Where the first results of a search for `words` lead: pages of the site."""
    page.goto((site / "index.html").as_uri())
    page.locator(".md-search__input").click()
    # Key by key, as the theme's script listens to keys.
    page.keyboard.type(words)
    links = page.locator(".md-search-result__item")
    links.first.wait_for()
    page.wait_for_function(
        "/^\\d/.test(document.querySelector('.md-search-result__meta').innerText)"
    )
    found = links.evaluate_all("all => all.map(item => item.querySelector('a').href)")
    top = page.url.rpartition("/")[0] + "/"
    return [urllib.parse.urlsplit(link.removeprefix(top)).path for link in found[:LOOKED_AT]]


@pytest.mark.parametrize(
    ("words", "target", "heading", "said"),
    [question[1:] for question in QUESTIONS],
    ids=[question[0] for question in QUESTIONS],
)
def test_answer_is_found(first_page, site, words, target, heading, said):
    assert target in results(first_page, site, words)
    links = first_page.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert target in [link and link.partition("#")[0] for link in links]
    text = (site / target).read_text(encoding="utf-8")
    level, section = re.search(rf'<h(\d)[^>]* id="{heading}"(.*?)</article>', text, re.S).groups()
    assert said in re.sub("<[^>]*>", "", re.split(f"<h[1-{level}][ >]", section)[0])


# What the scripts of the theme make after a page was loaded.
READY = """
document.querySelector(".md-header") === null
|| document.querySelector(".md-search[aria-label]") !== null
&& (document.querySelectorAll(".md-typeset pre > code").length == 0
    || document.querySelector(".md-code__nav[aria-label]") !== null)
"""


@pytest.fixture(scope="module")
def served_site(site):
    """The URL of the site; pages begin their programs only where a server gives them."""
    with served(site) as url:
        yield url


# A page of each kind that the generators make.
KINDS = {"index.html", "404.html", "tutorial/form.html", "reference/tinyweb/auth.html"}
# The rules of axe that depend on the window and its colours. The others look at what a page is
# made of; what a narrow window shows beside is the same on each page of a kind.
LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
# In programs, a word in the colour and on the ground of one before it is not looked at again.
MARK = """
const seen = new Set();
for (const word of document.querySelectorAll("pre code span")) {
    let key = "";
    for (let at = word; at.tagName != "DIV"; at = at.parentElement) key += `${at.className}/`;
    if (seen.has(key)) word.setAttribute("data-again", "");
    seen.add(key);
}
"""
# Nothing is looked at while it changes.
STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"
# The theme's script takes over the colours that the system asks for.
COLOURED = """
scheme => !document.querySelector(".md-header")
    || (document.body.dataset.mdColorScheme === "slate") === (scheme === "dark")
"""


def test_everybody_can_read_each_page(browser, site, served_site):
    """Each page, those of the API reference and the one for an address with nothing included."""
    page = browser.new_page()
    page.set_default_timeout(LONG)
    problems = []
    page.on("pageerror", lambda error: problems.append((page.url, str(error))))
    page.on("response", lambda r: problems.append(r.url) if r.status >= 400 else None)
    names = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    assert set(names) > KINDS
    for name in names:
        page.goto(served_site + name)
        page.wait_for_function(READY)
        page.evaluate(MARK)
        page.add_style_tag(content=STILL)
        # All modules of the reference are made by one template: one stands for it on a phone.
        once = name.startswith("reference/tinyweb/") and name not in KINDS
        for size, scheme in ((WIDE, "dark"), (PHONE, "light"))[: 1 if once else 2]:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(COLOURED, arg=scheme)
            try:
                page.wait_for_function(
                    "width => document.documentElement.scrollWidth <= width", arg=size["width"]
                )
            except TimeoutError:
                problems.append((name, "wider than the window"))
            options = {"resultTypes": ["violations"]}
            if size is PHONE and name not in KINDS:
                options["runOnly"] = {"type": "rule", "values": LOOKS}
            run = Axe().run(page, context={"exclude": ["[data-again]"]}, options=options)
            for violation in run.response["violations"]:
                node = violation["nodes"][0]
                problems.append((name, violation["id"], node["html"], node["failureSummary"]))
    page.close()
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_what_a_search_has_found(browser, served_site, scheme):
    page = browser.new_page(viewport=PHONE, color_scheme=scheme)
    page.set_default_timeout(LONG)
    page.goto(served_site + "reference/index.html?search=route")
    page.get_by_role("link", name="add_route").first.wait_for()
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.close()


def test_contents_of_a_module_open_by_keyboard_on_a_phone(browser, served_site):
    page = browser.new_page(viewport=PHONE)
    page.goto(served_site + "reference/tinyweb/device/clock.html")
    entry = page.get_by_role("navigation").get_by_role("link", name="localtime")
    assert not entry.is_visible()
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    entry.click()
    page.wait_for_url("**/clock.html#localtime")
    assert not entry.is_visible()
    page.get_by_role("banner").get_by_role("link", name="TinyWeb", exact=True).click()
    page.wait_for_url(served_site + "index.html")
    page.close()


PICTURES = {
    "site-home": ("index.html", "light"),
    "site-tutorial": ("tutorial/form.html", "dark"),
    "site-reference": ("reference/tinyweb/auth.html", "light"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_screenshot(browser, served_site, name):
    path, scheme = PICTURES[name]
    page = browser.new_page(viewport=pictures.WINDOW, color_scheme=scheme)
    page.goto(served_site + path)
    page.wait_for_function(READY)
    pictures.take(page, name)
    page.close()


def test_words_are_those_of_the_glossary():
    """What the glossary's last column has stands in no other page, but where it is a name."""
    glossary = (TOP / "docs" / "glossary.md").read_text(encoding="utf-8")
    others = re.findall(r"^\| \*\*.*\| ([^|]+?) \|$", glossary, re.M)
    words = {word for cell in others for word in cell.split(", ")}
    assert len(words) > 10
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, sorted(words)))})s?\b")
    found = []
    for path in [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]:
        if path.name == "glossary.md":
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^ *```.*?^ *```|`[^`\n]+`|\]\([^)]*\)", "", text, flags=re.M | re.S)
        found += [
            (path.name, match[0], text[match.start() - 30 : match.end() + 20])
            for match in pattern.finditer(text)
        ]
    assert found == []
