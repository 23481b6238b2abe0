# SPDX-License-Identifier: MIT
import gzip
import re

import httpx

from support.simulator import TOP, search_path

SCRIPT = b"fetch('/api/memory')\n" * 100


def site(tmp_path):
    www = tmp_path / "www"
    (www / "help").mkdir(parents=True)
    (www / "index.html").write_text("<h1>Site</h1>")
    (www / "help" / "index.html").write_text("<h1>Help</h1>")
    (www / "app.v1.js").write_bytes(SCRIPT)
    (www / "app.v1.js.gz").write_bytes(gzip.compress(SCRIPT))


def test_site_and_api(example, tmp_path):
    site(tmp_path)
    server = example("static_site")
    with httpx.Client(base_url=server.url, timeout=20, follow_redirects=True) as client:
        page = client.get("/")
        assert page.text == "<h1>Site</h1>"
        assert page.headers["Cache-Control"] == "no-cache"
        again = client.get("/", headers={"If-None-Match": page.headers["ETag"]})
        assert again.status_code == 304
        script = client.get("/app.v1.js")
        assert script.content == SCRIPT
        assert script.headers["Content-Encoding"] == "gzip"
        assert script.headers["Cache-Control"] == "max-age=31536000"
        assert str(client.get("/help").url).endswith("/help/")
        assert client.get("/api/memory").json()["free"] > 0
        assert client.get("/none").status_code == 404


def test_examples_of_the_documentation(serve, tmp_path):
    text = (TOP / "docs" / "static.md").read_text(encoding="utf-8")
    first, second, third, rom, _ = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    third = third.replace('"/"', '"/assets"')
    assert third.count("/assets") == 1
    rom = rom.replace('"/", "/rom/www"', '"/rom", "www"')
    assert rom.count("/rom") == 1
    site(tmp_path)
    (tmp_path / "assets.py").write_text("def get(name):\n    return {'x': b'x'}.get(name)\n")
    # One application has them all.
    third, rom = (block.replace("app = tinyweb.webserver()\n", "") for block in (third, rom))
    program = first + second + third + rom + 'import sys\napp.run("127.0.0.1", int(sys.argv[1]))'
    server = serve(program, cwd=tmp_path, env=search_path(tmp_path))
    assert httpx.get(server.url + "/").text == "<h1>Site</h1>"
    assert httpx.get(server.url + "/help/").text == "<h1>Help</h1>"
    assert httpx.get(server.url + "/assets/x").text == "x"
    assert httpx.get(server.url + "/rom/app.v1.js").headers["Cache-Control"] == "max-age=86400"
