# SPDX-License-Identifier: MIT
"""What a web server says that a device should have: looked at, judged, taken or left.

The web server is Python's, and has files only.
"""

import contextlib
import functools
import hashlib
import http.server
import json
import socket
import subprocess
import threading

import httpx
import pytest
from playwright.sync_api import expect

from support import ota, pictures
from support.simulator import run
from support.waiting import eventually

from .conftest import PASSWORD, PROGRAM, stored
from .test_update import chip  # noqa: F401

PATCHED = """
from tinyweb.device import release
release.KEY = bytes.fromhex("{}")
"""


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        self.server.lines.append(format % args)

    def do_GET(self):
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", "/" + self.path.split("/", 2)[2])
            self.end_headers()
        else:
            super().do_GET()


class Site:
    """A folder, served at `url`; `lines` are what the server logs."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Files, directory=folder)
        )
        server.lines = self.lines = []
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def put(self, name, data):
        """What a release file says of a file that is there now."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"file": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def release(self, **values):
        (self.folder / "release.json").write_text(json.dumps(values))


@pytest.fixture
def site(tmp_path):
    one = Site(tmp_path / "site")
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """What the simulator calls its build in sys.implementation."""
    program = "import sys\nprint(getattr(sys.implementation, '_build', sys.platform))"
    return run(program, folder=tmp_path_factory.mktemp("build")).stdout.strip()


@pytest.fixture
def pulls(chip, site):  # noqa: F811
    """``pulls()``: a Chip whose setting `updates` is the site."""

    def make(path="/release.json", every=1000, **options):
        device = chip(**options)
        values = {
            "password": stored(PASSWORD),
            "name": "lamp",
            "updates": site.url + path,
            "updates_every": every,
        }
        (device.files / "device.json").write_text(json.dumps(values))
        return device

    return make


def look(client):
    answer = client.post("/device/api/update")
    assert answer.status_code != 500, client.get("/device/api/state").text
    return answer


def test_image(pulls, site, build):
    entry = site.put("firmware-app.bin", ota.image("0.2.0", size=9000)) | {"version": "0.2.0"}
    site.release(images={build: entry, "ANOTHER": {**entry, "file": "none"}})
    device = pulls("/moved/release.json")
    client = device.start()
    assert client.get("/device/api/update").json()["source"] == site.url + "/moved/release.json"
    assert look(client).status_code == 202
    assert device.reset() == "ota_1"
    client = device.start()
    eventually(lambda: not client.get("/device/api/update").json()["pending"])
    assert client.get("/device/api/update").json()["version"] == "0.2.0"
    # It is no newer one.
    assert look(client).status_code == 204
    asked = [line for line in site.lines if "release.json?" in line]
    assert "device=lamp&version=0.1.0&release=0&failed=0" in asked[0]
    assert "device=lamp&version=0.2.0&release=0&failed=0" in asked[-1]


@pytest.mark.parametrize(
    ("end", "size", "scheme"),
    [
        ("", {"width": 1000, "height": 700}, "light"),
        ("-phone", {"width": 390, "height": 780}, "dark"),
    ],
)
def test_screenshot(pulls, site, build, browser, end, size, scheme):
    """The page that has found a release, and its picture in the documentation."""
    entry = site.put("firmware-app.bin", ota.image("0.2.0")) | {"version": "0.2.0"}
    site.release(images={build: entry})
    device = pulls()
    device.start()
    port = device.server.port
    context = browser.new_context(
        http_credentials={"username": "", "password": PASSWORD},
        locale="en-GB",
        viewport=size,
        color_scheme=scheme,
    )
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(f"{device.server.url}/device/#update/")
        page.get_by_role("button", name="Look for an update").click()
        expect(page.get_by_text("The new firmware is on trial")).to_be_visible()
        assert device.reset() == "ota_1"
        device.start(port)
        expect(page.get_by_role("status")).to_have_text("Updated to 0.2.0.", timeout=20_000)
        expect(page.get_by_text("TinyWeb 0.2.0")).to_be_visible()
        pictures.take(page, f"device-update{end}")


def test_by_itself(pulls, site, build):
    entry = site.put("firmware-app.bin", ota.image("0.2.0")) | {"version": "0.2.0"}
    site.release(images={build: entry})
    device = pulls(every=10)
    device.start()
    assert device.reset() == "ota_1"


def test_image_that_was_taken_back_is_not_taken_again(pulls, site, build):
    entry = site.put("firmware-app.bin", ota.image("0.2.0")) | {"version": "0.2.0"}
    site.release(images={build: entry}, number=3)
    device = pulls()
    assert look(device.start()).status_code == 202
    assert device.reset() == "ota_1"
    assert device.boot() == "ota_0"
    client = device.start()
    assert look(client).status_code == 204
    assert "version=0.1.0&release=3&failed=3" in site.lines[-1]
    entry = site.put("firmware-app.bin", ota.image("0.2.1")) | {"version": "0.2.1"}
    site.release(images={build: entry}, number=4)
    assert look(client).status_code == 202


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        ("0.1.0", False),
        ("0.0.9", False),
        ("0.1.0-rc1", False),
        ("0.1.1-rc1", True),
        ("0.10.0", True),
        ("1.0", True),
    ],
)
def test_versions(pulls, site, build, version, taken):
    entry = site.put("firmware-app.bin", ota.image(version)) | {"version": version}
    site.release(images={build: entry})
    assert look(pulls().start()).status_code == (202 if taken else 204)


def test_files_and_settings(pulls, site):
    main = b"print('new')\n" * 300
    files = [
        {"path": "/main.py", **site.put("files/main.py", main)},
        {"path": "/www/deep/a.txt", **site.put("files/a.txt", b"")},
    ]
    site.release(number=5, files=files, settings={"timezone": "CET-1CEST,M3.5.0,M10.5.0/3"})
    device = pulls()
    (device.files / "main.py").write_text("print('old')\n")
    client = device.start()
    assert look(client).status_code == 202
    device.reset()
    assert (device.files / "main.py").read_bytes() == main
    assert (device.files / "www" / "deep" / "a.txt").read_bytes() == b""
    values = json.loads((device.files / "device.json").read_text())
    assert values["timezone"].startswith("CET") and values["name"] == "lamp"
    client = device.start()
    before = len(site.lines)
    assert look(client).status_code == 204
    assert "release=5&failed=0" in site.lines[-1] and len(site.lines) == before + 1
    # What a person has changed since stays, until there is another release.
    (device.files / "main.py").write_text("print('mine')\n")
    assert look(client).status_code == 204
    site.release(number=6, files=files)
    assert look(client).status_code == 202
    assert (device.files / "main.py").read_bytes() == main
    assert sorted(path.name for path in device.files.iterdir()) == [
        "device-release.json",
        "device.json",
        "main.py",
        "www",
    ]


def test_settings_alone_restart_too(pulls, site):
    site.release(number=1, settings={"ntp": ["ntp.example"]})
    device = pulls()
    assert look(device.start()).status_code == 202


def wrong(site, **values):
    entry = site.put("a.txt", b"new")
    return {"path": "/a.txt", **entry, **values}


WRONG = {
    "sum": (lambda site: {"files": [wrong(site, sha256="0" * 64)]}, "a.txt is not what was"),
    "short": (lambda site: {"files": [wrong(site, size=4)]}, "a.txt is not what was"),
    "long": (lambda site: {"files": [wrong(site, size=2)]}, "a.txt is not what was"),
    "missing": (lambda site: {"files": [wrong(site, file="none")]}, "status 404"),
    "settings file": (
        lambda site: {"files": [wrong(site, path="/Device.json")]},
        "settings are no file of a release",
    ),
    "no password": (lambda site: {"settings": {"password": None}}, "a password can be changed"),
    "bad setting": (lambda site: {"settings": {"name": "?"}}, "name is 1 to 63 letters"),
    "half a file": (lambda site: {"files": [{"path": "/a.txt"}]}, "file is no str"),
    "no object": (lambda site: {"files": [1]}, "no object"),
    "percent": (lambda site: {"percent": "all"}, "percent is no int"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_left(pulls, site, what):
    make, sentence = WRONG[what]
    good = {"path": "/b.txt", **site.put("b.txt", b"new")}
    values = {"number": 2, **make(site)}
    values["files"] = [good, *values.get("files", [])]
    site.release(**values)
    device = pulls()
    (device.files / "a.txt").write_text("old")
    (device.files / "b.txt").write_text("old")
    before = (device.files / "device.json").read_text()
    client = device.start()
    answer = look(client)
    assert answer.status_code == 400 and sentence in answer.text
    # Nothing of it was taken.
    assert (device.files / "a.txt").read_text() == "old"
    assert (device.files / "b.txt").read_text() == "old"
    assert (device.files / "device.json").read_text() == before
    if what not in ("half a file", "no object", "percent"):
        look(client)
        assert [line for line in site.lines if "release=0&failed=2" in line]


NOT_ANNOUNCED = {
    "version": ({"version": "latest"}, "no version: latest"),
    "another version": ({"version": "0.3.0"}, "the image is 0.2.0, not 0.3.0"),
    "size": ({"size": 1000}, "the image is "),
    "sum": ({"sha256": "0" * 64}, "the image's SHA-256 is not what was announced"),
    "too large": ({"size": 5 * ota.SECTOR}, "the image is larger than its place"),
}


@pytest.mark.parametrize("what", NOT_ANNOUNCED)
def test_image_that_is_not_what_was_announced(pulls, site, build, what):
    changes, sentence = NOT_ANNOUNCED[what]
    entry = site.put("firmware-app.bin", ota.image("0.2.0")) | {"version": "0.2.0"}
    site.release(images={build: entry | changes})
    device = pulls()
    answer = look(device.start())
    assert (answer.status_code, answer.text.startswith(sentence)) == (400, True), answer.text
    assert device.boot() == "ota_0"


def test_files_from_elsewhere(pulls, site):
    """A URL that is whole, and a folder that is there already."""
    entry = site.put("files/a.txt", b"new")
    files = [
        {"path": "/lib/a.txt", **entry, "file": f"{site.url}/files/a.txt"},
        {"path": "/lib/b.txt", **entry, "file": "/files/a.txt"},
    ]
    site.release(number=1, files=files)
    device = pulls()
    (device.files / "lib").mkdir()
    (device.files / "lib" / "a.txt").write_text("old")
    assert look(device.start()).status_code == 202
    assert (device.files / "lib" / "a.txt").read_bytes() == b"new"
    assert (device.files / "lib" / "b.txt").read_bytes() == b"new"


def test_device_with_one_place_for_a_program(device, site, build):
    """It takes the files and leaves the image."""
    entry = site.put("firmware-app.bin", ota.image("9.0.0")) | {"version": "9.0.0"}
    site.release(images={build: entry})
    server = device(password=stored(PASSWORD), updates=site.url + "/release.json")
    client = httpx.Client(base_url=server.url, auth=("", PASSWORD), trust_env=False, timeout=20)
    with client:
        assert look(client).status_code == 204
    assert not [line for line in site.lines if "firmware" in line]


def test_one_after_the_other(pulls, site, build):
    """While an image is on trial no other is taken, nor anything else."""
    entry = site.put("firmware-app.bin", ota.image("0.3.0")) | {"version": "0.3.0"}
    site.release(number=7, images={build: entry}, settings={"ntp": []})
    device = pulls()
    device.flash.write("ota_1", ota.image("0.2.0"))
    device.flash.tell(0, 2, ota.NEW)
    assert device.boot() == "ota_1"
    (device.flash.folder / "offline").write_text("")
    client = device.start()
    assert client.get("/device/api/update").json()["pending"] is True
    assert look(client).status_code == 204
    assert "ntp" not in (device.files / "device.json").read_text()


def test_two_who_look_at_once(pulls, site):
    """The second is told so; a server that does not answer keeps nobody from anything else."""
    listener = socket.create_server(("127.0.0.1", 0))
    site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = pulls().start()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(look(client)))
    thread.start()
    sock, _ = listener.accept()
    sock.recv(1000)
    answer = client.post("/device/api/update")
    assert answer.status_code == 400
    assert answer.text == "an update is on its way already: try again later\n"
    sock.close()
    listener.close()
    thread.join(20)
    assert answers[0].status_code == 400 and "no answer" in answers[0].text


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_port_of_the_scheme(run_mpy, scheme):
    """80 or 443. What answers there is somebody else's: another port is asked in their place."""
    done = run_mpy(
        f"""
        import asyncio
        from tinyweb.device import fetch
        connect, asked = asyncio.open_connection, []

        def elsewhere(host, port, *others):
            asked.append(port)
            return connect(host, 1)

        asyncio.open_connection = elsewhere
        try:
            asyncio.run(fetch.get("{scheme}://127.0.0.1/release.json"))
        except OSError as exc:
            print(asked)
    """,
        patched=True,
    )
    assert done.stdout == ("[80]\n" if scheme == "http" else "[443]\n")


def test_search_that_is_cancelled(run_mpy, site, tmp_path):
    """It ends at once, and the next one may begin."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/release.json"
    values = {"updates": url, "updates_every": 10}
    (tmp_path / "device.json").write_text(json.dumps(values))
    done = run_mpy(
        """
        import asyncio
        from tinyweb.device import guard, release

        async def main():
            releases = release.Releases(guard.Device("./"))
            release.share = lambda name, of: 0
            for coroutine in (releases.keep(), releases.look()):
                task = asyncio.create_task(coroutine)
                await asyncio.sleep_ms(50)
                print(releases._looking)
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    print(releases._looking, releases.failed)

        asyncio.run(main())
        """,
        cwd=tmp_path,
        patched=True,
    )
    assert done.stdout.splitlines() == ["True", "False 0", "True", "False 0"]
    listener.close()


def test_identity_of_a_simulator(run_mpy):
    """There is no chip that has one."""
    done = run_mpy("from tinyweb.device import release; print(release.identity())")
    assert done.stdout == "simulator\n"


@pytest.mark.parametrize("path", ["/../x", "/a/../../x", "/a\\\\..\\\\x", "/a\\u0000b"])
def test_paths_stay_inside(pulls, site, path):
    site.put("a.txt", b"new")
    (site.folder / "release.json").write_text(
        json.dumps({"number": 2, "files": [wrong(site, path="PATH")]}).replace("PATH", path)
    )
    device = pulls()
    answer = look(device.start())
    assert (answer.status_code, answer.text[:29]) == (400, "a file's path leads elsewhere")
    assert not (device.files.parent / "x").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", "x" * 9000, '"text"'])
def test_no_release_file(pulls, site, text):
    (site.folder / "release.json").write_text(text)
    client = pulls().start()
    assert look(client).status_code == 400
    assert client.get("/").text == "mine"


def test_server_that_is_gone(pulls, site):
    client = pulls("/nowhere.json").start()
    answer = look(client)
    assert answer.status_code == 400 and "status 404" in answer.text
    site.server.shutdown()
    site.server.server_close()
    assert look(client).status_code == 400


def test_answers_that_are_none(pulls, site):
    """A server that says anything, and stops anywhere."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers = [
        b"",
        b"x" * 5000,
        b"HTTP/1.0 200\r\n",
        b"HTTP/1.0 abc\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.0 302 Found\r\n\r\n",
        b"HTTP/1.0 500 Oops\r\nLocation: /again\r\n\r\n",
        b"HTTP/1.0 302 Found\r\nLocation: /again\r\n\r\n",
    ]
    now = [b""]

    def answer():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock:
                sock.recv(1000)
                sock.sendall(now[0])

    threading.Thread(target=answer, daemon=True).start()
    site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = pulls().start()
    for data in answers:
        now[0] = data
        assert look(client).status_code == 400, data
    now[0] = b"HTTP/1.0 200 OK\r\n\r\n{}"
    assert look(client).status_code == 204
    listener.close()


def test_percent(run_mpy):
    done = run_mpy("""
        from tinyweb.device.release import share
        names = ["%012x" % (i * 7919) for i in range(2000)]
        shares = [share(name + "%", 100) for name in names]
        print(min(shares), max(shares), sum(s < 10 for s in shares), sum(s < 50 for s in shares))
        print(share("a", 600) == share("a", 600), max(share(name, 600) for name in names) < 600)
    """).stdout.split()
    assert done[:2] == ["0", "99"] and done[4:] == ["True", "True"]
    assert 140 < int(done[2]) < 260 and 900 < int(done[3]) < 1100


@pytest.mark.parametrize("percent", [0, 100])
def test_roll_out(pulls, site, percent):
    site.release(number=1, percent=percent, settings={"ntp": []})
    assert look(pulls().start()).status_code == (202 if percent else 204)


def test_application_that_fails_is_told(pulls, site):
    program = PROGRAM.replace(
        "device.enable(app)", "device.enable(app); from tinyweb.device import start; start._fail"
    ).replace("start._fail", "start._fail(ValueError(1))")
    site.release()
    client = pulls(program=program).start()
    assert look(client).status_code == 204
    assert "release=0&failed=0" in site.lines[-1]
    site.release(number=2, settings={"ntp": []})
    look(client)
    look(client)
    assert "release=2&failed=2" in site.lines[-1]


def test_safe_mode_is_told(pulls, site):
    program = PROGRAM.replace(
        "device.enable(app)",
        "device.enable(app); from tinyweb.device import start; start.safe = 1",
    )
    site.release(number=2, settings={"ntp": []})
    client = pulls(program=program, patched=True).start()
    look(client)
    look(client)
    assert "release=2&failed=2" in site.lines[-1]


def test_signature(pulls, site, tmp_path):
    def openssl(*args, data=None):
        done = subprocess.run(
            ["openssl", *args], input=data, check=True, capture_output=True, cwd=tmp_path
        )
        return done.stdout

    for name in ("mine", "other"):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name)
    key = openssl("ec", "-in", "mine", "-pubout", "-outform", "DER").hex()
    program = PROGRAM.replace(
        "device.enable(app)",
        PATCHED.format(key).replace("\n", "\n    ") + "\n    device.enable(app)",
    )
    device = pulls(program=program, patched=True)
    client = device.start()
    site.release(number=1, settings={"ntp": []})
    text = (site.folder / "release.json").read_bytes()
    signature = site.folder / "release.json.sig"
    answer = look(client)
    assert answer.status_code == 400 and "release.json.sig: status 404" in answer.text
    for data in (
        b"",
        b"x" * 100,
        openssl("dgst", "-sha256", "-sign", "other", data=text),
        openssl("dgst", "-sha256", "-sign", "mine", data=text + b" "),
    ):
        signature.write_bytes(data)
        assert look(client).status_code == 400
    assert not (device.files / "device-release.json").exists()
    signature.write_bytes(openssl("dgst", "-sha256", "-sign", "mine", data=text))
    assert look(client).status_code == 202


def test_nobody_without_the_password(pulls, site):
    site.release(number=1, settings={"ntp": []})
    client = pulls().start()
    assert look(httpx.Client(base_url=client.base_url, trust_env=False)).status_code == 401
    assert not [line for line in site.lines if "release.json" in line]
