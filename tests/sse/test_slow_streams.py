# SPDX-License-Identifier: MIT
"""Event streams whose client takes little at a time, has gone, or comes when no slot is left."""

import httpx
import pytest

from support import frames
from support.frames import wait_for

START = """
import asyncio
import gc
import micropython
import tinyweb
from tinyweb.broadcast import Broadcast
from tinyweb.sse import with_sse
from tinyweb.testing import TestClient

# The client takes 256 bytes at a time.
app = tinyweb.webserver(buffer_size=256)
client = TestClient(app)
log = []
app.log_error = lambda exc, req: log.append(str(exc))

"""


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def driven(request, run_mpy):
    """``driven(code)``: the lines that `code` prints; `app`, `client` and `log` are there."""
    return lambda code: run_mpy(START + code, bits=request.param).stdout.splitlines()


def test_events_of_several_tasks_are_whole(driven):
    """A second one waits until the first has left."""
    lines = driven("""
@app.route("/")
@with_sse
async def stream(req, events):
    await asyncio.gather(events.send("a" * 600), events.send("b" * 600), events.send("c"))

for line in client.get("/").text.split("\\n\\n"):
    print(line[:7], len(line))
""")
    assert lines == ["data: a 606", "data: b 606", "data: c 7", " 0"]


def test_comments_to_a_client_that_takes_nothing(driven):
    """They are sent when it does; where it has gone meanwhile, nobody has to know."""
    lines = driven("""
def fill(events):
    # Until the client's side is full to the last byte.
    sock = events._slot.sock
    before = sock.end
    events.send("")
    events.send("x" * (256 - sock.end - (sock.end - before)))
    assert sock.end == 256, sock.end

@app.route("/stays")
@with_sse(ping=0.001)
async def stays(req, events):
    fill(events)
    events.expire()
    await events.send("last")

@app.route("/gone")
@with_sse(ping=0.001)
async def gone(req, events):
    fill(events)
    events.expire()
    events.abort()
    await asyncio.sleep_ms(20)
    print("closed", events.closed)

text = client.get("/stays").text
print(text.count(":\\n\\n") - text.count("data:\\n\\n"), text.endswith("data: last\\n\\n"))
try:
    client.get("/gone")
except OSError:
    print("cut off")
print(log)
""")
    assert lines == ["1 True", "closed True", "cut off", "[]"]


def test_silence(driven):
    """The client is asked for with comments; who has gone is noticed without any event."""
    lines = driven("""
@app.route("/")
@with_sse(ping=0.2)
async def stream(req, events):
    try:
        await asyncio.sleep(1 if req.query_string else 100)
    finally:
        print("closed", events.closed)

print(client.get("/?ends").text.startswith(":\\n\\n:\\n\\n"))

async def main():
    try:
        await asyncio.wait_for_ms(client.get("/"), 50)
    except asyncio.TimeoutError:
        pass
    while any(slot.sock for slot in app.slots):
        await asyncio.sleep_ms(10)

asyncio.run(main())
""")
    assert lines == ["closed False", "True", "closed True"]


def test_want_of_memory_ends_no_stream(driven):
    """It passes: the next look at the client is as good."""
    lines = driven("""
@app.route("/")
@with_sse
async def stream(req, events):
    micropython.heap_lock()
    events.expire()
    micropython.heap_unlock()
    await events.send(events.closed)

print(client.get("/").text.strip())
""")
    assert lines == ["data: false"]


def test_leaving_a_group_twice(driven):
    lines = driven("""
group = Broadcast()

@app.route("/")
@with_sse
async def stream(req, events):
    for _ in range(2):
        group.add(events)
        group.discard(events)
        group.discard(events)
    group.send("never")
    await events.send(len(group))

print(client.get("/").text.strip())
""")
    assert lines == ["data: 0"]


def test_streams_where_no_slot_is_left_for_them(driven):
    """By max_streams, and where no memory is left for the slot that serves requests beside one."""
    lines = driven("""
app = tinyweb.webserver(buffer_size=1024, max_concurrency=1)
client = TestClient(app)
app.log_error = lambda exc, req: print(str(exc).split(":")[0])

async def send(req, events):
    await events.send("event")

app.add_route("/none", with_sse(send, max_streams=0))
app.add_route("/one", with_sse(send))
for path in ("/none", "/one"):
    print(client.get(path).text.strip())

app = tinyweb.webserver(buffer_size=1024)
client = TestClient(app)
app.log_error = lambda exc, req: print(str(exc).split(":")[0])
held = []

def hold(req, resp):
    # Less stays free than a slot takes with its handler: 6 KB.
    gc.collect()
    while gc.mem_free() > 5500:
        held.append(bytearray(gc.mem_free() - 5500 if gc.mem_free() < 7000 else 1000))

app.add_route("/full", with_sse(send), before=hold)
app.add_route("/free", with_sse(send))
client.get("/free")
app.slots[1:] = []
text = client.get("/full").text.strip()
held.clear()
print(text)
print(client.get("/free").text.strip())
""")
    assert lines == [
        "no connection for another stream",
        "retry: 3000",
        "data: event",
        "no memory for slot 2 of 10",
        "retry: 3000",
        "data: event",
    ]


def test_reset_of_a_silent_stream(serve):
    """A handler that sends nothing learns of it, too."""
    server = serve(
        """
        import asyncio
        import sys
        import tinyweb
        from tinyweb.sse import with_sse

        app = tinyweb.webserver()

        @app.route("/")
        @with_sse(ping=0.2)
        async def stream(req, events):
            await events.send("there")
            try:
                await asyncio.sleep(3600)
            finally:
                print("ended", events.closed)

        app.run(sys.argv[2], int(sys.argv[1]))
        """
    )
    peer = frames.Peer(server)
    peer.sock.sendall(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    while not peer.buffer.endswith(b"there\n\n\r\n"):
        peer.buffer += peer.sock.recv(1000)
    peer.abort()
    wait_for(lambda: "ended True" in server.log())
    assert httpx.get(server.url + "/nowhere", trust_env=False).status_code == 404
