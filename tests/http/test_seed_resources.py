# SPDX-License-Identifier: MIT
"""The documentation's REST examples, both handler forms, as written there."""

import pytest

APP = "seed_resources.py"
CUSTOMERS = {"1": {"name": "Jack"}, "2": {"name": "Bob"}}


@pytest.mark.parametrize("form", ["h", "d"])
def test_list(client, form):
    response = client.get(f"/{form}/customers")
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert response.json() == CUSTOMERS


@pytest.mark.parametrize("form", ["h", "d"])
@pytest.mark.parametrize("kind", ["json", "data"])
def test_add(client, form, kind):
    response = client.post(f"/{form}/customers", **{kind: {"name": f"Ann {form}"}})
    assert response.status_code == 201
    assert response.reason_phrase == "Created"
    assert response.json() == {"message": "created"}
    assert client.get("/db").json() == {"1": {"name": f"Ann {form}"}}


def test_delete_needs_authorization(client):
    client.post("/h/customers", json={"name": "Eve"})
    response = client.delete("/h/customers")
    assert response.status_code == 403
    assert response.json() == {"message": "forbidden"}
    assert client.get("/db").json() == {"1": {"name": "Eve"}}


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_delete_with_authorization(wire, client, name):
    client.post("/h/customers", json={"name": "Eve"})
    with wire() as peer:
        peer.send(f"DELETE /h/customers HTTP/1.1\r\nHost: t\r\n{name}: Basic x\r\n\r\n".encode())
        response = peer.read_response("DELETE")
        assert (response.status, response.text) == (200, '{"message": "deleted"}')
    assert client.get("/db").json() == {}


def test_method_that_the_class_lacks(client):
    response = client.delete("/d/customers")
    assert response.status_code == 405
    allow = {m.strip() for m in response.headers["allow"].split(",")}
    assert {"GET", "POST"} <= allow <= {"GET", "POST", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("form", ["h", "d"])
def test_function_with_parameter(client, form):
    assert client.get(f"/{form}/user/17").json() == {"id": "17", "name": "foo"}


@pytest.mark.parametrize("form", ["h", "d"])
def test_generator_for_another_method(client, form):
    response = client.post(f"/{form}/user/17")
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert response.text == '{"id": "17","name": "test",}'


@pytest.mark.parametrize("form", ["h", "d"])
def test_generator_to_http_1_0(wire, form):
    with wire() as peer:
        peer.send(f"POST /{form}/user/17 HTTP/1.0\r\nContent-Length: 0\r\n\r\n".encode())
        response = peer.read_response("POST", version="1.0")
        assert response.text == '{"id": "17","name": "test",}'
        peer.expect_eof()
