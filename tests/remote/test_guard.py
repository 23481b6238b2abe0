# SPDX-License-Identifier: MIT
"""Every URL of the device that writes or shows files: who gets in, and who does not."""

import urllib.parse

import httpx
import pytest

from support.wire import Wire

from .conftest import PASSWORD, PROGRAM, stored

RIGHT = ("", PASSWORD)
# (method, path, further fields): all that the password protects.
PRIVATE = [
    ("GET", "/fs/", {}),
    ("GET", "/fs/secret.txt", {}),
    ("HEAD", "/fs/secret.txt", {}),
    ("PUT", "/fs/new.txt", {}),
    ("PUT", "/fs/secret.txt", {}),
    ("PUT", "/fs/folder/", {}),
    ("PUT", "/fs/lib/?tar", {}),
    ("PUT", "/fs/new/?tar=1", {}),
    ("DELETE", "/fs/secret.txt", {}),
    ("DELETE", "/fs/lib/", {}),
    ("MOVE", "/fs/secret.txt", {"X-Destination": "/fs/moved.txt"}),
    ("MOVE", "/fs/lib/", {"X-Destination": "/fs/lib2/"}),
    ("GET", "/device/", {}),
    ("GET", "/device/page.js", {}),
    ("GET", "/device/api/state", {}),
    ("GET", "/device/api/settings", {}),
    ("GET", "/device/api/settings?secrets", {}),
    ("POST", "/device/api/settings", {}),
    ("POST", "/device/api/check", {}),
    ("POST", "/device/api/first", {}),
    ("POST", "/device/api/restart", {}),
    ("POST", "/device/api/reset", {}),
    ("GET", "/device/api/update", {}),
    ("PUT", "/device/api/update", {}),
    ("POST", "/device/api/update", {}),
    ("GET", "/device/api/apps", {}),
    ("PUT", "/device/api/romfs", {}),
    ("DELETE", "/device/api/romfs", {}),
    ("POST", "/device/api/mip", {}),
]
WRITES = [case for case in PRIVATE if case[0] not in ("GET", "HEAD")]
OPEN = [("GET", "/cp/version.json", {}), ("GET", "/cp/diskinfo.json", {})]


def names(cases):
    return [f"{method} {path}" for method, path, _ in cases]


def each(cases):
    return pytest.mark.parametrize("method, path, fields", cases, ids=names(cases))


def fill(files):
    (files / "secret.txt").write_text("secret")
    (files / "lib").mkdir(exist_ok=True)
    (files / "lib" / "a.py").write_text("a")


def state(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def ask(app):
    """``ask(method, path, fields, **options)``: the answer, which has changed nothing."""
    fill(app.files)
    before = state(app.files)

    def request(method, path, fields, **options):
        content = b"evil" if method == "PUT" else None
        with httpx.Client(base_url=app.url, trust_env=False, timeout=20) as client:
            answer = client.request(method, path, headers=fields, content=content, **options)
        assert "secret" not in answer.text
        assert state(app.files) == before
        return answer

    return request


@each(PRIVATE)
def test_no_credentials(ask, method, path, fields):
    answer = ask(method, path, fields)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


# Each wrong one counts as an attempt, so there are few of them for one server.
@pytest.mark.parametrize("user, password", [("", "passw0rD"), ("admin", PASSWORD), ("", "")])
def test_wrong_credentials(device, user, password):
    server = device()
    fill(server.files)
    before = state(server.files)
    with httpx.Client(base_url=server.url, trust_env=False, auth=(user, password)) as client:
        assert client.get("/fs/").status_code == 401
        assert client.put("/fs/new.txt", content=b"x").status_code == 401
        assert client.delete("/fs/lib/").status_code == 401
        for _ in range(3):
            answer = client.request("MOVE", "/fs/lib/", headers={"X-Destination": "/fs/x/"})
        assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 60
        # The right one does not help before that time is over.
        assert client.get("/fs/", auth=RIGHT).status_code == 429
    assert state(server.files) == before


ELSEWHERE = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://127.0.0.1.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("origin", ELSEWHERE, ids=str)
@each(WRITES)
def test_page_of_another_site(ask, method, path, fields, origin):
    """With the right password: a browser sends it along once it knows it."""
    answer = ask(method, path, fields | origin, auth=RIGHT)
    assert answer.status_code == 403
    assert answer.text == "This was sent by a page of another site.\n"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "tinyweb.local.evil.example", "1.2.3", "\xff"]
)
@each(PRIVATE + OPEN)
def test_name_that_was_made_to_lead_here(ask, method, path, fields, host):
    """DNS rebinding: to the browser it is the page's own site."""
    fields = fields | {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    fields = {name: value.encode("latin-1") for name, value in fields.items()}
    answer = ask(method, path, fields, auth=RIGHT)
    # The parser itself refuses what is no host.
    assert answer.status_code == (400 if host == "\xff" else 403)
    if answer.status_code == 403 and method != "HEAD":
        assert (
            answer.text == "This is no name of this device. Its settings can have more: hosts.\n"
        )


def test_names_of_the_device(device):
    server = device(name="Lamp", hosts=["lamp.example.org"], password=stored(PASSWORD))
    port = server.port
    with httpx.Client(base_url=server.url, trust_env=False, auth=RIGHT) as client:
        for host in ("lamp", "LAMP.local", "Lamp.example.org", "localhost", "10.0.0.7", "[::1]"):
            for name in (host, f"{host}:{port}"):
                fields = {"Host": name, "Origin": f"http://{name}"}
                assert client.put("/fs/a", headers=fields).status_code in (201, 204), name
        assert client.get("/cp/version.json").json()["hostname"] == "Lamp"
        assert client.get("/fs/", headers={"Host": "tinyweb.local"}).status_code == 403


@pytest.mark.parametrize("settings", [{"password": None}, {"name": "lamp"}], ids=str)
def test_without_a_password_nothing_is_reachable(device, settings):
    server = device(**settings)
    fill(server.files)
    before = state(server.files)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for auth in (None, ("", ""), RIGHT):
            for method, path, fields in PRIVATE:
                answer = client.request(method, path, headers=fields, auth=auth)
                assert answer.status_code == 403
                if method != "HEAD":
                    assert answer.text == (
                        "This device has no password. Set one at its prompt:\n"
                        "from tinyweb import device; device.set_password('...')\n"
                        "Or Connect on the page that has flashed it: that gives a link to do so"
                        " here.\n"
                    )
        for method, path, _ in OPEN:
            assert client.request(method, path).status_code == 200
        assert client.get("/").text == "mine"
    assert state(server.files) == before


@pytest.mark.parametrize("text", ["{", '{"password": "passw0rd"}', "x" * 5000])
def test_broken_settings_let_nobody_in(device, text):
    program = f"open('device.json', 'w').write({text!r})\n" + PROGRAM.replace("\n    ", "\n")
    server = device(program, password=None)
    with httpx.Client(base_url=server.url, trust_env=False, auth=RIGHT) as client:
        for method, path, fields in PRIVATE:
            answer = client.request(method, path, headers=fields)
            assert answer.status_code == 403
        assert client.get("/fs/").text == (
            "The settings of this device cannot be read; its log tells why.\n"
        )
        assert client.get("/").text == "mine"
    assert "ValueError: " in server.log() and "device.json: " in server.log()
    assert "passw0rd" not in server.log()


# As the request line has it, with the name of a file in the folder above.
TRAVERSAL = [
    "/fs/../outside",
    "/fs/lib/../../outside",
    "/fs/%2e%2e/outside",
    "/fs/%2E%2e%2Foutside",
    "/fs/..%2foutside",
    "/fs/lib%2f..%2f..%2foutside",
    "/fs/..\\outside",
    "/fs/..%5coutside",
    "/fs/lib/..%5c..%5coutside",
    "/fs/%252e%252e/outside",
    "/fs/%c0%ae%c0%ae/outside",
    "/fs/%c0%ae%c0%ae%c0%afoutside",
    "/fs/%ef%bc%8e%ef%bc%8e/outside",
    "/fs/.../outside",
    "/fs/./outside",
    "/fs/lib/./../../outside",
    "/fs/..;/outside",
    "/fs/..%00/outside",
    "/fs/outside%00.txt",
    "/fs/..%7f/outside",
    "/fs/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/fs//etc/passwd",
    "/fs/%2fetc%2fpasswd",
    "/fs/lib/%0d%0a../outside",
]


@pytest.fixture
def raw(app):
    """``raw(method, path, fields)``: the status, of a request line exactly as it is given."""
    fill(app.files)
    outside = app.files.parent / "outside"
    outside.write_text("secret")

    def request(method, path, fields=()):
        before = state(app.files.parent)
        head = [f"{method} {path} HTTP/1.1", f"Host: {app.host}", "Connection: close"]
        head += ["Authorization: Basic OnBhc3N3MHJk", *fields]
        if method == "PUT":
            head += ["Content-Length: 4"]
        body = "evil" if method == "PUT" else ""
        with Wire(app.host, app.port) as wire:
            wire.send(("\r\n".join([*head, "", ""]) + body).encode())
            answer = wire.read_until_closed()
        assert b"secret" not in answer and b"root:" not in answer
        assert state(app.files.parent) == before
        return int(answer.split(b" ", 2)[1])

    yield request
    outside.unlink()


@pytest.mark.parametrize("path", TRAVERSAL)
def test_traversal_beside_the_pages(raw, path):
    for folder in ("/device/", "/device/api/"):
        url = path.replace("/fs/", folder, 1)
        assert raw("GET", url) in (400, 404)
        assert raw("POST", url, ["Content-Length: 0"]) in (400, 404, 405)


@pytest.mark.parametrize("path", TRAVERSAL)
def test_traversal(raw, path):
    for method in ("GET", "DELETE", "PUT"):
        for end in ("", "/") if method != "PUT" else ("", "/?tar"):
            assert raw(method, path + end) in (400, 404), (method, end)
    to = urllib.parse.quote("/fs/stolen")
    assert raw("MOVE", path, [f"X-Destination: {to}"]) in (400, 404)
    if "\\" not in path:
        assert raw("MOVE", "/fs/secret.txt", [f"X-Destination: {path}"]) in (400, 404)
    assert raw("MOVE", "/fs/secret.txt", [f"X-Destination: {path[3:]}"]) in (400, 404)


def test_escapes_are_decoded_once(app, client):
    name = "%2e%2e%2foutside"
    assert client.put("/fs/%252e%252e%252foutside", content=b"x").status_code == 201
    assert (app.files / name).read_bytes() == b"x"
    assert not (app.files.parent / "outside").exists()
    (app.files / name).unlink()


def test_disabled(device):
    server = device(enabled=False, password=stored(PASSWORD))
    with httpx.Client(base_url=server.url, trust_env=False, auth=RIGHT) as client:
        for method, path, fields in [*PRIVATE, *OPEN, ("GET", "/webrepl", {})]:
            assert client.request(method, path, headers=fields).status_code == 404
        assert client.get("/").text == "mine"


def test_disable_and_password_at_run_time(device):
    program = PROGRAM.replace(
        "    device.enable(app)",
        """
    @app.route("/disable")
    def disable(req, resp):
        device.disable()

    @app.route("/password/<word>")
    def password(req, resp, word):
        device.set_password(None if word == "none" else word)

    try:
        device.set_password("short")
    except ValueError as exc:
        print(exc)
    device.enable(app)
    """,
    )
    server = device(program, password=None)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        assert client.get("/fs/", auth=RIGHT).status_code == 403
        assert client.get("/password/passw0rd").status_code == 200
        assert client.get("/fs/", auth=RIGHT).status_code == 200
        assert client.get("/password/another-one").status_code == 200
        assert client.get("/fs/", auth=RIGHT).status_code == 401
        assert client.get("/fs/", auth=("", "another-one")).status_code == 200
        assert client.get("/password/none").status_code == 200
        assert client.get("/fs/", auth=("", "another-one")).status_code == 403
        assert client.get("/disable").status_code == 200
        assert client.get("/cp/version.json").status_code == 404
        assert client.get("/").text == "mine"
    assert "a password has 8 characters or more" in server.log()
    assert (server.files / "device.json").read_text() == "{\n\n}\n"


def test_application_with_the_same_url(run_mpy, tmp_path):
    done = run_mpy(
        """
        import tinyweb
        from tinyweb import device
        app = tinyweb.webserver()
        app.add_route("/fs/<path:name>", print)
        try:
            device.enable(app)
        except ValueError as exc:
            print(exc)
    """,
        cwd=tmp_path,
    )
    assert done.stdout == "URL exists for GET\n"
