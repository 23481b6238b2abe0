# SPDX-License-Identifier: MIT
"""The response object: attributes, start_*, send, error, redirect."""

from http import HTTPStatus

import pytest

APP = "responses.py"
TEXT = "grüße, привет, 你好 🙂"


def get(wire, path, method="GET"):
    with wire() as peer:
        peer.send(f"{method} {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
        response = peer.read_response(method)
        peer.expect_eof()
        return response


def test_defaults(client):
    values = client.get("/defaults").json()
    assert values["code"] == 200
    assert values["version"] in ("1.0", "1.1")
    assert values["headers"] == {}
    assert values["type"] == "<class 'dict'>"


def test_start_html(wire):
    response = get(wire, "/html")
    assert response.status == 200
    assert response.reason == "OK"
    assert response.get("Content-Type").split(";")[0] == "text/html"
    assert response.text == TEXT


def test_start_json(client):
    response = client.get("/json")
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert response.json() == {"text": TEXT}


def test_send_takes_bytes(wire):
    assert get(wire, "/bytes").body == b"\x00\xff\xfe\x80\x81\x82\x83"


@pytest.mark.parametrize("count", [0, 1, 2, 50, 1000, 20000])
def test_many_sends(wire, count):
    expected = "".join(f"{i:04d}\n" for i in range(count))
    assert get(wire, f"/parts/{count}").text == expected


@pytest.mark.parametrize("path", ["/nothing", "/silent"])
def test_nothing_sent(wire, path):
    response = get(wire, path)
    assert response.body == b""
    assert response.status < 500


def test_empty_send_does_not_end_the_body(wire):
    assert get(wire, "/empty-send").text == "after"


def test_content_length_of_the_application_counts_bytes(wire):
    response = get(wire, "/length")
    assert response.framing == "length"
    assert response.text == TEXT


def test_content_length_as_string_and_manual_start(wire):
    response = get(wire, "/length-string")
    assert response.get("Content-Type") == "text/plain"
    assert response.text == "hello"


def test_too_short_for_its_content_length(wire):
    """The client must be able to see that something is missing."""
    with wire() as peer:
        peer.send(b"GET /length-short HTTP/1.1\r\nHost: t\r\n\r\n")
        data = peer.read_until_closed()
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 500 ") or (
            b"content-length: 10" in head.lower() and body == b"short"
        )


def test_too_long_for_its_content_length(wire):
    """Bytes beyond the declared length must never be read as the next response."""
    with wire() as peer:
        peer.send(b"GET /length-long HTTP/1.1\r\nHost: t\r\n\r\n")
        response = peer.read_response()
        assert response.text == "hello" or response.status == 500
        peer.send(b"GET /length HTTP/1.1\r\nHost: t\r\n\r\n")
        if response.persists:
            assert peer.read_response().text == TEXT
        else:
            peer.expect_eof()


def test_send_without_start(wire):
    response = get(wire, "/unstarted")
    assert response.status == 200
    assert response.text == "no start"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 400, 401, 403, 404, 409, 429, 500, 503])
def test_code_and_its_reason(wire, status):
    response = get(wire, f"/code/{status}")
    assert response.status == status
    assert response.reason == HTTPStatus(status).phrase
    assert response.text == ("" if status == 204 else f"code {status}")


def test_not_modified_has_no_body(wire):
    with wire() as peer:
        peer.send(b"GET /code/304 HTTP/1.1\r\nHost: t\r\n\r\n")
        response = peer.read_response()
        assert response.status == 304
        if response.persists:
            peer.send(b"GET /html HTTP/1.1\r\nHost: t\r\n\r\n")
            assert peer.read_response().text == TEXT
        else:
            peer.expect_eof()


def test_code_without_a_registered_reason(wire):
    response = get(wire, "/code/299")
    assert response.status == 299
    assert "MSG" not in response.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 418, 429, 500, 501, 503])
def test_error(wire, status):
    with wire() as peer:
        peer.send(f"GET /error/{status} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        if status == 405:  # the application owes the Allow field
            assert peer.sock.recv(100).startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
        else:
            assert peer.read_response().status == status


def test_error_with_text(wire):
    response = get(wire, "/error-text/403")
    assert response.status == 403
    assert response.text == "причина"


def test_redirect(client):
    response = client.get("/redirect", follow_redirects=False)
    assert response.status_code == 302
    assert response.reason_phrase == "Found"
    assert response.headers["location"] == "/elsewhere?x=1"


def test_redirect_with_text(wire):
    response = get(wire, "/redirect-text")
    assert response.status == 302
    assert response.get("Location") == "http://example.com/"
    assert response.text == "moved"


def test_header_with_several_values(wire):
    response = get(wire, "/cookies")
    fields = [value for name, value in response.fields if name.lower() == "set-cookie"]
    assert fields == ["a=1", "b=2; Path=/"]


def test_add_header(client):
    response = client.get("/headers")
    assert response.headers["x-one"] == "again"
    assert response.headers["x-number"] == "42"
    assert response.headers["x-dict"] == "direct"
    assert response.text == "ok"


def test_content_type_of_the_application_is_sent_once(wire):
    """start_html() names the type; whatever wins, there is one field line."""
    response = get(wire, "/own-type")
    assert response.get("Content-Type").startswith("text/html")


@pytest.mark.parametrize("path", ["/inject-value", "/inject-name", "/inject-redirect"])
def test_no_response_splitting(wire, path):
    with wire() as peer:
        peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
        response = peer.read_response()
        peer.expect_eof()
        assert response.get("X-Injected") is None
        assert response.status == 500


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_version(wire, version):
    with wire() as peer:
        peer.send(f"GET /version/{version} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response()
        assert response.version == version
        assert response.text == "version"
        if not response.persists:
            peer.expect_eof()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_version_asked_for_is_not_forced_on_an_older_client(wire, version):
    """Chunked framing must not reach HTTP/1.0 whatever the application asks for."""
    with wire() as peer:
        peer.send(f"GET /version/{version} HTTP/1.0\r\n\r\n".encode())
        assert peer.read_response(version="1.0").text == "version"
        peer.expect_eof()


@pytest.mark.parametrize("kind", ["start", "error", "redirect", "file"])
def test_no_second_response_after_the_head_went_out(wire, kind):
    with wire() as peer:
        peer.send(f"GET /twice/{kind} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        peer.end_sending()
        data = peer.read_until_closed()
        assert data.startswith(b"HTTP/1.1 ")
        assert data.count(b"HTTP/1.") == 1


def test_header_after_the_head_went_out(wire):
    """Too late is not sent, and the body is not harmed."""
    with wire() as peer:
        peer.send(b"GET /late-header HTTP/1.1\r\nHost: t\r\n\r\n")
        peer.end_sending()
        data = peer.read_until_closed()
        assert b"X-Late" not in data


@pytest.mark.parametrize("path", ["/html", "/parts/1000", "/length", "/redirect", "/error/404"])
def test_head_sends_no_body(wire, path):
    with wire() as peer:
        peer.send(f"HEAD {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response("HEAD")
        if response.persists:
            peer.expect_silence()
        else:
            peer.expect_eof()
