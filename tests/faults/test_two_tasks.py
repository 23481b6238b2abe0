# SPDX-License-Identifier: MIT
"""Two tasks on one request: what one waits for does not end the deadline of the other."""

import socket
import time

import pytest
import requests

PROGRAM = """
import asyncio, sys, tinyweb

app = tinyweb.webserver(request_timeout=5, body_timeout=1, send_timeout=1, max_concurrency=3)

async def read_all(req):
    while await req.readinto(bytearray(100)):
        pass

async def send_much(resp):
    for _ in range(4000):
        await resp.send("x" * 2000)

@app.route("/reader-in-a-task", methods=["POST"])
async def reader_in_a_task(req, resp):
    task = asyncio.create_task(read_all(req))
    await asyncio.sleep_ms(1)
    await send_much(resp)
    await task

@app.route("/sender-in-a-task", methods=["POST"])
async def sender_in_a_task(req, resp):
    task = asyncio.create_task(send_much(resp))
    await read_all(req)
    await task

@app.route("/cancelled-reader", methods=["POST"])
async def cancelled_reader(req, resp):
    task = asyncio.create_task(read_all(req))
    await asyncio.sleep_ms(50)
    task.cancel()
    await asyncio.sleep_ms(1500)
    return "done"

@app.route("/cancelled-sender")
async def cancelled_sender(req, resp):
    task = asyncio.create_task(send_much(resp))
    await asyncio.sleep_ms(50)
    task.cancel()
    await asyncio.sleep_ms(1500)
    print("done")

@app.route("/states")
async def states(req, resp):
    return [slot.state for slot in app.slots if slot is not req._slot]

app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture
def connected(server):
    """A connection, which takes little at a time."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect((server.host, server.port))
        yield client


def ask(client, path, method="POST", fields="Content-Length: 20\r\n", body=b"x" * 10):
    head = f"{method} {path} HTTP/1.1\r\nHost: h\r\n{fields}\r\n"
    client.sendall(head.encode() + body)


def to_the_end(client):
    """What comes until the server closes the connection."""
    got = b""
    try:
        while part := client.recv(65536):
            got += part
    except ConnectionResetError:
        pass
    return got


def test_the_body_has_its_deadline_when_the_answer_has_left(connected):
    ask(connected, "/reader-in-a-task")
    time.sleep(0.2)  # The sender has to wait.
    assert to_the_end(connected).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_answer_has_its_deadline_when_the_body_has_come(connected, server):
    ask(connected, "/sender-in-a-task")
    time.sleep(0.2)
    connected.sendall(b"x" * 10)
    end = time.monotonic() + 30
    close = {"Connection": "close"}
    states = server.url + "/states"
    while set(requests.get(states, headers=close, timeout=30).json()) != {"free"}:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_body_that_nobody_waits_for_any_more_has_no_deadline(connected):
    ask(connected, "/cancelled-reader")
    assert connected.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_an_answer_that_nobody_sends_any_more_has_no_deadline(connected, server):
    ask(connected, "/cancelled-sender", "GET", "Connection: close\r\n", b"")
    time.sleep(1)
    to_the_end(connected)
    assert "done" in server.log()
