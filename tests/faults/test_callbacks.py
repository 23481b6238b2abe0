# SPDX-License-Identifier: MIT
"""An exception in each callback of the application: the slot that met it serves again."""

import httpx
import pytest

from support.micropython import INTERRUPTED
from support.simulator import start_server
from support.wire import Wire

SLOTS = 2
PROGRAM = """
    import asyncio, httpparse, io, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=2)

    class Own(BaseException):
        pass

    # What callbacks raise, by name.
    FAULTS = {
        "value": ValueError("on purpose"),
        "os": OSError(28),
        "memory": MemoryError(),
        "exit": GeneratorExit(),
        "own": Own(),
        "cancelled": asyncio.CancelledError(),
    }
    # What is no status of an error or of a final response.
    CODES = {
        "zero": 1, "interim": 100, "switch": 101, "early": 199, "large": 600, "huge": 100000,
        "negative": -1, "big": 1 << 70, "str": "404", "none": None, "float": 404.5, "true": True,
    }

    class Odd:
        def get(self, data, kind):
            if kind == "raise":
                raise ValueError("resource")
            if kind == "type":
                return {}, "status"
            if kind == "middle":
                return self.parts()
            return Parts(kind)

        def parts(self):
            yield "first"
            raise ValueError("generator")

    class Parts:
        # An asynchronous iterator that fails where its name says.
        def __init__(self, where):
            self.where = where
            self.left = 3

        def __aiter__(self):
            if self.where == "aiter":
                raise ValueError("aiter")
            return self

        async def __anext__(self):
            self.left -= 1
            if self.where == "anext" or self.left == 0:
                raise Own
            return "x"

    class File:
        # A file that fails when it is read, as a medium does that was taken out.
        def __init__(self, at):
            self.left = at

        def readinto(self, buf):
            if not self.left:
                raise OSError(5)
            self.left -= 1
            return len(buf)

    class FailingClose(io.IOBase):
        # In the place of the socket when the answer has left: close() fails when it is done.
        def __init__(self, sock):
            self.sock = sock

        def ioctl(self, request, argument):
            return 0  # Nothing more has come.

        def close(self):
            self.sock.close()
            raise OSError(5)

    @app.route("/ok")
    async def ok(req, resp):
        await resp.send("served")

    @app.route("/fault/<name>")
    async def raise_fault(req, resp, name):
        raise FAULTS[name]

    @app.route("/plain/<name>")
    def raise_plainly(req, resp, name):
        raise FAULTS[name]

    @app.route("/late/<name>")
    async def raise_late(req, resp, name):
        await asyncio.sleep_ms(1)
        raise FAULTS[name]

    @app.route("/access/<name>")
    async def fail_in_access_log(req, resp, name):
        def access(req, status, size):
            app.access_log = None
            raise FAULTS[name]
        app.access_log = access
        await resp.send("served")

    @app.route("/log/<name>")
    async def fail_in_log_error(req, resp, name):
        def log(exc, req):
            del app.log_error
            raise FAULTS[name]
        app.log_error = log
        raise ValueError("the first")

    @app.route("/exception/<name>")
    async def raise_code(req, resp, name):
        raise tinyweb.HTTPException(CODES[name])

    @app.route("/error/<name>")
    async def error_code(req, resp, name):
        await resp.error(CODES[name])

    @app.route("/code/<name>")
    async def set_code(req, resp, name):
        resp.code = CODES[name]
        await resp.send("never sent")

    @app.route("/silent/<name>")
    async def set_code_only(req, resp, name):
        resp.code = CODES[name]

    @app.route("/parser/<name>")
    async def raise_parser_error(req, resp, name):
        raise httpparse.Error(CODES[name], "on purpose")

    @app.route("/header")
    async def header(req, resp):
        resp.add_header("X-Bad", "a\\r\\nb")

    @app.route("/file/<parts>")
    async def file(req, resp, parts):
        from tinyweb import files
        await resp.start_html()
        await files.stream(resp, File(int(parts)), 100000)

    @app.route("/receive/<name>", methods=["PUT"], max_body_size=100000)
    async def fail_in_progress(req, resp, name):
        from tinyweb import uploads
        def progress(received, total):
            raise FAULTS[name]
        await uploads.receive_file(req, sys.argv[3] + "/file", progress=progress)

    @app.route("/choose/<name>", methods=["POST"], max_body_size=100000)
    async def fail_in_choose(req, resp, name):
        from tinyweb import uploads
        def choose(field, filename, content_type):
            raise FAULTS[name]
        await uploads.receive_form(req, sys.argv[3], choose=choose)

    @app.route("/close")
    async def close(req, resp):
        slot = [s for s in app.slots if s.request is req][0]
        def log(*args):
            app.access_log = None
            slot.sock = FailingClose(slot.sock)
        app.access_log = log
        resp.add_header("Connection", "close")
        await resp.send("served")

    @app.route("/<kind>")
    async def bad(req, resp, kind):
        if kind == "middle":
            await resp.send("x" * 3000)
        if kind == "stop":
            raise KeyboardInterrupt
        if kind == "leave":
            sys.exit(3)
        raise ValueError(kind)

    app.add_resource(Odd, "/odd/<kind>")
    app.run("127.0.0.1", int(sys.argv[1]))
"""


def every_slot_serves(server):
    """As many connections as there are slots, all open at once."""
    wires = [Wire(server.host, server.port, timeout=5) for _ in range(SLOTS)]
    try:
        for wire in wires:
            wire.send(b"GET /ok HTTP/1.1\r\nHost: h\r\n\r\n")
            assert wire.read_response().body == b"served"
    finally:
        for wire in wires:
            wire.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where uploads go."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def server(tmp_path_factory, folder):
    running = start_server(PROGRAM, folder=tmp_path_factory.mktemp("app"), args=(folder,))
    yield running
    running.stop()


def get(path, close=True):
    head = f"GET {path} HTTP/1.1\r\nHost: h\r\n"
    return (head + ("Connection: close\r\n\r\n" if close else "\r\n")).encode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/middle", None),
        ("/close", 200),
        ("/header", 500),
        ("/file/0", 500),
        ("/file/9", None),
        ("/odd/raise", 500),
        ("/odd/type", 500),
        ("/odd/middle", 500),
        ("/odd/aiter", 500),
        ("/odd/anext", 500),
        ("/odd/later", 500),
    ],
)
def test_slot_survives(server, path, status):
    # More often than there are slots: one that is lost each time would be missed.
    for _ in range(SLOTS + 1):
        with Wire(server.host, server.port, timeout=5) as wire:
            wire.send(get(path))
            answer = wire.read_until_closed()
            if status is not None:
                assert answer.startswith(b"HTTP/1.1 %d " % status), server.log()
            assert not answer.endswith(b"0\r\n\r\n"), "a response that broke off looks complete"
        assert httpx.get(server.url + "/ok", timeout=5).text == "served"
    every_slot_serves(server)


def logged(server, before):
    """What was logged since; the server writes it before it answers."""
    return server.log()[before:]


def error_of(where, name):
    """Want of memory in a handler may pass."""
    return 503 if name == "memory" and where != "log" else 500


@pytest.mark.parametrize("name", ["value", "os", "memory", "exit", "own", "cancelled"])
@pytest.mark.parametrize("where", ["fault", "plain", "late", "access", "log"])
def test_whatever_is_raised(server, where, name):
    """One connection: the answer tells of it, and where framing allows another one follows."""
    before = len(server.log())
    for _ in range(SLOTS + 1):
        with Wire(server.host, server.port, timeout=5) as wire:
            wire.send(get(f"/{where}/{name}", close=False))
            response = wire.read_response()
            assert response.status == (200 if where == "access" else error_of(where, name))
            if not response.persists:
                wire.expect_eof()
                # A handler that cancels itself may have left anything behind.
                assert name == "cancelled" and where != "access"
                continue
            wire.send(get("/ok"))
            assert wire.read_response().text == "served"
    every_slot_serves(server)
    if where != "log" and name != "cancelled":
        assert "Traceback" in logged(server, before)


@pytest.mark.parametrize("name", ["value", "os", "memory", "exit", "own", "cancelled"])
@pytest.mark.parametrize("where", ["receive", "choose"])
def test_whatever_an_upload_meets(server, folder, where, name):
    """No file is left, and the next request is served."""
    before = len(server.log())
    url = f"{server.url}/{where}/{name}"
    for _ in range(SLOTS + 1):
        if where == "receive":
            response = httpx.put(url, content=b"x" * 3000, timeout=5)
        else:
            response = httpx.post(url, files={"f": ("name", b"x" * 3000)}, timeout=5)
        assert response.status_code == error_of(where, name)
        assert list(folder.iterdir()) == []
    every_slot_serves(server)
    if name != "cancelled":
        assert "Traceback" in logged(server, before)


CODES = "zero interim switch early large huge negative big str none float true".split()


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("where", ["exception", "error", "code", "silent", "parser"])
def test_status_that_is_none(server, where, name):
    """RFC 9110 section 15: 200 to 599 are final; else it is an error of the application."""
    before = len(server.log())
    with Wire(server.host, server.port, timeout=5) as wire:
        wire.send(get(f"/{where}/{name}", close=False))
        assert wire.read_response().status == 500
        assert "Traceback" in logged(server, before)
        if where != "parser":
            wire.send(get("/ok"))
            assert wire.read_response().text == "served"
        else:
            wire.end_sending()  # else the server reads for a moment what may still come
        wire.expect_eof()


@pytest.mark.parametrize(("path", "status"), [("/stop", INTERRUPTED), ("/leave", 3)])
def test_the_application_may_end_the_program(serve, path, status):
    """KeyboardInterrupt and SystemExit are passed on: run() ends with them."""
    server = serve(PROGRAM)
    with Wire(server.host, server.port, timeout=5) as wire:
        wire.send(get(path))
        assert wire.read_until_closed() == b""
    assert server.process.wait(10) == status
