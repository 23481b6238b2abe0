# SPDX-License-Identifier: MIT
"""tinyweb.cookies: what may be set, and what is made of what clients send."""

import pathlib
import string
from email.utils import formatdate
from http.cookies import SimpleCookie

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

APP = "cookies.py"
APPS = pathlib.Path(__file__).parent / "apps"
EXPIRES = 1792931696
FEW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def set_cookies(client, *cookies):
    """The answer to a request that sets cookies: (name, value, {options})."""
    return client.post("/set", json=cookies)


def fields(answer):
    return answer.headers.get_list("set-cookie")


def test_defaults(client):
    answer = set_cookies(client, ("a", "1", {}))
    assert fields(answer) == ["a=1; Path=/; SameSite=Lax"]


def test_all_attributes(client):
    options = {
        "path": "/x",
        "domain": "example.org",
        "max_age": 60,
        "expires": EXPIRES,
        "secure": True,
        "http_only": True,
        "same_site": "None",
        "partitioned": True,
    }
    (field,) = fields(set_cookies(client, ("a", "1", options)))
    assert field == (
        f"a=1; Max-Age=60; Expires={formatdate(EXPIRES, usegmt=True)}; Path=/x; "
        "Domain=example.org; Secure; HttpOnly; SameSite=None; Partitioned"
    )


def test_several_cookies_and_one_field_for_each_name(client):
    answer = set_cookies(client, ("a", "1", {}), ("b", "2", {}), ("aa", "3", {}), ("a", "4", {}))
    assert [field.split(";")[0] for field in fields(answer)] == ["b=2", "aa=3", "a=4"]


def test_no_attributes(client):
    assert fields(set_cookies(client, ("a", "", {"path": None, "same_site": None}))) == ["a="]


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("", "1", {}),
        ("a b", "1", {}),
        ("a=b", "1", {}),
        ("a;b", "1", {}),
        ("ä", "1", {}),
        ("a\r\nX: y", "1", {}),
        ("a", "1; Secure", {}),
        ("a", "1\r\nX: y", {}),
        ("a", "1 2", {}),
        ("a", "1,2", {}),
        ("a", '"1"', {}),
        ("a", "1\\2", {}),
        ("a", "\x00", {}),
        ("a", "ä", {}),
        ("a", "1", {"path": "x"}),
        ("a", "1", {"path": ""}),
        ("a", "1", {"path": "/; Secure"}),
        ("a", "1", {"path": "/\n"}),
        ("a", "1", {"domain": ""}),
        ("a", "1", {"domain": "a;b"}),
        ("a", "1", {"domain": "a\r\nb"}),
        ("a", "1", {"max_age": "x; Secure"}),
        ("a", "1", {"same_site": "lax"}),
        ("a", "1", {"same_site": "None"}),
        ("a", "1", {"partitioned": True}),
        ("__Secure-a", "1", {}),
        ("__secure-a", "1", {}),
        ("__Host-a", "1", {}),
        ("__Host-a", "1", {"secure": True, "path": "/x"}),
        ("__Host-a", "1", {"secure": True, "path": None}),
        ("__Host-a", "1", {"secure": True, "domain": "a.example"}),
    ],
)
def test_refused(client, name, value, options):
    answer = client.post("/set", json=[(name, value, options)])
    assert answer.status_code == 400
    assert fields(answer) == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("__Secure-a", {"secure": True, "path": "/x", "domain": "a.example"}),
        ("__Host-a", {"secure": True}),
    ],
)
def test_prefixes(client, name, options):
    (field,) = fields(set_cookies(client, (name, "1", options)))
    assert field.startswith(name + "=1; ")


def test_deleted(client):
    assert fields(client.get("/delete")) == ["other=1", "a=; Max-Age=0; Path=/; SameSite=Lax"]


@pytest.mark.parametrize("bits", [64, 32])
def test_4096_bytes_at_most(serve, bits):
    url = serve(APPS / APP, bits=bits).url
    rest = len("a=; Path=/; SameSite=Lax")
    assert httpx.get(f"{url}/large/{4096 - rest}").status_code == 200
    assert httpx.get(f"{url}/large/{4096 - rest + 1}").status_code == 507
    assert httpx.get(f"{url}/large/6000").status_code == 507


def test_too_late(client):
    assert client.get("/late").text == "too late"


def test_no_cookie(client):
    assert client.get("/read").json() == {}
    assert client.get("/plain").status_code == 204


def test_cookies_come_back(client):
    set_cookies(client, ("a", "1", {}), ("b", "x=y", {}))
    assert client.get("/read").json() == {"a": "1", "b": "x=y"}


def test_first_of_equal_names_counts(client):
    answer = client.get("/read", headers={"Cookie": "a=1; a=2; nonsense; b=3"})
    assert answer.json() == {"a": "1", "b": "3"}


OCTETS = "".join(c for c in map(chr, range(0x21, 0x7F)) if c not in '",;\\')
TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"


@FEW
@given(name=st.text(TOKEN, min_size=1, max_size=20), value=st.text(OCTETS, max_size=60))
def test_what_is_set_comes_back(client, name, value):
    if name.lower().startswith(("__host-", "__secure-")):
        name = "x" + name
    answer = set_cookies(client, (name, value, {"path": None, "same_site": None}))
    assert fields(answer) == [f"{name}={value}"]
    assert client.get("/read", headers={"Cookie": f"{name}={value}"}).json() == {name: value}


@FEW
@given(name=st.text(max_size=8), value=st.text(max_size=20), path=st.text(max_size=8))
def test_nothing_can_be_put_into_the_field(client, name, value, path):
    """Whatever the arguments are: one cookie, with no attribute but those asked for, or 400."""
    answer = set_cookies(client, (name, value, {"path": path}))
    if answer.status_code == 400:
        return
    (field,) = fields(answer)
    assert field == f"{name}={value}; Path={path}; SameSite=Lax"
    assert field.count(";") == 2 and field.isascii() and field.isprintable()


@FEW
@given(st.binary(max_size=100).filter(lambda v: not set(v) & {0, 10, 13}))
def test_hostile_cookie_fields(wire, value):
    with wire() as peer:
        peer.send(b"GET /read HTTP/1.1\r\nHost: t\r\nCookie: " + value + b"\r\n\r\n")
        # A control character is malformed (RFC 9110 section 5.5); all else is answered.
        malformed = any(c < 32 and c != 9 or c == 127 for c in value)
        assert peer.read_response().status == (400 if malformed else 200)


def test_the_standard_library_reads_what_is_set(client):
    jar = SimpleCookie()
    for field in fields(set_cookies(client, ("a", "1", {"max_age": 5, "http_only": True}))):
        jar.load(field)
    assert jar["a"].value == "1"
    assert jar["a"]["max-age"] == "5"
    assert jar["a"]["httponly"] is True
