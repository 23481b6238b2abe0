# SPDX-License-Identifier: MIT
"""Large files: read in large parts where memory is plentiful, and sent in any case."""

import contextlib
import socket
import threading

import httpx
import pytest

from support.wire import Wire

PROGRAM = """
    import gc, io, os, sys, tinyweb
    from tinyweb.files import stream

    app = tinyweb.webserver(buffer_size=256, max_concurrency=SLOTS)
    reads = bytearray(4)  # how many, and the largest, two bytes each
    kept = []

    class Counting(io.IOBase):
        def __init__(self, file):
            self.file = file

        def readinto(self, buf):
            n = self.file.readinto(buf)
            if n:
                count = reads[0] + 256 * reads[1] + 1
                largest = max(reads[2] + 256 * reads[3], n)
                reads[0], reads[1], reads[2], reads[3] = (
                    count & 255, count >> 8, largest & 255, largest >> 8
                )
            return n

    @app.route("/")
    async def download(request, response):
        with open(sys.argv[3], "rb") as file:
            size = os.stat(sys.argv[3])[6]
            response.headers["Content-Length"] = size
            await response.start_html()
            await stream(response, Counting(file), size)

    @app.route("/take")
    async def take(request, response):
        # Leave enough, but so little in one piece that it is not plentiful.
        gc.collect()
        try:
            while True:
                kept.append(bytearray(500))
        except MemoryError:
            for at in range(0, 24, 2):
                kept[at] = None
        await response.send("taken")

    @app.route("/reads")
    async def show(request, response):
        gc.collect()
        await response.send("{} {} {}".format(
            reads[0] + 256 * reads[1], reads[2] + 256 * reads[3], gc.mem_free()))
        reads[:] = b"\\0\\0\\0\\0"

    app.run("127.0.0.1", int(sys.argv[1]))
"""
CONTENT = bytes(range(256)) * 250
SIZE = len(CONTENT)
SLOTS = 3


@pytest.fixture
def server(serve, tmp_path):
    file = tmp_path / "large.bin"
    file.write_bytes(CONTENT)
    server = serve(PROGRAM.replace("SLOTS", str(SLOTS)), bits=32, heap="38k", args=(file,))
    with contextlib.ExitStack() as stack:
        # All slots are there from now on, and what a download imports.
        wires = [stack.enter_context(Wire(server.host, server.port)) for _ in range(SLOTS)]
        for wire in wires:
            wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for wire in wires:
            assert wire.read_response().body == CONTENT
    return server


def reads(server):
    """(number of reads, bytes of the largest, bytes that are free) since the last call."""
    return tuple(map(int, httpx.get(server.url + "/reads", timeout=20).text.split()))


def download(server, count=1):
    """Have `count` clients download at the same time."""
    got = [None] * count

    def get(at):
        got[at] = httpx.get(server.url, timeout=60).content

    clients = [threading.Thread(target=get, args=(at,)) for at in range(count)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert got == [CONTENT] * count, server.log()


def test_reads_are_larger_than_the_buffer_and_memory_comes_back(server):
    free = reads(server)[2]
    for count in (1, SLOTS, SLOTS, SLOTS):
        download(server, count)
        number, largest, left = reads(server)
        assert 256 < largest <= 1024
        assert left >= free - 256
        # A slot that finds no memory uses its own buffer.
        assert number <= (SIZE / 700 if count == 1 else count * SIZE / 200)


def test_without_memory_the_own_buffer_serves(server):
    assert httpx.get(server.url + "/take", timeout=20).text == "taken"
    reads(server)
    download(server, SLOTS)
    number, largest, _ = reads(server)
    assert largest <= 256 and number >= SLOTS * SIZE / 256
    assert "Traceback" not in server.log()


def test_a_client_that_goes_gives_the_memory_back(server):
    free = reads(server)[2]
    for _ in range(5):
        with socket.create_connection((server.host, server.port)) as client:
            client.settimeout(20)
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(10) == b"HTTP/1.1 2"
    download(server)
    assert reads(server)[2] >= free - 256
    assert "Traceback" not in server.log()
