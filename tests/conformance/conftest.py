# SPDX-License-Identifier: MIT
"""One server for the whole folder, and what the cases need to talk to it."""

import contextlib
import pathlib

import pytest

from support.simulator import start_server
from support.wire import Wire

PROGRAM = pathlib.Path(__file__).parent / "app.py"


class App:
    """The server of app.py, started anew when a test has made it useless."""

    def __init__(self, folder, bits):
        self._options = {"folder": folder, "bits": bits}
        self.server = start_server(PROGRAM, **self._options)

    def connect(self, **options):
        return Wire(self.server.host, self.server.port, **options)

    def restart(self):
        self.server.stop()
        self.server = start_server(PROGRAM, **self._options)

    def hits(self):
        """How many requests /smuggled has answered; an exception if the server is stuck."""
        with self.connect(timeout=5) as peer:
            peer.send(b"GET /hits HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            response = peer.read_response()
            peer.expect_eof()
            return int(response.text)


@pytest.fixture(scope="session", params=[64, 32], ids=["64-bit", "32-bit"])
def app(request, tmp_path_factory):
    """The server of app.py."""
    running = App(tmp_path_factory.mktemp("app"), request.param)
    yield running
    running.server.stop()


@pytest.fixture
def wire(app):
    """``wire()`` opens a raw connection; those still open are closed with the test.

    A test must not end with a request smuggled or with a server that answers no more.
    """
    with contextlib.ExitStack() as stack:

        def connect(**options):
            return stack.enter_context(app.connect(**options))

        yield connect
    try:
        hits = app.hits()
    except (OSError, AssertionError) as exc:
        log = app.server.log()
        app.restart()
        raise AssertionError(f"the server is stuck after the test: {exc!r}\n{log}") from exc
    if hits:
        app.restart()
    assert hits == 0, "bytes of a message were taken for a request"


@pytest.fixture
def refused(wire):
    """``refused(data, status, ...)``: the server answers once and takes nothing more.

    data: all bytes sent; the client ends its side then, so that the server need not linger.
    status: the expected one, or a set of permitted ones.
    """

    def check(data, status, method="GET", version="1.1"):
        statuses = {status} if isinstance(status, int) else status
        peer = wire()
        if peer.try_send(data):
            peer.end_sending()
        response = peer.read_response(method, version)
        assert response.status in statuses, response.raw[:300]
        assert not response.persists, "framing is in doubt, but the connection is kept"
        peer.expect_eof()
        return response

    return check


@pytest.fixture
def exchange(wire):
    """``exchange(data, method="GET", version="1.1")``: send on a new connection, read one."""

    def check(data, method="GET", version="1.1"):
        peer = wire()
        peer.send(data)
        response = peer.read_response(method, version)
        if not response.persists:
            peer.expect_eof()
        return response

    return check
