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


def stored(password):
    """What tinyweb.passwords.hash_password() would return, by Python's own PBKDF2."""
    salt = b"twelve bytes"
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (salt, key))
    return "$".join(("pbkdf2-sha256", "1", *parts))


@pytest.fixture
def device(serve, tmp_path):
    """``device(program=..., bits=64, heap=None, **settings)``: a served program.

    Its `files` are the folder that it shows. settings: those of the device; by default a password.
    """

    def start(program=PROGRAM, bits=64, heap=None, args=(), **settings):
        files = tmp_path / "files"
        files.mkdir(exist_ok=True)
        if settings != {"password": None}:
            settings = settings or {"password": stored(PASSWORD)}
            (files / "device.json").write_text(json.dumps(settings))
        server = serve(program, bits=bits, heap=heap, cwd=files, args=args)
        server.files = files
        return server

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
