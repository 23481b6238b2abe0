# SPDX-License-Identifier: MIT
"""How many TLS connections there are at a time, with the simulator's mbedTLS and a limit to its
memory."""

import concurrent.futures
import contextlib
import pathlib
import socket
import ssl

import httpx
import pytest

from support.budget import Budget
from support.simulator import free_port, search_path

APP = pathlib.Path(__file__).with_name("bound_app.py")
NETWORK = 32768
# What one connection takes of the system's mbedTLS, whose two buffers have 16 KiB each.
CONNECTION = 65536
# What a short answer ends with: its length, as its head says it, or the last chunk.
END = (b"hello", b"0\r\n\r\n")


@pytest.fixture
def budget(tmp_path):
    return Budget(tmp_path, 0)


@pytest.fixture
def start(serve, files, trust, budget):
    """``start(limits, memory=0)``: the server, and clients of its HTTPS and its HTTP."""
    with contextlib.ExitStack() as clients:

        def run(limits, memory=0):
            budget.set_limit(memory)
            env = budget.environment if memory else None
            port = free_port()
            server = serve(APP, args=(*files, port, limits), env=env)
            plain = httpx.Client(base_url=f"http://{server.host}:{port}", timeout=30)
            return server, clients.enter_context(plain)

        yield run


def get(server, trust, path="/", kept=None):
    """The body that the server sends on a connection of its own.

    kept: a list that the connection is put into; else it ends with the answer.
    """
    sock = socket.create_connection((server.host, server.port), timeout=60)
    with contextlib.ExitStack() as stack:
        stack.callback(sock.close)
        peer = stack.enter_context(trust.wrap_socket(sock, server_hostname="127.0.0.1"))
        field = "Connection: close\r\n" if kept is None else ""
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\n{field}\r\n".encode())
        data = b""
        while not data.endswith(END) and (part := peer.recv(4000)):
            data += part
        if kept is not None:
            kept.append(stack.pop_all())
        return data.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("kept", [None, []], ids=["close", "keep-alive"])
@pytest.mark.heap
def test_twelve_clients_at_once(start, budget, trust, kept):
    """All are served, some wait for others; the network's memory stays, and HTTP is answered.

    A connection that is kept gives way to the next client.
    """
    memory = NETWORK + 2 * CONNECTION
    limits = f"connection_memory={CONNECTION}, network_memory={NETWORK}, queue_timeout=60"
    server, plain = start(limits, memory)
    # The application sees a handshake that waits for its client; others may take one turn.
    with socket.create_connection((server.host, server.port), timeout=60) as peer:
        peer.sendall(b"\x16\x03\x01\x02\x00\x01")
        while plain.get("/seen").json()["handshakes"] == 0:
            pass
    assert get(server, trust).startswith(b"hello")
    one = budget.peak
    assert CONNECTION // 2 < one < CONNECTION
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        # It has a connection for as long as the others come and go.
        waiting = pool.submit(get, server, trust, "/wait/x", kept)
        answers = [pool.submit(get, server, trust, "/", kept) for _ in range(11)]
        for _ in range(20):
            assert plain.get("/").text == "hello"
        assert all(answer.result(60).startswith(b"hello") for answer in answers)
        # Until its handler runs there is no door to open.
        while plain.get("/open/x").status_code == 404:
            pass
        assert b"waiting" in waiting.result(60)
    seen = plain.get("/seen").json()
    assert seen["handshakes"] == 1
    assert 1 < seen["connections"] < 6
    assert budget.failed == 0
    assert budget.peak <= memory - NETWORK
    assert "Traceback" not in server.log()
    assert "Refused" not in server.log()
    for connection in kept or ():
        connection.close()


def refused(server, trust):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        get(server, trust)


@pytest.mark.parametrize(
    ("limits", "memory"),
    [
        ("max_connections=1, queue_timeout=0.5", 0),
        (
            f"connection_memory={CONNECTION}, network_memory={NETWORK}, queue_timeout=0.5",
            NETWORK + CONNECTION + 8192,
        ),
    ],
    ids=["number", "memory"],
)
@pytest.mark.heap
def test_client_without_a_turn_is_refused(start, budget, trust, limits, memory):
    server, plain = start(limits, memory)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, server, trust, "/wait/x")
        while (
            plain.get("/open/none").status_code != 404
            or not plain.get("/seen").json()["connections"]
        ):
            pass
        refused(server, trust)
        log = server.log()
        assert "Refused: TLS client refused, no turn within 500 ms; connections: 1" in log
        while plain.get("/open/x").status_code == 404:
            pass
        assert b"waiting" in first.result(60)
    assert get(server, trust).startswith(b"hello")


@pytest.mark.heap
def test_no_memory_for_any(start, trust):
    server, plain = start("queue_timeout=0.5", NETWORK)
    refused(server, trust)
    assert "connections: 0, heap (free, largest block, inside): (" in server.log()
    assert plain.get("/").text == "hello"


def test_client_that_stops_midway_keeps_nobody(start, trust):
    server, plain = start("queue_timeout=15")
    stuck = [socket.create_connection((server.host, server.port), timeout=60) for _ in range(3)]
    try:
        for peer in stuck:
            peer.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert get(server, trust).startswith(b"hello")
        assert plain.get("/seen").json()["connections"] > 1
    finally:
        for peer in stuck:
            peer.close()


@pytest.mark.heap
def test_no_memory_after_all(start, trust):
    """A limit that is too low lets a client in for whom mbedTLS finds nothing: that is logged."""
    server, plain = start("connection_memory=0, network_memory=0", 20000)
    refused(server, trust)
    log = server.log()
    assert "Refused: TLS client refused, " in log and "no turn" not in log
    assert plain.get("/").text == "hello"


HEAP = """\
HEAP_DATA = 4


def idf_heap_info(capabilities):
    assert capabilities == HEAP_DATA
    # Outside the chip, and inside.
    return [(4194304, 2000000, 1900000, 0), (200000, {}, 20000, 0)]
"""


@pytest.mark.parametrize(("inside", "served"), [(NETWORK, True), (NETWORK - 1, False)])
def test_memory_outside_the_chip_is_none_of_the_network(
    serve, files, trust, tmp_path, inside, served
):
    """The network's has to be inside: Wi-Fi and lwIP take none of the other."""
    (tmp_path / "esp32.py").write_text(HEAP.format(inside))
    limits = f"network_memory={NETWORK}, queue_timeout=0.3"
    env = search_path(tmp_path)
    server = serve(APP, args=(*files, free_port(), limits), env=env)
    if served:
        assert get(server, trust).startswith(b"hello")
    else:
        refused(server, trust)
        assert f"inside): ({2000000 + inside}, 1900000, {inside})" in server.log()


def test_server_stops_while_a_client_waits(start, trust):
    """It is not told that the client had no turn in time."""
    server, plain = start("max_connections=1, queue_timeout=60")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, server, trust, "/wait/x")
        while not plain.get("/seen").json()["connections"]:
            pass
        with socket.create_connection((server.host, server.port), timeout=60) as waiting:
            while plain.get("/stop").text != "2":
                pass
            assert waiting.recv(100) == b""
        first.exception(60)
    assert "Refused" not in server.log()


PLAIN_CONTEXT = """\
import sys

import tinyweb
import tls

app = tinyweb.webserver()
context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
with open(sys.argv[3], "rb") as c, open(sys.argv[4], "rb") as k:
    context.load_cert_chain(c.read(), k.read())


@app.route("/")
async def hello(req, resp):
    await resp.send("hello")


app.run(sys.argv[2], int(sys.argv[1]), ssl=context)
"""


def test_context_of_the_application(serve, files, trust):
    assert get(serve(PLAIN_CONTEXT, args=files), trust).startswith(b"hello")
