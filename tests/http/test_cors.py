# SPDX-License-Identifier: MIT
"""Access control: keywords of routes and resources, preflight requests."""

import pytest

APP = "cors.py"
ORIGIN = "access-control-allow-origin"
METHODS = "access-control-allow-methods"
HEADERS = "access-control-allow-headers"


def methods(response):
    return {m.strip() for m in response.headers[METHODS].split(",")}


def test_defaults_are_stars(client):
    response = client.get("/default")
    assert response.headers[ORIGIN] == "*"
    assert response.headers[HEADERS] == "*"
    assert {"GET", "POST"} <= methods(response) <= {"GET", "POST", "HEAD", "OPTIONS"}


def test_keywords(client):
    response = client.get("/own")
    assert response.headers[ORIGIN] == "https://ui.example"
    assert response.headers[HEADERS] == "X-Token, Content-Type"
    assert {"GET", "PUT"} <= methods(response) <= {"GET", "PUT", "HEAD", "OPTIONS"}


def test_only_when_asked(client):
    response = client.get("/without")
    assert ORIGIN not in response.headers


@pytest.mark.parametrize(
    ("path", "origin", "headers", "allowed"),
    [
        ("/default", "*", "*", {"GET", "POST"}),
        ("/own", "https://ui.example", "X-Token, Content-Type", {"GET", "PUT"}),
        ("/things", "*", "*", {"GET", "DELETE"}),
        ("/own-things", "https://ui.example", "X-Token", {"GET", "DELETE"}),
    ],
)
def test_preflight(client, path, origin, headers, allowed):
    response = client.options(
        path,
        headers={
            "Origin": "https://ui.example",
            "Access-Control-Request-Method": "DELETE",
            "Access-Control-Request-Headers": "x-token",
        },
    )
    assert response.status_code in (200, 204)
    assert response.content == b""
    assert response.headers[ORIGIN] == origin
    assert response.headers[HEADERS] == headers
    assert allowed <= methods(response) <= allowed | {"HEAD", "OPTIONS"}


def test_resources_carry_the_fields(client):
    response = client.get("/things")
    assert response.headers[ORIGIN] == "*"
    assert response.headers[HEADERS] == "*"
    assert {"GET", "DELETE"} <= methods(response)


def test_resource_keywords(client):
    response = client.get("/own-things")
    assert response.headers[ORIGIN] == "https://ui.example"
    assert response.headers[HEADERS] == "X-Token"
