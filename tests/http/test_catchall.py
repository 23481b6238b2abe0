# SPDX-License-Identifier: MIT
"""catchall() serves what no route does."""

import pytest

APP = "catchall.py"


def test_known_route_first(client):
    assert client.get("/known").text == "known"


def test_catchall_gets_the_rest(client):
    response = client.get("/some/thing")
    assert response.status_code == 404
    assert response.text == "nothing at /some/thing"


@pytest.mark.parametrize("path", ["/some/thing", "/known", "/"])
def test_options_is_answered(client, path):
    response = client.options(path)
    assert response.status_code in (200, 204)
    assert response.content == b""


def test_head(client):
    response = client.head("/some/thing")
    assert response.status_code == 404
    assert response.content == b""


def test_method_of_known_route_is_still_checked(client):
    response = client.delete("/known")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
