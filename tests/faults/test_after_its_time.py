# SPDX-License-Identifier: MIT
"""A handler that swallows its cancellation may end its answer, and the connection ends with it."""

import socket

import pytest

PROGRAM = """
import asyncio, sys, tinyweb

app = tinyweb.webserver(handler_timeout=0.5, keep_alive=20)

async def too_long():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        pass

@app.route("/late")
async def late(req, resp):
    await too_long()
    return "late"

@app.route("/begun")
async def begun(req, resp):
    await resp.send("begun and ")
    await resp.flush()
    await too_long()
    await resp.send("late")

@app.route("/cut")
async def cut(req, resp):
    await resp.send("begun")
    await resp.flush()
    await asyncio.sleep(3600)

@app.route("/fails")
async def fails(req, resp):
    await resp.send("begun")
    await resp.flush()
    raise ValueError

app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.mark.parametrize("behind", ["", "GET /late HTTP/1.1\r\nHost: h\r\n\r\n"])
@pytest.mark.parametrize("path", ["/late", "/begun"])
def test_nothing_follows(server, path, behind):
    with socket.create_connection((server.host, server.port), timeout=15) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n{behind}".encode())
        got = b""
        while part := client.recv(65536):
            got += part
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 1
    assert b"late" in got
    if path == "/late":
        assert b"\r\nConnection: close\r\n" in got


@pytest.mark.parametrize("path", ["/cut", "/fails"])
def test_an_answer_is_cut_off_without_a_reset(server, path):
    """TCP resets a connection that is closed with unread input, and what was sent may be lost."""
    behind = "GET /late HTTP/1.1\r\nHost: h\r\n\r\n" * 100
    with socket.create_connection((server.host, server.port), timeout=15) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n{behind}".encode())
        got = b""
        while part := client.recv(65536):
            got += part
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 1
    assert got.endswith(b"begun\r\n") or got.endswith(b"begun")
