# SPDX-License-Identifier: MIT
"""The type stubs of tinyweb say what its modules have, pass a type checker, and are not frozen."""

import ast
import json
import os
import re
import subprocess
import sys

import pytest

from support.simulator import TOP

FROZEN = TOP / "frozen" / "tinyweb"
MESSAGES = TOP / "cmodules" / "tinyweb" / "_tinyweb.pyi"
MODULES = sorted(path.stem for path in FROZEN.glob("*.pyi"))
PATHS = [TOP / "frozen", TOP / "cmodules" / "httpparse", TOP / "cmodules" / "tinyweb"]
METHODS = ("__init__", "__call__", "__len__", "__aiter__")

# What is public in its module for tinyweb's own modules, not for applications.
INTERNAL = {
    "auth": {"refuse", "call", "quoted", "users", "found"},
    "conditional": {"parse_date", "digest", "answer"},
    "cors": {"preflight", "CORS.join", "CORS.apply"},
    "digest": {"auth_params"},
    "dns": {"number", "packed", "Service.open", "NameServer.answer"},
    "guest": {"admits", "Guest.__init__", "Guest.expire"},
    "mdns": {"name_end", "Responder.answer"},
    "original": {"attribute"},
    "passwords": {"parse"},
    "server": {
        "webserver.open",
        "webserver.find",
        "webserver.date",
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
# Methods of webserver that are functions of other modules; see modtinyweb.c.
LAZY = {
    "setup": {"init": "__init__", "start": "start"},
    "routes": {"add_route": "add_route", "route": "route", "catchall": "catchall"},
    "rest": {"add_resource": "add_resource", "resource": "resource"},
    "stopping": {"stop": "stop", "shutdown": "shutdown"},
    "memory": {"memory": "memory"},
}
# Methods of webserver that tinyweb.application has.
APPLICATION = ("before_request", "after_request", "errorhandler", "mount", "url_for")


def words(node):
    """The docstring, however its lines are broken."""
    return (ast.get_docstring(node) or "").split()


def arguments(function):
    """Names, kinds and defaults of a function's arguments."""
    a = function.args
    kinds = [[x.arg for x in group] for group in (a.posonlyargs, a.args, a.kwonlyargs)]
    names = [x and x.arg for x in (a.vararg, a.kwarg)]
    return kinds, names, [d and ast.unparse(d) for d in [*a.defaults, *a.kw_defaults]]


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def public(tree):
    """{name: node} of functions, classes and methods, these as Class.name."""
    found = {}
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        found[node.name] = node
        for member in getattr(node, "body", ()) if isinstance(node, ast.ClassDef) else ():
            name = getattr(member, "name", "_")
            if name in METHODS or not name.startswith("_"):
                found[f"{node.name}.{name}"] = member
    return found


def source(module):
    found = public(parsed(FROZEN / f"{module}.py"))
    if module == "server":
        application = public(parsed(FROZEN / "application.py"))
        for name in APPLICATION:
            application[name].args.args[0].arg = "self"
            found[f"webserver.{name}"] = application[name]
        for file, names in LAZY.items():
            functions = public(parsed(FROZEN / f"{file}.py"))
            for function, name in names.items():
                functions[function].args.args[0].arg = "self"
                found[f"webserver.{name}"] = functions[function]
        static = public(parsed(FROZEN / "static.py"))["Site.__init__"]
        static.args.args.insert(1, ast.arg("url"))
        found["webserver.static"] = static
    return found


@pytest.mark.parametrize("module", MODULES)
def test_stub_agrees_with_the_source(module):
    stub = public(parsed(FROZEN / f"{module}.pyi"))
    code = source(module)
    assert set(stub) == set(code) - INTERNAL.get(module, set())
    assert words(parsed(FROZEN / f"{module}.pyi")) == words(parsed(FROZEN / f"{module}.py"))
    for name, node in stub.items():
        if name != "webserver.static":
            assert words(node) == words(code[name]), name
        if isinstance(node, ast.ClassDef):
            assert isinstance(code[name], ast.ClassDef)
            bases = [ast.unparse(base).split("[")[0] for base in node.bases]
            assert bases == [ast.unparse(base) for base in code[name].bases]
            continue
        *names, defaults = arguments(node)
        *real, values = arguments(code[name])
        assert names == real, name
        assert len(defaults) == len(values), name
        for default, value in zip(defaults, values, strict=True):
            assert default == value or (default == "..." and value.startswith("_")), name


def test_what_documentation_imports_has_stubs():
    pages = [*(TOP / "docs").glob("*.md"), *(TOP / "examples").glob("*.py")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    imports = re.findall(r"^from tinyweb\.(\w+) import ([\w, ]+)$", text, re.M)
    assert len(imports) > 10
    for module, names in imports:
        assert set(names.split(", ")) <= set(public(parsed(FROZEN / f"{module}.pyi"))), module
    for names in re.findall(r"^from tinyweb import ([\w, ]+)$", text, re.M):
        assert set(names.split(", ")) <= set(MODULES)


def test_stubs_of_messages(run_mpy):
    stub = public(parsed(MESSAGES))
    done = run_mpy("""
        import json, _tinyweb
        names = [dir(c) for c in (_tinyweb.request, _tinyweb.response)]
        print(json.dumps(names))
    """)
    for name, methods in zip(("request", "response"), json.loads(done.stdout), strict=True):
        found = {n.split(".")[1] for n in stub if n.startswith(name + ".")}
        assert found - {"content_length"} == {
            n for n in methods if not n.startswith("_") or n in METHODS
        }
    for name, module in {
        "request.read": "body",
        "request.readinto": "body",
        "request.read_parse_form_data": "body",
        "response.redirect": "replies",
        "response.error": "replies",
        "response.add_access_control_headers": "replies",
        "response.send_file": "files",
    }.items():
        code = public(parsed(FROZEN / f"{module}.py"))[name.split(".")[1]]
        code.args.args[0].arg = "self"
        assert arguments(stub[name]) == arguments(code), name


def mypy(tmp_path, *args):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", tmp_path / "cache", *args],
        env={**os.environ, "MYPYPATH": os.pathsep.join(map(str, PATHS))},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


RIGHT = """\
import tinyweb
from _tinyweb import request, response
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


def test_type_checker(tmp_path):
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(RIGHT)
    wrong.write_text(WRONG)
    stubs = [MESSAGES, *(FROZEN / f"{module}.pyi" for module in MODULES)]
    status, output = mypy(tmp_path, "--strict", *stubs, right)
    assert status == 0, output
    status, output = mypy(tmp_path, "--strict", wrong)
    assert status == 1
    lines = re.findall(r"wrong.py:(\d+): error:", output)
    assert sorted(set(lines)) == ["3", "5", "6", "7", "8"], output


def test_stubs_are_not_frozen(simulator):
    content = (simulator.path.parent / "frozen_content.c").read_text(encoding="utf-8")
    assert "tinyweb/server.py" in content
    assert ".pyi" not in content
