# SPDX-License-Identifier: MIT
"""RFC 9110: HEAD, OPTIONS, Expect, Date and status codes."""

import time

import pytest

from support.simulator import SIMULATOR_MODULES, search_path

NEXT = b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"

# HEAD


@pytest.mark.parametrize("path", ["/", "/fixed", "/stream/3", "/stream/2000", "/rest", "/any/x"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_head_is_get_without_content(wire, path, version):
    """RFC 9110 section 9.3.2: the same fields as for GET, except those only content tells."""

    def ask(method):
        peer = wire()
        peer.send(f"{method} {path} HTTP/{version}\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response(method, version)
        if response.persists:
            peer.expect_silence(0.05)
        else:
            peer.expect_eof()
        return response

    get, head = ask("GET"), ask("HEAD")
    assert head.status == get.status == 200
    assert head.body == b""
    omitted = {"date", "content-length", "transfer-encoding", "connection", "vary"}
    for name, value in get.fields:
        if name.lower() not in omitted:
            assert head.get(name) == value
    if head.get("Content-Length") is not None:
        assert int(head.get("Content-Length")) == len(get.body)


def test_head_then_get(wire):
    """RFC 9112 section 6.3, rule 1: a response to HEAD ends with its fields."""
    peer = wire()
    for _ in range(3):
        peer.send(b"HEAD /fixed HTTP/1.1\r\nHost: t\r\n\r\n")
        assert peer.read_response("HEAD").get("Content-Length") == "5"
        peer.send(b"GET /fixed HTTP/1.1\r\nHost: t\r\n\r\n")
        assert peer.read_response().text == "fixed"


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/echo", 405), ("/fail", 500)])
def test_head_of_errors(wire, path, status):
    """RFC 9110 section 9.3.2: no content in errors either."""
    peer = wire()
    peer.send(f"HEAD {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
    response = peer.read_response("HEAD")
    assert response.status == status
    if response.persists:
        peer.expect_silence(0.05)
    else:
        peer.expect_eof()


def test_head_with_a_bad_request(refused):
    """RFC 9110 section 9.3.2."""
    refused(b"HEAD / HTTP/1.1\r\nHost: t\r\nBad Field: x\r\n\r\n" + NEXT, 400, "HEAD")


@pytest.mark.parametrize("line", [b"BAD", b"GET / HTTP/1.1 x", b"GET / HTTP/3.0"])
def test_bad_request_after_a_head_request(wire, line):
    """RFC 9110 section 9.3.2 is about that request only: the next response has content."""
    peer = wire()
    peer.send(b"HEAD / HTTP/1.1\r\nHost: t\r\n\r\n")
    assert peer.read_response("HEAD").status == 200
    peer.send(line + b"\r\nHost: t\r\n\r\n").end_sending()
    assert peer.read_response().status in (400, 505)
    peer.expect_eof()


# OPTIONS


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", {"get", "head", "options"}),
        ("/echo", {"post", "put", "patch", "options"}),
        ("/target", {"get", "post", "head", "options"}),
    ],
)
def test_options(exchange, path, allowed):
    """RFC 9110 section 9.3.7; Allow by section 10.2.1."""
    response = exchange(f"OPTIONS {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode(), "OPTIONS")
    assert response.status in (200, 204)
    assert response.body == b""
    assert set(response.tokens("Allow")) | {"options", "head"} == allowed | {
        "options",
        "head",
    }
    if response.status == 200:
        assert response.get("Content-Length") == "0"


# Expect


def expecting(length, path=b"/echo", value=b"100-continue", version=b"1.1"):
    return (
        b"POST "
        + path
        + b" HTTP/"
        + version
        + b"\r\nHost: t\r\nExpect: "
        + value
        + b"\r\nContent-Length: %d\r\n\r\n" % length
    )


@pytest.mark.parametrize("value", [b"100-continue", b"100-Continue", b"100-CONTINUE"])
def test_expect_continue(wire, value):
    """RFC 9110 section 10.1.1: 100 when the body is wanted; the value is case-insensitive."""
    peer = wire()
    peer.send(expecting(5, value=value))
    assert peer._line() == b"HTTP/1.1 100 Continue"
    assert peer._line() == b""
    peer.send(b"hello")
    response = peer.read_response("POST")
    assert (response.status, response.text) == (200, "hello")
    peer.send(LAST)
    assert peer.read_response().text == "root"


def test_expect_continue_with_the_body_at_once(wire):
    """RFC 9110 section 10.1.1: 100 may be omitted when content has arrived already."""
    peer = wire()
    peer.send(expecting(5) + b"hello" + LAST)
    response = peer.read_response("POST")
    assert (response.status, response.text) == (200, "hello")
    assert len(response.interim) <= 1
    assert peer.read_response().text == "root"
    peer.expect_eof()


def test_expect_continue_with_chunked(wire):
    """RFC 9110 section 10.1.1."""
    peer = wire()
    peer.send(
        b"POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    assert peer._line() == b"HTTP/1.1 100 Continue"
    assert peer._line() == b""
    peer.send(b"5\r\nhello\r\n0\r\n\r\n")
    assert peer.read_response("POST").text == "hello"


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        (b"/nowhere", 5, 404),
        (b"/", 5, 405),
        (b"/limited", 5000, 413),
        (b"/unread", 5, 200),
    ],
)
def test_expect_continue_is_answered_finally(wire, path, length, status):
    """RFC 9110 section 10.1.1: a final status instead of 100 where the body is not wanted.

    The client may or may not send the body then; here it does not, and the connection is of no
    further use unless the server says close (or waits for the body).
    """
    peer = wire()
    peer.send(expecting(length, path))
    response = peer.read_response("POST")
    assert response.status == status
    assert not response.interim
    # What comes now must be read as the body or not at all.
    peer.try_send(NEXT)
    peer.end_sending()
    peer.read_until_closed()


def test_expect_continue_without_a_body(wire):
    """RFC 9110 section 10.1.1: no 100 is due for a request without content."""
    peer = wire()
    peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n\r\n")
    response = peer.read_response()
    assert (response.text, response.interim) == ("root", [])


def test_expect_in_http_1_0_is_ignored(wire):
    """RFC 9110 section 10.1.1: a server must ignore 100-continue in an HTTP/1.0 request."""
    peer = wire()
    peer.send(expecting(5, version=b"1.0") + b"hello")
    response = peer.read_response("POST", "1.0")
    assert (response.text, response.interim) == ("hello", [])
    peer.expect_eof()


@pytest.mark.parametrize("value", [b"200-ok", b"100-continue, other", b"100-continuex", b"x=y"])
def test_other_expectations(wire, value):
    """RFC 9110 section 15.5.18: 417 where an expectation cannot be met."""
    peer = wire()
    peer.send(expecting(5, value=value) + NEXT[:5])
    response = peer.read_response("POST")
    assert response.status == 417
    peer.end_sending()
    peer.read_until_closed()


# Date


def test_date_where_a_clock_is_set(exchange):
    """RFC 9110 section 6.6.1: an origin server with a clock sends Date; the simulator has one."""
    response = exchange(LAST)
    date = response.get("Date")
    assert date is not None
    import email.utils

    moment = email.utils.parsedate_to_datetime(date).timestamp()
    assert abs(moment - time.time()) < 5


def test_no_date_without_a_clock(serve):
    """RFC 9110 section 6.6.1: a server without a clock must not send Date."""
    from support.wire import Wire

    server = serve(
        """
        import sys
        import time

        import clock

        unset = time.gmtime(60)
        clock.replace(time=lambda: 60, gmtime=lambda *_: unset, localtime=lambda *_: unset)

        import tinyweb
        tinyweb.webserver().run(host="127.0.0.1", port=int(sys.argv[1]))
        """,
        patched=True,
        env=search_path(SIMULATOR_MODULES),
    )
    with Wire(server.host, server.port) as peer:
        peer.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        assert peer.read_response().get("Date") is None


# Status codes


@pytest.mark.parametrize("status", [200, 201, 203, 206, 301, 400, 403, 404, 410, 418, 500, 599])
def test_codes_with_content(wire, status):
    """RFC 9110 section 15: whatever the code, framing is the same."""
    peer = wire()
    for _ in range(2):
        peer.send(f"GET /code/{status} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response()
        assert (response.status, response.text) == (status, f"code {status}")
        if not response.persists:
            break


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_codes_without_content(wire, status, version):
    """RFC 9110 sections 15.3.5 and 15.4.5; RFC 9112 section 6.3, rule 1."""
    peer = wire()
    peer.send(
        f"GET /code/{status} HTTP/{version}\r\nHost: t\r\nConnection: keep-alive\r\n\r\n".encode()
    )
    response = peer.read_response(version=version)
    assert response.status == status
    if response.persists:
        peer.expect_silence(0.05)
        peer.send(LAST)
        assert peer.read_response().text == "root"
    peer.expect_eof()


def test_error_of_the_handler(exchange):
    """RFC 9110 section 15.6.1; nothing of the traceback is shown without debug."""
    response = exchange(b"GET /fail HTTP/1.1\r\nHost: t\r\n\r\n")
    assert response.status == 500
    assert "on purpose" not in response.text


def test_errors_tell_the_client_what_happened(exchange):
    """RFC 9110 section 15.5: an explanation ought to come with an error, other than for HEAD."""
    for path, status in (("/nowhere", 404), ("/echo", 405), ("/fail", 500)):
        response = exchange(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert response.status == status
        assert response.get("Content-Length") is not None or response.framing == "chunked"
