# SPDX-License-Identifier: MIT
"""tinyweb.cors: what the Fetch standard lets a browser conclude from each answer."""

import pytest

APP = "cors_policy.py"
UI = "https://ui.example"
EVIL = "https://evil.example.net"


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def serve_options(request):
    return {"bits": request.param}


def cors(response):
    """The response's CORS fields without their prefix, and Vary."""
    prefix = "access-control-"
    found = {n[len(prefix) :]: v for n, v in response.headers.items() if n.startswith(prefix)}
    assert not ("allow-credentials" in found and found.get("allow-origin") == "*")
    return found, response.headers.get("vary")


def get(client, path, origin=UI, method="GET"):
    return client.request(method, path, headers={"Origin": origin} if origin else {})


def preflight(client, path, method="GET", origin=UI, fields=None):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    if fields:
        headers["Access-Control-Request-Headers"] = fields
    return client.options(path, headers=headers)


ALLOWED = {
    "allow-origin": UI,
    "allow-credentials": "true",
    "expose-headers": "X-Total, X-Page",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/private", 401),
        ("GET", "/nowhere", 404),
        ("PATCH", "/", 405),
        ("GET", "/fails", 500),
        ("GET", "/stream", 200),
        ("GET", "/things", 200),
        ("OPTIONS", "/", 204),
    ],
)
def test_every_answer_to_an_allowed_origin(client, method, path, status):
    response = get(client, path, method=method)
    assert response.status_code == status
    assert cors(response) == (ALLOWED, "Origin")


@pytest.mark.parametrize(
    "origin", [None, EVIL, "null", "https://ui.example.", "https://UI.example", "*", f"{UI}, {UI}"]
)
@pytest.mark.parametrize("path", ["/", "/nowhere", "/things"])
def test_other_origins_get_nothing_but_vary(client, origin, path):
    assert cors(get(client, path, origin)) == ({}, "Origin")


def test_origin_that_is_no_text(wire):
    with wire() as peer:
        peer.send(b"GET / HTTP/1.1\r\nHost: t\r\nOrigin: \xff\xfe\r\n\r\n")
        response = peer.read_response()
        assert response.status == 200
        assert response.get("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize(
    ("path", "method", "methods"),
    [
        ("/", "GET", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("/private", "GET", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("/item/5", "DELETE", {"DELETE", "PUT", "OPTIONS"}),
        ("/item/5", "PUT", {"DELETE", "PUT", "OPTIONS"}),
        ("/item/x", "DELETE", {"PUT", "OPTIONS"}),
        ("/own-options", "OPTIONS", {"OPTIONS"}),
    ],
)
def test_preflight(client, path, method, methods):
    response = preflight(client, path, method, fields="x-token, content-type")
    assert (response.status_code, response.content) == (204, b"")
    found, vary = cors(response)
    assert set(found.pop("allow-methods").split(", ")) == methods
    assert found == {
        "allow-origin": UI,
        "allow-credentials": "true",
        "allow-headers": "x-token, content-type",
        "max-age": "600",
    }
    assert vary == "Origin"


def test_preflight_of_another_origin(client):
    response = preflight(client, "/", origin=EVIL, fields="x-token")
    assert response.status_code == 204
    assert cors(response) == ({}, "Origin")


def test_preflight_of_an_unknown_url_lets_the_script_see_the_404(client):
    response = preflight(client, "/nowhere", "DELETE")
    assert response.status_code == 204
    assert cors(response)[0]["allow-origin"] == UI
    assert "DELETE" in cors(response)[0]["allow-methods"]


def test_options_that_is_no_preflight(client):
    response = get(client, "/own-options", method="OPTIONS")
    assert response.text == "own"
    assert "GET" in get(client, "/", method="OPTIONS").headers["allow"]


def test_preflight_of_a_route_without_a_policy(run_mpy):
    """It is answered as without tinyweb.cors, while another route has a policy."""
    done = run_mpy("""
        import tinyweb
        from tinyweb.cors import CORS
        from tinyweb.testing import TestClient

        app = tinyweb.webserver()
        app.add_route("/with", lambda req, resp: "x", cors=CORS(origins=["https://a.example"]))
        app.add_route("/without", lambda req, resp: "x", allowed_access_control_origins="none")
        client = TestClient(app)
        fields = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
        for path in ("/with", "/without"):
            answer = client.request("OPTIONS", path, headers=fields)
            print(answer.status, answer.headers["Access-Control-Allow-Origin"])
        # Without either of its fields an OPTIONS is no preflight.
        for name in list(fields):
            answer = client.request("OPTIONS", "/with", headers={name: fields[name]}).headers
            print(answer["Allow"], answer.get("Access-Control-Allow-Origin"))
    """)
    assert done.stdout.splitlines() == [
        "204 https://a.example",
        "204 none",
        *["GET, POST, HEAD, OPTIONS None"] * 2,
    ]


@pytest.mark.parametrize("origin", [None, UI, EVIL, "null"])
def test_route_for_everybody(client, origin):
    assert cors(get(client, "/open", origin)) == ({"allow-origin": "*"}, None)


def test_preflight_for_everybody(client):
    found, vary = cors(preflight(client, "/open", "PATCH", EVIL, "x-anything"))
    assert found == {
        "allow-origin": "*",
        "allow-methods": "GET, PATCH",
        "allow-headers": "X-One, X-Two",
    }
    assert vary is None


def test_predicate(client):
    good = "https://any.example"
    assert cors(get(client, "/chosen", good)) == ({"allow-origin": good}, "Origin")
    assert cors(get(client, "/chosen", EVIL)) == ({}, "Origin")
    assert cors(preflight(client, "/chosen", origin=EVIL)) == ({}, "Origin")


@pytest.mark.parametrize(
    ("what", "vary"), [("list", "Accept, Cookie, Origin"), ("star", "*"), ("own", "Origin")]
)
def test_vary_of_the_handler_stays(client, what, vary):
    assert cors(get(client, f"/vary/{what}"))[1] == vary


def test_resource_with_a_policy(client):
    assert cors(get(client, "/own-things", EVIL)) == ({"allow-origin": "*"}, None)


def test_mounted_application_has_its_own(client):
    own = "https://sub.example"
    assert cors(get(client, "/sub/x", own)) == ({"allow-origin": own}, "Origin")
    assert cors(get(client, "/sub/x", UI)) == ({}, "Origin")
    assert cors(preflight(client, "/sub/x", origin=own))[0]["allow-origin"] == own
    assert cors(preflight(client, "/sub/x", origin=UI)) == ({}, "Origin")


def test_credentials_for_everybody_are_refused(client):
    assert client.get("/errors").text == "credentials need named origins"
