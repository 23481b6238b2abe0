# SPDX-License-Identifier: MIT
"""tinyweb.sessions: what is saved comes back, and nothing else."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

APP = "sessions.py"
PATCHED = True
FEW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def clock(client):
    """``clock(seconds)`` sets the clock; the real time otherwise. Without one: clock(0)."""

    def change(seconds):
        return client.get(f"/clock/{seconds}").text

    real = change(0)
    change(real)
    change.now = int(real)
    yield change
    change(real)


def save(client, **values):
    assert client.post("/", json=values).status_code == 200
    return client.cookies["session"]


def show(client, value=None, path="/"):
    client.cookies.clear()
    headers = {} if value is None else {"Cookie": f"session={value}"}
    return client.get(path, headers=headers).json()


def test_no_session(client):
    assert show(client) == {}


def test_saved_session_comes_back(client):
    values = {"n": 1, "text": "grüße ;,\"'", "list": [1, None, True], "dict": {"a": {}}}
    save(client, **values)
    assert client.get("/").json() == values
    save(client, n=2)
    assert client.get("/").json() == {**values, "n": 2}


def test_attributes(client):
    answer = client.post("/", json={})
    assert answer.headers["set-cookie"].split("; ")[1:] == [
        "Max-Age=1000",
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
    ]
    answer = client.get("/strict")
    assert answer.headers["set-cookie"].split("; ")[1:] == [
        "Path=/strict",
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
    ]


def test_signature_is_hmac_sha256(client, app):
    key = (app.folder / "session.key").read_bytes()
    assert len(key) == 32
    text, _, signature = save(client, a=1).rpartition(".")
    mac = hmac.digest(key, b"session=" + text.encode(), hashlib.sha256)
    assert signature == base64.urlsafe_b64encode(mac).decode().rstrip("=")


def test_session_for_as_long_as_the_browser_runs(run_mpy, tmp_path):
    """Without max_age neither the cookie nor what it holds has an end."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb.sessions import Sessions
        from tinyweb.testing import TestClient

        app = tinyweb.webserver(buffer_size=512)

        @app.route("/", before=Sessions("key", max_age=None))
        def index(req, resp):
            req.session["n"] = req.session.get("n", 0) + 1
            req.session.save()
            return str(req.session["n"])

        client = TestClient(app)
        print([client.get("/").text for _ in range(3)])
        print("Max-Age" in client.get("/").headers["Set-Cookie"])
        """,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == ["['1', '2', '3']", "False"]


def test_unsaved_is_lost(client):
    client.get("/unsaved")
    assert client.get("/").json() == {}


def test_renew_leaves_nothing(client):
    old = save(client, planted=1)
    client.get("/renew")
    assert client.get("/").json() == {"user": "ann"}
    assert client.cookies["session"] != old
    assert show(client, old) == {"planted": 1}  # without the user


def test_delete(client):
    save(client, a=1)
    client.get("/delete")
    assert "session" not in client.cookies
    assert client.get("/").json() == {}


def test_too_late(client):
    assert client.get("/late").text == "too late"


def test_too_large(client):
    answer = client.post("/", json={"a": "x" * 900})
    assert answer.status_code == 507
    assert "set-cookie" not in answer.headers


def test_largest_session_comes_back(client):
    """What save() takes can also be sent, and received again."""
    sizes = [n for n in range(80, 500, 5) if "a" in try_size(client, n)]
    assert sizes and max(sizes) < 400
    assert try_size(client, max(sizes)) == {"a": "x" * max(sizes)}


def try_size(client, n):
    client.cookies.clear()
    answer = client.post("/", json={"a": "x" * n})
    assert answer.status_code in (200, 507)
    return client.get("/").json()


def test_another_name_is_another_session(client):
    value = save(client, a=1)
    client.cookies.clear()
    assert client.get("/other", headers={"Cookie": f"other={value}"}).json() == {}


@pytest.mark.parametrize("garbage", ["", "x", ".", "..", "...", "a.b", "a.0.c", "a.b.c", "é.1.c"])
def test_garbage(client, garbage):
    client.cookies.clear()
    header = {b"Cookie": b"session=" + garbage.encode()}
    assert client.get("/", headers=header).json() == {}


def test_every_truncation_is_an_empty_session(client):
    value = save(client, a=1)
    for n in range(0, len(value), 3):
        assert show(client, value[:n]) == {}


@FEW
@given(data=st.data())
def test_every_change_is_an_empty_session(client, data):
    client.cookies.clear()
    value = save(client, a=1)
    at = data.draw(st.integers(0, len(value) - 1))
    new = data.draw(st.sampled_from("-._~AZaz09!"))
    changed = value[:at] + new + value[at + 1 :]
    # The last character of base64url has bits that are not used, but they are compared, too.
    assert show(client, changed) == ({"a": 1} if changed == value else {})


def test_old_session(client, clock):
    value = save(client, a=1)
    clock(clock.now + 999)
    assert show(client, value) == {"a": 1}
    clock(clock.now + 1000)
    assert show(client, value) == {}
    clock(clock.now - 200)
    assert show(client, value) == {"a": 1}
    clock(clock.now - 400)
    assert show(client, value) == {}


def test_without_a_clock(client, clock):
    dated = save(client, a=1)
    clock(0)
    assert show(client, dated) == {}  # its age is not known
    undated = save(client, b=1)
    assert show(client, undated) == {"b": 1}
    clock(clock.now)
    assert show(client, undated) == {"b": 1}
    client.get("/start")
    assert show(client, undated) == {}
    clock(0)
    assert show(client, undated) == {}
    clock(clock.now)
    assert show(client, dated) == {"a": 1}


def test_replaced_key(client):
    value = save(client, a=1)
    client.get("/replace-key")
    assert show(client, value) == {}
    value = save(client, a=2)
    client.get("/start")
    assert show(client, value) == {"a": 2}


def test_key_file(run_mpy, tmp_path):
    """Made once; whatever a reset has cut off is replaced; and a folder that is not there."""
    program = """
        import os
        from tinyweb import sign
        key = sign.load_key("k")
        assert len(key) == 32
        assert sign.load_key("k") == key
        assert sign.new_key("k") != key
        key = sign.load_key("k")
        with open("k", "wb") as file:
            file.write(key[:20])
        other = sign.load_key("k")
        assert len(other) == 32 and other != key
        with open("k.new", "wb") as file:
            file.write(b"cut off")
        assert sign.load_key("k") == other
        print(sorted(os.listdir()))
        try:
            sign.load_key("nowhere/k")
        except OSError:
            print("OSError")
    """
    done = run_mpy(program, cwd=tmp_path)
    assert "OSError" in done.stdout
    assert (tmp_path / "k").stat().st_size == 32


@FEW
@given(data=st.binary(max_size=100), key=st.binary(max_size=100))
def test_hmac_and_base64url(signer, data, key):
    assert signer(data, key) == [
        hmac.digest(key, data, hashlib.sha256).hex(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        data.hex(),
    ]


@pytest.fixture(params=[64, 32], ids=["64-bit", "32-bit"])
def signer(request, run_mpy):
    program = """
        import sys
        from binascii import hexlify, unhexlify
        from tinyweb import sign
        data = unhexlify(sys.argv[1][1:])
        key = unhexlify(sys.argv[2][1:])
        print(hexlify(sign.mac(sign.pads(key), data)).decode())
        print(sign.encode(data).decode())
        print(hexlify(sign.decode(sign.encode(data))).decode())
    """

    def sign(data, key):
        args = ("x" + data.hex(), "x" + key.hex())
        return run_mpy(program, bits=request.param, args=args).stdout.split("\n")[:3]

    return sign
