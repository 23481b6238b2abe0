# SPDX-License-Identifier: MIT
"""tinyweb.login: who gets in, where they go, and how often they may try."""

import pytest

APP = "login.py"
RIGHT = {"user": "ann", "password": "right"}


def log_in(client, user="ann", password="right", **options):
    return client.post("/login", data={"user": user, "password": password}, **options)


@pytest.fixture(autouse=True)
def no_attempts(request, client):
    """All tests have the same address: a success forgets what the last one tried."""
    yield
    client.cookies.clear()
    if request.function is not test_limit:
        assert log_in(client).status_code == 303


def test_login_and_logout(client):
    answer = client.get("/")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/"
    assert client.get("/login").text == "form"

    answer = log_in(client)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert client.get("/").text.startswith("ann ")
    assert client.get("/page/x").text == "x"

    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (302, "/login")
    assert "session" not in client.cookies
    assert client.get("/").status_code == 303


def test_without_a_user(client):
    answer = client.get("/page/a%20b?c=d&e=%26")
    assert answer.headers["location"] == "/login?next=/page/a%2520b%3Fc%3Dd%26e%3D%2526"
    assert client.head("/").status_code == 303
    assert client.post("/").status_code == 403


def test_back_to_the_page(client):
    location = client.get("/page/a%20b?c=d&e=%26").headers["location"]
    answer = client.post(location, data=RIGHT)
    assert answer.headers["location"] == "/page/a%20b?c=d&e=%26"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/%5Cevil.example",
        "%5C%5Cevil.example",
        "/%09/evil.example",
        "%09//evil.example",
        "/%0D%0ASet-Cookie:a=b",
        "javascript:x",
        "",
        "x",
        "%2F%2Fevil.example",
    ],
)
def test_never_to_another_server(client, target):
    answer = client.post("/login?next=" + target, data=RIGHT)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"user": "ann", "password": "wrong"}},
        {"data": {"user": "nobody", "password": "right"}},
        {"data": {"user": "ann"}},
        {"data": {"password": "right"}},
        {"data": {}},
        {"json": {"user": "ann", "password": 1}},
        {"json": {"user": ["ann"], "password": {}}},
    ],
)
def test_wrong(client, body):
    answer = client.post("/login", **body)
    assert (answer.status_code, answer.text) == (403, "failed")
    assert "set-cookie" not in answer.headers
    assert client.get("/").status_code == 303


def test_other_body(client):
    answer = client.post("/login", content=b"x", headers={"Content-Type": "text/x"})
    assert answer.status_code == 415


def test_session_fixation(client):
    client.get("/plant")
    planted = client.cookies["session"]
    log_in(client)
    assert "planted" not in client.get("/").text
    client.cookies.clear()
    assert client.get("/", headers={"Cookie": f"session={planted}"}).status_code == 303


def test_removed_user(client):
    log_in(client, "bob", "bob")
    assert client.get("/").text.startswith("bob ")
    client.post("/remove-bob")
    assert client.get("/").status_code == 303


def test_limit(client):
    """The last of all: nobody of this address gets in for a minute."""
    for _ in range(3):
        assert log_in(client, password="wrong").status_code == 403
    answer = log_in(client)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
