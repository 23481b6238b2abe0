# SPDX-License-Identifier: MIT
import pytest


@pytest.fixture
def api(frozen):
    return frozen("rest_api")


def test_list_holds_the_two_first_customers(api):
    answer = api.get("/customers")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == {"1": {"name": "Jack"}, "2": {"name": "Bob"}}


@pytest.mark.parametrize("form", ["data", "json"])
def test_added_customer_can_be_read(api, form):
    customer = {"name": "Zoë", "city": "Zürich & Genève"}
    answer = api.post("/customers", **{form: customer})
    assert answer.status_code == 201
    assert answer.json() == {"message": "created", "id": "3"}
    assert api.get("/customers/3").json() == customer
    assert sorted(api.get("/names").json()) == ["Bob", "Jack", "Zoë"]


@pytest.mark.parametrize("body", [{"data": {"city": "Oslo"}}, {"json": {}}, {}])
def test_customer_without_a_name_is_refused(api, body):
    assert api.post("/customers", **body).status_code == 400
    assert len(api.get("/customers").json()) == 2


def test_database_has_an_end(api):
    for i in range(18):
        assert api.post("/customers", data={"name": f"n{i}"}).status_code == 201
    assert api.post("/customers", data={"name": "one more"}).status_code == 409
    assert len(api.get("/customers").json()) == 20


def test_put_replaces(api):
    answer = api.put("/customers/2", json={"name": "Robert", "city": "Rome"})
    assert (answer.status_code, answer.json()) == (200, {"message": "updated"})
    assert api.get("/customers/2").json() == {"name": "Robert", "city": "Rome"}

    assert api.put("/customers/2", json={"city": "Oslo"}).status_code == 400
    assert api.get("/customers/2").json() == {"name": "Robert", "city": "Rome"}


def test_delete_needs_authorization(api):
    answer = api.delete("/customers/1")
    assert (answer.status_code, answer.json()) == (403, {"message": "forbidden"})
    assert api.get("/customers/1").status_code == 200

    answer = api.delete("/customers/1", headers={"aUTHORIZATION": "Bearer x"})
    assert (answer.status_code, answer.json()) == (200, {"message": "deleted"})
    assert api.get("/customers/1").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_unknown_customer_is_not_found(api, method):
    answer = api.request(method, "/customers/99", headers={"Authorization": "x"})
    assert (answer.status_code, answer.json()) == (404, {"message": "no such customer"})


def test_names_of_an_empty_database_are_an_empty_list(api):
    for customer in ("1", "2"):
        api.delete(f"/customers/{customer}", headers={"Authorization": "x"})
    assert api.get("/names").json() == []


def test_method_that_no_handler_has_is_not_allowed(api):
    answer = api.patch("/customers/1", json={})
    assert answer.status_code == 405
    allowed = {method.strip() for method in answer.headers["allow"].split(",")}
    assert {"GET", "PUT", "DELETE"} <= allowed
    assert not {"PATCH", "POST"} & allowed
