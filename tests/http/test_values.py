# SPDX-License-Identifier: MIT
"""What handlers return: every form of it, and what it must not be."""

import time

import pytest

from support.wire import Wire

APP = "values.py"
HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def serve_options(request):
    return {"bits": request.param}


def get(wire, path, method="GET", version="1.1"):
    with wire() as peer:
        peer.send(f"{method} {path} HTTP/{version}\r\nHost: t\r\n\r\n".encode())
        return peer.read_response(method, version)


@pytest.mark.parametrize(
    ("path", "status", "kind", "body"),
    [
        ("/str", 200, HTML, "<h1>Grüße</h1>"),
        ("/plain", 200, HTML, "plain def"),
        ("/lambda", 200, None, "by lambda"),
        ("/lambda-value", 200, HTML, "value"),
        ("/dict", 200, "application/json", '{"a": [1, null, "ü"]}'),
        ("/list", 200, "application/json", "[1, 2]"),
        ("/created", 201, "application/json", '{"id": 7}'),
        ("/full", 418, "text/plain", "tea"),
        ("/headers-only", 200, HTML, "body"),
        ("/empty-string", 200, HTML, ""),
        ("/large/2000", 200, HTML, "ü" * 2000),
        ("/generator", 200, HTML, "0,1,2,3,4,"),
        ("/function", 200, HTML, "012"),
        ("/plain-function", 200, "text/csv", "a,b\n" * 3),
        ("/tuple-generator", 202, "text/plain", "012"),
        ("/async", 200, HTML, "3 2 1 0 "),
        ("/map", 200, HTML, "0123"),
        ("/rest", 200, HTML, "<p>the rest"),
        ("/lambda-large", 200, None, "x" * 300000),
        ("/big-parts", 200, HTML, "".join(str(i % 10) * 30000 for i in range(20))),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_value(wire, path, status, kind, body, version):
    response = get(wire, path, version=version)
    assert (response.status, response.get("Content-Type"), response.text) == (status, kind, body)


def test_bytes_with_a_type_of_their_own(wire):
    response = get(wire, "/bytes")
    assert response.get("Content-Type") == "image/png"
    assert response.body == b"\x89PNG\x00"


def test_status_without_body(wire):
    response = get(wire, "/empty")
    assert (response.status, response.body) == (204, b"")
    assert response.get("Content-Type") is None


def test_headers_of_a_tuple(wire):
    assert get(wire, "/full").get("X-Kind") == "green"
    assert get(wire, "/headers-only").get("X-Kind") == "a, b"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_large_body_has_its_length(wire, method):
    assert get(wire, "/large/2000", method).get("Content-Length") == "4000"


def test_redirect(wire):
    response = get(wire, "/redirect")
    assert (response.status, response.get("Location"), response.body) == (303, "/str", b"")
    assert get(wire, "/redirect/default").status == 302


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/bad/int", "TypeError"),
        ("/bad/long", "TypeError"),
        ("/bad/short", "TypeError"),
        ("/bad/status", "TypeError"),
        ("/bad/headers", "TypeError"),
        ("/bad/part", "TypeError"),
        ("/bad/none", "TypeError"),
        ("/bad/late", "RuntimeError"),
        ("/bad/location", "ValueError"),
        ("/fails-early", "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_an_answer_is_500_and_logged(wire, app, path, error):
    before = app.log().count(error)
    response = get(wire, path)
    assert (response.status, response.text) == (500, "Internal Server Error")
    # A board's serial line may be slow on a busy computer.
    end = time.monotonic() + 10
    while (found := app.log().count(error)) == before and time.monotonic() < end:
        pass
    assert found == before + 1
    assert get(wire, "/plain").text == "plain def"


def test_failure_after_the_first_part_cuts_the_body_off(wire, app):
    with wire() as peer:
        peer.send(b"GET /fails-later HTTP/1.1\r\nHost: t\r\n\r\n")
        data = peer.read_until_closed()
    assert b"first" in data
    assert not data.endswith(b"0\r\n\r\n")
    assert "ZeroDivisionError" in app.log()


def test_connection_is_kept(wire):
    with wire() as peer:
        for path, body in (("/function", "012"), ("/dict", None), ("/async", "3 2 1 0 ")):
            peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
            response = peer.read_response()
            assert response.persists
            assert body is None or response.text == body


def test_parts_leave_when_the_generator_waits(wire, client):
    with wire() as peer:
        peer.send(b"GET /steps HTTP/1.1\r\nHost: t\r\n\r\n")
        for name in (b"one ", b"two ", b"three "):
            while name not in peer.buffer:
                assert peer._fill()
            assert client.get("/go").text == "went"
        assert peer.read_response().text == "one two three "
    assert "steps" in client.get("/closed").json()


def wait_for_closed(client, count):
    for _ in range(1000):
        if client.get("/closed").json().count("endless") >= count:
            return
    raise AssertionError("the generator was not closed")


def test_head_ends_a_generator_at_its_first_part(client, wire):
    closed = client.get("/closed").json().count("endless")
    with wire() as peer:
        for _ in range(2):
            peer.send(b"HEAD /endless HTTP/1.1\r\nHost: t\r\n\r\n")
            response = peer.read_response("HEAD")
            assert (response.status, response.get("Content-Type")) == (200, HTML)
            assert response.get("Content-Length") is None
    wait_for_closed(client, closed + 2)


def test_a_client_that_leaves_ends_the_generator(client, app):
    closed = client.get("/closed").json().count("endless")
    with Wire(app.host, app.port) as peer:
        peer.send(b"GET /endless HTTP/1.1\r\nHost: t\r\n\r\n")
        while peer.buffer.count(b"more") < 3:
            assert peer._fill()
        peer.reset()
    wait_for_closed(client, closed + 1)


@pytest.mark.parametrize("bits", [64, 32])
def test_values_of_less_common_kinds(run_mpy, bits):
    """A coroutine within a coroutine, an object that can be gone through, one that fails."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()
        app.log_error = lambda exc, req: print("logged", repr(exc))

        async def inner():
            return "from the inner one", 201

        class Parts:
            def __iter__(self):
                return iter(("a", "b"))

        class Failing:
            def __init__(self):
                self.left = 2

            def __aiter__(self):
                return self

            async def __anext__(self):
                if not self.left:
                    raise ValueError("no more")
                self.left -= 1
                return "x" * 500

        class Early(Failing):
            async def __anext__(self):
                raise ValueError("none at all")

        @app.route("/inner")
        async def outer(req, resp):
            return inner()

        @app.route("/parts")
        def parts(req, resp):
            return Parts()

        @app.route("/failing")
        async def failing(req, resp):
            return Failing()

        @app.route("/early")
        async def early(req, resp):
            return Early()

        client = TestClient(app)
        for path in ("/inner", "/parts", "/early", "/failing"):
            try:
                answer = client.get(path)
                print(answer.status, answer.text)
            except OSError:
                print("cut off")
        """,
        bits=bits,
    )
    assert done.stdout.splitlines() == [
        "201 from the inner one",
        "200 ab",
        "logged ValueError('none at all',)",
        "500 Internal Server Error",
        "logged ValueError('no more',)",
        "cut off",
    ]
