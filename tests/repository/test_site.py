# SPDX-License-Identifier: MIT
"""The documentation's site: every page is there and is found, and nothing comes from elsewhere."""

import json
import re
import urllib.parse

import pytest

from support import html_page
from support.simulator import TOP

pytestmark = pytest.mark.timeout(600)

# What a page loads, as opposed to what it links to.
LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
# Folders of pages that MkDocs does not make: the API reference, and where programs run.
MADE = ("reference/", "try/")
NOT_LOADED = {"canonical", "alternate", "next", "prev", "edit"}


class SitePage(html_page.Page):
    """What it loads, too."""

    def __init__(self, path):
        self.loaded = []
        super().__init__(path)

    def handle_starttag(self, tag, attributes):
        super().handle_starttag(tag, attributes)
        attributes = dict(attributes)
        url = attributes.get(LOADED.get(tag))
        if url and not NOT_LOADED & set((attributes.get("rel") or "").split()):
            self.loaded.append(url)


@pytest.fixture(scope="module")
def pages(site):
    """{path: page}, with those of the API reference."""
    pages = html_page.pages_in(site, SitePage)
    del pages[site / "404.html"]  # For servers: its links begin at their root.
    return pages


@pytest.fixture(scope="module")
def written(site, pages):
    """{path within the site: page} of those that MkDocs makes of what was written."""
    names = {str(path.relative_to(site)): page for path, page in pages.items()}
    return {name: page for name, page in names.items() if not name.startswith(MADE)}


def test_each_page_of_the_docs_is_in_the_navigation(written):
    listed = set(written["index.html"].links)
    for path in (TOP / "docs").rglob("*.md"):
        assert str(path.relative_to(TOP / "docs").with_suffix(".html")) in listed
    assert "reference/index.html" in listed


def test_links_lead_to_a_file_and_a_heading(pages):
    assert len(list(html_page.links_to_files(pages))) > 1000


def test_nothing_is_loaded_from_another_host(site, pages):
    for name, page in pages.items():
        for url in page.loaded:
            assert not urllib.parse.urlsplit(url).netloc, (name, url)
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"url\(\s*[\"']?((?:https?:)?//[^)]*)", text)
        assert found == [], path
        assert not re.search(r"@import\s+[\"']?(https?:)?//", text), path


def test_search_finds_each_page(site, written):
    text = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    found = {entry["location"].partition("#")[0] for entry in json.loads(text)["docs"]}
    assert set(written) - found == set()


def test_blocks_lead_to_the_page_where_they_run(site, written):
    """Where there is a compiler for that page; tests/webassembly runs what the links hold."""
    if not (site / "try").exists():
        assert not any(
            "try/index.html" in link for page in written.values() for link in page.links
        )
        return
    programs = [link for link in written["index.html"].links if "index.html#program=" in link]
    assert len(programs) == 4
    assert "try/index.html" in written["index.html"].links
    assert any("#program=" in link for link in written["boards/ESP32_TINYWEB.html"].links) is False
    assert any(link.startswith("try/index.html#") for link in written["sse.html"].links)
    assert "try/index.html#example=chat" in written["examples.html"].links
