# SPDX-License-Identifier: MIT
"""The documentation's site in Chromium, opened as files: newcomers find what they look for.

QUESTIONS are what they ask. Each answer is found by one search from the first page, and by a link
of that page.
"""

import re
import urllib.parse

import pytest
from axe_playwright_python.sync_playwright import Axe

from support.simulator import TOP

pytestmark = pytest.mark.timeout(600)

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 740}
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
        "partitions",
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


# Pages of each kind: text, code with marked lines, wide tables, headings of a board, signatures.
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(browser, site, scheme):
    page = browser.new_page(viewport=WIDE, color_scheme=scheme)
    page.set_default_timeout(LONG)
    found = []
    for name in (
        "index",
        "tutorial/login",
        "api",
        "comparison",
        "boards/ESP8266_TINYWEB",
        "glossary",
    ):
        page.goto((site / f"{name}.html").as_uri())
        # The theme's script has made its buttons.
        page.wait_for_function("document.querySelector('.md-search[aria-label]') !== null")
        page.wait_for_function(
            "document.querySelectorAll('.md-typeset pre > code').length == 0"
            " || document.querySelector('.md-code__nav[aria-label]') !== null"
        )
        for violation in Axe().run(page).response["violations"]:
            node = violation["nodes"][0]
            found.append((name, violation["id"], node["html"], node["failureSummary"]))
    page.close()
    assert found == []


def test_nothing_is_wider_than_a_phone(browser, site):
    page = browser.new_page(viewport=PHONE)
    page.set_default_timeout(LONG)
    too_wide = []
    for path in sorted(site.rglob("*.html")):
        if "reference" in path.parts or path.name == "404.html":
            continue
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            too_wide.append(path.name)
    page.close()
    assert too_wide == []


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
