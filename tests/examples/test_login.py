# SPDX-License-Identifier: MIT


EXAMPLE = "login"
PAGE = {"Accept": "text/html"}


def test_login_and_logout(client):
    form = client.get("/", headers=PAGE, follow_redirects=True)
    assert 'name="password"' in form.text
    wrong = client.post(form.url, data={"user": "admin", "password": "wrong"})
    assert wrong.status_code == 403
    assert "role=alert" in wrong.text
    right = {"user": "admin", "password": "secret"}
    page = client.post(form.url, data=right, follow_redirects=True)
    assert page.url.path == "/"
    assert "Log out" in page.text
    form = client.post("/logout", headers=PAGE, follow_redirects=True)
    assert 'name="password"' in form.text
    assert client.get("/", headers=PAGE).status_code == 303
    assert client.get("/").status_code == 401


def test_forged_login(client):
    right = {"user": "admin", "password": "secret"}
    answer = client.post("/login", data=right, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert client.get("/", headers=PAGE).status_code == 303
    assert client.get("/").status_code == 401
