# SPDX-License-Identifier: MIT
"""Guards of tinyweb: decorators of handlers, and hooks that guard resources and applications."""

APP = "guards.py"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
TOKEN = {"Authorization": "Bearer token"}


def test_a_page_is_sent_to_the_form(client):
    answer = client.get("/page", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/page")
    assert client.post("/page", headers=PAGE).status_code == 403


def test_a_program_gets_401(client):
    for headers in (JSON, {"Accept": "*/*"}):
        for method in ("GET", "POST"):
            answer = client.request(method, "/page", headers=headers)
            assert answer.status_code == 401
            assert answer.json() == {"message": "log in first", "url": "/login"}
            assert answer.headers["www-authenticate"] == 'Cookie form-action="/login"'
            assert answer.headers["content-type"] == "application/json"


def test_a_resource_sees_the_user(client):
    assert client.get("/thing", headers=JSON).status_code == 401
    client.post("/login", data={"user": "ann", "password": "right"})
    assert client.get("/thing", headers=JSON).json() == {"user": "ann"}
    assert client.get("/page", headers=JSON).text == "ann"


def test_a_resource_with_headers_and_parameters(client):
    assert client.put("/things/lamp", json={"on": 1}).status_code == 401
    answer = client.put("/things/lamp", json={"on": 1}, headers=TOKEN)
    assert answer.json() == {"user": "robot", "name": "lamp", "data": {"on": 1}}
    assert client.delete("/things/lamp", headers=TOKEN).json() == {"deleted": "lamp"}
    assert client.delete("/things/lamp").status_code == 401


def test_a_parameter_of_the_url_is_that(client):
    assert client.get("/named/abc").json() == {"request": "abc"}


def test_two_guards_of_a_resource(client):
    auth = ("ann", "right")
    assert client.get("/both").status_code == 401
    assert client.get("/both", auth=auth).json() == {"user": "ann"}
    assert client.post("/both", auth=auth).json() == {"user": "ann", "method": "POST"}
    foreign = {"Origin": "http://evil.example"}
    assert client.post("/both", auth=auth, headers=foreign).status_code == 403


def test_guard_of_an_application(client):
    assert client.get("/inner/x").status_code == 401
    answer = client.get("/inner/x", headers=TOKEN)
    assert (answer.status_code, answer.text) == (200, "robot")
    assert client.get("/inner/nowhere").status_code == 404


def test_guard_that_waits(run_mpy):
    """What its coroutine returns is the answer, and with None the handler runs."""
    done = run_mpy("""
        import asyncio
        import tinyweb
        from tinyweb.guards import Guard
        from tinyweb.testing import TestClient

        class Door(Guard):
            async def admit(self, req, resp):
                await asyncio.sleep_ms(0)
                if req.query_string == b"sent":
                    await resp.error(403)
                elif req.query_string != b"open":
                    return "closed", 423

        app = tinyweb.webserver()

        @app.route("/")
        @Door()
        def room(req, resp):
            return "room"

        client = TestClient(app)
        for path in ("/", "/?open", "/?sent"):
            answer = client.get(path)
            print(answer.status, answer.text)
    """)
    assert done.stdout.splitlines() == ["423 closed", "200 room", "403 Forbidden"]


def test_fields_of_the_handler_go_before_those_for_all(run_mpy):
    """SecurityHeaders adds what an answer does not have."""
    done = run_mpy("""
        import tinyweb
        from tinyweb.headers import SecurityHeaders
        from tinyweb.testing import TestClient

        app = tinyweb.webserver(buffer_size=512)
        app.after_request(SecurityHeaders(policy="default-src 'self'", permissions=None))
        app.add_route("/", lambda req, resp: ("own", 200, {"Referrer-Policy": "origin"}))
        headers = TestClient(app).get("/").headers
        for name in ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"):
            print(headers[name])
        print("Permissions-Policy" in headers)
    """)
    assert done.stdout.splitlines() == ["default-src 'self'", "origin", "nosniff", "False"]
