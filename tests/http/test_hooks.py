# SPDX-License-Identifier: MIT
"""Hooks, error handlers, mounted applications and url_for()."""

import pytest

APP = "hooks.py"


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def serve_options(request):
    return {"bits": request.param}


def test_hooks_run_around_a_route_that_was_added_before_them(client):
    response = client.get("/early")
    assert response.text == "app handler"
    assert response.headers["x-app"] == "200 1"


def test_hooks_of_the_route_are_the_inner_ones(client):
    response = client.get("/both")
    assert response.text == "app route"
    assert response.headers["x-route"] == "none yet"
    assert response.headers["x-app"] == "200 2"


def test_fields_that_a_hook_needs_are_kept_beside_those_of_the_route(client):
    fields = {"X-Own": "1", "X-Before": "2", "X-Other": "3"}
    found = client.get("/late/a/b", headers=fields).json()
    assert found == {"rest": "a/b", "headers": ["X-Before", "X-Own", "x-before"]}


@pytest.mark.parametrize("path", ["/early", "/nowhere", "/stream", "/api/"])
@pytest.mark.parametrize(
    ("what", "status", "text"),
    [
        ("value", 202, '{"from": "before"}'),
        ("sends", 403, "Forbidden"),
        ("raises", 401, "Unauthorized"),
    ],
)
def test_a_hook_before_answers_instead_of_the_handler(client, path, what, status, text):
    response = client.get(path, headers={"X-Before": what})
    assert (response.status_code, response.text) == (status, text)
    assert response.headers["x-app"].startswith(str(status))


def test_error_of_a_hook_before(client):
    response = client.get("/early", headers={"X-Before": "fails"})
    assert (response.status_code, response.text) == (500, "by the generator")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/early", 405),
        ("OPTIONS", "/early", 204),
        ("HEAD", "/early", 200),
        ("POST", "/small", 413),
        ("GET", "/stream", 200),
        ("GET", "/missing", 404),
        ("GET", "/raise/unknown", 500),
    ],
)
def test_a_hook_after_sees_every_answer(client, method, path, status):
    body = b"x" * 100 if method == "POST" else None
    response = client.request(method, path, content=body)
    assert response.status_code == status
    assert response.headers["x-app"].startswith(str(status))


@pytest.mark.parametrize("path", ["/after-fails", "/after-starts"])
def test_a_hook_after_that_fails_is_500(client, app, path):
    response = client.get(path)
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    assert "x-route" not in response.headers
    assert "logged" in app.log()
    assert client.get("/early").status_code == 200


# Error handlers


def test_status_handler(client):
    expected = {"missing": "/nowhere", "error": "HTTPException(404,)"}
    response = client.get("/nowhere")
    assert (response.status_code, response.json()) == (404, expected)
    assert client.get("/missing").json()["missing"] == "/missing"
    assert client.head("/nowhere").status_code == 404
    assert client.get("/own-text").text == "own text"


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("base", 503, "base of base"),
        ("derived", 409, '"derived"'),
        ("zero", 500, "by the generator"),
        ("unknown", 500, "Internal Server Error"),
        ("forbidden", 403, "Forbidden"),
    ],
)
def test_class_handler(client, kind, status, text):
    response = client.get(f"/raise/{kind}")
    assert (response.status_code, response.text) == (status, text)
    assert "x-lost" not in response.headers


def test_generator_as_error_handler_with_head(client):
    response = client.head("/raise/zero")
    assert (response.status_code, response.content) == (500, b"")
    assert response.headers["content-type"].startswith("text/html")


def test_an_exception_that_is_handled_is_not_logged(client, app):
    client.get("/raise/base")
    assert "logged Base" not in app.log()
    client.get("/raise/unknown")
    assert "logged Unknown" in app.log()


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("bad", 500, "Internal Server Error"),
        ("gone", 500, "Internal Server Error"),
        ("conflict", 412, "Precondition Failed"),
        ("teapot", 418, None),
    ],
)
def test_error_of_an_error_handler_is_answered_plainly(client, app, kind, status, text):
    response = client.get(f"/raise/{kind}")
    assert response.status_code == status
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert text is None or response.text == text
    if status == 500:
        assert {"bad": "logged KeyError", "gone": "logged ValueError"}[kind] in app.log()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /early HTTP/1.1\r\n\r\n", 400),
        (b"\0\r\n\r\n", 400),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: t\r\n\r\n", 414),
        (b"GET /early HTTP/1.1\r\nHost: t\r\n" + b"A: b\r\n" * 1000 + b"\r\n", 431),
    ],
)
def test_unreadable_requests_get_only_their_body_from_the_application(wire, client, data, status):
    # Nothing of what another client has sent before may be seen.
    client.get("/late/secret", headers={"X-Own": "secret"})
    with wire() as peer:
        peer.send(data)
        response = peer.read_response()
        assert response.status == status
        assert response.text.startswith("cannot read: ")
        assert "secret" not in response.text
        assert response.get("X-Late") is None
        assert not response.persists


def test_unreadable_request_after_another_on_the_same_connection(wire):
    with wire() as peer:
        peer.send(b"GET /late/secret HTTP/1.1\r\nHost: t\r\nX-Own: secret\r\n\r\n")
        assert peer.read_response().status == 200
        peer.send(b"\0\r\n\r\n")
        response = peer.read_response()
        assert (response.status, response.text) == (400, "cannot read: [None, None, {}]")


# Mounted applications


def test_mounted_routes_and_the_order_of_hooks(client):
    response = client.get("/api/")
    assert response.text == "app sub"
    assert response.headers["x-sub"] == "first"
    assert response.headers["x-app"] == "200 2"
    assert client.get("/api/item/5").json() == {"id": 5, "calls": ["app", "sub", "route"]}
    assert client.get("/api/inner/deep").text == "app sub inner"
    assert "x-sub" not in client.get("/early").headers


def test_errors_of_a_mounted_application(client):
    response = client.delete("/api/item/5")
    assert (response.status_code, response.text) == (422, "unknown 5")
    assert client.get("/api/gone").text == "not in here"
    assert client.get("/api/nowhere").json()["missing"] == "/api/nowhere"


def test_methods_of_a_mounted_application(client):
    response = client.post("/api/item/5")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "DELETE", "HEAD", "OPTIONS"}


def test_url_for(client):
    assert client.get("/urls").json() == [
        "/early",
        "/api/",
        "/api/item/7",
        "/api/item/7",
        "/late/a%20b/%C3%BC%3F",
        "/raise/a%2Fb",
        "/api/inner/deep",
    ]


def test_what_cannot_be_registered_or_found(client):
    assert client.get("/url-errors").json() == [
        "no route has this handler",
        "the URL has no parameters",
        "the URL has more parameters",
        "the URL has fewer parameters",
        "no route has this handler",
        "prefix",
        "prefix",
        "prefix",
        "what comes after a handler is no coroutine",
        "attribute",
    ]


# Programs of their own, each driven without sockets


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def driven(request, run_mpy):
    """``driven(code)``: the lines that `code` prints; `app`, `client` and `log` are there."""
    start = """\
import tinyweb
from tinyweb import HTTPException
from tinyweb.testing import TestClient

app = tinyweb.webserver(buffer_size=512)
client = TestClient(app)
log = []
app.log_error = lambda exc, req: log.append(repr(exc))

def show(answer):
    print(answer.status, answer.text)

"""
    return lambda code: run_mpy(start + code, bits=request.param).stdout.splitlines()


def test_hooks_of_an_application_reach_its_catch_all(driven):
    """Also one that was registered before them."""
    lines = driven("""
@app.catchall()
def rest(req, resp):
    return "rest"

@app.before_request
def hook(req, resp):
    resp.headers["X-Hook"] = "1"

answer = client.get("/nowhere")
print(answer.text, answer.headers["X-Hook"])
""")
    assert lines == ["rest 1"]


def test_route_with_a_hook_after_it_alone(driven):
    lines = driven("""
def stamp(req, resp):
    resp.headers["X-After"] = "1"

@app.route("/", after=stamp)
def index(req, resp):
    return "index"

answer = client.get("/")
print(answer.text, answer.headers["X-After"])
""")
    assert lines == ["index 1"]


def test_url_of_a_handler_below_its_decorators(driven):
    lines = driven("""
from tinyweb.auth import basic_auth

login = basic_auth({})

@app.route("/first")
@login
def first(req, resp):
    pass

@app.route("/<name>")
@login
@login
def second(req, resp, name):
    pass

print(app.url_for("first"), app.url_for("second", "x"), app.url_for("second", name="y"))
""")
    assert lines == ["/first /x /y"]


def test_the_most_derived_class_has_its_handler(driven):
    """In whatever order they are registered. A class above Exception catches no failure."""
    lines = driven("""
class Base(Exception):
    pass

class Derived(Base):
    pass

for key in (BaseException, Derived, Base, Exception):
    app.errorhandler(key)(lambda req, resp, exc, key=key: key.__name__)

@app.route("/<name>")
def fail(req, resp, name):
    raise {"derived": Derived, "base": Base, "value": ValueError}[name]()

for name in ("derived", "base", "value", "nowhere/at-all"):
    show(client.get("/" + name))
""")
    assert lines == ["500 Derived", "500 Base", "500 Exception", "404 Not Found"]


def test_error_handler_without_an_answer(driven):
    """The status stands, with an empty body."""
    lines = driven("""
@app.errorhandler(404)
def count(req, resp, exc):
    print("counted")

show(client.get("/nowhere"))
""")
    assert lines == ["counted", "404 "]


@pytest.mark.parametrize("code", ["0", "100", "199", "600", "'x'", "None"])
def test_error_handler_that_raises_no_status(driven, code):
    lines = driven(f"""
@app.errorhandler(ValueError)
def again(req, resp, exc):
    raise HTTPException({code})

@app.route("/")
def index(req, resp):
    raise ValueError

show(client.get("/"))
""")
    assert lines == ["500 Internal Server Error"]


@pytest.mark.parametrize("code", ["0", "100", "'x'"])
def test_handler_that_raises_no_status(driven, code):
    """It is a failure of the handler like others, and in the log."""
    lines = driven(f"""
@app.route("/")
def index(req, resp):
    raise HTTPException({code})

show(client.get("/"))
print(*log)
""")
    assert lines == ["500 Internal Server Error", f"HTTPException({code},)"]


@pytest.mark.parametrize("error", ["HTTPException(409)", "ValueError()"])
def test_error_handler_that_fails_when_its_answer_has_begun(driven, error):
    """What has left cannot be taken back: the connection ends, and the client sees that."""
    lines = driven(f"""
@app.errorhandler(404)
async def late(req, resp, exc):
    await resp.start_html()
    for i in range(10):
        await resp.send("x" * 200)
    raise {error}

try:
    show(client.get("/nowhere"))
except OSError:
    print("cut off")
""")
    assert lines == ["cut off"]


@pytest.mark.parametrize(
    ("fails", "logged"),
    [
        ("raise ValueError", ["ValueError()", "IndexError('hook',)"]),
        ("raise HTTPException(409)", ["IndexError('hook',)"]),
        ("raise KeyError", ["NameError('handler',)", "IndexError('hook',)"]),
        ("raise HTTPException(410)", ["NameError('handler',)", "IndexError('hook',)"]),
    ],
)
def test_hook_after_an_error_that_fails(driven, fails, logged):
    """It is an error of the handler as well; also where an error handler has failed before."""
    lines = driven(f"""
@app.errorhandler(410)
@app.errorhandler(KeyError)
def again(req, resp, exc):
    raise NameError("handler")

@app.after_request
def after(req, resp):
    raise IndexError("hook")

@app.route("/", methods=["POST"], max_body_size=5)
def index(req, resp):
    {fails}

show(client.post("/"))
for line in log:
    print(line)
""")
    assert lines == ["500 Internal Server Error", *logged]


def test_hook_after_that_fails_where_the_handler_is_not_reached(driven):
    lines = driven("""
@app.after_request
def after(req, resp):
    raise IndexError("hook")

@app.route("/", methods=["POST"], max_body_size=5)
def index(req, resp):
    return "never"

for answer in (client.post("/", "123456"), client.get("/"), client.get("/nowhere")):
    show(answer)
""")
    assert lines == ["500 Internal Server Error"] * 3


def test_first_error_handler_comes_while_a_request_is_served(driven):
    """The route of this request knows of no hooks yet; the handler answers it all the same."""
    lines = driven("""
@app.route("/<name>")
def index(req, resp, name):
    app.errorhandler(404)(lambda req, resp, exc: "own text")
    app.errorhandler(ValueError)(lambda req, resp, exc: "own value")
    raise HTTPException(404) if name == "a" else ValueError

show(client.get("/a"))
show(client.get("/b"))
""")
    assert lines == ["404 own text", "500 own value"]


def test_failure_for_a_request_that_could_not_be_read(run_mpy):
    """The log has the failure, and no request that it belongs to."""
    done = run_mpy("""
import tinyweb
from tinyweb.testing import TestClient

app = tinyweb.webserver()

@app.errorhandler(400)
def unreadable(req, resp, exc):
    raise ValueError("of the error handler")

answer = TestClient(app).get("/a b")
print(answer.status, answer.text)
""")
    *log, answer = done.stdout.splitlines()
    assert answer == "400 Bad Request"
    assert log[-1] == "ValueError: of the error handler"
