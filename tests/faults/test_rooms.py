# SPDX-License-Identifier: MIT
"""Clients that have gone leave the groups that they were in, whether or not anything is sent."""

import contextlib

import pytest
import requests

from support.frames import connect, wait_for
from support.simulator import start_server

PROGRAM = """
    import asyncio, gc, sys, tinyweb
    from tinyweb.broadcast import Broadcast
    from tinyweb.sse import with_sse
    from tinyweb.websocket import with_websocket

    app = tinyweb.webserver(max_concurrency=3)
    room = Broadcast()
    other = Broadcast()
    kept = []

    @app.route("/ws/<how>")
    @with_websocket
    async def chat(req, ws, how):
        room.add(ws)
        other.add(ws)
        if how == "twice":
            room.add(ws)
        if how == "out":
            for _ in range(100):
                other.discard(ws)
                other.add(ws)
            other.discard(ws)
        if how == "late":
            kept.append(ws)
        async for message in ws:
            other.send(message)

    @app.route("/events")
    @with_sse
    async def events(req, events):
        room.add(events)
        await events.send("hello")
        await asyncio.sleep(3600)

    @app.route("/late")
    async def late(req, resp):
        # It has gone: there is nothing it could get.
        room.add(kept.pop())
        return "added"

    @app.route("/")
    async def index(req, resp):
        gc.collect()
        open_now = sum(slot.guest is not None for slot in app.slots)
        return [len(room._clients), len(room), len(other._clients), open_now, gc.mem_free()]

    app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit-38k"])
def server(request, tmp_path):
    heap = {64: "100k", 32: "38k"}[request.param]
    running = start_server(PROGRAM, folder=tmp_path, bits=request.param, heap=heap)
    yield running
    assert running.process.poll() is None, running.log()
    running.stop()


def state(server):
    """Members of the first group, the open ones of them, members of the other, guests, memory."""
    return requests.get(server.url, timeout=20).json()


def gone(server):
    wait_for(lambda: state(server)[3] == 0)
    return state(server)


@pytest.mark.parametrize("how", ["stay", "twice", "out"])
def test_websockets_that_come_and_go(server, how):
    free = None
    for i in range(250):
        ws = connect(server, "/ws/" + how)
        if i % 2:
            ws.close()
        else:
            ws.abort()
        if i in (20, 249):
            assert gone(server)[:4] == [0, 0, 0, 0]
            free = free or state(server)[4]
    assert free - state(server)[4] < 512
    with contextlib.closing(connect(server, "/ws/stay").sock):
        assert state(server)[:4] == [1, 1, 1, 1]


def test_event_streams_that_come_and_go(server):
    for _ in range(30):
        with requests.get(server.url + "/events", stream=True, timeout=20) as response:
            assert response.raw.read(5)
    assert gone(server)[:4] == [0, 0, 0, 0]


def test_a_client_that_has_gone_is_not_taken_in(server):
    connect(server, "/ws/late").close()
    gone(server)
    assert requests.get(server.url + "/late", timeout=20).text == "added"
    assert state(server)[:2] == [0, 0]
