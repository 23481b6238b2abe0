# SPDX-License-Identifier: MIT
"""A whole application: requests as a client sends them, after three bytes of how they are cut.

The answers are the same for each cut, none is a 500, and each is a response of HTTP.
"""

import asyncio

import tinyweb
from harness import run
from tinyweb import aio, testing
from tinyweb.auth import basic_auth
from tinyweb.cookies import cookies
from tinyweb.csrf import Csrf

CONTENT = bytes(range(256)) * 4
# Bytes of the answers to one input that are looked at: a client may ask often.
MOST = 16384
# Of ioctl(), and what select.poll() has.
POLL = 3
READ = 1
WRITE = 4

app = tinyweb.webserver(buffer_size=512, debug=False)
app.log_error = lambda exc, request: None
app.static("/s", {"a.txt": (CONTENT, '"tag"'), "b.html.gz": b"packed", "b.html": b"<p>"})
admin = basic_auth(lambda user, password: user == password)


@app.route("/body", methods=("POST", "PUT"), max_body_size=2048)
async def body(req, resp):
    """A body that is parsed, or refused."""
    data = await req.read_parse_form_data()
    if isinstance(data, list):
        return {"n": len(data)}
    # Files are named by their place.
    return {"n": sorted([str(k) for k in data])}


@app.route("/parts", methods=("POST",), max_body_size=2048)
async def parts(req, resp):
    """A body in slices."""
    n = total = 0
    async for part in req:
        n += len(part)
        for byte in part:
            total = (total * 31 + byte) & 0xFFFF
    return {"n": n, "sum": total}


@app.route("/cookies")
@cookies
async def jar(req, resp):
    """How many cookies the request has."""
    return {"n": len(req.cookies)}


@app.route("/admin")
@admin
async def secret(req, resp):
    """What a user may see."""
    return req.user


@app.route("/change", methods=("POST",))
@Csrf(origins=("http://b",), hosts=("a",))
async def change(req, resp):
    """What other sites may not do."""
    return "changed"


@app.route("/item/<int:number>/<name>")
async def item(req, resp, number, name):
    """Parameters of the path, and of the query."""
    return {"number": number, "name": name, "query": req.query_string.decode("utf-8")[:8] != ""}


class Connection(testing._Connection):
    """A connection whose client has closed its side when all that it sends has been read."""

    def readinto(self, buf):
        n = testing._Connection.readinto(self, buf)
        return 0 if n is None else n

    def ioctl(self, request, arg):
        if request == POLL:
            return arg & (READ | (WRITE if self.end < len(self.window) else 0))
        return testing._Connection.ioctl(self, request, arg)


async def answers(data, sizes):
    """What the server has sent until it closed."""
    app.open()
    connection = Connection()
    at = turn = 0
    while at < len(data):
        n = sizes[turn % len(sizes)] % 64 + 1 if sizes else len(data)
        connection.unread.append(memoryview(data)[at : at + n])
        at += n
        turn += 1
    app.take_slot().open(connection, ("127.0.0.1", 0))
    sent = b""
    while len(sent) < MOST:
        part = await connection.take(256)
        if not part:
            break
        sent += part
    connection.ended = True
    await connection.gone()
    return sent


def ask(data, sizes):
    """The answers to what a client sends in pieces of so many bytes."""
    try:
        return asyncio.run(answers(data, sizes))
    finally:
        aio.loop_left()


def without_dates(sent):
    """The answers without the lines whose value is the time."""
    lines = sent.split(b"\r\n")
    return [line for line in lines if not line.startswith(b"Date: ")]


def check(data):
    if len(data) < 4:
        return
    whole = ask(data[3:], b"")
    assert not whole or whole.startswith(b"HTTP/1."), whole
    assert b"HTTP/1.1 500" not in whole and b"HTTP/1.0 500" not in whole, whole
    cut = ask(data[3:], data[:3])
    if len(whole) < MOST:
        assert without_dates(cut) == without_dates(whole), (whole, cut)


run(check)
