# SPDX-License-Identifier: MIT
"""tinyweb.digest: RFC 7616 with SHA-256, by curl, by httpx and by hand."""

import hashlib
import re
import subprocess

import httpx
import pytest

from support.simulator import SIMULATOR_MODULES, search_path

APP = "auth.py"
PASSWORD = "sécret: 1"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def challenge(client, path="/digest", headers=None):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 401
    value = answer.headers["www-authenticate"]
    assert value.startswith("Digest ")
    return dict(re.findall(r'(\w+)="?([^",]*)"?', value[7:]))


def answer_to(nonce, nc=1, **changes):
    """An Authorization field; what is changed is also what the response is made of."""
    p = {
        "username": "ann",
        "realm": "device",
        "nonce": nonce,
        "uri": "/digest",
        "qop": "auth",
        "algorithm": "SHA-256",
        "nc": nc if isinstance(nc, str) else f"{nc:08x}",
        "cnonce": "xyz",
    }
    method = changes.pop("method", "GET")
    password = changes.pop("password", PASSWORD)
    left_out = changes.pop("without", "")
    response = changes.pop("response", None)
    p.update(changes)
    a1 = sha256(f"{p['username']}:{p['realm']}:{password}")
    a2 = sha256(f"{method}:{p['uri']}")
    middle = f"{p['nc']}:{p['cnonce']}:auth"
    p["response"] = response or sha256(f"{a1}:{p['nonce']}:{middle}:{a2}")
    p.pop(left_out, None)
    bare = ("qop", "algorithm", "nc")
    value = ", ".join(f"{k}={v}" if k in bare else f'{k}="{v}"' for k, v in p.items())
    return {"Authorization": "Digest " + value}


def test_challenge(client):
    found = challenge(client)
    assert found["realm"] == "device"
    assert found["qop"] == "auth"
    assert found["algorithm"] == "SHA-256"
    assert found["charset"] == "UTF-8"
    assert "stale" not in found
    assert found["nonce"] != challenge(client)["nonce"]


def test_by_hand(client):
    nonce = challenge(client)["nonce"]
    assert client.get("/digest", headers=answer_to(nonce)).text == "ann "


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_httpx(client, password):
    auth = httpx.DigestAuth("ann", password)
    for n in range(3):
        answer = client.post(f"/digest?n={n}", content=b"body", auth=auth)
        if password == PASSWORD:
            assert (answer.status_code, answer.text) == (200, "ann body")
        else:
            assert answer.status_code == 401


@pytest.mark.parametrize(
    ("password", "status", "arguments"),
    [(PASSWORD, 200, ()), ("wrong", 401, ()), (PASSWORD, 200, ("--data", "body"))],
)
def test_curl(app, password, status, arguments):
    done = subprocess.run(
        [
            *("curl", "--silent", "--noproxy", "*", "--digest", "--user", f"ann:{password}"),
            *("--write-out", " %{http_code}", *arguments, app.url + "/digest?a=1&b=2"),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    body = "ann body" if arguments else "ann "
    assert done.stdout == (f"{body} 200" if status == 200 else "Unauthorized 401")


def test_own_users(client):
    assert client.get("/own-digest", auth=httpx.DigestAuth("bob", "bob!")).text == "bob"
    for user in ("nobody", "bob"):
        assert client.get("/own-digest", auth=httpx.DigestAuth(user, "x")).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong"},
        {"username": "bob"},
        {"username": ""},
        {"realm": "other"},
        {"uri": "/basic"},
        {"uri": "/digest?x=1"},
        {"qop": "auth-int"},
        {"algorithm": "MD5"},
        {"algorithm": "SHA-256-sess"},
        {"method": "POST"},
        {"nc": "1"},
        {"nc": "0000000g"},
        {"response": "0" * 64},
        {"response": "x"},
        {"response": "é"},
        {"without": "algorithm"},
        {"without": "qop"},
        {"without": "nc"},
        {"without": "cnonce"},
        {"without": "uri"},
        {"without": "username"},
        {"without": "response"},
        {"without": "nonce"},
    ],
)
def test_refused(client, changes):
    """Not for a stale nonce: the user has to be asked."""
    nonce = challenge(client)["nonce"]
    headers = {k: v.encode() for k, v in answer_to(nonce, **changes).items()}
    assert "stale" not in challenge(client, headers=headers)
    assert client.get("/digest", headers=answer_to(nonce)).status_code == 200


@pytest.mark.parametrize("nonce", ["", "x", "1.2", "1.2.3", "zz.zz.zz", "1.ffffffff.abcdabcd"])
def test_foreign_nonce_is_stale(client, nonce):
    assert challenge(client, headers=answer_to(nonce))["stale"] == "true"


def test_changed_nonce(client):
    nonce = challenge(client)["nonce"]
    serial, rest = nonce.split(".", 1)
    later = f"{int(serial, 16) + 100:x}.{rest}"
    assert challenge(client, headers=answer_to(later))["stale"] == "true"


def test_old_nonce_is_stale(client):
    headers = answer_to(challenge(client, "/short")["nonce"], uri="/short", password="x")
    assert challenge(client, "/short", headers=headers)["stale"] == "true"


def test_replay(client):
    nonce = challenge(client)["nonce"]
    assert client.get("/digest", headers=answer_to(nonce)).status_code == 200
    assert challenge(client, headers=answer_to(nonce))["stale"] == "true"
    # Requests overtake each other on several connections; each counts once.
    for nc in (5, 3, 2, 40, 9, 8, 41):
        assert client.get("/digest", headers=answer_to(nonce, nc)).status_code == 200, nc
    for nc in (5, 3, 2, 40, 9, 8, 41, 1):
        assert challenge(client, headers=answer_to(nonce, nc))["stale"] == "true", nc
    # Those that are too far back are not known any more.
    assert client.get("/digest", headers=answer_to(nonce, 10)).status_code == 200
    assert challenge(client, headers=answer_to(nonce, 7))["stale"] == "true"
    assert client.get("/digest", headers=answer_to(nonce, 0xFFFFFFFF)).status_code == 200
    assert challenge(client, headers=answer_to(nonce, 42))["stale"] == "true"


def test_forgotten_nonces_are_no_replay(client):
    """Two are remembered; an older one cannot be used again, nor one that was never used."""
    nonces = [challenge(client)["nonce"] for _ in range(4)]
    assert client.get("/digest", headers=answer_to(nonces[1])).status_code == 200
    assert client.get("/digest", headers=answer_to(nonces[2])).status_code == 200
    assert client.get("/digest", headers=answer_to(nonces[3])).status_code == 200
    for nonce in nonces[:2]:
        assert challenge(client, headers=answer_to(nonce))["stale"] == "true"
        assert challenge(client, headers=answer_to(nonce, 2))["stale"] == "true"
    for nonce in nonces[2:]:
        assert client.get("/digest", headers=answer_to(nonce, 2)).status_code == 200


def test_challenges_take_no_memory(client):
    """Whoever is not logged in cannot drive out the nonces of those who are."""
    nonce = challenge(client)["nonce"]
    assert client.get("/digest", headers=answer_to(nonce)).status_code == 200
    for _ in range(30):
        challenge(client)
    assert client.get("/digest", headers=answer_to(nonce, 2)).status_code == 200


@pytest.mark.parametrize("bits", [64, 32])
def test_auth_params(run_mpy, bits):
    done = run_mpy(
        r"""
        from tinyweb.digest import auth_params, digest_auth, digest_password
        for text in (
            b'', b' , ', b'a=1', b'A = "1"', b'a=1,b="x\\"y,z" ,c=3,', b'a=""',
            b'a', b'=1', b'a=', b'a=,b=1', b'a="', b'a="\\', b'a="x"y', b'a=1,a=2', b'a=1,A=2',
            b'a=x"y', b'a="1" b="2"',
        ):
            try:
                print(sorted(auth_params(text).items()))
            except ValueError:
                print("ValueError")
        print(digest_password("Mufasa", "http-auth@example.org", "Circle of Life"))
        try:
            digest_auth({"ann": "as it is"})
        except ValueError:
            print("ValueError")
        """,
        bits=bits,
    )
    assert done.stdout.splitlines() == [
        "[]",
        "[]",
        "[(b'a', b'1')]",
        "[(b'a', b'1')]",
        "[(b'a', b'1'), (b'b', b'x\"y,z'), (b'c', b'3')]",
        "[(b'a', b'')]",
        *["ValueError"] * 11,
        sha256("Mufasa:http-auth@example.org:Circle of Life"),
        "ValueError",
    ]


PROGRAM = """
import clock
import tinyweb

now = [10000]
clock.replace(time=lambda: now[0])
from binascii import hexlify
from hashlib import sha256
from tinyweb.digest import digest_auth, digest_password
from tinyweb.testing import TestClient

PASSWORD = digest_password("ann", "device", "x")
app = tinyweb.webserver(buffer_size=512)
app.log_error = lambda exc, req: print("logged", repr(exc))
app.add_route("/", lambda req, resp: req.user, before=digest_auth({"ann": PASSWORD}))
client = TestClient(app)


def hashed(text):
    return hexlify(sha256(text.encode()).digest()).decode()


def nonce(path="/"):
    return client.get(path).headers["WWW-Authenticate"].split('nonce="')[1].split('"')[0]


def ask(nonce, nc, path="/", user="ann", secret=PASSWORD):
    nc = "%08x" % nc
    response = hashed(":".join((secret, nonce, nc, "c", "auth", hashed("GET:" + path))))
    value = (
        'Digest username="{}", realm="device", nonce="{}", uri="{}", qop=auth, algorithm=SHA-256, '
        'nc={}, cnonce="c", response="{}"'
    )
    answer = client.get(path, {"Authorization": value.format(user, nonce, path, nc, response)})
    return answer.status, "stale=true" in answer.headers.get("WWW-Authenticate", "")
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_nonces_and_a_clock_that_is_set(run_mpy, bits):
    """A nonce is good for 300 seconds, and not before the time that it was made at."""
    done = run_mpy(
        PROGRAM
        + """
first = nonce()
print(ask(first, 1))
now[0] -= 50
print(ask(first, 2))
second = nonce()
print(ask(second, 1))
now[0] += 299
print(ask(second, 2))
now[0] += 1
print(ask(second, 3))
""",
        bits=bits,
        patched=True,
        env=search_path(SIMULATOR_MODULES),
    )
    fine, stale = "(200, False)", "(401, True)"
    assert done.stdout.splitlines() == [fine, stale, fine, fine, stale]


def test_no_user_has_an_empty_secret(run_mpy):
    """A response that was made without any is wrong for a name that is not known."""
    done = run_mpy(
        PROGRAM + 'print(ask(nonce(), 1, user="bob", secret=""))',
        patched=True,
        env=search_path(SIMULATOR_MODULES),
    )
    assert done.stdout == "(401, False)\n"


def test_users_that_cannot_be_read(run_mpy):
    """It is the device's failure, and none of the client's."""
    done = run_mpy(
        PROGRAM
        + """
def read(user):
    raise OSError(5)

app.add_route("/read", lambda req, resp: req.user, before=digest_auth(read))
print(ask(nonce("/read"), 1, "/read"))
""",
        patched=True,
        env=search_path(SIMULATOR_MODULES),
    )
    assert done.stdout.splitlines() == ["logged OSError(5,)", "(500, False)"]
