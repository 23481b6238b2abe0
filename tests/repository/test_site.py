# SPDX-License-Identifier: MIT
"""The documentation's site: every page is there and is found, and nothing comes from elsewhere."""

import html.parser
import json
import posixpath
import re
import subprocess
import urllib.parse

import pytest

from support.simulator import TOP

# What a page loads, as opposed to what it links to.
LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
NOT_LOADED = {"canonical", "alternate", "next", "prev", "edit"}


class Page(html.parser.HTMLParser):
    """The anchors of a page, where its links lead, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors |= {attrs[name] for name in ("id", "name") if attrs.get(name)}
        if tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])
        url = attrs.get(LOADED.get(tag))
        if url and not NOT_LOADED & set((attrs.get("rel") or "").split()):
            self.loaded.append(url)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site. A link that leads nowhere fails the build."""
    out = tmp_path_factory.mktemp("site") / "site"
    command = [TOP / "ci" / "make-docs", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return out


@pytest.fixture(scope="module")
def pages(site):
    """{path: Page} of all but those of the API reference, which test_reference.py looks at."""
    return {
        str(path.relative_to(site)): Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if path.relative_to(site).parts[0] != "reference" and path.name != "404.html"
    }


def test_each_page_of_the_docs_is_in_the_navigation(pages):
    listed = set(pages["index.html"].links)
    for path in (TOP / "docs").rglob("*.md"):
        assert str(path.relative_to(TOP / "docs").with_suffix(".html")) in listed
    assert "reference/index.html" in listed


def test_links_lead_to_a_page_and_a_heading(site, pages):
    for name, page in pages.items():
        for link in page.links:
            url = urllib.parse.urlsplit(link)
            if url.scheme:
                continue
            assert not url.path.startswith("/"), (name, link)
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), url.path))
            path = name if not url.path else path
            assert (site / path).exists(), (name, link)
            if url.fragment and path in pages:
                fragment = urllib.parse.unquote(url.fragment)
                assert fragment in pages[path].anchors, (name, link)


def test_nothing_is_loaded_from_another_host(site, pages):
    for name, page in pages.items():
        for url in page.loaded:
            assert not urllib.parse.urlsplit(url).netloc, (name, url)
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"url\(\s*[\"']?((?:https?:)?//[^)]*)", text)
        assert found == [], path
        assert not re.search(r"@import\s+[\"']?(https?:)?//", text), path


def test_search_finds_each_page(site, pages):
    text = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    found = {entry["location"].partition("#")[0] for entry in json.loads(text)["docs"]}
    assert set(pages) - found == set()
