# SPDX-License-Identifier: MIT
"""The type stubs of tinyweb say what its modules have, pass a type checker, and are not frozen."""

import ast
import json
import os
import re
import subprocess
import sys

import pytest

import make_stubs
from support.simulator import TOP

FROZEN = TOP / "frozen" / "tinyweb"
# {module without the package, such as "server" or "device.settings": path of its .pyi}
STUBS = {
    name.partition(".")[2] or "__init__": path
    for name, path in make_stubs.paths().items()
    if name.split(".")[0] == "tinyweb"
}
MODULES = sorted(STUBS)
PATHS = [TOP / "frozen", TOP / "cmodules" / "httpparse", TOP / "cmodules" / "tinyweb"]
METHODS = ("__init__", "__call__", "__len__", "__aiter__")

# What is public in its module for tinyweb's own modules, not for applications.
INTERNAL = {
    "auth": {"refuse", "quoted", "users", "found"},
    "conditional": {"parse_date", "digest", "answer"},
    "cors": {"preflight", "CORS.join", "CORS.apply"},
    "device": {"path", "connected", "first_page"},
    "device.settings": {"merge", "remember"},
    "digest": {"auth_params"},
    "dns": {"number", "packed", "Service.open", "NameServer.answer"},
    "guards": {"call"},
    "guest": {"admits", "Guest.__init__", "Guest.expire"},
    "mdns": {"name_end", "service_type", "send_through", "is_near", "Responder.answer"},
    "original": {"attribute"},
    "passwords": {"parse"},
    "server": {
        "check",
        "drop_modules",
        "webserver.open",
        "webserver.find",
        "webserver.slot_free",
        "webserver.take_slot",
        "webserver.make_room",
        "host",
    },
    "sessions": {"Sessions.load"},
    "sse": {"EventStream.__init__", "EventStream.leave"},
    "template": {"Template.open", "Template.error"},
    "tls": {"Context.enter"},
    "values": {"answer"},
    "websocket": {"WebSocket.__init__", "WebSocket.leave"},
}


def arguments(function):
    """Names, kinds and defaults of a function's arguments."""
    a = function.args
    kinds = [[x.arg for x in group] for group in (a.posonlyargs, a.args, a.kwonlyargs)]
    names = [x and x.arg for x in (a.vararg, a.kwarg)]
    return kinds, names, [d and ast.unparse(d) for d in [*a.defaults, *a.kw_defaults]]


def words(node):
    """The docstring, however its lines are broken."""
    return (ast.get_docstring(node) or "").split()


def is_property(node):
    return [ast.unparse(d) for d in getattr(node, "decorator_list", ())] == ["property"]


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(node):
    """What a statement defines; a method in C is assigned: `send = _tinyweb.send`."""
    if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("_tinyweb."):
        return node.targets[0].id
    return getattr(node, "name", "_")


def public(tree):
    """{name: node} of functions, classes and methods, these as Class.name."""
    found = {}
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        found[node.name] = node
        for member in node.body if isinstance(node, ast.ClassDef) else ():
            name = name_of(member)
            if name in METHODS or not name.startswith("_"):
                found[f"{node.name}.{name}"] = member
    return found


@pytest.mark.parametrize("module", MODULES)
def test_stub_agrees_with_the_source(module):
    stub = public(parsed(STUBS[module]))
    code = public(parsed(STUBS[module].with_suffix(".py")))
    # Attributes of the records that C makes.
    attributes = {name for name in stub if name not in code and is_property(stub[name])}
    assert set(stub) - attributes == set(code) - INTERNAL.get(module, set())
    for name in set(stub) - attributes:
        node = stub[name]
        if isinstance(node, ast.ClassDef):
            assert isinstance(code[name], ast.ClassDef)
            bases = [ast.unparse(base).split("[")[0] for base in node.bases]
            assert bases == [ast.unparse(base) for base in code[name].bases]
        elif not isinstance(code[name], ast.Assign):
            *names, defaults = arguments(node)
            *real, values = arguments(code[name])
            assert names == real, name
            assert len(defaults) == len(values), name
            for default, value in zip(defaults, values, strict=True):
                assert default == value or (default == "..." and value.startswith("_")), name


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_are_written_once(module):
    """In the module where that is Python, else in its .pyi; the stubs that are made have them."""
    tree = parsed(STUBS[module])
    assert not ast.get_docstring(tree)
    stub = public(tree)
    code = public(parsed(STUBS[module].with_suffix(".py")))
    made = public(make_stubs.tree(STUBS[module]))
    assert list(made) == list(stub)
    for name, node in stub.items():
        real = code.get(name)
        if real is None or isinstance(real, ast.Assign):
            assert ast.get_docstring(node), name
        else:
            assert not ast.get_docstring(node), name
            assert words(made[name]) == words(real), name


def test_what_documentation_imports_has_stubs():
    pages = [*(TOP / "docs").glob("*.md"), *(TOP / "frozen" / "examples").glob("*.py")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    imports = re.findall(r"^from tinyweb\.(\w+) import ([\w, ]+)$", text, re.M)
    assert len(imports) > 10
    for module, names in imports:
        inner = {name.partition(".")[2] for name in MODULES if name.startswith(module + ".")}
        assert set(names.split(", ")) <= set(public(parsed(STUBS[module]))) | inner, module
    for names in re.findall(r"^from tinyweb import ([\w, ]+)$", text, re.M):
        assert set(names.split(", ")) <= set(MODULES)


@pytest.mark.parametrize("name", ["request", "response"])
def test_methods_of_messages(run_mpy, name):
    done = run_mpy(f"""
        import json, tinyweb
        from tinyweb.{name} import {name}
        print(json.dumps(dir({name})))
    """)
    methods = {n for n in json.loads(done.stdout) if not n.startswith("_") or n in METHODS}
    stub = public(parsed(FROZEN / f"{name}.pyi"))
    assert {n.split(".")[1] for n in stub if "." in n} - {"content_length"} == methods


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder that `make stubs` makes."""
    out = tmp_path_factory.mktemp("stubs")
    command = [TOP / "ci" / "make-stubs", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{out}\n", "")
    return out


def mypy(tmp_path, paths, *args):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", tmp_path / "cache", *args],
        env={**os.environ, "MYPYPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


RIGHT = """\
import tinyweb
from tinyweb.request import request
from tinyweb.response import response
from tinyweb.auth import basic_auth
from tinyweb.limit import Limiter
from tinyweb.sse import EventStream, with_sse
from tinyweb.testing import TestClient
from tinyweb.websocket import WebSocket, with_websocket

app = tinyweb.webserver(request_timeout=2, max_concurrency=2)


@app.route("/", methods=["GET"], save_headers=["Host"])
async def index(req: request, resp: response) -> None:
    resp.headers["X"] = str(req.headers[b"Host"], "utf-8")
    await resp.send(b"text")


@app.route("/<int:n>")
@basic_auth({"admin": "x"}, limiter=Limiter(3))
def show(req: request, resp: response, n: int) -> dict[str, int]:
    if n > 3:
        raise tinyweb.HTTPException(404)
    return {"n": n}


@app.route("/ws")
@with_websocket(ping=None)
async def echo(req: request, ws: WebSocket) -> None:
    async for message in ws:
        await ws.send(message)


@app.route("/events")
@with_sse
async def events(req: request, events: EventStream) -> None:
    await events.send({"n": 1})


app.static("/www", "www")
assert app.url_for(show, 1).startswith("/")
assert TestClient(app).get("/").status == 200
app.run("0.0.0.0", 80)
"""

WRONG = """\
import tinyweb
from tinyweb.testing import TestClient
tinyweb.webserver(1, 2, 3, True, 4)
app = tinyweb.webserver()
app.run(port="80")
app.nothing
app.mount("/x", app)
TestClient(app).get(1)
"""


def check(tmp_path, paths, stubs):
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(RIGHT)
    wrong.write_text(WRONG)
    status, output = mypy(tmp_path, paths, "--strict", *stubs, right)
    assert status == 0, output
    status, output = mypy(tmp_path, paths, "--strict", wrong)
    assert status == 1
    lines = re.findall(r"wrong.py:(\d+): error:", output)
    assert sorted(set(lines)) == ["3", "5", "6", "7", "8"], output


def test_type_checker(tmp_path):
    check(tmp_path, PATHS, make_stubs.paths().values())


def test_stubs_are_made(tmp_path, made):
    """With docstrings, in folders that are named like the modules."""
    check(tmp_path, [made], made.rglob("*.pyi"))
    names = {
        ".".join(path.relative_to(made).with_suffix("").parts) for path in made.rglob("*.pyi")
    }
    packages = {"tinyweb", "tinyweb.device"}
    expected = set(make_stubs.paths()) - packages
    assert names == expected | {f"{package}.__init__" for package in packages}
    text = (made / "tinyweb" / "sessions.pyi").read_text(encoding="utf-8")
    assert '    """The session of a request, req.session.' in text
    assert "\n\n    Nothing of it is kept unless save() is called" in text


def test_stubs_are_not_frozen(simulator):
    content = (simulator.path.parent / "frozen_content.c").read_text(encoding="utf-8")
    assert "tinyweb/server.py" in content
    assert ".pyi" not in content
