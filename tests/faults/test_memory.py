# SPDX-License-Identifier: MIT
"""Each allocation of a request fails in turn: one request is lost at most."""

import os
import select
import time

import pytest

from support import faults as support
from support.simulator import start_server
from support.wire import Wire

SLOTS = 2
PROGRAM = """
    import asyncio, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2, debug=False)
    LAZY = [name for name in ("aio", "conditional", "files", "forms", "replies",
        "rest", "router", "values", "debug", "unread")]

    @app.route("/")
    async def index(req, resp):
        await resp.send("served")

    @app.route("/forget")
    async def forget(req, resp):
        # What is imported when it is first needed is imported again.
        for name in LAZY:
            if sys.modules.pop("tinyweb." + name, None) is not None:
                delattr(tinyweb, name)
        await resp.send("served")

    @app.route("/drop")
    async def drop(req, resp):
        # The other slot has to be made anew.
        app.slots[:] = [slot for slot in app.slots if slot.request is req]
        await resp.send("served")

    @app.route("/form", methods=["POST"], save_headers=["X-Test"])
    async def form(req, resp):
        data = await req.read_parse_form_data()
        await resp.start_json()
        await resp.send(data["name"] + str(req.headers))

    @app.route("/file")
    async def file(req, resp):
        await resp.send_file(sys.argv[3])

    @app.route("/large")
    async def large(req, resp):
        await resp.send_file(sys.argv[4])

    @app.route("/error")
    async def error(req, resp):
        raise ValueError("as it should")

    @app.route("/wait")
    async def wait(req, resp):
        await resp.send("x" * 5000)
        await asyncio.sleep_ms(1)
        await resp.send("x" * 5000)

    @app.resource("/rest/<number>")
    def rest(data, number):
        return {"number": number}

    app.run("127.0.0.1", int(sys.argv[1]))
"""

FORM = (
    b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nX-Test: 1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
    b"%41B"
)
GET = "GET {} HTTP/1.1\r\nHost: h\r\n\r\n"
REQUESTS = {
    "page": (GET.format("/").encode(), 200),
    "form": (FORM, 200),
    "file": (GET.format("/file").encode(), 200),
    "large file": (GET.format("/large").encode(), 200),
    "not-found": (GET.format("/nothing").encode(), 404),
    "error": (GET.format("/error").encode(), 500),
    "wait": (GET.format("/wait").encode(), 200),
    "rest": (GET.format("/rest/7").encode(), 200),
    "malformed": (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
}


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def simulator(request, tmp_path_factory):
    return support.link(request.param, tmp_path_factory.mktemp("faults"))


@pytest.fixture
def faults(tmp_path):
    return support.Faults(tmp_path)


@pytest.fixture
def server(simulator, faults, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<p>page</p>" * 100, encoding="utf-8")
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(50_000))
    server = start_server(
        PROGRAM,
        folder=tmp_path,
        simulator=simulator,
        args=(page, large),
        env=faults.environment,
    )
    yield server
    server.stop()


def ask(server, request):
    """The status of the response on a connection of its own, or None if there was none."""
    with Wire(server.host, server.port, timeout=5) as wire:
        try:
            wire.send(request)
            answer = wire.read_response()
        except TimeoutError:
            pytest.fail(f"the server does not answer:\n{server.log()[-2000:]}")
        except (OSError, AssertionError):
            return None
        return answer.status


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def every_slot_serves(server):
    """As many connections as there are slots, all open at once."""
    wires = [Wire(server.host, server.port, timeout=5) for _ in range(SLOTS)]
    try:
        for wire in wires:
            wire.send(GET.format("/").encode())
            assert wire.read_response().body == b"served", server.log()[-2000:]
    finally:
        for wire in wires:
            wire.close()


def settled(server, expected):
    """Whether the server comes back to that number of descriptors."""
    deadline = time.monotonic() + 20
    while descriptors(server) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    return descriptors(server) == expected


@pytest.mark.parametrize("kind", REQUESTS)
def test_each_allocation_of_a_request_fails(server, faults, kind):
    request, expected = REQUESTS[kind]
    before = descriptors(server)
    every_slot_serves(server)
    assert ask(server, request) == expected
    for forget in (False, True):
        skip = 0
        while True:
            if forget:
                assert ask(server, GET.format("/forget").encode()) == 200
            faults.plan(skip)
            status = ask(server, request)
            failed = faults.end()
            assert server.process.poll() is None, server.log()[-2000:]
            assert status in (expected, 500, 503, None)
            assert ask(server, request) == expected, (skip, server.log()[-2000:])
            if not failed:
                break
            skip += 1
        assert skip > 2
    assert settled(server, before)
    every_slot_serves(server)


@pytest.mark.parametrize("kind", ["page", "form"])
def test_memory_is_short_for_a_while(server, faults, kind):
    """From the n-th allocation on all fail, until the client has noticed or one has failed."""
    request, expected = REQUESTS[kind]
    before = descriptors(server)
    assert ask(server, request) == expected
    skip = 0
    while True:
        with Wire(server.host, server.port, timeout=20) as wire:
            faults.plan(skip, 1 << 30)
            wire.send(request)
            while not faults.failed and not select.select([wire.sock], [], [], 0.002)[0]:
                pass
            # A few more: an answer with an error needs memory, too.
            time.sleep(0.002 * (skip % 3))
            failed = faults.end()
            try:
                assert wire.read_response().status in (expected, 500, 503)
            except TimeoutError:
                raise
            except (OSError, AssertionError):
                assert wire.ended or wire.was_reset
        assert server.process.poll() is None, server.log()[-2000:]
        assert ask(server, request) == expected, (skip, server.log()[-2000:])
        if not failed:
            break
        skip += 1
    assert skip > 2
    assert settled(server, before)
    every_slot_serves(server)


def test_each_allocation_of_a_new_slot_fails(server, faults):
    before = descriptors(server)
    skip = 0
    while True:
        with Wire(server.host, server.port, timeout=20) as first:
            first.send(GET.format("/drop").encode())
            assert first.read_response().body == b"served"
            faults.plan(skip)
            status = ask(server, GET.format("/").encode())
            failed = faults.end()
            assert status in (200, 500, 503, None)
            assert ask(server, GET.format("/").encode()) == 200, (skip, server.log()[-2000:])
        if not failed:
            break
        skip += 1
    assert skip > 10
    assert settled(server, before)
    every_slot_serves(server)
