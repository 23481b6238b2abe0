# SPDX-License-Identifier: MIT
"""The type stubs name what the module has, and nothing else."""

import ast
import json

from support.simulator import TOP

STUBS = TOP / "cmodules" / "httpparse" / "httpparse.pyi"

PROGRAM = """
    import json, httpparse
    from httpparse import *

    TYPE = b"multipart/form-data; boundary=b"
    objects = {
        "Error": Error(400, ""), "Request": Request(), "Response": Response(),
        "Multipart": Multipart(TYPE), "Urlencoded": Urlencoded(),
    }
    missing = []
    for name, members in json.loads('''NAMES''').items():
        for member in members:
            if not hasattr(objects[name], member):
                missing.append(name + "." + member)
    methods = {name: [m for m in dir(type(objects[name])) if m[0] != "_"] for name in objects}
    public = [name for name in dir(httpparse) if name[0] != "_"]
    print(json.dumps([public, methods, missing]))
"""


def members(node):
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
            yield item.name
        elif isinstance(item, ast.AnnAssign):
            yield item.target.id


def test_stubs_name_what_the_module_has(run_mpy):
    tree = ast.parse(STUBS.read_text())
    classes = {n.name: sorted(members(n)) for n in tree.body if isinstance(n, ast.ClassDef)}
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    constants = {n.target.id for n in tree.body if isinstance(n, ast.AnnAssign)}
    done = run_mpy(PROGRAM.replace("NAMES", json.dumps(classes)))
    public, methods, missing = json.loads(done.stdout)
    assert missing == []
    assert set(public) == {*classes, *functions, *constants}
    for name, found in methods.items():
        assert set(found) <= set(classes[name])


def test_defaults_and_keywords(run_mpy):
    tree = ast.parse(STUBS.read_text())
    calls = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name != "Error":
            (init,) = [n for n in node.body if getattr(n, "name", "") == "__init__"]
            arguments = init.args
            given = dict(
                zip([a.arg for a in arguments.args[::-1]], arguments.defaults[::-1], strict=False)
            )
            given |= dict(
                zip([a.arg for a in arguments.kwonlyargs], arguments.kw_defaults, strict=True)
            )
            if node.name == "Multipart":
                given = {"content_type": ast.Constant("multipart/form-data; boundary=b"), **given}
            words = ", ".join(f"{name}={ast.unparse(value)}" for name, value in given.items())
            calls.append(f"httpparse.{node.name}({words})")
    done = run_mpy("import httpparse\n" + "\n".join(calls) + "\nprint('done')\n")
    assert done.stdout == "done\n"
    assert len(calls) == 4
