# SPDX-License-Identifier: MIT
"""add_resource() and @resource: results, handler forms, extra keyword arguments."""

import pytest

APP = "rest.py"


@pytest.mark.parametrize(
    ("kind", "status", "value"),
    [
        ("dict", 200, {"a": 1}),
        ("list", 200, [1, "two", None]),
        ("str", 200, {"already": "json"}),
        ("tuple", 201, {"made": True}),
        ("list-tuple", 202, [1]),
        ("str-tuple", 404, "text"),
        ("unicode", 200, {"text": "grüße 🙂"}),
        ("unicode-str", 200, "привет"),
        ("empty", 200, {}),
        ("empty-list", 200, []),
    ],
)
def test_results(client, kind, status, value):
    response = client.get("/result/" + kind)
    assert response.status_code == status
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert response.json() == value


def test_result_without_content(wire):
    with wire() as peer:
        peer.send(b"GET /result/no-content HTTP/1.1\r\nHost: t\r\n\r\n")
        assert peer.read_response().status == 204


@pytest.mark.parametrize("kind", ["none", "raise"])
def test_failing_handler(client, kind):
    """A handler that returns nothing has forgotten something, as in the original server."""
    assert client.get("/result/" + kind).status_code == 500
    assert client.get("/result/dict").status_code == 200


def test_http_exception(client):
    assert client.get("/result/not-found").status_code == 404


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/generator", "[" + "".join(f"{i}," for i in range(200)) + "200]"),
        ("/generator/empty-parts", '"ü"'),
        ("/generator/nothing", ""),
        ("/generator/bytes", '"bytes"'),
        ("/generator/async", "[1]"),
        ("/coroutine", '{"awaited": true}'),
        ("/aiter", "210"),
    ],
)
def test_results_over_time(wire, version, path, text):
    with wire() as peer:
        peer.send(f"GET {path} HTTP/{version}\r\nHost: t\r\n\r\n".encode())
        response = peer.read_response(version=version)
        assert response.status == 200
        assert response.text == text
        if not response.persists:
            peer.expect_eof()


def test_coroutine_with_code(client):
    response = client.put("/coroutine/code")
    assert (response.status_code, response.json()) == (202, {"awaited": True})


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/form/plain", {"form": "data"}),
        ("GET", "/form/headers", {"form": "data, headers", "auth": True}),
        ("GET", "/form/plain/7", {"form": "data, id", "id": "7"}),
        ("GET", "/form/headers/7", {"form": "data, headers, id", "id": "7", "auth": True}),
        ("GET", "/form/plain/1/and/2", {"form": "data, x, y", "x": "1", "y": "2"}),
        ("GET", "/form/headers/1/and/2", {"form": "data, headers, x, y", "x": "1", "y": "2"}),
        ("GET", "/form/mixed", {"form": "data"}),
        ("PUT", "/form/mixed", {"form": "data, headers"}),
        ("DELETE", "/form/mixed", {"form": "data, headers"}),
        ("PATCH", "/form/mixed", {"form": "data", "data": {}}),
        ("GET", "/kw/plain", {"form": "data", "db": "d", "unit": 3}),
        ("GET", "/kw/headers", {"form": "data, headers", "db": "d", "unit": 3}),
        ("GET", "/kw/9", {"form": "data, id", "db": "d", "id": "9"}),
        ("POST", "/kw/9", {"form": "data, headers, id", "db": "d", "id": "9"}),
        ("GET", "/instance", {"name": "made"}),
        ("GET", "/function", {"form": "data"}),
        ("GET", "/function/headers", {"form": "data, headers"}),
        ("PUT", "/function/kw", {"unit": "V"}),
        ("GET", "/function/lambda", {"headers": True}),
        ("GET", "/function/one-liner", {"form": "data"}),
    ],
)
def test_handler_forms(client, method, path, expected):
    response = client.request(method, path, headers={"authorization": "Basic x"})
    assert response.status_code == 200, response.text
    assert response.json() == expected


def test_form_with_content_type(client):
    response = client.post("/form/mixed", json={"x": 1})
    assert response.json() == {"form": "data, headers", "type": "application/json"}


def test_patch_has_data(client):
    assert client.patch("/form/mixed", json={"x": 1}).json()["data"] == {"x": 1}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_type_error_in_a_handler_is_called_once_and_reported(client, app, method):
    """A TypeError of the handler's own is no sign of the other form."""
    before = app.log().count("TypeError")
    assert client.request(method, "/form/type-error").status_code == 500
    assert app.log().count("TypeError") == before + 1


@pytest.mark.parametrize("capitals", [str.lower, str.upper, str.title])
def test_headers_of_a_resource_by_default(client, capitals):
    sent = {
        capitals("authorization"): "Basic x",
        capitals("content-type"): "application/json",
        "X-Other": "1",
    }
    response = client.post("/sees", content=b"{}", headers=sent)
    assert response.json() == {
        "Authorization": "Basic x",
        "Content-Type": "application/json",
        "Content-Length": "2",
    }


def test_head_of_a_resource(client):
    response = client.head("/result/dict")
    assert response.status_code == 200
    assert response.content == b""


def test_head_of_a_generator(wire):
    with wire() as peer:
        peer.send(b"HEAD /generator HTTP/1.1\r\nHost: t\r\n\r\n")
        response = peer.read_response("HEAD")
        assert response.status == 200
        if response.persists:
            peer.expect_silence()


def test_generator_closed_when_the_client_leaves(wire, client):
    for _ in range(15):  # more than there are slots
        with wire() as peer:
            peer.send(b"GET /generator HTTP/1.1\r\nHost: t\r\n\r\n")
            peer.reset()
    assert client.get("/result/dict").status_code == 200


@pytest.mark.parametrize("bits", [64, 32])
def test_what_methods_are_called_with(run_mpy, bits):
    """By what they take, what add_resource() is given, and the URL."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()

        class Any:
            def get(self, *args):
                return {"args": len(args), "data": args[0]}

        class Named:
            def get(self, data, request):
                return {"request": request if isinstance(request, str) else "the request"}

        class Optional:
            def get(self, data, id="none"):
                return {"id": id, "data": data}

        class Long:
            def get(self, data):
                return ["x" * 100] * 30

        app.add_resource(Any, "/any")
        app.add_resource(Any, "/any/<id>")
        app.add_resource(Any, "/forced", pass_headers=False)
        app.add_resource(Named, "/given", request="mine")
        app.add_resource(Named, "/wanted")
        app.add_resource(Named, "/url/<str:request>")
        app.add_resource(Optional, "/optional/<id>")
        app.add_resource(Long, "/long")
        app.resource("/builtin", pass_headers=False)(repr)
        app.resource("/builtin/<x>", pass_headers=False)(max)

        client = TestClient(app)
        for path in ("/any?a=1", "/any/7?a=1", "/forced", "/given", "/wanted", "/url/x",
                     "/optional/5?b=2", "/optional/", "/builtin"):
            print(path, client.get(path).text)
        print(len(client.get("/long").json()))
        """,
        bits=bits,
    )
    assert done.stdout.splitlines() == [
        '/any?a=1 {"args": 2, "data": {"a": "1"}}',
        '/any/7?a=1 {"args": 3, "data": {"a": "1"}}',
        '/forced {"args": 1, "data": {}}',
        '/given {"request": "mine"}',
        '/wanted {"request": "the request"}',
        '/url/x {"request": "x"}',
        '/optional/5?b=2 {"id": "5", "data": {"b": "2"}}',
        '/optional/ {"id": "none", "data": {}}',
        "/builtin {}",
        "30",
    ]
