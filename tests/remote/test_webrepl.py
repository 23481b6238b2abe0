# SPDX-License-Identifier: MIT
"""WebREPL's protocol: files, by the client of MicroPython's webrepl_cli.py and by others."""

import contextlib
import os
import socket
import struct
import time

import httpx
import pytest
import webrepl
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from support.simulator import SIMULATOR_MODULES, search_path

from .conftest import PASSWORD, PROGRAM, stored
from .test_files import ON_DISK

BIG = os.urandom(50_001)
FIRST = PROGRAM.replace("    device.enable(app)\n", "    HERE\n    device.enable(app)\n")


@pytest.fixture
def client(monkeypatch):
    """``client(server, password=...)``: PyPI's webrepl, which sends what webrepl_cli.py sends."""
    monkeypatch.setattr(socket, "_GLOBAL_DEFAULT_TIMEOUT", 20)
    socket.setdefaulttimeout(20)
    opened = []

    def start(server, password=PASSWORD):
        found = webrepl.Webrepl(host=server.host, port=server.port, password=password)
        opened.append(found)
        return found

    yield start
    socket.setdefaulttimeout(None)
    for found in opened:
        found.disconnect()


def test_files(app, client, tmp_path):
    (tmp_path / "big.bin").write_bytes(BIG)
    (tmp_path / "empty").touch()
    repl = client(app)
    assert repl.connected
    assert repl.get_ver()[0] == 1
    repl.put_file(tmp_path / "big.bin", "/big.bin")
    repl.put_file(tmp_path / "empty", "empty")
    assert (app.files / "big.bin").read_bytes() == BIG
    assert (app.files / "empty").read_bytes() == b""
    assert repl.get_file_content("big.bin") == BIG
    assert repl.get_file_content("/empty") == b""
    repl.get_file("big.bin", tmp_path / "copy.bin")
    assert (tmp_path / "copy.bin").read_bytes() == BIG
    # The page at the same URL is the application's.
    assert httpx.get(app.url + "/", trust_env=False).text == "mine"
    (app.files / "big.bin").unlink()
    (app.files / "empty").unlink()


def command(what, name, size=0):
    return struct.pack("<2sBBQLH64s", b"WA", what, 0, 0, size, len(name), name)


class Client:
    """One that masks, as browsers and Thonny do. ``ask()`` returns the status of an answer."""

    def __init__(self, server, path="/webrepl", password=PASSWORD, **options):
        url = f"ws://{server.host}:{server.port}{path}"
        self.stack = contextlib.ExitStack()
        self.ws = self.stack.enter_context(connect(url, proxy=None, open_timeout=20, **options))
        assert self.ws.recv(20) == "Password: "
        self.ws.send(password + "\r")
        self.said = self.ws.recv(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def status(self):
        mark, status = struct.unpack("<2sH", self.ws.recv(20))
        assert mark == b"WB"
        return status

    def ask(self, what, name, size=0):
        self.ws.send(command(what, name, size))
        return self.status()


@pytest.mark.parametrize("path", ["/webrepl", "/"])
def test_client_that_masks(app, path):
    with Client(app, path) as client:
        assert client.said == "\r\nWebREPL connected\r\n>>> "
        client.ws.send("1 + 1\r")
        assert "There is no prompt here: files only." in client.ws.recv(20)
        assert client.ask(1, b"a.txt", 11) == 0
        client.ws.send(b"hello")
        client.ws.send(b" world")
        assert client.status() == 0
        assert (app.files / "a.txt").read_text() == "hello world"
        assert client.ask(2, b"/a.txt") == 0
        client.ws.send(b"\0")
        assert client.ws.recv(20) == b"\x0b\0hello world"
        client.ws.send(b"\0")
        assert client.ws.recv(20) == b"\0\0"
        assert client.status() == 0
    (app.files / "a.txt").unlink()


TRAVERSAL = [b"../outside", b"/../outside", b"lib/../../outside", b"..\\outside", b"a\0b", b"\xff"]


def test_what_is_refused(app):
    outside = app.files.parent / "outside"
    outside.write_text("secret")
    (app.files / "old.txt").write_text("old")
    before = (app.files / "device.json").read_bytes()
    with Client(app) as client:
        for name in TRAVERSAL:
            assert client.ask(1, name, 4) == 400
            assert client.ask(2, name) == 400
        assert client.ask(2, b"none") == 404
        assert client.ask(2, b"") == 404
        assert client.ask(1, b"none/a", 4) == 404
        assert client.ask(1, b"device.json", 4) == 409
        assert client.ask(1, b"DEVICE.JSON", 4) == 409
        # 4 GiB do not fit, and the old file stays.
        free = os.statvfs(app.files)
        if free.f_bavail * free.f_frsize < 0xFFFFFFFF:
            assert client.ask(1, b"old.txt", 0xFFFFFFFF) == 507
        client.ws.send(command(9, b"a"))
        with pytest.raises(ConnectionClosed):
            client.ws.recv(20)
    assert outside.read_text() == "secret"
    assert (app.files / "old.txt").read_text() == "old"
    assert (app.files / "device.json").read_bytes() == before
    outside.unlink()


def test_upload_that_is_cut_off_leaves_the_old_file(app):
    (app.files / "old.txt").write_text("old")
    client = Client(app)
    assert client.ask(1, b"old.txt", 10_000) == 0
    client.ws.send(b"x" * 5000)
    deadline = time.monotonic() + 20
    while not list(app.files.glob(".old*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    client.ws.socket.shutdown(socket.SHUT_RDWR)
    while list(app.files.glob(".old*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not list(app.files.glob(".old*"))
    assert (app.files / "old.txt").read_text() == "old"


def test_wrong_password(device, client):
    server = device()
    for _ in range(5):
        assert not client(server, "passw0rD").connected
    # Also the right one, until a minute is over; and the files' limit is the same.
    with Client(server) as refused:
        assert refused.said == "\r\nAccess denied\r\n"
    answer = httpx.get(server.url + "/fs/", auth=("", PASSWORD), trust_env=False)
    assert answer.status_code == 429


@pytest.mark.parametrize("path", ["/webrepl", "/"])
def test_without_a_password(device, path):
    server = device(password=None)
    with pytest.raises(InvalidStatus) as refused:
        Client(server, path)
    assert refused.value.response.status_code == 403
    assert b"This device has no password" in refused.value.response.body


def test_pages_of_others(app):
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        with pytest.raises(InvalidStatus) as refused:
            Client(app, additional_headers=headers)
        assert refused.value.response.status_code == 403
    # DNS rebinding: the page's own name leads here.
    with socket.create_connection((app.host, app.port), 20) as sock:
        sock.sendall(
            b"GET /webrepl HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert sock.recv(1000).startswith(b"HTTP/1.1 403 ")
    with Client(app, additional_headers={"Origin": app.url}) as client:
        assert "connected" in client.said


@pytest.mark.parametrize(
    "frames",
    [
        b"\x82\x85abcd" + b"x" * 5,  # masked
        b"\x82\x7f" + b"\0" * 8,  # a length of 64 bits
        b"\x02\x01x",  # the first of several
        b"\x8f\x00",
    ],
)
def test_frames_that_such_clients_do_not_send(app, frames):
    with socket.create_connection((app.host, app.port), 20) as sock:
        sock.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        data = b""
        while b"Password: " not in data:
            data += sock.recv(1000)
        assert data.startswith(b"HTTP/1.1 101 ")
        sock.sendall(frames)
        while part := sock.recv(1000):
            data += part
    assert b"connected" not in data


@pytest.mark.parametrize(
    "before, text",
    [
        ("app.before_request(lambda req, resp: None)", "mine"),
        ("app.routes.clear()", ""),  # It leads to the device's pages.
        ("app.static('/www', '.')", "mine"),
        ("app.errorhandler(404)(lambda req, resp, error: 'none')", "mine"),
        # Fields that WebREPL reads, too, in spellings of the application's.
        (
            "app.routes.clear(); app.add_route('/', index, save_headers=['host', 'Origin'])",
            "mine",
        ),
    ],
)
def test_beside_other_applications(device, client, before, text):
    server = device(FIRST.replace("HERE", before))
    assert httpx.get(server.url + "/", trust_env=False).text == text
    assert httpx.head(server.url + "/", trust_env=False).text == ""
    with Client(server) as masked:
        assert "connected" in masked.said
    assert client(server).connected


OWN = """
    from tinyweb.websocket import with_websocket

    @with_websocket
    async def own(req, ws):
        await ws.send("mine")

    app.routes.clear()
    app.add_route("/", {})
"""


@pytest.mark.parametrize("route", ["index, methods=['POST']", "own"])
def test_pages_that_clients_of_webrepl_do_not_get(device, route):
    """A page that takes no GET, and a WebSocket of the application's own."""
    server = device(FIRST.replace("    HERE", OWN.format(route)))
    if route == "own":
        with connect(f"ws://{server.host}:{server.port}/", proxy=None) as ws:
            assert ws.recv(20) == "mine"
    else:
        assert httpx.get(server.url + "/", trust_env=False).status_code == 405
        assert httpx.post(server.url + "/", trust_env=False).text == "mine"
    with Client(server) as masked:
        assert "connected" in masked.said


def test_page_that_takes_other_methods(device):
    """What is posted to / is the page's, whatever it asks for."""
    before = "app.routes.clear(); app.add_route('/', index, methods=['GET', 'POST'])"
    server = device(FIRST.replace("HERE", before))
    fields = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert httpx.post(server.url + "/", headers=fields, trust_env=False).text == "mine"


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket"}


def test_what_is_no_handshake(app):
    """A client that masks nothing sends no version; a browser and a program without Upgrade do."""
    url = app.url + "/webrepl"
    for fields, sentence in (
        ({}, "WebSocket only\n"),
        (UPGRADE | {"Origin": app.url}, "Version 13 only\n"),
        (UPGRADE | {"Sec-WebSocket-Version": "8"}, "Version 13 only\n"),
    ):
        answer = httpx.get(url, headers=fields, trust_env=False)
        assert (answer.status_code, answer.text) == (426, sentence)


@pytest.fixture
def raw(app):
    """``raw(server=app)``: the connection of a client that masks nothing, which has the prompt."""
    stack = contextlib.ExitStack()

    def start(server=app):
        sock = stack.enter_context(socket.create_connection((server.host, server.port), 20))
        sock.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        data = b""
        while b"Password: " not in data and b"No connection left" not in data:
            data += sock.recv(1000)
        return sock, data

    with stack:
        yield start


def rest(sock):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while part := sock.recv(1000):
            data += part
    return data


def test_one_place_is_left_to_requests(raw, device):
    server = device()
    for _ in range(3):
        assert b" 101 " in raw(server)[1]
    assert raw(server)[1].startswith(b"HTTP/1.1 503 ")
    assert httpx.get(server.url + "/", trust_env=False).text == "mine"


@pytest.mark.parametrize(
    "line",
    [
        [b"\xff\xfe\r"],  # in a binary message, which need not be UTF-8
        ["x" * 129],  # and no end of a line
        ["", "\n"],
    ],
    ids=["no UTF-8", "long", "empty"],
)
def test_what_is_no_password(device, line):
    server = device()
    url = f"ws://{server.host}:{server.port}/webrepl"
    with connect(url, proxy=None) as ws:
        assert ws.recv(20) == "Password: "
        for part in line:
            ws.send(part)
        assert ws.recv(20) == "\r\nAccess denied\r\n"
        with pytest.raises(ConnectionClosed):
            ws.recv(20)
    with Client(server) as masked:
        assert "connected" in masked.said


def test_password_that_was_taken_away_meanwhile(device):
    before = "app.add_route('/none', lambda req, resp: device.set_password(None))"
    server = device(FIRST.replace("HERE", before))
    with connect(f"ws://{server.host}:{server.port}/webrepl", proxy=None) as ws:
        assert ws.recv(20) == "Password: "
        assert httpx.get(server.url + "/none", trust_env=False).status_code == 200
        ws.send(PASSWORD + "\r")
        assert ws.recv(20) == "\r\nAccess denied\r\n"


@pytest.mark.parametrize("given", [b"", b"\x81", b"\x81\x09pass"])
def test_client_that_goes_away_in_its_password(app, raw, given):
    sock, _ = raw()
    sock.sendall(given)
    sock.shutdown(socket.SHUT_WR)
    assert b"WebREPL" not in rest(sock)
    with Client(app) as masked:
        assert "connected" in masked.said


@pytest.mark.parametrize(
    "data",
    [b"XX" + command(1, b"a")[2:], struct.pack("<2sBBQLH64s", b"WA", 1, 0, 0, 0, 65, b"a" * 64)],
    ids=["mark", "length"],
)
def test_command_that_is_none(app, data):
    with Client(app) as masked:
        masked.ws.send(data)
        with pytest.raises(ConnectionClosed):
            masked.ws.recv(20)
    assert not list(app.files.glob("a*"))


def test_client_that_goes_away_while_it_gets_a_file(app):
    (app.files / "big.bin").write_bytes(BIG)
    with Client(app) as masked:
        assert masked.ask(2, b"big.bin") == 0
        masked.ws.send(b"\0")
        assert masked.ws.recv(20)[2:] == BIG[:256]
    with Client(app) as masked:
        assert "connected" in masked.said
    (app.files / "big.bin").unlink()


SILENT = """
    from tinyweb.device import webrepl
    wait_for = webrepl.wait_for
    webrepl.wait_for = lambda reading, seconds: wait_for(reading, seconds / 300)
"""


@pytest.mark.parametrize("given", [b"", b"\x81\x09" + PASSWORD.encode() + b"\r"])
def test_client_that_is_silent(raw, device, given):
    """It has a minute for its password, and ten for whatever comes next; here 0.2 s and 2 s."""
    server = device(FIRST.replace("    HERE", SILENT), patched=True)
    sock, _ = raw(server)
    sock.sendall(given)
    assert (b"WebREPL connected" in rest(sock)) == bool(given)
    assert "Traceback" not in server.log()


def test_space_that_another_takes_meanwhile(serve):
    """What the client still sends is read over: it gets an answer, and may go on."""
    server = serve(
        ON_DISK,
        bits=32,
        heap="300k",
        args=("VfsLfs2", stored(PASSWORD)),
        env=search_path(SIMULATOR_MODULES),
    )
    with Client(server) as masked:
        assert masked.ask(1, b"a.bin", 80_000) == 0
        auth = ("", PASSWORD)
        answer = httpx.put(server.url + "/fs/b.bin", content=b"b" * 80_000, auth=auth)
        assert answer.status_code == 201
        for _ in range(80):
            masked.ws.send(b"a" * 1000)
        assert masked.status() == 507
        assert masked.ask(2, b"a.bin") == 404
