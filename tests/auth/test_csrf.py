# SPDX-License-Identifier: MIT
"""tinyweb.csrf: which requests are taken for those of the server's own pages."""

import pytest

APP = "login.py"


def send(client, method="POST", **fields):
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.request(method, "/change", headers=headers).status_code


@pytest.fixture
def own(app):
    return app.url


def test_no_browser(client):
    assert send(client) == 200


def test_own_page(client, own):
    assert send(client, Origin=own) == 200
    assert send(client, Origin=own.upper()) == 200
    assert send(client, Origin=own, Sec_Fetch_Site="same-origin") == 200
    assert send(client, Sec_Fetch_Site="same-origin") == 200
    assert send(client, Sec_Fetch_Site="none") == 200  # by the user


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "fields",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "127.0.0.1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "same-origin, none"},
        {"Sec_Fetch_Site": "x"},
        {"Origin": "http://evil.example", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "https://app.example"},
        {"Origin": "https://app.example:8443.evil.example"},
    ],
)
def test_other_pages(client, method, fields):
    assert send(client, method, **fields) == 403


def test_other_port_and_own_origin_of_another_site(client, own, app):
    assert send(client, Origin=f"http://127.0.0.1:{app.port + 1}") == 403
    assert send(client, Origin=own, Sec_Fetch_Site="cross-site") == 403


def test_safe_methods(client):
    for method in ("GET", "HEAD", "OPTIONS"):
        assert send(client, method, Origin="http://evil.example") in (200, 204)


def test_allowed_origin(client):
    assert send(client, Origin="https://app.example:8443") == 200
    assert send(client, Origin="https://app.example:8443", Sec_Fetch_Site="cross-site") == 200


def test_exempt_path(client):
    headers = {"Origin": "http://evil.example"}
    assert client.post("/exempt", headers=headers).text == "exempt"
    assert client.post("/%65xempt", headers=headers).status_code == 403


def test_hosts(client, own):
    def named(host):
        headers = {"Host": host, "Origin": f"http://{host}"}
        return client.post("/named", headers=headers).status_code

    assert named("device.local") == 200
    assert named("Device.Local") == 200
    assert named("rebound.example") == 403
    assert client.post("/named").status_code == 403


def test_port_that_needs_no_name(wire):
    with wire() as peer:
        peer.send(b"POST /change HTTP/1.1\r\nHost: esp.local\r\nOrigin: http://esp.local\r\n\r\n")
        assert peer.read_response().status == 200
