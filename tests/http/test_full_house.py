# SPDX-License-Identifier: MIT
"""A new client while every slot is taken: whose connection is given up, and when."""

import contextlib
import threading

import httpx

from support.wire import Wire

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

# Clients in the server's own process: so that it accepts the second one before the first sends its
# next request does not depend on how busy the machine is.
VISITS = """
    import asyncio, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)
    HOST, PORT = sys.argv[2], int(sys.argv[1])

    @app.route("/")
    async def index(req, resp):
        await resp.send("served")

    @app.route("/visits")
    async def visits(req, resp):
        # This one has the other slot.
        answers = 0
        for _ in range(10):
            answers += await visit()
        await resp.send(str(answers))

    async def visit():
        # Whether a connection that is idle for a moment is answered, while another client waits.
        first = await asyncio.open_connection(HOST, PORT)
        await ask(first)
        second = await asyncio.open_connection(HOST, PORT)
        try:
            await asyncio.sleep_ms(20)
            return await ask(first) and await ask(second)
        except OSError:
            return False
        finally:
            first[0].close()
            second[0].close()

    async def ask(connection):
        reader, writer = connection
        writer.write(b"GET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n")
        await writer.drain()
        return (await reader.read(1000)).endswith(b"served")

    app.run(HOST, PORT)
"""


def test_client_that_has_just_been_answered_may_ask_again(serve):
    """RFC 9112 section 9.5: who closes an idle connection may cut off a request on its way."""
    # A machine that stops the server for a tenth of a second may spoil some, but not all.
    answers = httpx.get(serve(VISITS).url + "/visits", timeout=60).text
    assert answers != "0"


KEEPERS = """
    import sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)

    @app.route("/")
    async def index(req, resp):
        await resp.send("served")

    app.run(sys.argv[2], int(sys.argv[1]))
"""


def test_clients_that_ask_again_and_again_do_not_lock_out_another(serve):
    """Connections that are never idle for long are given up, too."""
    server = serve(KEEPERS)
    ended = threading.Event()

    def keep_asking():
        while not ended.is_set():
            with contextlib.suppress(OSError, AssertionError):
                with Wire(server.host, server.port, timeout=30) as wire:
                    while not ended.wait(0.01):
                        wire.send(GET)
                        wire.read_response()

    threads = [threading.Thread(target=keep_asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            with Wire(server.host, server.port, timeout=30) as wire:
                wire.send(GET)
                assert wire.read_response().text == "served"
    finally:
        ended.set()
        for thread in threads:
            thread.join()


WASTE = """
    import gc, sys, tinyweb

    app = tinyweb.webserver()

    @app.route("/waste/<text>")
    async def waste(req, resp, text):
        req.waste = bytearray(20000)
        resp.headers["X-Waste"] = str(bytearray(b"w" * 200))
        return "waste"

    @app.route("/forbidden")
    async def forbidden(req, resp):
        req.waste = bytearray(20000)
        raise tinyweb.HTTPException(403)

    @app.route("/used")
    async def used(req, resp):
        gc.collect()
        return str(gc.mem_alloc())

    app.run(port=int(sys.argv[1]))
"""


def test_what_idle_connections_have_asked_for_takes_no_memory(serve):
    server = serve(WASTE)

    def ask(peer, path, status=200):
        peer.send(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        response = peer.read_response()
        assert response.status == status
        return response.text

    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Wire(server.host, server.port)) for _ in range(3)]
        for peer in peers:
            ask(peer, "/used")
            # Imports what answers errors.
            ask(peer, "/forbidden", 403)
            ask(peer, "/used")
        before = int(ask(peers[0], "/used"))
        ask(peers[1], "/waste/" + "x" * 300)
        ask(peers[2], "/forbidden", 403)
        assert int(ask(peers[0], "/used")) - before < 1000
