# SPDX-License-Identifier: MIT
"""What MkDocs cannot know of this repository; mkdocs.yml calls it.

Pages of docs/ link to files elsewhere as the forge shows them. Some of those files become pages of
the site. Links to the others lead to REPOSITORY_URL, the address of the repository's files such as
https://HOST/OWNER/NAME/blob/main; without it they are text.

Where TRY_PAGE is set there is a page on which programs run in the browser (ci/make-try): blocks of
Python get a link to it. FLASH_PAGE is the address of the page that flashes, where there is one.
"""

import os
import pathlib
import posixpath
import re
import sys

from mkdocs.structure.files import File
from mkdocs.structure.nav import Link

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "ci"), str(TOP / "ci/site")]

import check_tree  # noqa: E402
import try_links  # noqa: E402
import try_page  # noqa: E402

# Pages of the site that are not in docs/, by their paths in the repository.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting.md",
    **{
        f"boards/{path.parent.name}/board.md": f"boards/{path.parent.name}.md"
        for path in sorted((TOP / "boards").glob("*/board.md"))
    },
}
# Pages that stand further up or down in a search's results than their words would have them.
BOOST = {"changelog.md": 0.3, "troubleshooting.md": 2}
ORIGINS = {page: path for path, page in PAGES.items()}
CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]+`", re.M | re.S)
HEADING = re.compile(r"^#+ +(.*)$", re.M)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def slug(title, separator):
    """The fragment of a heading, as the forge and ci/check_tree.py make it."""
    return next(iter(check_tree.anchors(f"# {title}")))


def page_of(path):
    """The page or file of the site that a path of the repository is, None where it is none."""
    if path in PAGES:
        return PAGES[path]
    inside = path.removeprefix("docs/")
    return inside if inside != path and (TOP / path).is_file() else None


def tutorial():
    """The pages of the tutorial, in order."""
    text = (TOP / "docs/tutorial/index.md").read_text(encoding="utf-8")
    return [
        f"tutorial/{name}" for name in re.findall(r"^\| \[\d\. .*?\]\((.*?\.md)\)", text, re.M)
    ]


def rewritten(match, page):
    """A link of `page` as the site needs it."""
    mark, text, target = match.groups()
    if re.match(r"[a-z]+:|#", target):
        return match[0]
    name, _, fragment = target.partition("#")
    folder = posixpath.dirname(ORIGINS.get(page, f"docs/{page}"))
    path = posixpath.normpath(posixpath.join(folder, name))
    if (found := page_of(path)) is not None:
        link = posixpath.relpath(found, posixpath.dirname(page) or ".")
        if text in (name, path) and path.endswith(".md"):
            # A file's name says little to who reads a site.
            text = HEADING.search((TOP / path).read_text(encoding="utf-8"))[1]
        return f"{mark}[{text}]({link}{'#' if fragment else ''}{fragment})"
    if not (TOP / path).exists():
        return match[0]  # MkDocs says that it leads nowhere.
    url = os.environ.get("REPOSITORY_URL")
    return f"[{text}]({url.rstrip('/')}/{path})" if url else text


def on_files(files, config):
    """Adds the pages that are not in docs/."""
    for path, page in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(TOP / path)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Rewrites links, but not what is shown as code."""
    kept = []
    source = page.file.src_uri
    if source == "index.md":
        page.meta["hide"] = ["navigation"]  # It would be this page alone.
    if source in BOOST:
        page.meta["search"] = {"boost": BOOST[source]}
    if source.startswith("boards/"):
        # MicroPython's download pages have the title, and put these sections below others.
        markdown = f"# {page.title}\n\n" + re.sub(r"^#(#+ )", r"\1", markdown, flags=re.M)
    if os.environ.get("TRY_PAGE"):
        address = posixpath.relpath("try/index.html", posixpath.dirname(source) or ".")
        name = posixpath.basename(ORIGINS.get(source, source))
        if source in (names := tutorial()):
            texts = [(TOP / "docs" / name).read_text(encoding="utf-8") for name in names]
            step = try_links.steps(texts)[names.index(source)]
            markdown = try_links.add_to_step(markdown, step, address)
        elif source == "examples.md":
            there = {name for name, *_ in try_page.EXAMPLES}
            markdown = try_links.add_to_examples(markdown, there, address)
        else:
            markdown = try_links.add(name, markdown, address)

    def keep(match):
        kept.append(match[0])
        return f"\0{len(kept) - 1}\0"

    text = CODE.sub(keep, markdown)
    text = LINK.sub(lambda match: rewritten(match, source), text)
    return re.sub("\0(\\d+)\0", lambda match: kept[int(match[1])], text)


def on_nav(nav, config, files):
    """Adds what is no page of MkDocs: what else ci/make-docs makes."""
    (reference,) = [item for item in nav.items if item.title == "Reference"]
    link = Link("All modules", "reference/index.html")
    link.parent = reference
    reference.children.insert(0, link)
    if os.environ.get("FLASH_PAGE"):
        nav.items.insert(1, Link("Flash a board", os.environ["FLASH_PAGE"]))
    if os.environ.get("TRY_PAGE"):
        nav.items.insert(1, Link("Try it", "try/index.html"))
    return nav


def on_page_content(html, page, config, files):
    """Makes a cell of what heads no column: a screen reader would read a heading without text."""
    return re.sub(r"<th([^>]*)></th>", r"<td\1></td>", html)
