# SPDX-License-Identifier: MIT
"""debug=True sends exception text and traceback to the client; otherwise the log has it."""

import httpx
import pytest

from support.wire import Wire

PROGRAM = "debug.py"


@pytest.fixture
def start(serve, request):
    folder = request.path.parent / "apps"

    def launch(*args):
        return serve(folder / PROGRAM, args=args)

    return launch


@pytest.mark.parametrize("path", ["/fail", "/rest"])
def test_debug_shows_the_traceback(start, path):
    server = start("debug")
    response = httpx.get(server.url + path, trust_env=False)
    assert response.status_code == 500
    assert response.reason_phrase == "Internal Server Error"
    assert "Traceback (most recent call last):" in response.text
    assert "in deeper" in response.text
    assert "ValueError: the reason <b>why</b>" in response.text
    # The text of an exception must not become markup in a browser.
    assert response.headers["content-type"].split(";")[0] == "text/plain"


@pytest.mark.parametrize("path", ["/fail", "/rest"])
def test_without_debug_only_the_log_has_it(start, path):
    server = start()
    response = httpx.get(server.url + path, trust_env=False)
    assert response.status_code == 500
    assert "Traceback" not in response.text
    assert "reason" not in response.text
    assert "ValueError: the reason <b>why</b>" in server.log()
    assert "in deeper" in server.log()
    assert httpx.get(server.url, trust_env=False).text == "alive"


@pytest.mark.parametrize("args", [(), ("debug",)])
@pytest.mark.parametrize("path", ["/late", "/generator"])
def test_failure_after_the_head_went_out(start, args, path):
    """The client can see that the response is cut, and no second head is in the body."""
    server = start(*args)
    with Wire(server.host, server.port) as peer:
        peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
        data = peer.read_until_closed()
    assert data.count(b"HTTP/1.1 ") == 1
    if data.startswith(b"HTTP/1.1 200 "):
        assert not data.endswith(b"\r\n0\r\n\r\n")
    else:  # nothing had left yet: the framework may still answer 500
        assert data.startswith(b"HTTP/1.1 500 ")
    assert "ValueError: the reason" in server.log()
    assert httpx.get(server.url, trust_env=False).text == "alive"


@pytest.mark.parametrize("args", [(), ("debug",)])
def test_http_exception_is_no_failure(start, args):
    server = start(*args)
    response = httpx.get(server.url + "/http-exception", trust_env=False)
    assert response.status_code == 418
    assert "Traceback" not in response.text
    assert "Traceback" not in server.log()
