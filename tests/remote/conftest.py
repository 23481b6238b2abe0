# SPDX-License-Identifier: MIT
"""A program with the device's URLs, served from a folder of its own."""

import base64
import hashlib
import json

import httpx
import pytest

from support.simulator import start_server

PASSWORD = "passw0rd"
PROGRAM = """
    import sys, tinyweb
    from tinyweb import device

    app = tinyweb.webserver(max_concurrency=4)

    @app.route("/")
    def index(req, resp):
        return "mine"

    device.enable(app)
    app.run(sys.argv[2], int(sys.argv[1]))
"""

PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1100, "height": 800}


def stored(password):
    """What tinyweb.passwords.hash_password() would return, by Python's own PBKDF2."""
    salt = b"twelve bytes"
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (salt, key))
    return "$".join(("pbkdf2-sha256", "1", *parts))


@pytest.fixture
def device(serve, tmp_path):
    """``device(program=..., bits=64, heap=None, patched=False, **settings)``: a served program.

    Its `files`, and those of the function, are the folder that it shows. settings: those of the
    device; by default a password.
    """
    files = tmp_path / "files"
    files.mkdir()

    def start(program=PROGRAM, bits=64, heap=None, args=(), patched=False, **settings):
        if settings != {"password": None}:
            settings = settings or {"password": stored(PASSWORD)}
            (files / "device.json").write_text(json.dumps(settings))
        server = serve(program, bits=bits, heap=heap, cwd=files, args=args, patched=patched)
        server.files = files
        return server

    start.files = files
    return start


@pytest.fixture(scope="module", params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def app(request, tmp_path_factory):
    """The program with a password; 32-bit with a chip's heap. Its `files` are what it shows."""
    bits, heap = request.param
    folder = tmp_path_factory.mktemp("device")
    files = folder / "files"
    files.mkdir()
    (files / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
    server = start_server(PROGRAM, folder=folder, bits=bits, heap=heap, cwd=files)
    server.files = files
    yield server
    server.stop()
    # Ctrl-C itself is the only thing that may have been reported.
    assert server.log().count("Traceback") <= 1, server.log()


@pytest.fixture
def client(app):
    """An httpx.Client for `app` that knows the password."""
    with httpx.Client(
        base_url=app.url, timeout=20, trust_env=False, auth=("", PASSWORD)
    ) as session:
        yield session


# The pages in a browser

SETTINGS = {
    "password": stored(PASSWORD),
    "name": "lamp",
    "networks": [
        {"ssid": "home", "password": "the right key"},
        {"ssid": "attic", "password": "another key"},
    ],
}
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da63fcff1f0003030200efa2a75b0000000049454e44ae426082"
)


@pytest.fixture
def lamp(device):
    server = device(bits=32, heap="38k", **SETTINGS)
    (server.files / "main.py").write_text("print('hello')\n")
    (server.files / "lib").mkdir()
    (server.files / "lib" / "a.py").write_text("a = 1\n")
    (server.files / "dot.png").write_bytes(PICTURE)
    return server


@pytest.fixture
def visit(browser):
    """``visit(server, fragment, size, **options)``: a page of the device; no complaints."""
    contexts = []
    complaints = []

    def start(server, fragment="", size=DESKTOP, **options):
        options = {
            "http_credentials": {"username": "", "password": PASSWORD},
            "locale": "en-GB",
            **options,
        }
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda told: complaints.append(told.text) if told.type == "error" else 0
        )
        page.on(
            "request",
            lambda sent: (
                None
                if sent.url.startswith((server.url, "blob:", "data:"))
                else complaints.append(sent.url)
            ),
        )
        page.goto(f"{server.url}/device/#{fragment}")
        page.locator("main h2, main [role=alert]").first.wait_for()
        return page

    start.complaints = complaints
    yield start
    for context in contexts:
        context.close()
    assert not complaints


def answer_with(page, text=None):
    page.once("dialog", lambda dialog: dialog.accept(text) if text else dialog.accept())


def settings(server):
    return json.loads((server.files / "device.json").read_text())
