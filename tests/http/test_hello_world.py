# SPDX-License-Identifier: MIT
"""The documentation's hello world runs as written there."""

APP = "seed_hello.py"

INDEX = '<html><body><h1>Hello, world! (<a href="/table">table</a>)</h1></html>\n'
TABLE = (
    "<html><body><h1>Simple table</h1>"
    "<table border=1 width=400>"
    "<tr><td>Name</td><td>Some Value</td></tr>"
    + "".join(f"<tr><td>Name{i}</td><td>Value{i}</td></tr>" for i in range(10))
    + "</table></html>"
)


def test_index(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.reason_phrase == "OK"
    assert response.headers["content-type"].split(";")[0] == "text/html"
    assert response.text == INDEX


def test_table(client):
    response = client.get("/table")
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "text/html"
    assert response.text == TABLE


def test_index_to_http_1_0(wire):
    with wire() as peer:
        peer.send(b"GET /table HTTP/1.0\r\n\r\n")
        response = peer.read_response(version="1.0")
        assert response.text == TABLE
        peer.expect_eof()


def test_unknown_page(client):
    response = client.get("/nothing-here")
    assert response.status_code == 404
    assert response.reason_phrase == "Not Found"


def test_many_clients_one_after_another(client):
    for _ in range(50):
        assert client.get("/").text == INDEX
