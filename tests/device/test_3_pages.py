# SPDX-License-Identifier: MIT
"""Over the network: the examples, requests that must be refused, a soak."""

import concurrent.futures
import json
import socket

import pytest

# The ESP32's default, the highest of the chips'.
SLOTS = 6

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
    "Cookie": "session=" + "0123456789abcdef" * 16,
}


def start(board, module):
    board.terminal.soft_reset()
    board.start(f"import examples.{module} as example\nexample.run()")


@pytest.fixture
def hello(online):
    start(online, "hello_world")
    yield online
    online.stop()


def test_network_has_an_address(online):
    host, port = online.address()
    assert host and port


def test_hello_world(hello):
    status, headers, body = hello.get("/", headers=BROWSER)
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b"Hello, world!" in body
    status, _, body = hello.get("/table", headers=BROWSER)
    assert status == 200
    assert body.count(b"<tr>") == 11
    assert hello.get("/nowhere")[0] == 404


def test_rest_api(online):
    start(online, "rest_api")
    status, headers, body = online.get("/customers")
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    before = json.loads(body)
    new = json.dumps({"name": "Jane"}).encode()
    status, _, _ = online.request("POST", "/customers", new, {"Content-Type": "application/json"})
    assert status == 201
    assert len(json.loads(online.get("/customers")[2])) == len(before) + 1
    online.stop()


def test_static_content(online):
    start(online, "static_content")
    status, headers, body = online.get("/")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b"<html" in body
    assert online.get("/style.css")[1]["Content-Type"].startswith("text/css")
    assert online.get("/../boot.py")[0] in (400, 404)
    online.stop()


def test_gpio(online):
    start(online, "gpio")
    status, _, body = online.get("/")
    assert status == 200
    assert b"<html" in body
    online.stop()


def test_ctrl_c_and_start_again(online):
    """The port can be opened again at once, three times."""
    for _ in range(3):
        start(online, "hello_world")
        assert online.get("/")[0] == 200
        assert "KeyboardInterrupt" in online.stop()


# Bytes that are sent, and the statuses that RFC 9110 and 9112 leave.
REFUSED = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", {400}),
    "space before colon": (b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", {400}),
    "bare CR in a value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", {400}),
    "obs-fold": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", {400}),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        {400},
    ),
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        {400},
    ),
    "version": (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", {400, 505}),
    "long target": (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {400, 414, 431}),
    "method": (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", {405, 501}),
}


def send(board, data):
    """Status of the answer to raw bytes."""
    with socket.create_connection(board.address(), timeout=20) as connection:
        received = b""
        try:
            connection.sendall(data)
            while b"\r\n" not in received and (part := connection.recv(1024)):
                received += part
        except ConnectionError:
            # Refused before all was sent; the answer may have come all the same.
            pass
    return int(received.split(b" ")[1]) if received.startswith(b"HTTP/1.") else None


def test_refuses_what_is_malformed_and_goes_on(hello):
    for name, (data, expected) in REFUSED.items():
        assert send(hello, data) in expected, name
        assert hello.get("/")[0] == 200, f"after {name}"


def free(board):
    """Pasted, for the prompt keeps a history of the lines that are typed."""
    return int(board.terminal.paste("import gc; gc.collect(); print(gc.mem_free())"))


def test_soak(online, request):
    """Many requests of several kinds; afterwards the heap has what it had after a few."""
    count = request.config.getoption("--soak", default=100)
    kinds = (
        ("GET", "/", None, BROWSER, 200),
        ("GET", "/table", None, BROWSER, 200),
        ("GET", "/nowhere", None, BROWSER, 404),
        ("POST", "/", b"a=1&b=2", {"Content-Type": "application/x-www-form-urlencoded"}, 200),
    )

    def run(number):
        for i in range(number):
            method, path, body, headers, expected = kinds[i % len(kinds)]
            assert online.request(method, path, body, headers)[0] == expected

    start(online, "hello_world")
    # The server makes its slots when they are first needed, and an idle one serves first: only
    # clients that come together need them all.
    with concurrent.futures.ThreadPoolExecutor(SLOTS) as clients:
        for status, _, _ in clients.map(online.get, ["/table"] * SLOTS * 2):
            assert status == 200
    run(len(kinds))
    online.stop()
    before = free(online)
    # What Ctrl-C leaves of the task that it met differs by 448 bytes and more. What is lost for
    # good is missing each time.
    for _ in range(3):
        online.start("example.run()")
        run(count)
        online.stop()
        left = free(online)
        if left > before - 512:
            break
    assert left > before - 512
