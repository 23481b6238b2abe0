# SPDX-License-Identifier: MIT
"""Packages from a web server on this computer, by the mip of micropython-lib."""

import functools
import http.server
import json
import threading

import pytest
from board.started import booted

from support.simulator import TOP

LIBRARY = TOP / "micropython" / "lib" / "micropython-lib"
# The emulated board has no packages of micropython-lib: they are files of it here.
PACKAGES = {
    "lib/mip.py": LIBRARY / "micropython" / "mip" / "mip" / "__init__.py",
    "lib/requests.py": LIBRARY / "python-ecosys" / "requests" / "requests" / "__init__.py",
}
pytestmark = [
    pytest.mark.usefixtures("emulated"),
    pytest.mark.skipif(
        not all(path.exists() for path in PACKAGES.values()),
        reason="MicroPython's source is without micropython-lib",
    ),
]

# What QEMU's network calls this computer.
HOST = "10.0.2.2"
MAIN = """
import gc, tinyweb
app = tinyweb.webserver(max_concurrency=1, buffer_size=512)
app.run(port=80)
"""


@pytest.fixture
def site(tmp_path):
    """``site(files)``: the URL, for the board, of a web server with these files."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def start(files):
        url = f"http://{HOST}:{server.server_port}"
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text.replace("URL", url))
        return url

    yield start
    server.shutdown()
    server.server_close()


def test_package_from_a_url(site):
    urls = [["lamp/__init__.py", "lamp/__init__.py"], ["lamp/level.py", "level.py"]]
    url = site(
        {
            "lamp/package.json": json.dumps({"urls": [[a, b] for a, b in urls], "version": "1"}),
            "more/package.json": '{"deps": [["URL/lamp/", "1"]]}',
            "lamp/lamp/__init__.py": "NAME = 'lamp'\n",
            "lamp/level.py": "LEVEL = 3\n",
            "blink.py": "print('blink')\n",
        }
    )
    with booted() as board:
        board.run("import os\nos.mkdir('lib')\nos.mkdir('apps')\n")
        for name, path in PACKAGES.items():
            text = path.read_text(encoding="utf-8")
            for at in range(0, len(text), 1024):
                board.run(f"with open({name!r}, 'a') as f: f.write({text[at : at + 1024]!r})\n")
        board.start_with(MAIN)
        board.state()

        def install(**wish):
            return board.session.post(board.url + "/device/api/mip", json=wish, timeout=60)

        assert install(package=f"{url}/lamp/level.py").status_code == 204
        assert board.get("/fs/lib/level.py").text == "LEVEL = 3\n"
        # mip asks for str.rpartition(), which the ESP8266's port leaves out.
        for at, package in enumerate(("lamp/", "lamp/package.json", "more/")):
            to = f"lib/{at}"
            assert install(package=f"{url}/{package}", to=to).status_code == 204
            assert board.get(f"/fs/{to}/lamp/__init__.py").text == "NAME = 'lamp'\n"
            assert board.get(f"/fs/{to}/lamp/level.py").text == "LEVEL = 3\n"
        assert install(package=f"{url}/blink.py", to="apps").status_code == 204
        assert board.get("/device/api/apps").json()["apps"] == ["main.py", "apps/blink.py"]
        answer = install(package=f"{url}/nothing.py")
        assert answer.status_code == 502 and "cannot be installed: not found" in answer.text
        answer = install(package=f"http://{HOST}:9/x.py")
        assert answer.status_code == 502 and "OSError" in answer.text
        for wish in ({}, {"package": ""}, {"package": url, "to": "../x"}, {"package": 1}):
            assert install(**wish).status_code == 400, wish
