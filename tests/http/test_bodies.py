# SPDX-License-Identifier: MIT
"""read_parse_form_data(), max_body_size and bodies in resources."""

import json

import httpx
import pytest

APP = "bodies.py"

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def posted(client, path, content, headers):
    response = client.post(path, content=content, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()["data"]


FORMS = [
    (b"a=1&b=2", {"a": "1", "b": "2"}),
    (b"name=J%C3%BCrgen", {"name": "Jürgen"}),
    (b"%D0%BA%D0%BB%D1%8E%D1%87=%D0%B7%D0%BD", {"ключ": "зн"}),
    ("raw=grüße".encode(), {"raw": "grüße"}),
    (b"smile=%F0%9F%99%82", {"smile": "🙂"}),
    (b"a+b=c+d", {"a b": "c d"}),
    (b"a=%2B%26%3D", {"a": "+&="}),
    (b"a=b=c", {"a": "b=c"}),
    (b"empty=&flag", {"empty": "", "flag": ""}),
    (b"a=1%0D%0A2", {"a": "1\r\n2"}),
    (b"bad=%zz&cut=%4&end=%", {"bad": "%zz", "cut": "%4", "end": "%"}),
    (b"a=%FF%FE", {"a": "\ufffd\ufffd"}),
    (b"a=%E4%BD", {"a": "\ufffd\ufffd"}),
    (b"nul=%00", {"nul": "\0"}),
    (b"a=1&&b=2&", {"a": "1", "b": "2"}),
    (b"x=%c3%bc%C3%BC", {"x": "üü"}),
]


@pytest.mark.parametrize(("content", "expected"), FORMS, ids=[repr(f[0])[:30] for f in FORMS])
@pytest.mark.parametrize("path", ["/form", "/store"])
def test_urlencoded(client, path, content, expected):
    assert posted(client, path, content, FORM) == expected


def test_type_is_dict(client):
    response = client.post("/form", content=b"a=1", headers=FORM)
    assert response.json()["type"] == "<class 'dict'>"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded ;charset=utf-8",
    ],
)
def test_urlencoded_media_type_spellings(client, content_type):
    assert posted(client, "/form", b"a=1", {"Content-Type": content_type}) == {"a": "1"}


@pytest.mark.parametrize("path", ["/form", "/store"])
def test_json_object(client, path):
    value = {"text": "grüße 🙂", "list": [1, 2.5, None, True], "nested": {"a": {}}}
    content = json.dumps(value, ensure_ascii=False).encode()
    assert posted(client, path, content, JSON) == value


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_media_type_spellings(client, content_type):
    assert posted(client, "/form", b'{"a": 1}', {"Content-Type": content_type}) == {"a": 1}


@pytest.mark.parametrize("path", ["/form", "/store"])
@pytest.mark.parametrize("content", [b"[1, 2]", b'"text"', b"12", b"null"])
def test_json_that_is_no_object_is_no_server_error(client, path, content):
    assert client.post(path, content=content, headers=JSON).status_code in (200, 400)


@pytest.mark.parametrize("path", ["/form", "/store"])
@pytest.mark.parametrize("content", [b"{", b"[", b"nonsense", b'{"a": "x', b"{} x"])
def test_bad_json_is_a_bad_request(client, path, content):
    assert client.post(path, content=content, headers=JSON).status_code == 400


@pytest.mark.parametrize("path", ["/form", "/store"])
@pytest.mark.parametrize("content", [b'{"a": }', b'{"a": "\xff"}', b"{,}", b"{]", b'{"a" 1}'])
def test_json_that_micropython_reads_leniently_is_no_server_error(client, path, content):
    assert client.post(path, content=content, headers=JSON).status_code in (200, 400)


@pytest.mark.parametrize("path", ["/form", "/store"])
@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/plain"}, {"Content-Type": "nonsense"}, {"Content-Type": ""}, {}],
)
def test_other_media_types_have_an_answer(client, path, headers):
    response = client.post(path, content=b"some bytes", headers=headers)
    assert response.status_code in (200, 415)


@pytest.mark.parametrize("path", ["/form", "/store"])
@pytest.mark.parametrize("headers", [FORM, {}])
def test_no_body_is_an_empty_dict(client, path, headers):
    assert posted(client, path, b"", headers) == {}


def test_headers_need_not_be_saved_to_read_a_form(client):
    response = client.post("/bare", content=b"a=1", headers=FORM)
    assert response.status_code == 200
    assert response.json()["data"] in ({"a": "1"}, {})


# max_body_size


def form_of(size):
    return b"a=" + b"x" * (size - 2)


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/form", 1024), ("/store", 1024), ("/small", 16), ("/large", 20000)],
)
def test_max_body_size(client, path, limit):
    assert posted(client, path, form_of(limit), FORM) == {"a": "x" * (limit - 2)}
    response = client.post(path, content=form_of(limit + 1), headers=FORM)
    assert response.status_code == 413


def test_max_body_size_of_a_resource(client):
    assert posted(client, "/store/large", form_of(20000), FORM) == {"a": "x" * 19998}
    assert client.post("/store/large", content=form_of(20001), headers=FORM).status_code == 413


def test_max_body_size_of_a_chunked_body(client):
    def pieces(count):
        yield b"a="
        for _ in range(count):
            yield b"x" * 100

    assert posted(client, "/form", pieces(10), FORM) == {"a": "x" * 1000}
    assert client.post("/form", content=pieces(11), headers=FORM).status_code == 413


def test_refused_before_the_body_is_sent(wire):
    with wire() as peer:
        peer.send(
            b"POST /form HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        assert peer.read_response("POST").status == 413


@pytest.mark.parametrize("length", ["abc", "-1", "+1", "1.0", "0x10", "", "1 1", "1,1", "٣"])
def test_bad_content_length_is_a_bad_request(wire, length):
    with wire() as peer:
        head = f"POST /form HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\n\r\n"
        peer.send(head.encode() + b"a=1")
        assert peer.read_response("POST").status == 400
        peer.expect_eof()


@pytest.mark.parametrize("path", ["/form", "/store", "/ignored"])
def test_silent_body_does_not_hold_the_connection(wire, path):
    with wire() as peer:
        peer.send(
            f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            "Content-Length: 10\r\n\r\n{".encode()
        )
        if path == "/ignored":
            assert peer.read_response("POST").status == 200
        # request_timeout=1; the socket's own timeout of 10 s fails the test.
        rest = peer.read_until_closed()
        assert rest == b"" or rest.startswith(b"HTTP/1.1 408 ")


def test_trickling_body_is_given_up(wire):
    import time

    with wire() as peer:
        peer.send(
            b"POST /form HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n"
        )
        for _ in range(60):
            time.sleep(0.2)
            if not peer.try_send(b" "):
                break
        else:
            raise AssertionError("a body at 5 bytes a second was read for 12 s")


def test_ignored_body_then_next_request(wire):
    with wire() as peer:
        request = b"POST /ignored HTTP/1.1\r\nHost: t\r\nContent-Length: 20\r\n\r\n"
        peer.send(request + b"GET / HTTP/1.1\r\n\r\n12" + request + b"x" * 20)
        for _ in range(2):
            response = peer.read_response("POST")
            assert (response.status, response.text) == (200, "not read")
            if not response.persists:
                peer.expect_eof()
                break


def test_resource_sees_content_headers_by_default(client):
    response = client.put(
        "/store",
        content=b"{}",
        headers={**JSON, "Authorization": "Basic eA==", "X-Other": "1"},
    )
    assert response.json()["headers"] == ["Authorization", "Content-Length", "Content-Type"]


# read(), readinto() and the parts of a body

READERS = ["/parts", "/read/-1", "/read/1", "/read/7", "/read/100000", "/readinto/1"]
READERS += ["/readinto/300", "/mixed"]


def cut(content, size):
    """The body in chunks of `size` bytes; httpx sends what is no bytes as chunks."""
    for at in range(0, len(content), size):
        yield content[at : at + size]


@pytest.mark.parametrize("path", READERS)
@pytest.mark.parametrize("size", [0, 1, 5, 6, 255, 1024, 1025, 5000])
@pytest.mark.parametrize("chunk", [None, 1, 1000, 5000])
def test_body_as_it_was_sent(client, path, size, chunk):
    if chunk == 1 and size > 255:
        size = 300
    content = bytes(i * 7 % 251 for i in range(size))
    response = client.post(path, content=cut(content, chunk) if chunk else content)
    assert response.status_code == 200
    assert response.content == content
    # buffer_size is at most 1024.
    assert int(response.headers.get("X-Largest", 0)) <= 1024


@pytest.mark.parametrize("path", [*READERS, "/count"])
@pytest.mark.parametrize("chunk", [None, 100, 5001])
def test_body_beyond_the_limit(client, path, chunk):
    """RFC 9110 section 15.5.14, however the handler reads and the client sends."""
    content = bytes(1000001 if path == "/count" else 5001)
    client.headers["Connection"] = "close"  # else httpx may reuse what the server closes
    if chunk:
        content = cut(content, max(chunk, len(content) // 50))
    response = client.post(path, content=content)
    del client.headers["Connection"]
    assert response.status_code == 413


@pytest.mark.parametrize("size", [100, 4000, 5000])
def test_loop_that_is_left(wire, size):
    """What the loop over a body has not read is no request."""
    with wire() as peer:
        peer.send(b"POST /first HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % size)
        peer.send(b"G" * size + b"GET /query?next HTTP/1.1\r\nHost: t\r\n\r\n")
        response = peer.read_response("POST")
        assert response.text == "G"
        if size < 4096:
            assert peer.read_response().text == '"next"'


@pytest.mark.parametrize("path", READERS)
@pytest.mark.parametrize("framing", ["Content-Length: 9", "Transfer-Encoding: chunked"])
def test_continue_when_the_handler_reads(wire, path, framing):
    """RFC 9110 section 10.1.1."""
    body = b"some data"
    if framing.endswith("chunked"):
        body = b"9\r\n" + body + b"\r\n0\r\n\r\n"
    with wire() as peer:
        head = f"POST {path} HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n{framing}\r\n\r\n"
        peer.send(head.encode())
        assert peer._line() == b"HTTP/1.1 100 Continue"
        assert peer._line() == b""
        peer.send(body)
        assert peer.read_response("POST").text == "some data"


@pytest.mark.parametrize("chunk", [None, 10000])
def test_body_larger_than_the_memory(serve, request, chunk):
    server = serve(request.path.parent / "apps" / APP, bits=32, heap="38k")
    content = bytes(range(250)) * 1200
    with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as chip:
        response = chip.post("/count", content=cut(content, chunk) if chunk else content)
        assert response.text == f"{len(content)} {sum(content)}"


# Query strings


def test_query_string_is_given_as_sent(wire):
    with wire() as peer:
        peer.send(b"GET /query?a=%zz&b=%D0%9F+x HTTP/1.1\r\nHost: t\r\n\r\n")
        response = peer.read_response()
        # Registered for POST and GET by default.
        assert json.loads(response.body) == "a=%zz&b=%D0%9F+x"


@pytest.mark.parametrize("bits", [64, 32])
def test_bodies_of_less_common_requests(run_mpy, bits):
    """JSON of another name, a read of nothing, a body read in part, a refusal without a body."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb import HTTPException
        from tinyweb.testing import TestClient

        app = tinyweb.webserver(buffer_size=512)
        app.log_error = lambda exc, req: print("logged", exc)

        @app.route("/form", methods=["POST"])
        async def form(req, resp):
            return await req.read_parse_form_data()

        @app.route("/part", methods=["POST"], max_body_size=5000)
        async def part(req, resp):
            nothing = await req.read(0)
            return bytes(nothing) + await req.read(10)

        @app.route("/refuse")
        def refuse(req, resp):
            raise HTTPException(413)

        client = TestClient(app)
        for body in (b'{"a": [1]}', b"{[]: 1}", b"[1"):
            answer = client.post("/form", body, {"Content-Type": "application/merge-patch+json"})
            print(answer.status, answer.text)
        for _ in range(2):
            answer = client.post("/part", b"0123456789" * 100, {"Expect": "100-continue"})
            print(answer.status, answer.text)
        print(client.get("/refuse").status)
        """,
        bits=bits,
    )
    assert done.stdout.splitlines() == [
        '200 {"a": [1]}',
        *["400 Bad Request"] * 2,
        *["200 0123456789"] * 2,
        "413",
    ]


def test_continue_waits_for_the_answer_before_it(run_mpy):
    """100 Continue has no room yet where the client has not taken the answer before it."""
    done = run_mpy(
        """
        import asyncio
        import tinyweb
        from tinyweb.testing import TestClient

        app = tinyweb.webserver(buffer_size=512)

        @app.route("/fill")
        def fill(req, resp):
            return "x" * size

        @app.route("/body", methods=["POST"])
        async def body(req, resp):
            return await req.read()

        async def main():
            global size
            size = 10
            client = TestClient(app)
            await client.get("/fill")
            # The answer is to leave room for 6 bytes of the 256 that the connection holds.
            connection = client._connection
            connection.unread = [memoryview(b"GET /fill HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n")]
            while not connection.end:
                await asyncio.sleep_ms(1)
            size += 250 - connection.end
            await connection.take(256)
            connection.unread = [
                memoryview(b"GET /fill HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n"),
                memoryview(
                    b"POST /body HTTP/1.1\\r\\nHost: t\\r\\nExpect: 100-continue\\r\\n"
                    b"Content-Length: 4\\r\\n\\r\\n"
                ),
            ]
            while app.slots[0].state != "answer":
                await asyncio.sleep_ms(1)
            taken = b""
            while not taken.endswith(b"Continue\\r\\n\\r\\n"):
                taken += await connection.take(256)
            print(taken[-30:])
            connection.unread = [memoryview(b"body")]
            print((await connection.take(256))[-4:])

        asyncio.run(main())
        """
    )
    assert done.stdout.splitlines() == [
        "b'xxxxxHTTP/1.1 100 Continue\\r\\n\\r\\n'",
        "b'body'",
    ]
