# SPDX-License-Identifier: MIT
"""Mixed requests for a long time in the chip's heap: nothing may leak, nothing may stop.

SOAK_REQUESTS sets how many; `make soak` asks for 200 000.
"""

import os
import pathlib
import random
import socket
import threading
import time

APP = pathlib.Path(__file__).with_name("app.py")
REQUESTS = int(os.environ.get("SOAK_REQUESTS", "4000"))
CLIENTS = 4  # one more than there are slots

BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/128.0.0.0 Safari/537.36\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
    "\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Cookie: theme=dark; session=0123456789abcdef0123456789abcdef\r\n"
)
FORM = b"name=J%C3%BCrgen&text=" + b"a+b" * 50


def message(method, path, body=b"", fields=""):
    head = f"{method} {path} HTTP/1.1\r\nHost: t\r\n{BROWSER}{fields}"
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


URLENCODED = "Content-Type: application/x-www-form-urlencoded\r\n"
# (request, expected status), or None as status where the connection ends without a response
EXCHANGES = (
    (message("GET", "/"), 200),
    (message("GET", "/"), 200),
    (message("GET", "/long"), 200),
    (message("GET", "/file"), 200),
    (message("POST", "/form", FORM, URLENCODED), 200),
    (message("GET", "/item/7?a=b"), 200),
    (message("PUT", "/item/7", b"a=1", URLENCODED), 200),
    (message("GET", "/wait"), 200),
    (message("HEAD", "/file"), 200),
    (message("OPTIONS", "/item/7"), 204),
    (message("GET", "/nowhere"), 404),
    (message("DELETE", "/"), 405),
    (message("POST", "/form", b"x" * 2000, URLENCODED), 413),
    (message("POST", "/form", b"<x/>", "Content-Type: text/xml\r\n"), 415),
    (message("GET", "/fail"), 500),
    (message("GET", "/" + "a" * 2000), 414),
    (b"GET / HTTP/1.1\r\nHost: t\r\nbad header: x\r\n\r\n", 400),
    (b"GET / HTTP/3.0\r\n\r\n", 505),
)
ABORTS = (
    b"",
    b"GET / HT",
    message("GET", "/")[:100],
    message("GET", "/long"),
    message("GET", "/file"),
    message("GET", "/fail-late"),
    message("POST", "/form", FORM, URLENCODED)[:-20],
)


class Client(threading.Thread):
    """Makes `count` requests, some of them on kept connections, some of them given up."""

    def __init__(self, server, count, seed):
        super().__init__()
        self.address = (server.host, server.port)
        self.count = count
        self.random = random.Random(seed)
        self.sock = self.stream = self.failure = None

    def run(self):
        try:
            for number in range(self.count):
                kind = self.random.random()
                if kind < 0.05:
                    self.abort()
                elif number % 5000 == 4999:
                    self.stay_silent()
                else:
                    self.exchange(*self.random.choice(EXCHANGES))
        except Exception as exc:
            self.failure = exc
        finally:
            self.close()

    def open(self):
        self.sock = socket.create_connection(self.address, timeout=20)
        self.stream = self.sock.makefile("rb")

    def close(self):
        if self.sock is not None:
            self.stream.close()
            self.sock.close()
            self.sock = None

    def abort(self):
        self.close()
        self.open()
        self.sock.sendall(self.random.choice(ABORTS))
        linger = b"\1\0\0\0\0\0\0\0"
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    def stay_silent(self):
        self.close()
        self.open()
        self.sock.sendall(b"GET / HTTP/1.1\r\nHo")
        assert self.stream.readline().startswith(b"HTTP/1.1 408 ")
        self.close()

    def exchange(self, request, status):
        for _ in range(3):
            kept = self.sock is not None
            if not kept:
                self.open()
            try:
                self.sock.sendall(request)
                line = self.stream.readline()
            except ConnectionError:
                line = b""
            if line:
                break
            # The server may have given a kept connection to another client.
            self.close()
            assert kept, (request[:60], "no answer")
        assert line.split()[1:2] == [str(status).encode()], (request[:60], line)
        self.read_message(request.startswith(b"HEAD") or status == 204)

    def read_message(self, empty):
        length = keep = None
        chunked = False
        while (field := self.stream.readline()) != b"\r\n":
            assert field.endswith(b"\r\n"), field
            name, value = field.lower().split(b":", 1)
            if name == b"content-length":
                length = int(value)
            elif name == b"connection":
                keep = value.strip()
            elif name == b"transfer-encoding":
                chunked = True
        if chunked and not empty:
            while size := int(self.stream.readline(), 16):
                assert len(self.stream.read(size + 2)) == size + 2
            assert self.stream.readline() == b"\r\n"
        elif length and not empty:
            assert len(self.stream.read(length)) == length
        if keep == b"close" or self.random.random() < 0.2:
            self.close()


def ask(server, path, count=1):
    """`count` connections at once, the answer's body of the last."""
    socks = [
        socket.create_connection((server.host, server.port), timeout=20) for _ in range(count)
    ]
    for sock in socks:
        sock.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    for sock in socks:
        data = b"".join(iter(lambda: sock.recv(1000), b""))  # noqa: B023
        sock.close()
    return data.split(b"\r\n\r\n")[1]


def state(server):
    """(free bytes after a collection, errors so far, slots)"""
    # Every slot holds its last request: let that be the same. The collector is conservative and
    # may keep an object that is garbage; what is free is the most of several collections.
    samples = []
    for _ in range(6):
        ask(server, "/wait", 3)
        samples.append(tuple(map(int, ask(server, "/state").split())))
    return max(samples)


def expire(server):
    """Lets every slot see a head and a body that stop: what it notes then, it keeps."""
    for data in (b"GET / HTTP/1.1\r\nHo", message("POST", "/form", FORM, URLENCODED)[:-20]):
        address = (server.host, server.port)
        socks = [socket.create_connection(address, timeout=20) for _ in range(3)]
        for sock in socks:
            sock.sendall(data)
        for sock in socks:
            assert sock.recv(1000).startswith(b"HTTP/1.1 408 ")
            sock.close()


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def soak(server, count, seed):
    clients = [Client(server, count // CLIENTS, seed + i) for i in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    for client in clients:
        if client.failure is not None:
            print(server.log())
            raise client.failure
    time.sleep(1.5)  # what was given up has expired


def test_soak(serve, tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(b"0123456789abcdef\n" * 400)
    server = serve(APP, bits=32, heap="38k", args=[str(file)])
    expire(server)
    soak(server, 4000, seed=0)  # every module is imported, every slot made, no table grows
    before = state(server)
    opened = descriptors(server)
    started = time.monotonic()
    soak(server, REQUESTS, seed=1)
    after = state(server)
    print(f"\n{REQUESTS} requests in {time.monotonic() - started:.0f} s: {before} -> {after}")
    assert after[1] == 0, server.log()
    assert after[2] == before[2] == 3
    assert descriptors(server) == opened
    # Within one object: the larger ones that serving makes are coroutines of 64 to 96 bytes.
    assert abs(after[0] - before[0]) <= 96, (before, after)
