# SPDX-License-Identifier: MIT
"""The first password, set in a browser by whoever has the key of the serial line.

The simulator has no such line: a route of the program gives the key. tests/board/test_improv.py
has it from there.
"""

import json
import re
import socket

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.wire import Wire

from .conftest import PASSWORD, PHONE, PROGRAM, stored
from .test_guard import ELSEWHERE, PRIVATE, TRAVERSAL, fill, state

FIRST = "/device/api/first"
NEW = "a long sentence"
WITH_KEY = PROGRAM.replace(
    "    device.enable(app)",
    """
    @app.route("/key")
    def key(req, resp):
        return device.first_page().split("=")[-1]

    @app.route("/later/<int:seconds>")
    def later(req, resp, seconds):
        from time import ticks_add
        it = device._device
        it._ms = ticks_add(it._ms, -1000 * seconds)

    @app.route("/prompt/<word>")
    def prompt(req, resp, word):
        # Past the device, which does not know of it.
        from tinyweb.device import settings
        settings.change(password=settings.hashed(word))

    device.enable(app)
    """,
)
NONE_SET = re.compile("This device has no password. Set one at its prompt:\n.*\n.*Connect.*link")


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def fresh(request, device):
    """A device without a password, and a client of it."""
    bits, heap = request.param
    server = device(WITH_KEY, bits=bits, heap=heap, password=None)
    fill(server.files)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        client.server = server
        yield client


def key_of(client):
    key = client.get("/key").text
    assert re.fullmatch("[0-9a-f]{32}", key)
    return key


def send(client, key, password=NEW, **options):
    return client.post(FIRST, json={"key": key, "new_password": password}, **options)


def is_closed(client):
    """Whether nothing is to be had, and why is said."""
    before = state(client.server.files)
    for method, path, fields in PRIVATE:
        answer = client.request(method, path, headers=fields)
        assert answer.status_code == 403, (method, path)
        assert method == "HEAD" or NONE_SET.match(answer.text)
    assert state(client.server.files) == before
    return True


def opens(client, password):
    return client.get("/device/api/state", auth=("", password)).status_code == 200


def test_key_sets_the_password(fresh):
    assert is_closed(fresh)
    key = key_of(fresh)
    # The page that has it may be open when the serial line is asked again.
    assert key_of(fresh) == key
    assert send(fresh, key).status_code == 204
    assert opens(fresh, NEW)
    (name, value) = json.loads((fresh.server.files / "device.json").read_text()).popitem()
    assert name == "password" and value.startswith("pbkdf2-sha256$")
    # For one use; and there is no other.
    assert send(fresh, key, "another one").status_code == 401
    assert send(fresh, key, "another one", auth=("", NEW)).status_code == 404
    assert fresh.get("/device/").status_code == 401
    assert fresh.get("/key").text == ""
    assert opens(fresh, NEW)


def test_what_a_key_opens(fresh):
    """The pages' own files, which are the same on each device, and nothing else."""
    key = key_of(fresh)
    before = state(fresh.server.files)
    served = []
    for method, path, fields in PRIVATE:
        fields = fields | {"Content-Type": "application/json"}
        answer = fresh.request(method, path, headers=fields, content=b"{}" * (method != "GET"))
        if answer.status_code == 200:
            served.append((method, path))
        elif path.startswith("/fs/"):
            assert answer.status_code == 403 and (method == "HEAD" or NONE_SET.match(answer.text))
        elif path == FIRST:
            assert answer.status_code == 403
        else:
            assert answer.status_code == (404 if method == "GET" else 405), (method, path)
    assert served == [("GET", "/device/"), ("GET", "/device/page.js")]
    assert fresh.get("/device/%61pi/settings?secrets").status_code == 404
    assert fresh.get("/device/").headers["content-security-policy"].endswith("'none'")
    assert state(fresh.server.files) == before
    assert send(fresh, key).status_code == 204


def test_wrong_keys_are_limited(fresh):
    key = key_of(fresh)
    wrong = [key[:-1], key.upper() + "0", "", None, 17, ["x"] * 32]
    for other in wrong[:5]:
        answer = send(fresh, other)
        assert answer.status_code == 403 and NONE_SET.match(answer.text)
    # The right one does not help before that time is over.
    for other in (key, wrong[5]):
        answer = send(fresh, other)
        assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 60
    assert not (fresh.server.files / "device.json").exists()


@pytest.mark.parametrize("body", [b"[]", b'"key"', b"{", b"", b"{}"])
def test_bodies_that_are_none(fresh, body):
    key_of(fresh)
    answer = fresh.post(FIRST, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 403)
    assert not (fresh.server.files / "device.json").exists()


def test_key_is_valid_for_ten_minutes(fresh):
    key = key_of(fresh)
    fresh.get("/later/590")
    assert fresh.get("/device/").status_code == 200
    # They begin anew where the serial line is asked again.
    assert key_of(fresh) == key
    fresh.get("/later/590")
    assert fresh.get("/device/").status_code == 200
    fresh.get("/later/10")
    assert is_closed(fresh)
    assert send(fresh, key).status_code == 403
    other = key_of(fresh)
    assert other != key
    assert send(fresh, key).status_code == 403
    assert send(fresh, other).status_code == 204


@pytest.mark.parametrize("origin", ELSEWHERE, ids=str)
def test_page_of_another_site(fresh, origin):
    answer = send(fresh, key_of(fresh), headers=origin)
    assert answer.status_code == 403
    assert answer.text == "This was sent by a page of another site.\n"
    assert not (fresh.server.files / "device.json").exists()


@pytest.mark.parametrize("host", ["evil.example", "tinyweb.local.evil.example:80"])
def test_name_that_was_made_to_lead_here(fresh, host):
    key = key_of(fresh)
    fields = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert send(fresh, key, headers=fields).status_code == 403
    assert fresh.get("/device/", headers=fields).status_code == 403
    assert not (fresh.server.files / "device.json").exists()


@pytest.mark.parametrize("path", TRAVERSAL)
def test_traversal(fresh, path):
    server = fresh.server
    outside = server.files.parent / "outside"
    outside.write_text("secret")
    key_of(fresh)
    for folder in ("/device/", "/device/api/", "/device/api/first/"):
        for method in ("GET", "POST", "PUT"):
            url = path.replace("/fs/", folder, 1)
            with Wire(server.host, server.port) as wire:
                wire.send(
                    f"{method} {url} HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: 0\r\n"
                    "Connection: close\r\n\r\n".encode()
                )
                answer = wire.read_until_closed()
            assert b"secret" not in answer and b"root:" not in answer
            assert int(answer.split(b" ", 2)[1]) in (400, 403, 404, 405), (method, url)
    assert not (server.files / "device.json").exists()


@pytest.mark.parametrize("password", ["seven..", "", None, 12345678, ["12345678"]], ids=str)
def test_passwords_that_are_none(fresh, password):
    """As set_password() has it; and the key may be used once more."""
    key = key_of(fresh)
    for _ in range(6):
        answer = send(fresh, key, password)
        assert answer.status_code == 400
        assert answer.text == "a password has 8 characters or more\n"
    assert not (fresh.server.files / "device.json").exists()
    assert send(fresh, key).status_code == 204


def test_nothing_but_the_password_is_set(fresh):
    content = {"key": key_of(fresh), "new_password": NEW, "name": "mine", "password": "x"}
    assert fresh.post(FIRST, json=content).status_code == 204
    assert list(json.loads((fresh.server.files / "device.json").read_text())) == ["password"]


def test_lengths_and_methods(fresh):
    key = key_of(fresh)
    assert send(fresh, key, "x" * 1024).status_code == 413
    assert fresh.post(FIRST, content=iter([b"{}"])).status_code == 411
    for method in ("GET", "PUT", "DELETE"):
        assert fresh.request(method, FIRST).status_code == 404
    assert not (fresh.server.files / "device.json").exists()


def test_password_that_is_set_meanwhile(fresh):
    """At the prompt: that one stays."""
    key = key_of(fresh)
    assert fresh.get("/prompt/of-the-prompt").status_code == 200
    assert send(fresh, key).status_code == 403
    assert opens(fresh, "of-the-prompt")
    assert fresh.get("/key").text == ""


@pytest.mark.parametrize("late", ["the key", ""], ids=["key", "none"])
def test_two_who_have_the_key(fresh, late):
    """The body of one comes when the other has set a password."""
    server = fresh.server
    key = key_of(fresh)
    body = json.dumps({"key": key if late else "", "new_password": "too late for this"})
    head = (
        f"POST {FIRST} HTTP/1.1\r\nHost: {server.host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((server.host, server.port), timeout=20) as sock:
        sock.sendall(head.encode())
        assert sock.recv(1024).startswith(b"HTTP/1.1 100 ")
        assert send(fresh, key).status_code == 204
        sock.sendall(body.encode())
        assert sock.recv(1024).startswith(b"HTTP/1.1 403 ")
    assert opens(fresh, NEW)


def test_device_that_has_a_password(device):
    server = device(WITH_KEY, password=stored(PASSWORD))
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        assert client.get("/key").text == ""
        assert send(client, "").status_code == 401
        assert send(client, "", auth=("", PASSWORD)).status_code == 404
        assert opens(client, PASSWORD)


def test_settings_that_cannot_be_read(device):
    server = device(WITH_KEY, password=None)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        key = key_of(client)
        (server.files / "device.json").write_text("{")
        answer = send(client, key)
        assert answer.status_code == 400 and answer.text.endswith("device.json: is no JSON\n")
        assert client.get("/key").text == ""
        assert client.get("/device/").text.startswith("The settings of this device cannot be")
    assert (server.files / "device.json").read_text() == "{"


def test_device_that_serves_nothing(run_mpy, tmp_path):
    """A link would lead nowhere."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb import device
        print(repr(device.first_page()))
        device.enable(tinyweb.webserver())
        print(repr(device.first_page()))
    """,
        cwd=tmp_path,
    )
    assert done.stdout == "''\n''\n"


# In a browser


@pytest.fixture
def visit(fresh, browser):
    """``visit(key, **options)``: the page that the URL with this key opens."""
    contexts = []

    def start(key, **options):
        context = browser.new_context(
            **{"http_credentials": {"username": "", "password": NEW}, "locale": "en-GB", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{fresh.server.url}/device/#setup={key}")
        return page

    yield start
    for context in contexts:
        context.close()


def test_in_a_browser(fresh, visit):
    """From the URL of the serial line to the overview."""
    page = visit(key_of(fresh))
    expect(page.get_by_role("heading", level=2)).to_have_text("Set the password")
    expect(page.get_by_role("navigation")).to_be_hidden()
    field, again = (page.get_by_label(name) for name in ("New password", "The same again"))
    field.fill(NEW)
    again.fill(NEW + "!")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("The two are not the same.")
    # What the browser itself keeps from being sent.
    for one in (field, again):
        one.fill("short")
    page.get_by_role("button", name="Save").click()
    assert not (fresh.server.files / "device.json").exists()
    for one in (field, again):
        one.fill(NEW)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing was logged.")).to_be_visible()
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
    assert page.url == f"{fresh.server.url}/device/"
    assert opens(fresh, NEW)


def test_in_a_browser_with_the_link_once_more(fresh, visit):
    """The pages, as the browser knows the password by now."""
    key = key_of(fresh)
    assert send(fresh, key).status_code == 204
    expect(visit(key).get_by_text("Nothing was logged.")).to_be_visible()


def test_in_a_browser_with_an_old_link(fresh, visit):
    key = key_of(fresh)
    fresh.get("/later/600")
    expect(visit(key).get_by_text("that gives a link")).to_be_visible()
    # While another is valid.
    key_of(fresh)
    page = visit(key)
    for name in ("New password", "The same again"):
        page.get_by_label(name).fill(NEW)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("that gives a link")
    assert not (fresh.server.files / "device.json").exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anybody_can_use_it(fresh, visit, scheme):
    page = visit(key_of(fresh), viewport=PHONE, color_scheme=scheme, locale="de")
    expect(page.get_by_role("heading", level=2)).to_have_text("Passwort setzen")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
