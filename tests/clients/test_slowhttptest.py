# SPDX-License-Identifier: MIT
"""slowhttptest, in each of its modes, with more connections than slots: others are served.

Before the times of who makes no progress were halved with each one that had to leave, a client
waited for 9 s.
"""

import socket
import subprocess
import time

import pytest

from support.simulator import start_server

SLOTS = 4
# More than the slots and the backlog of 10.
CONNECTIONS = 40
PROGRAM = f"""
import sys
import tinyweb

app = tinyweb.webserver(max_concurrency={SLOTS})

@app.route("/")
def index(req, resp):
    return "hello"

@app.route("/large")
async def large(req, resp):
    await resp.send_file("large")

@app.route("/form", methods=["POST"], max_body_size=5000)
async def form(req, resp):
    await req.read_parse_form_data()
    return "read"

app.run(sys.argv[2], int(sys.argv[1]))
"""
MODES = {
    "slow headers": ["-H"],
    "slow body": ["-B", "-t", "POST", "-s", "4096"],
    "ranges": ["-R"],
    "slow read": ["-X", "-w", "1", "-y", "64", "-z", "16", "-n", "5"],
}
PATHS = {"slow headers": "/", "slow body": "/form", "ranges": "/large", "slow read": "/large"}
# What the issue asks for, in seconds; a client waits for about one.
PATIENCE = 3


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    with open(folder / "large", "wb") as file:
        file.truncate(20_000_000)  # more than the system's buffers
    running = start_server(PROGRAM, folder=folder, cwd=folder, bits=request.param)
    yield running
    running.stop()


def get(server):
    """The answer to a request over a connection of its own, and how long that took."""
    begin = time.monotonic()
    with socket.create_connection((server.host, server.port), timeout=20) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := sock.recv(1000):
            answer += piece
    return answer, time.monotonic() - begin


def longest_wait(server, mode):
    """Seconds that an honest client waits at most while the attack lasts."""
    command = ["slowhttptest", *MODES[mode], "-c", str(CONNECTIONS), "-r", "100", "-i", "1"]
    command += ["-l", "6", "-p", "3", "-v", "1", "-u", server.url + PATHS[mode]]
    attack = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    waited = []
    try:
        while attack.poll() is None or not waited:
            answer, seconds = get(server)
            assert answer.endswith(b"hello")
            waited.append(seconds)
            time.sleep(0.1)
    finally:
        attack.kill()
        output = attack.communicate()[0].decode(errors="replace")
    assert "Test ended" in output, output
    return max(waited)


@pytest.mark.parametrize("mode", MODES)
def test_an_honest_client_is_served(server, mode):
    # A computer that stands still for a while looks like a server that does, but not twice.
    waits = [longest_wait(server, mode)]
    if waits[0] >= PATIENCE:
        waits.append(longest_wait(server, mode))
    assert min(waits) < PATIENCE, waits
    assert server.process.poll() is None
