# SPDX-License-Identifier: MIT
"""The examples of docs/websocket.md and docs/sse.md work, and the pages name all arguments."""

import ast
import json
import re

import httpx
import pytest
from websockets.sync.client import connect

from support.simulator import TOP

RUN = "\nimport sys\napp.run(host=sys.argv[2], port=int(sys.argv[1]))\n"
FROZEN = TOP / "frozen" / "tinyweb"


def page(name):
    return (TOP / "docs" / f"{name}.md").read_text(encoding="utf-8")


def program(name):
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page(name), re.M | re.S)) + RUN


@pytest.mark.parametrize("bits", [64, 32])
def test_websocket(serve, bits):
    server = serve(program("websocket"), bits=bits)
    url = server.url.replace("http", "ws")
    with connect(url + "/echo", proxy=None) as ws:
        for message in ("ä" * 500, b"\xff" * 1000, ""):
            ws.send(message)
            assert ws.recv(timeout=20) == message
        ws.send(["in ", "three ", "parts"])
        assert ws.recv(timeout=20) == "in three parts"
        ws.ping(b"x").wait(20)
        ws.close(4000, "done")
    with connect(url + "/store", proxy=None) as ws:
        for size in (1000000, 0, 3):
            ws.send(bytes(size))
            assert ws.recv(timeout=20) == f"{size} bytes"
    with connect(url + "/chat", proxy=None) as a, connect(url + "/chat", proxy=None) as b:
        # The answer to a ping tells that the handler runs.
        b.ping().wait(20)
        a.send("hello")
        assert a.recv(timeout=20) == b.recv(timeout=20) == "hello"


def test_sse(serve):
    server = serve(program("sse"))
    with httpx.stream("GET", server.url + "/values", trust_env=False, timeout=20) as answer:
        lines = (line for line in answer.iter_lines() if line)
        for n in (1, 2):
            assert json.loads(next(lines).removeprefix("data: ")) == {"count": n}


def functions():
    for name, module in (("websocket", "websocket"), ("websocket", "broadcast"), ("sse", "sse")):
        for node in ast.parse((FROZEN / f"{module}.py").read_text(encoding="utf-8")).body:
            for function in getattr(node, "body", []):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield name, node.name, function


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            name,
            f"{owner if f.name == '__init__' else f.name}"
            + f"({ast.unparse(f.args)})".replace("(self, ", "(").replace("(self)", "()"),
            id=f"{owner}.{f.name}",
        )
        for name, owner, f in functions()
        if (f.name[0] != "_" and f.name not in ("offer", "leave", "text", "__len__"))
        or (f.name == "__init__" and owner not in ("WebSocket", "EventStream"))
    ],
)
def test_reference_has(name, text):
    if text in ("add(client)", "discard(client)", "send(*args, **kwargs)"):
        text = f"room.{text.partition('(')[0]}("
    assert text.replace("'", '"') in page(name), text
