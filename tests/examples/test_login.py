# SPDX-License-Identifier: MIT
import httpx
import pytest

from support.simulator import TOP

PROGRAM = """\
import gc, sys
gc.threshold((gc.mem_free() + gc.mem_alloc()) // 4)
import login
login.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def client(request, serve, tmp_path):
    # As on a chip, the program is compiled from its source there.
    bits, heap = request.param
    env = {"MICROPYPATH": f"{TOP}/examples:.frozen"}
    server = serve(PROGRAM, bits=bits, heap=heap, cwd=tmp_path, env=env)
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


def test_login_and_logout(client):
    form = client.get("/", follow_redirects=True)
    assert 'name="password"' in form.text
    wrong = client.post(form.url, data={"user": "admin", "password": "wrong"})
    assert wrong.status_code == 403
    assert "role=alert" in wrong.text
    right = {"user": "admin", "password": "secret"}
    page = client.post(form.url, data=right, follow_redirects=True)
    assert page.url.path == "/"
    assert "Log out" in page.text
    assert 'name="password"' in client.post("/logout", follow_redirects=True).text
    assert client.get("/").status_code == 303


def test_forged_login(client):
    right = {"user": "admin", "password": "secret"}
    answer = client.post("/login", data=right, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert client.get("/").status_code == 303
