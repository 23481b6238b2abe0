# SPDX-License-Identifier: MIT
"""What a server says when memory or connections are too short, to its log and to clients."""

import re

import httpx
import pytest

from support.wire import Wire

# The heap is filled with pieces of equal size before the server starts, and every second one is
# freed: much is free then, but no piece is larger than SIZE.
CROWDED = """
    import gc, sys, tinyweb

    app = tinyweb.webserver(max_concurrency=3, buffer_size=512)

    @app.route("/")
    async def index(req, resp):
        await resp.send("served")

    @app.route("/memory")
    async def memory(req, resp):
        return app.memory()

    gc.collect()
    pieces = []
    try:
        while True:
            pieces.append(bytearray(SIZE))
    except MemoryError:
        pass
    for i in range(0, len(pieces), 2):
        pieces[i] = None
    gc.collect()
    app.run(sys.argv[2], int(sys.argv[1]))
"""


def test_slot_that_finds_no_piece_of_memory_is_told_when_the_server_starts(serve):
    server = serve(CROWDED.replace("SIZE", "400"), bits=32, heap="60k")
    found = re.findall(
        r"MemoryError: no memory for slot 2 of 3: needs (\d+) bytes in one piece, largest (\d+);"
        r" (\d+) in all, free (\d+)",
        server.log(),
    )
    assert len(found) == 1, server.log()
    needed, largest, all_of_it, free = map(int, found[0])
    assert largest < needed < 700 and free > all_of_it
    with httpx.Client(base_url=server.url, timeout=10, trust_env=False) as client:
        for _ in range(3):
            assert client.get("/").text == "served"
        memory = client.get("/memory").json()
    assert memory["slots"] == 1 and memory["max_concurrency"] == 3
    assert memory["largest"] < needed < memory["free"]
    # Others come while the one slot is taken: that is not said again.
    with Wire(server.host, server.port), httpx.Client(timeout=10, trust_env=False) as client:
        assert client.get(server.url).text == "served"
    assert server.log().count("no memory for slot") == 1, server.log()


def test_all_slots_are_there_when_the_server_listens(serve):
    program = CROWDED.replace("SIZE", "4000").replace(
        "app.run(",
        "app.run(loop_forever=False, host='127.0.0.1', port=0)\n    "
        "print('slots', app.memory()['slots'])\n    app.shutdown()\n    app.run(",
    )
    server = serve(program, bits=32, heap="80k")
    assert "slots 3\n" in server.log() and "MemoryError" not in server.log()


# What refuses a stream is imported at the start: where it is not in ROM, it takes memory.
STREAMS = """
    import asyncio, gc, sys, tinyweb, tinyweb.memory
    from _tinyweb import heap
    from tinyweb.sse import with_sse

    app = tinyweb.webserver(max_concurrency=3, buffer_size=512)
    filling = []

    @app.route("/fill")
    async def fill(req, resp):
        for size in (200, 1):
            try:
                while True:
                    filling.append(bytearray(size))
            except MemoryError:
                pass
        # Enough for an answer, too little for a stream.
        gc.collect()
        while heap()[0] < 864:
            filling.pop()
            gc.collect()
        return "full"

    @app.route("/empty")
    async def empty(req, resp):
        filling.clear()
        return "empty"

    @app.route("/events")
    @with_sse
    async def events(req, stream):
        await stream.send("here")

    @app.route("/slow")
    async def slow(req, resp):
        await asyncio.sleep(10)

    @app.route("/much")
    async def much(req, resp):
        return bytearray(1 << 20)

    app.run(sys.argv[2], int(sys.argv[1]))
"""


@pytest.mark.heap
def test_stream_without_memory_is_refused_and_comes_again(serve):
    server = serve(STREAMS, bits=32, heap="60k")
    with httpx.Client(base_url=server.url, timeout=10, trust_env=False) as client:
        assert "data: here" in client.get("/events").text
        assert client.get("/fill").text == "full"
        for _ in range(2):
            assert client.get("/events").text == "retry: 3000\n\n"
        client.get("/empty")
        assert "data: here" in client.get("/events").text
    said = re.findall(r"no memory for a stream: needs 1024 bytes, free (\d+)", server.log())
    assert len(said) == 1 and int(said[0]) < 1024, server.log()


def test_answer_that_a_client_may_repeat_says_when(serve):
    program = STREAMS.replace("buffer_size=512", "buffer_size=512, handler_timeout=0.3")
    server = serve(program, bits=32, heap="60k")
    for path in ("/slow", "/much"):
        answer = httpx.get(server.url + path, timeout=10, trust_env=False)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"] == "10"
    assert server.log().count("MemoryError") == 1


LIMITS = """
    import asyncio, sys, tinyweb
    from tinyweb import uploads

    app = tinyweb.webserver(buffer_size=256, handler_timeout=0.2)

    @app.route("/body", methods=["POST"], max_body_size=100)
    async def body(req, resp):
        return await req.read_parse_form_data()

    @app.route("/own", methods=["POST"], max_body_size=100)
    async def own(req, resp):
        raise tinyweb.HTTPException(413)

    @app.route("/put", methods=["PUT"], max_body_size=1000)
    async def put(req, resp):
        await uploads.receive_file(req, sys.argv[3], max_size=10)

    @app.route("/headers", save_headers=["Cookie"])
    async def headers(req, resp):
        return "kept"

    @app.route("/slow")
    async def slow(req, resp):
        await asyncio.sleep(5)

    app.run(sys.argv[2], int(sys.argv[1]))
"""


def test_limit_that_refuses_a_request_is_told_once_with_where_it_is_set(serve, tmp_path):
    server = serve(LIMITS, args=(tmp_path / "file",))
    said = []
    for method, path, options, status, sentence in (
        ("POST", "/own", {"content": b"x" * 100}, 413, None),
        (
            *("POST", "/body", {"content": b"x" * 101}, 413),
            "max_body_size is 100 bytes; @app.route(..., max_body_size=...) sets it,"
            " in the answer to POST /body",
        ),
        (
            *("PUT", "/put", {"content": b"x" * 11}, 413),
            "max_size is 10; the handler sets it, in the answer to PUT /put",
        ),
        (
            *("GET", "/headers", {"headers": {"Cookie": "c" * 300}}, 431),
            "buffer_size is 256 bytes, too few for the header fields that the route keeps;"
            " webserver(buffer_size=...) sets it",
        ),
        ("GET", "/" + "x" * 300, {}, 414, None),
        (
            *("GET", "/headers", {"headers": {"X-A": "a" * 20000}}, 431),
            "head too large; the limit is fixed",
        ),
        (
            *("GET", "/slow", {}, 503),
            "handler_timeout is 0.2 s; webserver(handler_timeout=...) sets it,"
            " in the answer to GET /slow",
        ),
    ):
        for _ in range(2):
            answer = httpx.request(
                method, server.url + path, timeout=10, trust_env=False, **options
            )
            assert answer.status_code == status, path
        if sentence is not None:
            said.append(f"HTTPException: ({status}, '{sentence}")
    log = server.log()
    assert [line for line in said if log.count(line) != 1] == [], log
    assert log.count("HTTPException") == len(said), log
