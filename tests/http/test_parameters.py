# SPDX-License-Identifier: MIT
"""Parameters of URLs: types, paths, converters, and which of several patterns wins."""

import json
import pathlib

import pytest

from support.wire import Wire

APPS = pathlib.Path(__file__).parent / "apps"
APP = "parameters.py"


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def serve_options(request):
    return {"bits": request.param}


def get(wire, path, method="GET"):
    """The response to a request-target that is sent as it is."""
    with wire() as peer:
        peer.send(f"{method} {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        return peer.read_response(method)


def matched(wire, path, method="GET"):
    response = get(wire, path, method)
    if response.status != 200:
        return response.status
    found = json.loads(response.body)
    return (found["route"], *found["values"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("42", 42),
        ("007", 7),
        ("-5", -5),
        ("%34%32", 42),
        ("12345678901234567890", 12345678901234567890),
    ],
)
def test_int(wire, text, value):
    response = get(wire, f"/files/{text}/raw")
    assert json.loads(response.body) == {
        "route": "/files/<int:id>/raw",
        "values": [value],
        "types": ["int"],
    }


@pytest.mark.parametrize(
    "text", ["x", "5x", "+5", "--5", "-", "1_0", "%205", "5.0", "0x5", "%D9%A1", "1" * 21]
)
def test_what_is_no_int_matches_the_next_pattern(wire, text):
    assert matched(wire, f"/files/{text}")[0] == "/files/<name>"


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("-12.25", -12.25), ("3", 3.0)])
def test_float(wire, text, value):
    response = get(wire, f"/float/{text}")
    assert json.loads(response.body) == {
        "route": "/float/<float:x>",
        "values": [value],
        "types": ["float"],
    }


@pytest.mark.parametrize("text", ["nan", "inf", "1e5", ".5", "5.", "1.2.3", "-", "+1", "1,5"])
def test_no_float(wire, text):
    assert matched(wire, f"/float/{text}") == 404


def test_own_converter(wire):
    assert matched(wire, "/color/ff8000") == ("/color/<color:c>", 0xFF8000)
    assert matched(wire, "/color/ff80") == 404
    assert matched(wire, "/color/ff80zz") == 404


def test_converter_that_fails_is_logged_and_matches_nothing(wire, app):
    assert matched(wire, "/broken/x") == 404
    assert "KeyError" in app.log()


def test_str_is_the_untyped_parameter(wire):
    assert matched(wire, "/str/a%20b") == ("/str/<str:s>", "a b")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a/b", "a/b"),
        ("a/b/c.txt", "a/b/c.txt"),
        ("a/b/", "a/b/"),
        ("a/", "a/"),
        ("%C3%BC/%2e./x", 404),
        ("a%20b/..%2e", "a b/..."),
        ("a/.../b", "a/.../b"),
    ],
)
def test_path(wire, path, value):
    expected = value if value == 404 else ("/files/<path:rest>", value)
    assert matched(wire, f"/files/{path}") == expected


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/a",
        "a//b",
        "a//",
        "../x",
        "a/../../x",
        "a/..",
        "a/.",
        "./a",
        "a/%2e%2e/x",
        "a/.%2E",
        "a/b%2Fc",
        "a/..%2Fc",
        "a%00/b",
        "%2Fetc/passwd",
        "a/%2F",
    ],
)
def test_path_that_would_leave_its_folder(wire, path):
    assert matched(wire, f"/files/{path}") == 404


def test_only_a_plain_parameter_at_the_end_may_be_empty(wire):
    assert matched(wire, "/files/") == ("/files/<name>", "")
    assert matched(wire, "/float/") == 404
    assert matched(wire, "/color/") == 404


def test_path_before_a_fixed_end(wire):
    assert matched(wire, "/files/a/b/raw") == ("/files/<path:rest>/raw", "a/b")
    assert matched(wire, "/files/raw") == ("/files/<name>", "raw")


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/files/readme", "/files/readme"),
        ("/files/%72eadme", "/files/readme"),
        ("/files/12", "/files/<int:id>"),
        ("/files/a", "/files/<name>"),
        ("/files/12/raw", "/files/<int:id>/raw"),
        ("/files/12/a", "/files/<path:rest>"),
        ("/two/1/end", "/two/<int:a>/<path:b>"),
        ("/two/x/end", "/two/<name>/end"),
        ("/x/order/b", "/x/<a>/<b>"),
        ("/y/order/b", "/<a>/order/<b>"),
    ],
)
def test_precedence(wire, path, route):
    """Literal, typed, untyped, path: the leftmost segment that differs decides."""
    assert matched(wire, path)[0] == route


def test_a_pattern_without_the_method_leaves_it_to_the_next(wire):
    assert matched(wire, "/files/12", "DELETE") == ("delete name", "12")
    assert matched(wire, "/files/readme", "DELETE") == ("delete name", "readme")
    assert matched(wire, "/files/readme", "PUT") == ("put path", "readme")
    assert matched(wire, "/files/12", "PATCH") == ("patch id", 12)
    assert get(wire, "/files/12", "HEAD").status == 200


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/files/readme", {"GET", "POST", "DELETE", "PUT"}),
        ("/files/12", {"GET", "PATCH", "DELETE", "PUT"}),
        ("/files/a", {"GET", "DELETE", "PUT"}),
        ("/files/a/b", {"GET", "PUT"}),
    ],
)
def test_allow_names_the_methods_of_all_patterns_that_match(wire, path, methods):
    response = get(wire, path, "TRACE")
    assert response.status == 405
    assert set(response.get("Allow").split(", ")) == methods | {"HEAD", "OPTIONS"}
    assert get(wire, path, "OPTIONS").get("Allow") == response.get("Allow")


def test_invalid_registrations(client):
    assert client.get("/errors").json() == {
        "/<unknown:x>": "no converter for unknown",
        "/<path:a>/<path:b>": "a URL has one path parameter at most",
        "/files/<int:other>": "URL exists for GET",
        "/files/<path:other>": "URL exists for PUT",
    }


def test_catch_all_comes_last(serve):
    server = serve(APPS / APP, args=["catch-all"])

    def wire():
        return Wire(server.host, server.port)

    assert get(wire, "/nothing").text == "catch-all"
    assert get(wire, "/files/a/../b", "PUT").text == "catch-all"
    assert get(wire, "/color/red").text == "catch-all"
    assert matched(wire, "/files/a") == ("/files/<name>", "a")
    assert get(wire, "/files/a", "POST").status == 405
    assert get(wire, "/files/readme", "PATCH").status == 405
