# SPDX-License-Identifier: MIT
"""tinyweb.auth and tinyweb.passwords: Basic and Bearer."""

import base64
import hashlib
import subprocess

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from support.simulator import SIMULATOR_MODULES, search_path

APP = "auth.py"
PASSWORD = "sécret: 1"
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def basic(text):
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_challenge(client):
    answer = client.get("/basic")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == r'Basic realm="the \"device\"", charset="UTF-8"'
    assert answer.text == "Unauthorized"


def test_right_password_twice(client):
    """The second time it is remembered, and a wrong one is wrong all the same."""
    for _ in range(2):
        assert client.get("/basic", auth=("ann", PASSWORD)).text == "ann ()"
        assert client.get("/basic", auth=("ann", PASSWORD + " ")).status_code == 401
    assert client.get("/basic/x", auth=("ann", PASSWORD)).text == "ann ('x',)"


def test_curl(app):
    done = subprocess.run(
        ["curl", "--silent", "--noproxy", "*", "--user", f"ann:{PASSWORD}", app.url + "/basic"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == "ann ()"


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic YW5u",  # no colon
        "Basic /w==",  # no UTF-8
        "Bearer YW5uOnPDqWNyZXQ6IDE=",
        "Basic YW5uOnPDqWNyZXQ6IDE=, Basic YW5uOnPDqWNyZXQ6IDE=",
    ],
)
def test_malformed(client, credentials):
    answer = client.get("/basic", headers={"Authorization": credentials})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "pair", ["ann:", "ann:x", "bob:x", ":", f":{PASSWORD}", f"Ann:{PASSWORD}"]
)
def test_wrong(client, pair):
    assert client.get("/basic", headers=basic(pair)).status_code == 401


def test_scheme_in_any_case(client):
    value = basic(f"ann:{PASSWORD}")["Authorization"].replace("Basic", "bASIC ")
    assert client.get("/basic", headers={"Authorization": value}).status_code == 200


def test_body_of_a_refused_request_is_no_request(wire):
    with wire() as peer:
        peer.send(b"POST /basic HTTP/1.1\r\nHost: t\r\nContent-Length: 23\r\n\r\n")
        peer.send(b"GET /basic HTTP/1.1\r\n\r\n")
        assert peer.read_response().status == 401
        peer.send(b"GET /nothing HTTP/1.1\r\nHost: t\r\n\r\n")
        assert peer.read_response().status == 404


def test_own_check(client):
    assert client.get("/own", auth=("bob", "bob!")).text == "bob"
    assert client.get("/own", auth=("bob", "bob")).status_code == 401
    assert client.get("/own", auth=("bob", "forbidden")).status_code == 403


def test_limit(client):
    for _ in range(2):
        assert client.get("/limited").status_code == 401  # no attempt
        assert client.get("/limited", auth=("ann", "y")).status_code == 401
    assert client.get("/limited", auth=("ann", "x")).text == "ann"
    for _ in range(3):
        assert client.get("/limited", auth=("ann", "y")).status_code == 401
    answer = client.get("/limited", auth=("ann", "x"))
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def bearer(token):
    return {"Authorization": "Bearer " + token}


def test_bearer(client):
    assert client.get("/bearer", headers=bearer("t0ken==")).text == "ann"
    assert client.get("/bearer", headers=bearer("other")).text == "bob"
    assert client.get("/own-bearer", headers=bearer("good1")).text == "good1"
    assert client.get("/own-bearer", headers=bearer("bad")).status_code == 401


def test_bearer_challenge(client):
    answer = client.get("/bearer")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="device"'
    for token in ("-", "t0ken", "t0ken===", "t0ken==, x", "x t0ken==", "T0ken=="):
        answer = client.get("/bearer", headers=bearer(token))
        assert answer.status_code == 401
        expected = 'Bearer realm="device", error="invalid_token"'
        assert answer.headers["www-authenticate"] == expected


@FEW
@example(b"Digest a=\\")
@example(b"Basic " + base64.b64encode(b"\xff:\xff"))
@given(
    st.binary(max_size=60)
    .map(lambda v: bytes(c for c in v if c not in (0, 10, 13)))
    .flatmap(
        lambda v: st.sampled_from(
            [v, b"Basic " + v, b"Basic " + base64.b64encode(v), b"Bearer " + v, b"Digest " + v]
        )
    )
)
def test_hostile_fields(wire, value):
    with wire() as peer:
        for path in (b"/basic", b"/bearer", b"/digest"):
            peer.send(b"GET " + path + b" HTTP/1.1\r\nHost: t\r\nAuthorization: " + value)
            peer.send(b"\r\n\r\n")
            malformed = any(c < 32 and c != 9 or c == 127 for c in value)
            assert peer.read_response().status == (400 if malformed else 401)
            if malformed:
                return


@pytest.mark.parametrize("bits", [64, 32])
def test_stored_passwords_are_pbkdf2(run_mpy, bits):
    done = run_mpy(
        """
        from tinyweb.passwords import Users, hash_password
        for password, iterations in (("x", 1), ("", 2), ("s\\xe9cret" * 20, 100)):
            print(hash_password(password, iterations))
        print(hash_password("x"))
        print(hash_password("x"))
        try:
            Users({"ann": "as it is"})
        except ValueError as exc:
            print(exc)
        """,
        bits=bits,
    )
    *stored, default, other, error = done.stdout.splitlines()
    for text, password, n in zip(stored, ("x", "", "sécret" * 20), (1, 2, 100), strict=True):
        name, iterations, salt, key = text.split("$")
        assert (name, iterations) == ("pbkdf2-sha256", str(n))
        salt = base64.urlsafe_b64decode(salt)
        assert len(salt) == 12
        right = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, n)
        assert base64.urlsafe_b64decode(key + "=") == right
    assert default.startswith("pbkdf2-sha256$1000$")
    assert default != other
    assert "hash_password" in error


def test_limiter(run_mpy):
    """Peers are counted apart, in bounded memory, and a success or time forgets them."""
    done = run_mpy("""
        import time
        from tinyweb.limit import Limiter
        limiter = Limiter(attempts=2, period=1000, peers=3)
        for n in range(3):
            print([limiter.attempt(("10.0.0.{}".format(i), 40000 + n)) > 0 for i in range(6)])
        wait = limiter.attempt(("10.0.0.0", 1))
        print(990 < wait <= 1000, len(limiter._counts))
        limiter.succeeded(("10.0.0.0", 2))
        print(limiter.attempt(("10.0.0.0", 3)))
        limiter = Limiter(attempts=1, period=0.05)
        print(limiter.attempt(("a", 1)), limiter.attempt(("a", 1)))
        time.sleep_ms(60)
        print(limiter.attempt(("a", 1)))
    """)
    assert done.stdout.splitlines() == [
        "[False, False, False, False, False, True]",
        "[False, False, False, True, True, True]",
        "[True, True, True, True, True, True]",
        "True 4",
        "0",
        "0 1",
        "0",
    ]


@pytest.mark.parametrize("bits", [64, 32])
def test_limiter_of_hosts(run_mpy, bits):
    """The unix port gives addresses as bytes: one of IPv4 is a host, and a network of IPv6.

    Beyond half of its period a clock seems to have gone back: a count of then is of no use.
    """
    done = run_mpy(
        """
        import time

        import clock
        import tinyweb

        now = [1000]
        clock.replace(ticks_ms=lambda: now[0])
        from tinyweb.limit import Limiter

        limiter = Limiter(attempts=1)
        ipv4 = bytes(4) + b"\\x7f\\0\\0\\1" + bytes(8)
        ipv6 = bytes(8) + bytes(range(16)) + bytes(4)
        neighbour = ipv6[:16] + bytes(12)
        print([limiter.attempt(peer) for peer in (ipv4, ipv4, ipv6, neighbour)])
        now[0] = time.ticks_add(1000, -1)
        print(limiter.attempt(ipv4))
        """,
        bits=bits,
        patched=True,
        env=search_path(SIMULATOR_MODULES),
    )
    assert done.stdout.splitlines() == ["[0, 60, 0, 60]", "0"]


def test_passwords_that_are_none(run_mpy):
    """Bytes are a mistake of the application's; where there are no users, nobody may."""
    done = run_mpy("""
        import asyncio
        from tinyweb.auth import bearer_auth
        from tinyweb.passwords import Users, check_password, hash_password

        async def main():
            stored = hash_password("x", 1)
            for text in ("x", "y", b"x"):
                try:
                    print(await check_password(text, stored))
                except AttributeError:
                    print("AttributeError")
            print(await Users({})("ann", ""))
            # No client can send an empty token; one is nobody's.
            print(await bearer_auth({"": "nobody"}).check(None, b""))

        try:
            hash_password(b"x")
        except AttributeError:
            print("AttributeError")
        asyncio.run(main())
    """)
    mistake = "AttributeError"
    assert done.stdout.split() == [mistake, "True", "False", mistake, "False", "None"]
