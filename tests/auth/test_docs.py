# SPDX-License-Identifier: MIT
"""The examples of the pages in docs/ work, and name the arguments that there are."""

import ast
import re

import httpx
import pytest

from support.simulator import TOP

FROZEN = TOP / "frozen" / "tinyweb"


def page(name):
    return (TOP / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def documented(request, serve, tmp_path):
    """``documented(name)``: a client of the application in the examples of docs/name.md."""
    clients = []

    def start(name):
        blocks = re.findall(r"^```python\n(.*?)^```", page(name), re.M | re.S)
        program = "\n".join(
            [*blocks, "import sys", "app.run(host=sys.argv[2], port=int(sys.argv[1]))"]
        )
        bits, heap = request.param
        server = serve(program, bits=bits, heap=heap, cwd=tmp_path)
        clients.append(httpx.Client(base_url=server.url, timeout=20, trust_env=False))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def test_cookies(documented):
    client = documented("cookies")
    assert client.get("/").text == "The theme is light"
    assert client.post("/dark", follow_redirects=True).text == "The theme is dark"
    assert client.post("/light", follow_redirects=True).text == "The theme is light"


def test_sessions(documented):
    client = documented("sessions")
    assert [client.get("/").text for _ in range(3)] == ["Visit 1", "Visit 2", "Visit 3"]


def test_auth(documented):
    client = documented("auth")
    assert client.get("/settings", auth=("admin", "secret")).text == "Hello, admin"
    assert client.get("/settings", auth=("admin", "x")).status_code == 401
    token = {"Authorization": "Bearer hG9sT2xQ7n"}
    assert client.get("/export", headers=token).json() == {"user": "backup"}
    assert client.get("/log", auth=httpx.DigestAuth("admin", "secret")).text == "empty"
    page = client.get("/", headers={"Accept": "text/html"}, follow_redirects=True)
    assert "<form" in page.text
    assert client.get("/").status_code == 401
    form = {"user": "admin", "password": "secret"}
    assert "Hello, admin" in client.post("/login", data=form, follow_redirects=True).text


def test_csrf(documented):
    client = documented("csrf")
    foreign = {"Origin": "http://evil.example"}
    assert client.post("/relay").text == "switched"
    assert client.post("/relay", headers=foreign).status_code == 403
    # This one has no decorator: the hook of the application protects it.
    assert client.put("/lamp").text == "lit"
    assert client.put("/lamp", headers=foreign).status_code == 403
    assert client.put("/lamp", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def signatures(module):
    """The public functions and classes of a module as pages name them."""
    tree = ast.parse((FROZEN / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{node.name}({ast.unparse(node.args)})"
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if getattr(member, "name", "") == "__init__":
                    member.args.args = member.args.args[1:]
                    yield f"{node.name}({ast.unparse(member.args)})"


@pytest.mark.parametrize(
    ("name", "module", "internal"),
    [
        ("cookies", "cookies", {"read(req)"}),
        ("sessions", "sessions", set()),
        (
            "auth",
            "auth",
            {
                "refuse(resp, code, field, value)",
                "quoted(text)",
                "users(check)",
                "found(result, name)",
                "Scheme(realm, limiter)",
            },
        ),
        ("auth", "digest", {"auth_params(data)"}),
        ("auth", "limit", set()),
        ("auth", "login", set()),
        ("csrf", "csrf", set()),
    ],
)
def test_signatures(name, module, internal):
    found = set(signatures(module)) - internal
    assert found
    for signature in found:
        assert f"`{signature}`" in page(name)
