# SPDX-License-Identifier: MIT
"""Makes the API reference: pdoc's pages of the type stubs. ci/make-reference calls it.

The modules themselves run on MicroPython only, and pdoc imports what it documents. The stubs of
ci/make_stubs.py are Python without anything to run, so copies of them stand for the modules;
tests/stubs holds that their arguments are those of the modules.
"""

import ast
import inspect
import pathlib
import re
import shutil
import sys
import tempfile

import pdoc

import make_stubs

TOP = pathlib.Path(__file__).resolve().parents[1]
INIT = TOP / "frozen" / "tinyweb" / "__init__.py"
# `import tinyweb` gives what it has, so it is shown there.
WITHOUT_PAGE = "tinyweb.server"

# "name: meaning" at the begin of a docstring's line; also "name, name: " and "name(argument): ".
ITEM = re.compile(r"(\w+(?:\([^)]*\))?(?:, \w+)*): (?=\S)")


def markdown(text):
    """A docstring as Markdown: lines that tell what a name means become a list."""
    result = []
    item = False
    for i, line in enumerate(text.splitlines()):
        if i and (match := ITEM.match(line)):
            if not item:
                result.append("")
            line = f"- `{match[1]}`: {line[match.end() :]}"
            item = True
        elif item and not line.startswith(" "):
            result.append("")
            item = False
        result.append(line)
    return "\n".join(result)


def runnable(tree):
    """The text of a module that CPython can import, of the tree of a stub."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {ast.unparse(base) for node in classes for base in node.bases}
    public = []
    for i, node in enumerate(tree.body):
        if isinstance(node, ast.AnnAssign):
            public.append(node.target.id)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            public.append(node.name)
        elif not isinstance(node, ast.ImportFrom):
            continue
        elif shown := [name.name for name in node.names if name.name == name.asname]:
            public += shown
        elif "tinyweb" in node.module and not {name.name for name in node.names} & bases:
            # Stubs import each other in circles for their annotations, which are read when all
            # modules are there.
            tree.body[i] = ast.If(ast.Name("TYPE_CHECKING"), [node], [])
    for node in ast.walk(tree):
        if make_stubs.is_docstring(node):
            node.value.value = markdown(inspect.cleandoc(node.value.value))
    head = ["from __future__ import annotations", "from typing import TYPE_CHECKING"]
    tree.body[1:1] = ast.parse("\n".join([*head, f"__all__ = {public}"])).body
    return ast.unparse(ast.fix_missing_locations(tree))


def main(out, home=None):
    with tempfile.TemporaryDirectory() as folder:
        modules = make_stubs.paths()
        for name, path in modules.items():
            file = make_stubs.file_of(folder, name, path, ".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(runnable(make_stubs.tree(path)), encoding="utf-8")
        sys.path.insert(0, folder)
        version = re.search(r'^__version__ = "(.*)"', INIT.read_text(), re.M)
        pdoc.render.configure(
            docformat="markdown",
            footer_text=f"TinyWeb {version[1]}",
            show_source=False,
            template_directory=TOP / "ci" / "reference",
        )
        pdoc.render.env.globals["home"] = home
        pdoc.render.env.globals["page_css"] = (TOP / "web" / "page.css").read_text()
        shutil.rmtree(out, ignore_errors=True)
        pdoc.pdoc(*modules, f"!{WITHOUT_PAGE}$", output_directory=out)
    print(out / "index.html")


if __name__ == "__main__":
    folder, *home = sys.argv[1:] or [TOP / "build" / "reference"]
    main(pathlib.Path(folder).resolve(), *home)
