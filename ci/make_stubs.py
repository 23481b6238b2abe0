# SPDX-License-Identifier: MIT
"""Makes the type stubs for editors: the types of the .pyi files with the modules' docstrings.

A docstring is written once: in the module where that is Python, in the .pyi where it is C.
ci/make-stubs calls this; ci/make_reference.py makes its pages of the same trees.
"""

import ast
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
FROZEN = TOP / "frozen" / "tinyweb"
C_MODULES = (
    TOP / "cmodules" / "tinyweb" / "_tinyweb.pyi",
    TOP / "cmodules" / "httpparse" / "httpparse.pyi",
)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def paths():
    """{module: path of its .pyi}, the package first."""
    found = {"tinyweb": FROZEN / "__init__.pyi"}
    for path in sorted(FROZEN.rglob("*.pyi")):
        parts = path.relative_to(FROZEN.parent).with_suffix("").parts
        found[".".join(parts[:-1] if path.stem == "__init__" else parts)] = path
    return found | {path.stem: path for path in C_MODULES}


def file_of(folder, module, path, suffix):
    """The file below `folder` that `module` is imported from, as the .pyi `path` stands for it."""
    parts = [*module.split("."), *(["__init__"] if path.stem == "__init__" else [])]
    return pathlib.Path(folder, *parts).with_suffix(suffix)


def members(node):
    """{name: node} of the functions and classes of a module or class."""
    return {
        child.name: child for child in node.body if isinstance(child, (*FUNCTIONS, ast.ClassDef))
    }


def is_docstring(node):
    """Whether a statement is a docstring, be it of an attribute."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def fill(stub, code):
    """Give `stub`, the tree of a .pyi or a part of it, the docstrings that `code` has."""
    text = ast.get_docstring(code)
    if text and not ast.get_docstring(stub):
        if isinstance(stub, FUNCTIONS):
            stub.body = []  # Three dots.
        end = "\n" if "\n" in text else ""
        stub.body.insert(0, ast.Expr(ast.Constant(text + end)))
    real = members(code)
    for name, node in members(stub).items():
        if name in real:
            fill(node, real[name])


def tree(path):
    """The whole stub of the .pyi `path`, as a tree."""
    stub = ast.parse(path.read_text(encoding="utf-8"))
    source = path.with_suffix(".py")
    if source.exists():
        fill(stub, ast.parse(source.read_text(encoding="utf-8")))
    return stub


def main(out):
    shutil.rmtree(out, ignore_errors=True)
    for name, path in paths().items():
        file = file_of(out, name, path, ".pyi")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = f"# SPDX-License-Identifier: MIT\n{ast.unparse(tree(path))}\n"
        file.write_text(text, encoding="utf-8")
    # It indents the docstrings, too.
    ruff = [pathlib.Path(sys.executable).with_name("ruff"), "format", "--quiet", "--isolated"]
    subprocess.run([*ruff, "--line-length=99", out], check=True)
    print(out)


if __name__ == "__main__":
    main(pathlib.Path(*sys.argv[1:] or [TOP / "build" / "stubs"]).resolve())
