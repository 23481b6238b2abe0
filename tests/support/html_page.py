# SPDX-License-Identifier: MIT
"""Pages of HTML that were built into a folder, and where their links lead."""

import html.parser
import urllib.parse


class Page(html.parser.HTMLParser):
    """A page: its `path`, the `ids` that links can name, and its `links`, as they are written."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.ids, self.links = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])


def pages_in(folder, kind=Page):
    """{path: page} of every page in `folder`, each read by the class `kind`."""
    return {path: kind(path) for path in folder.rglob("*.html")}


def links_to_files(pages):
    """(page, page or None) for each link within the folder; None is a file that is no page.

    Fails where there is no such file, which a folder is not either, and no such heading.
    """
    for page in pages.values():
        for link in page.links:
            url = urllib.parse.urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (page.path.parent / urllib.parse.unquote(url.path)).resolve()
            target = target if url.path else page.path
            assert target.is_file(), (page.path, link)
            fragment = urllib.parse.unquote(url.fragment)
            # What has an equals sign is read by a script of that page.
            if fragment and "=" not in fragment and target in pages:
                assert fragment in pages[target].ids, (page.path, link)
            yield page, pages.get(target)
