# SPDX-License-Identifier: MIT
"""The states of a connection: the drawing, the table and the code agree, and so does a server."""

import ast
import re
import socket
import time

import pytest

from support.simulator import TOP, start_server

FROZEN = TOP / "frozen" / "tinyweb"
SOURCE = FROZEN / "connection.py"
SLOT = (TOP / "cmodules" / "tinyweb" / "modtinyweb_slot.c").read_text(encoding="utf-8")
TREE = ast.parse(SOURCE.read_text(encoding="utf-8"))
PAGE = ast.get_docstring(TREE)

PROGRAM = """
    import asyncio, sys, tinyweb
    from tinyweb import connection
    from tinyweb.sse import with_sse

    Slot = connection.Slot
    moves = set()

    def watched(method):
        def call(self, *args):
            before = self.state
            result = method(self, *args)
            if before != self.state:
                moves.add((before, self.state))
            return result
        return call

    for name in (
        "enter", "move", "open", "begin", "wait_for_next", "_settle", "resume", "_expired",
        "_ended", "_close",
    ):
        setattr(Slot, name, watched(getattr(Slot, name)))

    app = tinyweb.webserver(request_timeout=0.4, keep_alive=0.5, body_timeout=0.4, send_timeout=1)

    @app.route("/")
    async def index(req, resp):
        return "page"

    @app.route("/moves")
    async def tell(req, resp):
        return [list(pair) for pair in moves]

    @app.route("/body", methods=["POST"], max_body_size=100000)
    async def body(req, resp):
        return str(len(await req.read()))

    @app.route("/unread", methods=["POST"], max_body_size=100000)
    async def unread(req, resp):
        return "unread"

    @app.route("/large")
    async def large(req, resp):
        return ("x" * 4000 for _ in range(2000))

    @app.route("/events")
    @with_sse
    async def events(req, events):
        await events.send("hello")

    @app.route("/both", methods=["POST"], max_body_size=1000000)
    async def both(req, resp):
        async def sender():
            for _ in range(2000):
                await resp.send("x" * 4000)
        task = asyncio.create_task(sender())
        if req.query_string:
            await asyncio.sleep_ms(200)
        while await req.readinto(bytearray(100)):
            pass
        await task

    app.run(sys.argv[2], int(sys.argv[1]))
"""


def table():
    """{state: the columns of its row}."""
    rows = re.findall(r"^    (\w+)  +(\S.*?)  +(\S.*?)  +(-|\d)$", PAGE, re.M)
    return {state: columns for state, *columns in rows if state != "state"}


def drawing():
    """The moves (from, to) that the drawing has."""
    found = set()
    for line in re.findall(r"^    (\w+(?: > \w+)+)$", PAGE, re.M):
        states = line.split(" > ")
        found |= set(zip(states, states[1:], strict=False))
    return found


def always(before, after):
    """Whether a move is one of those that need no line in the drawing."""
    if after == "free":
        return before != "ended"
    if after == "expired":
        return before not in ("free", "ended")
    return after == "ended"


def test_the_drawing_has_the_states_of_the_table():
    states = set(table())
    assert {"free", "head", "handler", "idle"} < states
    assert {state for move in drawing() for state in move} == states - {"expired", "ended"}
    assert not [move for move in drawing() if always(*move)]


def test_the_code_has_the_states_of_the_table():
    named = set()
    for file in FROZEN.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found = []
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("enter", "move"):
                found = node.args[:1]
            elif isinstance(node, ast.Compare) and getattr(node.left, "attr", "") == "state":
                found = node.comparators
            values = {x.value for x in found if isinstance(x, ast.Constant)}
            named |= {value for value in values if isinstance(value, str)}
    named |= set(re.findall(r"\bSTATE\((\w+)\)", SLOT)) - {"name"}
    assert named == set(table()), named ^ set(table())


def test_the_order_of_leaving_is_that_of_the_table():
    (leaves,) = [
        node.value
        for node in TREE.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "_LEAVES"
    ]
    rows = table()
    ranked = sorted((row[-1], state) for state, row in rows.items() if row[-1] != "-")
    assert [state for state, *_ in ast.literal_eval(leaves)] == [state for _, state in ranked]
    for state, timeout, _ in ast.literal_eval(leaves):
        assert timeout.removesuffix("_timeout") == rows[state][1].removesuffix("_timeout")


@pytest.mark.parametrize("name", ["deadline", "state"])
def test_one_function_sets_states_and_deadlines(name):
    sources = [*FROZEN.glob("*.py"), *(TOP / "cmodules" / "tinyweb").glob("*.c")]
    assigned = rf"\b\w+\.{name}(?:, [\w.]+)* = |\bSLOT_{name.upper()}\] = "
    found = [
        (file.name, line)
        for file in sources
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(assigned, line)
    ]
    # Where a slot is made, it is free.
    found = [line for file, line in found if file == "modtinyweb_slot.c" or pytest.fail(file)]
    assert [line for line in found if "STATE(free)" not in line] == [
        f"    self->fields[SLOT_{name.upper()}] = {name};"
    ]


def test_no_statement_is_a_bare_yield():
    for file in FROZEN.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield):
                assert node.value.value is not None, (file.name, node.lineno)


@pytest.fixture
def server(tmp_path):
    running = start_server(PROGRAM, folder=tmp_path, patched=True)
    yield running
    assert running.process.poll() is None, running.log()
    running.stop()


def test_a_server_makes_the_moves_of_the_drawing(server):
    def exchange(*pieces, gap=0.05, pause=0.0):
        # Send and read with pauses; read until the end.
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(10)
            sock.connect((server.host, server.port))
            for piece in pieces:
                sock.sendall(piece)
                time.sleep(gap)
            time.sleep(pause)
            data = b""
            while piece := sock.recv(65536):
                data += piece
            return data

    get = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    close = b"GET /moves HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    post = b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"
    exchange(b"GET / HT", b"TP/1.1\r\nHost: h\r\n\r\n", get, get[:9], get[9:], get * 2 + close)
    exchange(post % 10, b"12345", b"67890", close)
    exchange(get.replace(b"/", b"/large", 1), pause=0.3)
    exchange(get.replace(b"/", b"/events", 1))
    # A body that nobody reads: to keep the connection, and of a refused request.
    exchange((post % 10).replace(b"/body", b"/none"), b"12345", b"67890", close)
    exchange((post % 10).replace(b"/body", b"/none") + b"1234567890" + close)
    exchange((post % 200000), b"12345", b"67890")
    exchange(
        (post % 2000).replace(b"Content-Length: 2000", b"Transfer-Encoding: chunked"), b"x\r\n"
    )
    chunked = post.replace(b"Content-Length: %d", b"Transfer-Encoding: chunked")
    exchange(chunked.replace(b"/body", b"/unread"), b"2\r\n12", b"\r\nx\r\n")
    # Two tasks: one sends, the other reads, which begins at once or later.
    both = (post % 100).replace(b"/body", b"/both") + b"x" * 50
    exchange(both, b"x" * 50, gap=0.3)
    # The rest does not come, however long the other task has sent before.
    exchange(both.replace(b"/both", b"/both?later"), gap=0.3)
    for cut in (b"", get, get[:9], post % 10, get.replace(b"/", b"/large", 1)):
        exchange(cut, pause=4 if b"large" in cut else 0)
    answer = exchange(close)
    moves = {tuple(pair) for pair in ast.literal_eval(answer.split(b"\r\n\r\n")[1].decode())}
    drawn = drawing()
    assert not {move for move in moves if move not in drawn and not always(*move)}
    # TLS has tests of its own.
    assert not {move for move in drawn - moves if "turn" not in move}
    assert {before for before, after in moves if after == "expired"} >= {
        "first",
        "head",
        "body",
        "answer",
        "idle",
    }
