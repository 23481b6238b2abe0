# SPDX-License-Identifier: MIT
"""add_route() and @route: methods, parameters, precedence and the request object."""

import ast

import pytest

APP = "routes.py"


def test_default_methods_are_get_and_post(client):
    assert client.get("/default").content == b"GET"
    assert client.post("/default").content == b"POST"
    response = client.put("/default")
    assert response.status_code == 405
    assert response.reason_phrase == "Method Not Allowed"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_methods_keyword(client, method):
    assert client.request(method, "/changes").content == method.encode()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_method_not_listed(client, method):
    response = client.request(method, "/get")
    assert response.status_code == 405
    allow = {m.strip() for m in response.headers["allow"].split(",")}
    assert {"GET"} <= allow <= {"GET", "HEAD", "OPTIONS"}


def test_allow_names_all_methods_of_a_url(client):
    response = client.delete("/same")
    assert response.status_code == 405
    allow = {m.strip() for m in response.headers["allow"].split(",")}
    assert {"GET", "POST"} <= allow <= {"GET", "POST", "HEAD", "OPTIONS"}


def test_same_url_for_another_method(client):
    assert client.get("/same").text == "get handler"
    assert client.post("/same").text == "post handler"


def test_same_url_with_parameter_for_another_method(client):
    assert client.get("/same/x").text == "get x"
    assert client.delete("/same/x").text == "delete x"
    response = client.put("/same/x")
    assert response.status_code == 405
    allow = {m.strip() for m in response.headers["allow"].split(",")}
    assert {"GET", "DELETE"} <= allow <= {"GET", "DELETE", "HEAD", "OPTIONS"}


def test_wrapper_adds_the_fields_that_it_reads(client):
    headers = {"X-Token": "t", "X-Color": "red", "X-Other": "x"}
    assert client.get("/wrapped/5", headers=headers).json() == {
        "number": "5",
        "headers": ["X-Color=red", "X-Token=t"],
    }
    assert client.get("/wrapped/5", headers={"X-Color": "red"}).status_code == 403


def test_parameter_is_a_string(client):
    assert client.get("/user/42").json() == {"type": "<class 'str'>", "id": "42"}


def test_parameter_is_passed_by_position(client):
    assert client.get("/device/7").json() == {"number": "7"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("J%C3%BCrgen", "Jürgen"),
        ("%D0%9F%D1%80%D0%B8", "При"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("%zz", "%zz"),
        ("100%25", "100%"),
        ("x%4", "x%4"),
        ("%", "%"),
        ("%FF", "\ufffd"),
    ],
)
def test_parameter_is_percent_decoded(wire, path, value):
    import json

    with wire() as peer:
        peer.send(f"GET /user/{path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response()
        assert response.status == 200
        assert json.loads(response.body)["id"] == value


def test_two_parameters(client):
    assert client.get("/a/1/b/2").json() == {"x": "1", "y": "2"}


def test_three_parameters_and_a_fixed_end(client):
    assert client.get("/a/1/b/2/c/3/end").json() == {"x": "1", "y": "2", "z": "3"}


@pytest.mark.parametrize("path", ["/a/1/b", "/a/1/c/2", "/a/1/b/2/3", "/a/1/b/2/c/3", "/user/1/2"])
def test_pattern_that_does_not_match(client, path):
    assert client.get(path).status_code == 404


def test_fixed_url_wins_over_parameter(client):
    assert client.get("/pets/dog").text == "the dog itself"
    assert client.get("/pets/cat").text == "pet cat"


def test_last_parameter_may_be_empty(client):
    assert client.get("/user/").json() == {"type": "<class 'str'>", "id": ""}
    assert client.get("/a/1/b/").json() == {"x": "1", "y": ""}
    assert client.get("/user").status_code == 404
    assert client.get("/a//b/2").status_code == 404


def test_add_route(client):
    assert client.get("/added").text == "added GET"
    assert client.post("/added").text == "added POST"
    assert client.post("/added/post").text == "added POST"
    assert client.get("/added/post").status_code == 405


@pytest.mark.parametrize("value", ["a%2Fb", "..", "%2e%2E", ".", "%2F", "..%2Fetc"])
def test_parameter_is_one_plain_segment(wire, value):
    """What would leave its segment once decoded matches no parameter."""
    with wire() as peer:
        peer.send(f"GET /user/{value} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert peer.read_response().status == 404


@pytest.mark.parametrize(
    "path", ["/nothing", "/Default", "/default/", "//", "/userx/1", "/user//"]
)
def test_unknown_url(wire, path):
    with wire() as peer:
        peer.send(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response()
        assert (response.status, response.reason) == (404, "Not Found")


def test_invalid_registrations(client):
    assert client.get("/errors").json() == {
        "": "ValueError",
        "/q?x=1": "ValueError",
        "twice": "ValueError",
    }


# The request object


def inspect(client, target):
    values = client.get(target).json()
    return {k: ast.literal_eval(v) for k, v in values.items()}


def test_request_attributes_are_bytes(client):
    assert inspect(client, "/inspect?a=1&b=2") == {
        "method": b"GET",
        "path": b"/inspect",
        "query_string": b"a=1&b=2",
        "headers": {},
    }


def test_query_string_may_be_empty_or_missing(client):
    assert inspect(client, "/inspect?")["query_string"] == b""
    assert inspect(client, "/inspect")["query_string"] == b""
    assert inspect(client, "/inspect?a?b=/c")["query_string"] == b"a?b=/c"


def test_headers_are_not_saved_by_default(client):
    response = client.get("/inspect", headers={"Cookie": "a=b", "X-Any": "1"})
    assert response.json()["headers"] == "{}"


@pytest.mark.parametrize("sent", ["Content-Length", "content-length", "CONTENT-LENGTH"])
def test_saved_content_length_whatever_the_capitals(wire, sent):
    import json

    with wire() as peer:
        peer.send(f"POST /headers HTTP/1.1\r\nHost: t\r\n{sent}: 3\r\n\r\nabc".encode())
        assert json.loads(peer.read_response("POST").body)["length"] == "3"


@pytest.mark.parametrize("sent", ["X-Lower", "x-lower", "X-LOWER"])
def test_saved_names_are_spelled_as_the_application_did(client, sent):
    response = client.get("/headers", headers={sent: "1", "x-uPPer": "2", "X-Other": "3"})
    saved = response.json()["headers"]
    assert (saved["x-lower"], saved["X-UPPER"]) == ("1", "2")
    assert "x-other" not in {name.lower() for name in saved}


def test_saved_header_in_several_lines(wire):
    import json

    with wire() as peer:
        peer.send(
            b"GET /headers HTTP/1.1\r\nHost: t\r\nX-Lower: 1\r\nCookie: a=1\r\n"
            b"X-Lower: 2\r\nCookie: b=2\r\n\r\n"
        )
        headers = json.loads(peer.read_response().body)["headers"]
        assert headers["x-lower"] == "1, 2"  # RFC 9110 section 5.3
        assert headers["Cookie"] == "a=1; b=2"  # RFC 6265bis section 5.8.3


def test_saved_header_of_a_browser_with_kilobytes_of_cookies(client):
    response = client.get("/headers", headers={"Accept": "text/html", "X-Fill": "c" * 3000})
    assert response.json()["headers"]["Accept"] == "text/html"


# HEAD and OPTIONS are the framework's


def test_head(client):
    get = client.get("/pets/dog")
    head = client.head("/pets/dog")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    if "content-length" in head.headers:
        assert head.headers["content-length"] == get.headers.get("content-length")


def test_head_of_unknown_url(client):
    response = client.head("/nothing")
    assert response.status_code == 404
    assert response.content == b""


def test_head_where_get_is_not_allowed(client):
    assert client.head("/changes").status_code == 405


def test_options(client):
    response = client.options("/changes")
    assert response.status_code in (200, 204)
    assert response.content == b""
    allow = {m.strip() for m in response.headers["allow"].split(",")}
    assert {"PUT", "PATCH", "DELETE"} <= allow <= {"PUT", "PATCH", "DELETE", "OPTIONS"}


def test_options_of_unknown_url(client):
    assert client.options("/nothing").status_code == 404


def test_unknown_method_is_405_or_501(client):
    assert client.request("BREW", "/default").status_code in (405, 501)


@pytest.mark.parametrize("bits", [64, 32])
def test_registration_in_bytes_and_lists(run_mpy, bits):
    """A URL or method may be bytes, a field of CORS a list; a name that is saved twice is one."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()

        def show(req, resp):
            resp.add_access_control_headers()
            return {name.decode(): value.decode() for name, value in req.headers.items()}

        app.add_route(b"/b", show, methods=[b"PUT"], save_headers=["x-a", b"x-a", "X-A"])
        # Only a segment in both brackets is a parameter; as bytes, others can be registered.
        app.add_route(b"/<b", lambda req, resp: "half a bracket")
        app.add_route(
            "/cors",
            show,
            allowed_access_control_origins=["https://a.example", "https://b.example"],
            allowed_access_control_headers=("X-A", "X-B"),
        )
        app.add_route("/both", show, methods=["GET", "HEAD"])

        client = TestClient(app)
        print(client.put("/b", headers={"X-A": "1"}).text, client.get("/b").status)
        print(client.get("/%3Cb").text)
        answer = client.get("/cors").headers
        print(answer["Access-Control-Allow-Origin"], answer["Access-Control-Allow-Headers"])
        print(client.post("/both").headers["Allow"])
        """,
        bits=bits,
    )
    names = '{"x-a": "1", "X-A": "1"}', '{"X-A": "1", "x-a": "1"}'
    first, *lines = done.stdout.splitlines()
    assert first in [name + " 405" for name in names]
    assert lines == [
        "half a bracket",
        "https://a.example, https://b.example X-A, X-B",
        "GET, HEAD, OPTIONS",
    ]
