# SPDX-License-Identifier: MIT
"""`make reference`: pages for reading offline that explain every public name and argument."""

import ast
import re
import subprocess

import pytest

import make_reference
import make_stubs
from support import html_page
from support.simulator import TOP

STUBS = make_stubs.paths()
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "wbr"}


class ModulePage(html_page.Page):
    """Its signatures and docstrings, too, by the names they belong to."""

    def __init__(self, path):
        self.stack = []  # (id, class) of the open elements
        self.signatures = {}
        self.docstrings = {}
        super().__init__(path)

    def handle_starttag(self, tag, attributes):
        super().handle_starttag(tag, attributes)
        attributes = dict(attributes)
        if tag not in VOID:
            self.stack.append((attributes.get("id"), attributes.get("class", "").split(" ")[0]))

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.stack.pop()

    def handle_data(self, data):
        names = [name for name, _ in self.stack if name]
        classes = [kind for _, kind in self.stack]
        for kind, found in (("attr", self.signatures), ("docstring", self.docstrings)):
            if kind in classes:
                name = names[-1] if names else ""
                found[name] = found.get(name, "") + data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("reference")
    done = subprocess.run(
        [TOP / "ci" / "make-reference", out], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == f"{out / 'index.html'}\n"
    return out


@pytest.fixture(scope="module")
def pages(folder):
    return html_page.pages_in(folder, ModulePage)


def page_of(pages, folder, module):
    if module == make_reference.WITHOUT_PAGE:
        module = "tinyweb"
    return pages[folder.joinpath(*module.split(".")).with_suffix(".html")]


def members(body, prefix=""):
    """(name, node) of the public members of a module or class, with those of its classes."""
    for node in body:
        name = node.target.id if isinstance(node, ast.AnnAssign) else getattr(node, "name", "_")
        if not name.startswith("_") or name in ("__init__", "__version__"):
            yield prefix + name, node
            if isinstance(node, ast.ClassDef):
                yield from members(node.body, f"{prefix}{name}.")


def parameters(node):
    """The annotated arguments of a function."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    a = node.args
    every = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
    return [x.arg for x in every if x and x.annotation]


def is_attribute(node):
    if isinstance(node, ast.FunctionDef):
        return [ast.unparse(d) for d in node.decorator_list] == ["property"]
    return isinstance(node, ast.AnnAssign)


def explains(text, name):
    return re.search(rf"\b{name}\b", text)


@pytest.mark.parametrize("module", STUBS)
def test_every_public_name_is_explained(pages, folder, module):
    page = page_of(pages, folder, module)
    assert page.docstrings[""].strip()
    for name, node in members(make_stubs.tree(STUBS[module]).body):
        signature = page.signatures[name]
        text = page.docstrings.get(name, "")
        owner, _, own = name.rpartition(".")
        if own == "__init__":
            text += page.docstrings[owner]
        elif not text:
            # What a class's own docstring explains need not be explained again.
            assert owner and is_attribute(node), name
            assert explains(page.docstrings[owner], own), name
        for parameter in parameters(node):
            assert f"{parameter}: " in signature, name
            assert explains(text, parameter), f"{name}: {parameter}"


def test_only_public_names_have_a_place(pages):
    assert len(pages) == len(STUBS)  # with the index, and without tinyweb.server
    for page in pages.values():
        for name in page.signatures:
            for word in name.split("."):
                assert not word.startswith("_") or word in ("__init__", "__version__"), name


def test_links_lead_somewhere(pages):
    between = [link for link in html_page.links_to_files(pages) if link[0] is not link[1]]
    assert len(between) > 20


def test_reads_offline_in_a_phone_and_in_a_wide_window(browser, folder):
    for width, height in ((360, 740), (1280, 800)):
        page = browser.new_page(viewport={"width": width, "height": height})
        asked = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto((folder / "index.html").as_uri())
        page.get_by_role("main").get_by_role("link", name="tinyweb", exact=True).click()
        page.wait_for_url("**/tinyweb.html")
        assert page.locator("[id='webserver.add_route'] .docstring").is_visible()
        for name in ("index", "tinyweb", "_tinyweb", "httpparse", "tinyweb/testing"):
            page.goto((folder / f"{name}.html").as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert all(url.startswith(("file:", "data:")) for url in asked)
        page.close()


def test_search_finds(browser, folder):
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("searchbox").fill("max_body_size")
    page.get_by_role("link", name="add_route").first.wait_for()
    page.close()
