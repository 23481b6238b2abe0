# SPDX-License-Identifier: MIT
"""What an application keeps of a request that has ended is of no use to it, and harms no other."""

import socket

import pytest
import requests

from support.simulator import start_server
from support.wire import Wire

PROGRAM = """
    import asyncio, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=1, keep_alive=5)
    kept = []
    log = []

    async def attempt(name, f, wait=False):
        try:
            result = f()
            if wait:
                await result
        except RuntimeError as exc:
            log.append(name + ": " + str(exc))
        except Exception as exc:
            log.append(name + ": " + repr(exc))
        else:
            log.append(name + ": worked")

    USES = {
        "send": lambda req, resp: resp.send("SMUGGLED"),
        "flush": lambda req, resp: resp.flush(),
        "start": lambda req, resp: resp.start_html(),
        "code": lambda req, resp: setattr(resp, "code", 404),
        "header": lambda req, resp: resp.add_header("X-Smuggled", "1"),
        "headers": lambda req, resp: resp.headers,
        "own": lambda req, resp: setattr(resp, "own", 1),
        "redirect": lambda req, resp: resp.redirect("/"),
        "error": lambda req, resp: resp.error(404),
        "file": lambda req, resp: resp.send_file("/etc/hostname"),
        "request": lambda req, resp: resp._request,
        "method": lambda req, resp: req.method,
        "fields": lambda req, resp: req.headers,
        "peer": lambda req, resp: req.peer,
        "length": lambda req, resp: req.content_length,
        "read": lambda req, resp: req.read(),
        "readinto": lambda req, resp: req.readinto(bytearray(10)),
        "form": lambda req, resp: req.read_parse_form_data(),
        "slices": lambda req, resp: req.__aiter__(),
    }

    async def use_all():
        while kept:
            req, resp = kept.pop()
            for name in USES:
                await attempt(name, lambda: USES[name](req, resp))

    # Coroutines made in time, and begun too late.
    async def use_coroutines():
        while begun:
            name, coro = begun.pop()
            await attempt(name, lambda: coro, True)

    begun = []

    @app.route("/keep", methods=["GET", "POST"])
    async def keep(req, resp):
        kept.append((req, resp))
        return "kept"

    @app.route("/begin", methods=["GET", "POST"])
    async def begin(req, resp):
        begun.append(("read", req.read()))
        begun.append(("readinto", req.readinto(bytearray(10))))
        return "begun"

    @app.route("/slices", methods=["POST"])
    async def slices(req, resp):
        begun.append(("slices", req.__aiter__().__anext__()))
        return "begun"

    @app.route("/later/<what>", methods=["GET", "POST"])
    async def later(req, resp, what):
        # A task that goes on when the request has ended.
        async def goes_on():
            await asyncio.sleep_ms(50)
            await attempt(what, lambda: USES[what](req, resp))
        asyncio.create_task(goes_on())
        return "later"

    @app.route("/long")
    async def long(req, resp):
        # A task sends what its client does not take; the handler does not wait for it.
        async def sends():
            await attempt("long", lambda: resp.send("SMUGGLED" * 1000000), True)
        asyncio.create_task(sends())
        await asyncio.sleep_ms(20)

    @app.route("/use", methods=["GET", "POST"])
    async def use(req, resp):
        await resp.send("before ")
        await use_all()
        await use_coroutines()
        await asyncio.sleep_ms(100)
        await resp.send(str(await req.read()) + " after")

    @app.route("/log")
    async def tell(req, resp):
        lines = sorted(log)
        log.clear()
        return lines

    app.run("127.0.0.1", int(sys.argv[1]))
"""
USES = (
    "send flush start code header headers own redirect error file request method fields peer"
    " length read readinto form slices"
).split()
RESPONSE = USES[: USES.index("method")]


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path):
    running = start_server(PROGRAM, folder=tmp_path, bits=request.param, heap="24m")
    yield running
    assert running.process.poll() is None, running.log()
    assert "Traceback" not in running.log()
    running.stop()


def message(name):
    which = "response" if name in RESPONSE else "request"
    return f"{name}: the request has ended, its {which} cannot be used any more"


def ask(session, server, path, **options):
    method = "POST" if options else "GET"
    response = session.request(method, server.url + path, timeout=10, **options)
    assert response.status_code == 200
    return response


@pytest.mark.parametrize("close", [False, True])
def test_what_was_kept(server, close):
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Connection"] = "close" if close else "keep-alive"
        assert ask(session, server, "/keep").text == "kept"
        assert ask(session, server, "/use", data=b"mine").text == "before bytearray(b'mine') after"
        assert ask(session, server, "/log").json() == sorted(message(name) for name in USES)


@pytest.mark.parametrize("path", ["/begin", "/slices"])
def test_coroutines_that_begin_too_late(server, path):
    with requests.Session() as session:
        session.trust_env = False
        ask(session, server, path, data=b"first")
        assert ask(session, server, "/use", data=b"mine").text == "before bytearray(b'mine') after"
        names = ["read", "readinto"] if path == "/begin" else ["slices"]
        assert ask(session, server, "/log").json() == [
            f"{name}: the request has ended, its request cannot be used any more" for name in names
        ]


@pytest.mark.parametrize("name", USES)
def test_a_task_that_goes_on(server, name):
    with requests.Session() as session:
        session.trust_env = False
        assert ask(session, server, "/later/" + name).text == "later"
        assert ask(session, server, "/use", data=b"mine").text == "before bytearray(b'mine') after"
        assert ask(session, server, "/log").json() == [message(name)]


def test_a_task_that_sends_when_the_request_has_ended(server):
    """Its client's answer is cut off, and nothing of it comes in another's."""
    for _ in range(3):
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(10)
            slow.connect((server.host, server.port))
            slow.sendall(b"GET /long HTTP/1.1\r\nHost: h\r\n\r\n")
            slow.recv(100)
        with Wire(server.host, server.port, timeout=15) as wire:
            wire.send(b"GET /use HTTP/1.1\r\nHost: h\r\n\r\n")
            assert wire.read_response().body == b"before b'' after"
    lines = requests.get(server.url + "/log", timeout=10).json()
    assert len(lines) == 3
    for line in lines:
        assert "response cannot be used any more" in line or "OSError" in line
