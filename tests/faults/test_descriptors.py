# SPDX-License-Identifier: MIT
"""No descriptor for the next connection, no space for a file."""

import errno
import os
import re
import resource
import time

import httpx

from support.simulator import TOP
from support.wire import Wire

PROGRAM = """
    import sys, tinyweb

    app = tinyweb.webserver(max_concurrency=20, backlog=40)

    @app.route("/")
    async def index(req, resp):
        await resp.send("served")

    @app.route("/full")
    async def full(req, resp):
        with open("/dev/full", "wb") as file:
            file.write(b"x" * 100)
        await resp.send("written")

    app.run("127.0.0.1", int(sys.argv[1]))
"""


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_accept_without_descriptors_waits_and_goes_on(serve):
    server = serve(PROGRAM)
    assert httpx.get(server.url, timeout=5).text == "served"
    time.sleep(0.1)
    before = descriptors(server)
    limit = before + 3
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
    # Each keeps its connection, so only three of them get a descriptor.
    wires = [Wire(server.host, server.port, timeout=5) for _ in range(12)]
    for wire in wires:
        wire.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for wire in wires[:3]:
        assert wire.read_response().body == b"served"
    spent = cpu_seconds(server)
    wires[5].expect_silence(1)
    assert descriptors(server) == limit
    # Without the pause the refused accept would be tried all the time: a second of CPU.
    assert cpu_seconds(server) - spent < 0.5
    for wire in wires[:3]:
        wire.close()
    for wire in wires[3:]:
        assert wire.read_response().body == b"served"
        wire.close()
    deadline = time.monotonic() + 5
    while descriptors(server) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descriptors(server) == before
    assert httpx.get(server.url, timeout=5).text == "served"


def test_full_file_system_costs_one_request(serve):
    server = serve(PROGRAM)
    before = descriptors(server)
    for _ in range(3):
        assert httpx.get(server.url + "/full", timeout=5).status_code == 500
        assert httpx.get(server.url, timeout=5).text == "served"
    assert f"{errno.ENOSPC}" in server.log() or "ENOSPC" in server.log()
    time.sleep(0.2)
    assert descriptors(server) == before


def test_errors_of_accept_have_the_names_of_the_port():
    """Their numbers differ: ECONNABORTED is 103 here, and 113 on an ESP32."""
    source = (TOP / "frozen/tinyweb/server.py").read_text(encoding="utf-8")
    assert not re.findall(r"\b_?E[A-Z]+ = const\(", source)
    assert "from errno import EAGAIN, ECONNABORTED\n" in source
