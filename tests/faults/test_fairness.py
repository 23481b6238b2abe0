# SPDX-License-Identifier: MIT
"""All slots are taken and another client waits: who has to leave, when, and in which order."""

import contextlib
import http.client
import socket
import threading
import time

import pytest

from support.simulator import start_server
from support.wire import Wire

PROGRAM = """
    import asyncio, os, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=int(sys.argv[3]))

    @app.route("/")
    async def index(req, resp):
        await resp.send("page")

    @app.route("/slow")
    async def slow(req, resp):
        while "go" not in os.listdir():
            await asyncio.sleep_ms(10)
        # Who came before that file is seen by one of these, however slow the machine is.
        for _ in range(10):
            await asyncio.sleep_ms(10)
        await resp.send("slow")

    @app.route("/long")
    async def long(req, resp):
        await asyncio.sleep(60)

    @app.route("/endless")
    async def endless(req, resp):
        return ("x" * 1000 for _ in range(1000000))

    @app.route("/body", methods=["POST"], max_body_size=1000000)
    async def body(req, resp):
        return str(len(await req.read()))

    app.run(sys.argv[2], int(sys.argv[1]))
"""
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
GET_SLOW = b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
GET_LONG = b"GET /long HTTP/1.1\r\nHost: h\r\n\r\n"
GET_ENDLESS = b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n"
CUT_HEAD = b"GET / HTTP/1.1\r\nHost"
CUT_BODY = b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"
# Another address of the same machine.
ELSEWHERE = "127.0.0.2"


@pytest.fixture
def serve(tmp_path):
    """``serve(slots, bits=64)`` starts the server."""
    servers = []

    def start(slots, bits=64):
        servers.append(
            start_server(PROGRAM, folder=tmp_path, cwd=tmp_path, bits=bits, args=(slots,))
        )
        return servers[-1]

    yield start
    for server in servers:
        assert server.process.poll() is None, server.log()
        assert "Traceback" not in server.log()
        server.stop()


@pytest.fixture
def let_go(tmp_path):
    """``let_go()`` ends the slow handlers."""
    return (tmp_path / "go").touch


@pytest.fixture
def connect():
    """``connect(server, data=b"", address="127.0.0.1")`` opens a connection, and sends that."""
    with contextlib.ExitStack() as stack:

        def connect(server, data=b"", address="127.0.0.1"):
            sock = stack.enter_context(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(20)
            sock.bind((address, 0))
            sock.connect((server.host, server.port))
            sock.sendall(data)
            return sock

        yield connect


def seconds_until_served(server, path=GET):
    """How long a client has to wait for its answer that comes now."""
    begin = time.monotonic()
    with Wire(server.host, server.port, timeout=20) as wire:
        assert wire.send(path).read_response().status == 200
    return time.monotonic() - begin


@contextlib.contextmanager
def busy(*clients):
    """Runs `clients` in a thread each, until the event is set that they take: at the end."""
    ended = threading.Event()
    threads = [threading.Thread(target=client, args=(ended,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def has_ended(sock):
    """Whether the server has closed the connection; its answers are dropped."""
    sock.setblocking(False)
    try:
        while sock.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionResetError:
        pass
    return True


# A kept connection


@pytest.mark.parametrize("bits", [64, 32])
def test_last_answer_announces_the_close(serve, connect, let_go, bits):
    """While others wait, who asks again would ask on a connection that another one has by then."""
    server = serve(2, bits)
    with Wire(server.host, server.port) as first, Wire(server.host, server.port) as second:
        for wire in (first, second):
            assert wire.send(GET).read_response().persists
        first.send(GET_SLOW)
        second.send(GET_SLOW)
        time.sleep(0.1)
        third = connect(server, GET)  # It comes while the others' handlers run.
        time.sleep(0.5)
        let_go()
        # Either may be the first to see that it may go on.
        last = [wire for wire in (first, second) if not wire.read_response().persists]
        assert last
        for wire in last:
            wire.expect_eof()
        assert third.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


def test_connections_persist_while_nobody_waits(serve, connect):
    server = serve(2)
    with Wire(server.host, server.port) as first, Wire(server.host, server.port) as second:
        for _ in range(3):
            for wire in (first, second):
                assert wire.send(GET).read_response().persists
        # One waits, is served and goes: then nobody waits any more.
        assert seconds_until_served(server) < 3
        with Wire(server.host, server.port) as third:
            for _ in range(3):
                assert third.send(GET).read_response().persists


def test_more_clients_than_slots_that_ask_in_a_loop(serve):
    """None of their requests is lost that comes soon after the last answer."""
    server = serve(3)
    failed = []

    def ask(pause):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        answered = time.monotonic()
        for _ in range(20):
            time.sleep(pause)
            sent = time.monotonic()
            try:
                connection.request("POST", "/body", b"x" * 100)
                assert connection.getresponse().read() == b"100"
            except (OSError, http.client.HTTPException) as error:
                # One that was idle for longer may be given up.
                if sent - answered < 0.09:
                    failed.append(error)
                connection.close()
            answered = time.monotonic()
        connection.close()

    clients = [threading.Thread(target=ask, args=(0.01 * i,)) for i in range(5)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert failed == []


# Requests without end


@pytest.mark.parametrize("bits", [64, 32])
def test_requests_without_a_pause_on_every_slot(serve, connect, bits):
    server = serve(2, bits)

    def flood(ended):
        while not ended.is_set():
            sock = connect(server)
            sock.setblocking(False)
            while not ended.is_set():
                try:
                    sock.send(GET * 1000)
                except BlockingIOError:
                    pass
                except OSError:
                    break
                if has_ended(sock):
                    break

    with busy(flood, flood):
        time.sleep(0.2)
        for _ in range(10):
            assert seconds_until_served(server) < 2


def test_who_has_sent_several_requests_gets_the_answer_that_announces_the_close(
    serve, connect, let_go
):
    server = serve(1)
    with Wire(server.host, server.port) as first:
        first.send(GET_SLOW + GET * 10)
        time.sleep(0.1)
        second = connect(server, GET)
        time.sleep(0.1)
        first.try_send(GET * 10)
        let_go()
        assert not first.read_response().persists
        first.expect_eof()
        assert not first.was_reset
        assert second.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


# Clients that make no progress


@pytest.mark.parametrize(
    ("slots", "clients", "data"),
    [(3, 6, b""), (3, 3, CUT_HEAD), (3, 3, CUT_BODY), (10, 10, GET_ENDLESS)],
    ids=["silent", "within a head", "within a body", "readers"],
)
def test_client_behind_others_that_stand_still(serve, connect, slots, clients, data):
    server = serve(slots)
    for _ in range(clients):
        connect(server, data)
    assert seconds_until_served(server) < 3


@pytest.mark.parametrize("data", [CUT_HEAD[:-4], CUT_BODY], ids=["head", "body"])
def test_client_behind_others_that_send_a_byte_now_and_then(serve, connect, data):
    server = serve(3)

    def trickle(ended):
        sock = connect(server, data)
        with contextlib.suppress(OSError):
            while not ended.wait(0.1):
                sock.send(b"x")

    with busy(trickle, trickle, trickle):
        time.sleep(0.2)
        assert seconds_until_served(server) < 3


def test_clients_that_stand_still_keep_their_time_while_nobody_waits(serve, connect):
    server = serve(4)
    waiting = [connect(server, data) for data in (b"", CUT_HEAD, CUT_BODY)]
    time.sleep(1.5)
    assert seconds_until_served(server) < 1
    assert [has_ended(sock) for sock in waiting] == [False] * 3


def test_order_in_which_slots_are_given_up(serve, connect):
    server = serve(5)
    order = [GET, b"", CUT_HEAD, CUT_BODY, GET_ENDLESS]
    # The other way round, and each is the only one of its kind.
    sockets = [connect(server, data) for data in reversed(order)][::-1]
    time.sleep(2.2)
    ended = []
    # To look at the last one would be to read it, which is progress.
    for _ in range(4):
        connect(server, GET_LONG)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            now = [sock for sock in sockets[:4] if sock not in ended and has_ended(sock)]
            if now:
                ended += now
                break
            time.sleep(0.002)
    assert [sockets.index(sock) for sock in ended] == [0, 1, 2, 3]
    assert seconds_until_served(server) < 3
    while not has_ended(sockets[4]):
        pass


# One address


def steady(sock):
    """A client that sends a body, 1000 bytes in 0.1 s."""

    def client(ended):
        with contextlib.suppress(OSError):
            sock.sendall(CUT_BODY)
            while not ended.wait(0.1):
                sock.sendall(bytes(1000))

    return client


@pytest.mark.parametrize("address", ["127.0.0.1", ELSEWHERE])
def test_one_address_may_not_hold_all_slots(serve, connect, address):
    """Its clients make progress: they give way to another address, and not to their own."""
    server = serve(2)
    clients = [connect(server, address=address) for _ in range(2)]
    with busy(*map(steady, clients)):
        time.sleep(0.3)
        waiting = connect(server, GET)
        waiting.settimeout(2.5)
        if address == ELSEWHERE:
            assert waiting.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
            assert sorted(has_ended(sock) for sock in clients) == [False, True]
        else:
            with pytest.raises(TimeoutError):
                waiting.recv(100)


def test_two_addresses_share_the_slots(serve, connect):
    server = serve(2)
    clients = [connect(server, address=address) for address in (ELSEWHERE, "127.0.0.1")]
    with busy(*map(steady, clients)):
        time.sleep(0.3)
        waiting = connect(server, GET, address="127.0.0.3")
        waiting.settimeout(2)
        with pytest.raises(TimeoutError):
            waiting.recv(100)
        assert [has_ended(sock) for sock in clients] == [False, False]
