# SPDX-License-Identifier: MIT
"""tinyweb on the board, over its own TCP/IP stack and network card."""

import concurrent.futures
import contextlib
import pathlib
import random
import socket
import threading
import time

import pytest
import requests
from board.terminal import PROMPT

PROGRAMS = pathlib.Path(__file__).parent / "programs"
SITE = PROGRAMS / "site.py"
START = "\nprint('ready')\napp.run(host='0.0.0.0', port=8081)\n"

# What Chromium sends with a page that has set a few cookies.
BROWSER = {
    "Connection": "keep-alive",
    "Cache-Control": "max-age=0",
    "sec-ch-ua": '"Chromium";v="126", "Not/A)Brand";v="8", "Google Chrome";v="126"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-US,en;q=0.9,de;q=0.8",
    "Cookie": "session=0123456789abcdef; theme=dark; consent=" + "x" * 300,
}


@pytest.fixture(scope="module")
def site(running_board):
    """The board while it serves programs/site.py."""
    terminal = running_board.open()
    terminal.soft_reset()
    terminal.start_raw(SITE.read_text(encoding="utf-8") + START)
    terminal.read_until("ready")
    running_board.get("/")
    # Modules that are imported when they are first needed are part of the heap from here on.
    for path in ("/nothing", "/bytes/100000", "/fail"):
        requests.get(running_board.url() + path, timeout=20)
    yield running_board
    terminal.interrupt()


@pytest.fixture
def url(site):
    return site.url()


def answers_again(site):
    """Waits until the board answers: its backlog of 10 may be full of clients that have gone.

    What does not fit there is reset by lwIP, and a client tries again.
    """
    deadline = time.monotonic() + 30
    while True:
        try:
            return requests.get(site.url(), timeout=30).status_code
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def fill_slots(site):
    """Makes the server use all of its slots, which it makes when they are first needed."""
    answers_again(site)
    clients = []
    for _ in range(3):
        clients.append(socket.create_connection(site.address(), timeout=20))
        # At once: who is silent may lose its slot to the next one.
        clients[-1].sendall(b"GET / HTTP/1.1\r\nHost: board\r\n\r\n")
    for client in clients:
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
    for client in clients:
        client.close()


def free_heap(site):
    """What is free when each slot has served its connection to the end.

    A slot whose connection ended with an error is without the stack of its task until the next.
    """
    fill_slots(site)
    return requests.get(site.url() + "/heap", timeout=10).json()["free"]


def heap_is_back(site, before, slack):
    """Whether the heap gets as much free as before; connections may still be closing."""
    deadline = time.monotonic() + 10
    while (free := free_heap(site)) < before - slack:
        if time.monotonic() > deadline:
            print(f"{free} bytes are free, {before} were")
            return False
        time.sleep(0.1)
    return True


def test_get(url):
    response = requests.get(url, headers=BROWSER, timeout=10)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Hello, world!" in response.text


def test_three_browsers_at_once(site, url):
    """A hundred requests of three clients that reconnect, and the heap stays as it is."""

    def get(_):
        response = requests.get(url, headers=BROWSER, timeout=20)
        return response.status_code, "Hello, world!" in response.text

    fill_slots(site)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        # Tables of sockets and tasks grow to what three clients need.
        assert list(pool.map(get, range(50))) == [(200, True)] * 50
        before = free_heap(site)
        assert list(pool.map(get, range(100))) == [(200, True)] * 100
    assert heap_is_back(site, before, 400)


def test_more_clients_than_slots(url):
    def get(_):
        return requests.get(url, headers=BROWSER, timeout=30).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(get, range(40))) == [200] * 40


def test_client_that_waits_for_a_slot(site, url):
    """What TCP sends again seconds later must not be taken for a slow client's request."""
    fill_slots(site)
    with contextlib.ExitStack() as stack:
        busy = [
            stack.enter_context(socket.create_connection(site.address(), timeout=10))
            for _ in range(3)
        ]
        for client in busy:
            client.sendall(b"POST /upload HTTP/1.1\r\nHost: board\r\nContent-Length: 3672\r\n\r\n")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            time.sleep(0.1)
            # Its head has two segments. The second, lost, would come after 1, 4 and 10 s.
            waiting = pool.submit(requests.get, url, headers=BROWSER, timeout=30)
            # Who sends 512 bytes a second keeps the slot.
            for _ in range(7):
                time.sleep(0.75)
                for client in busy:
                    client.sendall(bytes(512))
            assert not waiting.done()
            for client in busy:
                client.sendall(bytes(88))
                assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
                client.close()
            assert waiting.result().status_code == 200


def test_form(url):
    data = {"name": "Grüße & Küsse", "empty": "", "sign": "1+1=2"}
    response = requests.post(url + "/form", data=data, timeout=10)
    assert response.text == "empty=\nname=Grüße & Küsse\nsign=1+1=2\n"


def test_error_statuses(url):
    assert requests.get(url + "/nothing", timeout=10).status_code == 404
    assert requests.delete(url, timeout=10).status_code == 405
    assert requests.get(url + "/fail", timeout=10).status_code == 500
    assert requests.post(url + "/form", data="x" * 2000, timeout=10).status_code in (413, 415)


def test_malformed_request(site):
    with socket.create_connection(site.address(), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_requests_byte_by_byte(site):
    request = b"GET / HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n"
    with socket.create_connection(site.address(), timeout=10) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(request)):
            client.sendall(request[i : i + 1])
        answer = b""
        while data := client.recv(1000):
            answer += data
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_pipelined_requests(site):
    request = b"GET / HTTP/1.1\r\nHost: board\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n"
    with socket.create_connection(site.address(), timeout=10) as client:
        client.sendall(request * 9 + last)
        answer = b""
        while data := client.recv(4000):
            answer += data
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 10


@pytest.mark.parametrize("count", [0, 1, 535, 536, 537, 1072, 100_000, 1_000_000])
def test_download(url, count):
    response = requests.get(f"{url}/bytes/{count}", timeout=60)
    assert len(response.content) == count
    assert response.content == (bytes(range(256)) * (count // 256 + 1))[:count]


def test_slow_reader(url):
    """The client leaves the board's send buffer full for a while."""
    response = requests.get(f"{url}/bytes/300000", stream=True, timeout=60)
    received = 0
    for chunk in response.iter_content(30_000):
        time.sleep(0.05)
        received += len(chunk)
    assert received == 300_000


@pytest.mark.parametrize("chunked", [False, True])
def test_upload(url, chunked):
    data = random.Random(1).randbytes(500_000)
    body = iter([data[i : i + 5000] for i in range(0, len(data), 5000)]) if chunked else data
    answer = requests.post(url + "/upload", data=body, timeout=60).json()
    assert answer == {"count": len(data), "sum": sum(data) & 0xFFFFFF}


def test_silent_clients_do_not_stop_the_server(site):
    """As many clients as there are slots connect and say nothing."""
    silent = [socket.create_connection(site.address(), timeout=10) for _ in range(3)]
    try:
        assert requests.get(site.url(), timeout=20).status_code == 200
    finally:
        for client in silent:
            client.close()


def test_clients_that_end_their_side_and_read_nothing(site):
    """They have as much time as others; then their slots are free again."""
    request = b"GET /bytes/10000000 HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            # So that little of the answer fits between the two.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(site.address())
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        # Until all three are served; the board's clock runs on.
        time.sleep(3)
        assert requests.get(site.url(), timeout=60).status_code == 200


def test_clients_that_vanish(site):
    """Connections that are reset in the middle of a request or a response."""
    for request in (b"", b"GET /", b"GET /bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n"):
        for _ in range(5):
            client = socket.create_connection(site.address(), timeout=10)
            client.sendall(request)
            # SO_LINGER with no time: close() sends RST.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
    assert answers_again(site) == 200


def test_soak(site, url):
    """Two thousand requests of all kinds; the heap is the same afterwards."""
    retried = []

    def request(session, method, path, **options):
        try:
            return session.request(method, url + path, timeout=20, **options)
        except requests.ConnectionError as error:
            # The server may close an idle connection for another client's sake just when
            # a request is on its way (RFC 9112 section 9.5): a client tries again.
            retried.append(error)
            return session.request(method, url + path, timeout=20, **options)

    def visit(number):
        with requests.Session() as session:
            session.headers.update(BROWSER)
            for i in range(50):
                kind = (number + i) % 5
                if kind == 0:
                    answer = request(session, "POST", "/form", data={"n": str(i)})
                    assert answer.text == f"n={i}\n"
                elif kind == 1:
                    assert len(request(session, "GET", "/bytes/1000").content) == 1000
                elif kind == 2:
                    assert request(session, "GET", "/nothing").status_code == 404
                else:
                    session.headers["Connection"] = "close" if kind == 3 else "keep-alive"
                    assert request(session, "GET", "/").status_code == 200
        return 50

    fill_slots(site)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(visit, range(4))) == 200
        before = free_heap(site)
        assert sum(pool.map(visit, range(40))) == 2000
    assert heap_is_back(site, before, 512)
    assert len(retried) <= 20, retried[-1]


def test_server_again_after_each_soft_reset(board):
    """Ten times; neither memory nor the port is missing, whatever was left open."""
    terminal = board.terminal
    program = SITE.read_text(encoding="utf-8") + START
    before = None
    for _ in range(10):
        terminal.start_raw(program)
        terminal.read_until("ready")
        assert board.get("/").status_code == 200
        left_open = socket.create_connection(board.address(), timeout=10)
        before = before or free_heap(board)
        assert heap_is_back(board, before, 512)
        terminal.interrupt()
        terminal.soft_reset()
        left_open.close()


def test_ctrl_c_leaves_the_server(board):
    terminal = board.terminal
    terminal.start_paste(SITE.read_text(encoding="utf-8") + START)
    terminal.read_until("ready")
    assert board.get("/").status_code == 200
    terminal.send("\x03")
    assert "KeyboardInterrupt" in terminal.read_until(PROMPT)
    assert terminal.execute("1 + 1") == "2\n"
    # And again in the same session, on the same port.
    terminal.send("app.run(host='0.0.0.0', port=8081)\r")
    assert board.get("/").status_code == 200
    terminal.interrupt()


def test_restart_while_frames_come(board, emulated):
    """After an exception of the processor, and with its network in use, the board starts again."""
    terminal = board.terminal
    ended = threading.Event()

    def connect():
        while not ended.is_set():
            # Nobody listens.
            with contextlib.suppress(OSError):
                socket.create_connection(board.address(), timeout=1).close()

    threads = [threading.Thread(target=connect) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            terminal.send("import machine; machine.mem32[0x1000]\r")
            terminal.read_until("Fatal exception")
            terminal.read_until(PROMPT)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    terminal.interrupt()


def test_stop_with_clients_that_wait(board):
    """Connections that nobody has accepted end with the server; lwIP has their memory again."""
    terminal = board.terminal
    terminal.raw(
        "import asyncio, tinyweb\n"
        "app = tinyweb.webserver()\n"
        "@app.route('/')\n"
        "async def index(request, response):\n"
        "    await response.send('Hello')\n"
        "async def serve():\n"
        "    app.run(host='0.0.0.0', port=8081, loop_forever=False)\n"
        "    await asyncio.sleep(60)\n"
    )
    for _ in range(4):
        terminal.start_raw("asyncio.run(serve())\n")
        assert board.get("/").text == "Hello"
        # Three have slots, the others wait for them.
        clients = [socket.create_connection(board.address(), timeout=10) for _ in range(8)]
        time.sleep(1)
        terminal.interrupt()
        terminal.raw("app.shutdown()\n")
        for client in clients:
            with contextlib.suppress(ConnectionError):
                assert client.recv(1) == b""
            client.close()


def test_accept_that_finds_no_memory_leaves_the_connection(board):
    """With any number of free blocks accept() succeeds, or does at the next attempt."""
    terminal = board.terminal
    terminal.start_raw((PROGRAMS / "accept.py").read_text(encoding="utf-8"))
    enough = []
    for blocks in range(1, 14):
        terminal.read_until("next")
        with socket.create_connection(board.address(), timeout=10) as client:
            try:
                assert client.recv(100) == b"served"
            except OSError as exc:
                raise AssertionError(f"{blocks} blocks: {terminal.read_for(1)}") from exc
        enough.append("True" in terminal.read_until("tried"))
    terminal.read_until("end")
    assert enough == sorted(enough)
    assert {True, False} == set(enough)
    terminal.interrupt()


def test_hello_world_typed_by_hand(board):
    """The application of the README, key by key, as at a keyboard."""
    keys = (
        "import tinyweb\r"
        "app = tinyweb.webserver()\r"
        "@app.route('/')\r"
        "async def index(request, response):\r"
        "await response.start_html()\r"
        "await response.send('<html><body><h1>Hello, world!</h1></body></html>\\n')\r"
        "\x7f\r"
        "app.run(host='0.0.0.0', port=8081)\r"
    )
    terminal = board.terminal
    for key in keys:
        terminal.send(key)
        time.sleep(0.005)
    assert "<h1>Hello, world!</h1>" in board.get("/").text
    terminal.interrupt()


def test_outgoing_connection(board, emulated):
    """The board as a client: of a server on this computer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        # 10.0.2.2 is this computer, seen from QEMU's user-mode network.
        board.terminal.start_raw(
            f"import socket\ns = socket.socket()\ns.connect(('10.0.2.2', {port}))\n"
            "s.write(b'question')\nprint(s.read())\ns.close()\n"
        )
        server.settimeout(10)
        client, _ = server.accept()
        with client:
            assert client.recv(100) == b"question"
            client.sendall(b"answer" * 1000)
        text = board.terminal.read_until("\x04", timeout=10)
    assert text.count("answer") == 1000
    board.terminal.interrupt()
